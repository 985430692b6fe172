// Totals and extremes of whole columns without nulls, at the speed of memory: what an aggregate
// without groups needs.
#pragma once

#include <cstdint>

namespace rowtine::aggregate {

/// A sum of 64-bit integers in halves: high * 2^32 + low. Exact for up to 2^31 values.
struct HalvedSum {
  int64_t high = 0;
  uint64_t low = 0;

  __int128 total() const { return (static_cast<__int128>(high) << 32) + low; }
};

/// Sums of `count` values. Exact: the sum of up to 2^31 narrow integers fits.
int64_t sum_column(const int16_t* values, uint32_t count);
int64_t sum_column(const int32_t* values, uint32_t count);
HalvedSum sum_column(const int64_t* values, uint32_t count);

/// The least and the greatest of `count` > 0 values.
template <class T>
struct Range {
  T least, greatest;
};
Range<int16_t> range_of_column(const int16_t* values, uint32_t count);
Range<int32_t> range_of_column(const int32_t* values, uint32_t count);
Range<int64_t> range_of_column(const int64_t* values, uint32_t count);

}  // namespace rowtine::aggregate
