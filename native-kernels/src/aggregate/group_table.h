// A growing set of packed keys: open addressing over salted pointers, so that most probes of other
// keys are settled without touching their rows. Nulls equal each other, as GROUP BY has it.
#pragma once

#include <cstdint>
#include <span>

#include "base/arena.h"
#include "join/packed_rows.h"

namespace rowtine::aggregate {

using vector::Vector;

/// Threads: one owner. Rows never move.
class GroupTable {
 public:
  /// Starts empty. The layout's columns are the keys; bytes behind them start as zeros.
  /// Returns: false when the arena's limit is met.
  bool open(const join::PackedLayout& layout, Arena& run);

  /// Finds the row of each key or makes it, in row order. `rows` gets the addresses, `is_new` (if
  /// not nullptr) 1 where the key was not there. Strings of keys not in `stable` (nullptr: none)
  /// are copied. Returns: false when a limit is met.
  bool find_or_insert(std::span<const Vector> keys, const uint64_t* hashes, uint32_t count,
                      const uint8_t* stable, Arena& scratch, uint8_t** rows, uint8_t* is_new);

  /// Makes a row without looking for it: the one group of an aggregate without keys.
  bool add_row(uint8_t*& row) { return rows_.extend(1, &row); }

  uint64_t count() const { return rows_.count(); }
  uint8_t* row(uint64_t index) const { return rows_.row(index); }
  void addresses(uint64_t first, uint32_t count, const uint8_t** out) const {
    rows_.addresses(first, count, out);
  }

 private:
  struct Round;
  static constexpr uint64_t kPointerMask = (1ULL << 48) - 1;
  static uint64_t entry_of(const uint8_t* row, uint64_t hash) {
    return (reinterpret_cast<uintptr_t>(row) & kPointerMask) | (hash & ~kPointerMask);
  }
  bool reserve(uint64_t count);
  void place(uint8_t* row, uint64_t hash);
  bool settle(const Round& round, uint32_t& remaining_count);
  bool write_new_keys(const Round& round, uint32_t new_count);
  uint32_t reject_others(const Round& round, uint32_t compare_count);

  const join::PackedLayout* layout_ = nullptr;
  Arena* run_ = nullptr;
  join::PackedRows rows_;
  uint64_t* entries_ = nullptr;
  uint64_t mask_ = 0;
};

}  // namespace rowtine::aggregate
