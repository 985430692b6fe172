// One value against another as SQL orders and groups them, and the step from a type known at run time
// to one known to the compiler.
#pragma once

#include <cmath>
#include <cstring>
#include <type_traits>

#include "base/invariant.h"
#include "vector/physical_type.h"
#include "vector/string_view.h"

namespace rowtine::join {

using vector::PhysicalType;

/// Calls `visit.operator()<T>()` with the C++ type of `type`.
template <class Visit>
decltype(auto) with_type(PhysicalType type, Visit&& visit) {
  switch (type) {
    case PhysicalType::Bool: return visit.template operator()<uint8_t>();
    case PhysicalType::Int16: return visit.template operator()<int16_t>();
    case PhysicalType::Int32: return visit.template operator()<int32_t>();
    case PhysicalType::Int64: return visit.template operator()<int64_t>();
    case PhysicalType::Float32: return visit.template operator()<float>();
    case PhysicalType::Float64: return visit.template operator()<double>();
    case PhysicalType::Decimal: return visit.template operator()<vector::Decimal>();
    case PhysicalType::String: return visit.template operator()<vector::StringView>();
    case PhysicalType::Interval: return visit.template operator()<vector::Interval>();
    case PhysicalType::Uuid: return visit.template operator()<vector::Uuid>();
  }
  invariant(false, "a physical type is one of the ten");
  return visit.template operator()<uint8_t>();
}

/// Microseconds of an interval for comparison: a month counts 30 days, as PostgreSQL has it.
inline __int128 comparable(const vector::Interval& interval) {
  constexpr int64_t kDayMicroseconds = 86'400'000'000;
  const __int128 days = static_cast<__int128>(interval.months) * 30 + interval.days;
  return days * kDayMicroseconds + interval.microseconds;
}

/// Below 0, 0 or above 0. NaN equals NaN and is the greatest; text compares by bytes.
template <class T>
int compare_values(const T& a, const T& b) {
  if constexpr (std::is_same_v<T, vector::StringView>) {
    const uint32_t shorter = a.size < b.size ? a.size : b.size;
    const int order = std::memcmp(a.data(), b.data(), shorter);
    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
  } else if constexpr (std::is_same_v<T, vector::Interval>) {
    return (comparable(a) > comparable(b)) - (comparable(a) < comparable(b));
  } else if constexpr (std::is_same_v<T, vector::Uuid>) {
    if (a.high != b.high) return a.high > b.high ? 1 : -1;
    return (a.low > b.low) - (a.low < b.low);
  } else if constexpr (std::is_floating_point_v<T>) {
    const bool a_nan = std::isnan(a), b_nan = std::isnan(b);
    if (a_nan || b_nan) return static_cast<int>(a_nan) - static_cast<int>(b_nan);
    return (a > b) - (a < b);
  } else {
    return (a > b) - (a < b);
  }
}

template <class T>
bool values_equal(const T& a, const T& b) {
  if constexpr (std::is_same_v<T, vector::StringView>) {
    return a == b;
  } else {
    return compare_values(a, b) == 0;
  }
}

}  // namespace rowtine::join
