#include "aggregate/column_fold.h"

#include "expr/simd.h"

namespace rowtine::aggregate {

namespace {

template <class T>
struct Sum {
  static int64_t run(const T* values, uint32_t count) {
    int64_t total = 0;
    for (uint32_t i = 0; i < count; ++i) total += values[i];
    return total;
  }
};

// Two vector additions a value; a 128-bit accumulator would take one value at a time.
template <>
struct Sum<int64_t> {
  static HalvedSum run(const int64_t* values, uint32_t count) {
    int64_t high = 0;
    uint64_t low = 0;
    for (uint32_t i = 0; i < count; ++i) {
      high += values[i] >> 32;
      low += static_cast<uint64_t>(values[i]) & 0xFFFFFFFF;
    }
    return {high, low};
  }
};

template <class T>
struct Extremes {
  static Range<T> run(const T* values, uint32_t count) {
    T least = values[0], greatest = values[0];
    for (uint32_t i = 0; i < count; ++i) {
      least = values[i] < least ? values[i] : least;
      greatest = values[i] > greatest ? values[i] : greatest;
    }
    return {least, greatest};
  }
};

}  // namespace

int64_t sum_column(const int16_t* values, uint32_t count) {
  return simd::run<Sum<int16_t>>(values, count);
}
int64_t sum_column(const int32_t* values, uint32_t count) {
  return simd::run<Sum<int32_t>>(values, count);
}
HalvedSum sum_column(const int64_t* values, uint32_t count) {
  return simd::run<Sum<int64_t>>(values, count);
}

Range<int16_t> range_of_column(const int16_t* values, uint32_t count) {
  return simd::run<Extremes<int16_t>>(values, count);
}
Range<int32_t> range_of_column(const int32_t* values, uint32_t count) {
  return simd::run<Extremes<int32_t>>(values, count);
}
Range<int64_t> range_of_column(const int64_t* values, uint32_t count) {
  return simd::run<Extremes<int64_t>>(values, count);
}

}  // namespace rowtine::aggregate
