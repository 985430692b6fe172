// Zones: the range of a column's values in one block of versions, so that a scan may pass over blocks
// that hold nothing it looks for. Ranges only grow: a block whose largest value went keeps its zone.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "vector/vector.h"

namespace rowtine::table {

/// Ranks from low to high; low > high: none. A rank is the value as a number; of a decimal the
/// nearest number of 64 bits, so that ranks never change the order of two values.
struct ValueRange {
  int64_t low = std::numeric_limits<int64_t>::max();
  int64_t high = std::numeric_limits<int64_t>::min();

  bool is_empty() const { return low > high; }
  bool meets(const ValueRange& other) const { return low <= other.high && other.low <= high; }
};

/// Every value there is.
inline constexpr ValueRange kAllValues{std::numeric_limits<int64_t>::min(),
                                       std::numeric_limits<int64_t>::max()};

/// Do columns of the type have zones: integers, dates, timestamps, decimals?
bool has_ranks(vector::PhysicalType type);
/// Of a value of a type that has ranks.
int64_t rank_of(vector::PhysicalType type, const void* value);
/// Of `count` values of a type that has ranks; nulls (validity from `first_bit` on; nullptr: there
/// are none) have none.
ValueRange range_of(vector::PhysicalType type, const void* values, uint32_t count,
                    const uint64_t* validity, uint32_t first_bit);

/// One column's range in one block: all zeroes are the empty one, as the system hands memory out.
/// Threads: one widens it before what it holds is published; whoever was told of a value (by a
/// snapshot or a count, acquired) meets a zone that holds it, so no access needs an order of its own.
struct Zone {
  uint64_t below_max = 0;  // the largest number less the lowest rank
  uint64_t above_min = 0;  // the highest rank less the smallest number

  void widen(const ValueRange& range) {
    if (range.is_empty()) return;
    raise(below_max, ~(static_cast<uint64_t>(range.low) ^ kSign));
    raise(above_min, static_cast<uint64_t>(range.high) ^ kSign);
  }
  ValueRange range() const {
    return {static_cast<int64_t>(~read(below_max) ^ kSign),
            static_cast<int64_t>(read(above_min) ^ kSign)};
  }

 private:
  static constexpr uint64_t kSign = 1ULL << 63;

  static uint64_t read(const uint64_t& word) {
    return std::atomic_ref(const_cast<uint64_t&>(word)).load(std::memory_order_relaxed);
  }
  static void raise(uint64_t& word, uint64_t value) {
    // One writer: load and store need not be one step.
    if (value > read(word)) std::atomic_ref(word).store(value, std::memory_order_relaxed);
  }
};

}  // namespace rowtine::table
