#include "table/zone.h"

#include <algorithm>
#include <cstring>

#include "base/bits.h"
#include "base/invariant.h"

namespace rowtine::table {
namespace {

using vector::PhysicalType;
using Wide = __int128;

template <class T>
int64_t rank_at(const void* values, size_t row) {
  T value;
  std::memcpy(&value, static_cast<const std::byte*>(values) + row * sizeof(T), sizeof(T));
  if constexpr (sizeof(T) <= sizeof(int64_t)) return value;
  constexpr Wide kMin = std::numeric_limits<int64_t>::min();
  constexpr Wide kMax = std::numeric_limits<int64_t>::max();
  return static_cast<int64_t>(std::clamp<Wide>(value, kMin, kMax));
}

void add(ValueRange& range, int64_t rank) {
  range.low = std::min(range.low, rank);
  range.high = std::max(range.high, rank);
}

/// Several at a time and without a branch: about as fast as the values are copied.
template <class T>
ValueRange range_of_all(const void* cells, uint32_t count) {
  constexpr uint32_t kLanes = 4;
  const T* values = static_cast<const T*>(cells);
  T low[kLanes], high[kLanes];
  std::fill_n(low, kLanes, std::numeric_limits<T>::max());
  std::fill_n(high, kLanes, std::numeric_limits<T>::min());
  for (uint32_t i = 0; i < count / kLanes * kLanes; i += kLanes) {
    for (uint32_t lane = 0; lane < kLanes; ++lane) {
      low[lane] = std::min(low[lane], values[i + lane]);
      high[lane] = std::max(high[lane], values[i + lane]);
    }
  }
  for (uint32_t i = count / kLanes * kLanes; i < count; ++i) {
    low[0] = std::min(low[0], values[i]);
    high[0] = std::max(high[0], values[i]);
  }
  return {*std::min_element(low, low + kLanes), *std::max_element(high, high + kLanes)};
}

template <class T>
ValueRange range_of_some(const void* values, uint32_t count, const uint64_t* validity,
                         uint32_t first_bit) {
  ValueRange range;
  for (uint32_t i = 0; i < count; ++i) {
    if (validity == nullptr || get_bit(validity, first_bit + i)) add(range, rank_at<T>(values, i));
  }
  return range;
}

/// Of decimals, which nearly always fit a number of 64 bits.
ValueRange range_of_decimals(const void* cells, uint32_t count) {
  const Wide* values = static_cast<const Wide*>(cells);
  ValueRange range;
  bool do_fit = true;
  for (uint32_t i = 0; i < count; ++i) {
    const auto rank = static_cast<int64_t>(values[i]);
    do_fit &= rank == values[i];
    add(range, rank);
  }
  return do_fit ? range : range_of_some<Wide>(cells, count, nullptr, 0);
}

}  // namespace

bool has_ranks(PhysicalType type) {
  return type == PhysicalType::Int16 || type == PhysicalType::Int32 ||
         type == PhysicalType::Int64 || type == PhysicalType::Decimal;
}

int64_t rank_of(PhysicalType type, const void* value) {
  switch (type) {
    case PhysicalType::Int16: return rank_at<int16_t>(value, 0);
    case PhysicalType::Int32: return rank_at<int32_t>(value, 0);
    case PhysicalType::Int64: return rank_at<int64_t>(value, 0);
    default: break;
  }
  invariant(type == PhysicalType::Decimal, "only numbers have ranks");
  return rank_at<Wide>(value, 0);
}

ValueRange range_of(PhysicalType type, const void* values, uint32_t count,
                    const uint64_t* validity, uint32_t first_bit) {
  const bool has_all = validity == nullptr && count > 0;
  switch (type) {
    case PhysicalType::Int16:
      return has_all ? range_of_all<int16_t>(values, count)
                     : range_of_some<int16_t>(values, count, validity, first_bit);
    case PhysicalType::Int32:
      return has_all ? range_of_all<int32_t>(values, count)
                     : range_of_some<int32_t>(values, count, validity, first_bit);
    case PhysicalType::Int64:
      return has_all ? range_of_all<int64_t>(values, count)
                     : range_of_some<int64_t>(values, count, validity, first_bit);
    default: break;
  }
  invariant(type == PhysicalType::Decimal, "only numbers have ranks");
  return has_all ? range_of_decimals(values, count)
                 : range_of_some<Wide>(values, count, validity, first_bit);
}

}  // namespace rowtine::table
