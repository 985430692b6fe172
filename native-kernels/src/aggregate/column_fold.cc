#include "aggregate/column_fold.h"

#include "expr/simd.h"

namespace rowtine::aggregate {

namespace {

// Inlined into each of the functions below, so that each is compiled for every machine.

template <class T>
[[gnu::always_inline]] inline int64_t sum_of(const T* values, uint32_t count) {
  int64_t total = 0;
  for (uint32_t i = 0; i < count; ++i) total += values[i];
  return total;
}

template <class T>
[[gnu::always_inline]] inline Range<T> range_of(const T* values, uint32_t count) {
  T least = values[0], greatest = values[0];
  for (uint32_t i = 0; i < count; ++i) {
    least = values[i] < least ? values[i] : least;
    greatest = values[i] > greatest ? values[i] : greatest;
  }
  return {least, greatest};
}

}  // namespace

ROWTINE_SIMD int64_t sum_column(const int16_t* values, uint32_t count) {
  return sum_of(values, count);
}
ROWTINE_SIMD int64_t sum_column(const int32_t* values, uint32_t count) {
  return sum_of(values, count);
}

// Two vector additions a value; a 128-bit accumulator would take one value at a time.
ROWTINE_SIMD HalvedSum sum_column(const int64_t* values, uint32_t count) {
  int64_t high = 0;
  uint64_t low = 0;
  for (uint32_t i = 0; i < count; ++i) {
    high += values[i] >> 32;
    low += static_cast<uint64_t>(values[i]) & 0xFFFFFFFF;
  }
  return {high, low};
}

ROWTINE_SIMD Range<int16_t> range_of_column(const int16_t* values, uint32_t count) {
  return range_of(values, count);
}
ROWTINE_SIMD Range<int32_t> range_of_column(const int32_t* values, uint32_t count) {
  return range_of(values, count);
}
ROWTINE_SIMD Range<int64_t> range_of_column(const int64_t* values, uint32_t count) {
  return range_of(values, count);
}

}  // namespace rowtine::aggregate
