// The order of values of each physical type: what comparison kernels, sorts, joins and min/max
// share. Floats: NaN equals itself and is greatest, -0 equals 0. Strings by bytes (the C
// collation).
#pragma once

#include <bit>
#include <cstring>
#include <type_traits>

#include "vector/physical_type.h"
#include "vector/string_view.h"

namespace rowtine::vector {

inline constexpr int64_t kMicrosecondsPerDay = 86'400'000'000;
inline constexpr int64_t kDaysPerMonth = 30;

/// The length that an interval is compared by: a month counts as 30 days, a day as 24 hours.
constexpr __int128 normalised(const Interval& value) {
  return (static_cast<__int128>(value.months) * kDaysPerMonth + value.days) * kMicrosecondsPerDay +
         value.microseconds;
}

/// The prefix as a number that orders like its bytes.
inline uint32_t prefix_key(const StringView& value) {
  uint32_t prefix;
  std::memcpy(&prefix, value.prefix, sizeof prefix);
  return std::endian::native == std::endian::little ? __builtin_bswap32(prefix) : prefix;
}

/// Negative, zero or positive as left is less than, equal to or greater than right.
inline int compare_strings(const StringView& left, const StringView& right) {
  const uint32_t l = prefix_key(left), r = prefix_key(right);
  if (l != r) return l < r ? -1 : 1;
  const uint32_t shared = left.size < right.size ? left.size : right.size;
  const int order = shared > 4 ? std::memcmp(left.data() + 4, right.data() + 4, shared - 4) : 0;
  if (order != 0) return order;
  return left.size < right.size ? -1 : left.size > right.size ? 1 : 0;
}

template <class T>
bool values_equal(const T& left, const T& right) {
  if constexpr (std::is_floating_point_v<T>) {
    return (left == right) | ((left != left) & (right != right));
  } else if constexpr (std::is_same_v<T, Interval>) {
    return normalised(left) == normalised(right);
  } else {
    return left == right;
  }
}

template <class T>
bool values_less(const T& left, const T& right) {
  if constexpr (std::is_floating_point_v<T>) {
    return (left < right) | ((left == left) & (right != right));
  } else if constexpr (std::is_same_v<T, StringView>) {
    return compare_strings(left, right) < 0;
  } else if constexpr (std::is_same_v<T, Interval>) {
    return normalised(left) < normalised(right);
  } else if constexpr (std::is_same_v<T, Uuid>) {
    return left.high != right.high ? left.high < right.high : left.low < right.low;
  } else {
    return left < right;
  }
}

}  // namespace rowtine::vector
