// Groups of one integer column whose values lie close together: an array from value to group, in
// place of a hash table.
#pragma once

#include <cstdint>

#include "base/arena.h"
#include "join/packed_rows.h"
#include "vector/vector.h"

namespace rowtine::aggregate {

using vector::PhysicalType;
using vector::Vector;

/// Threads: one owner.
class DirectGroups {
 public:
  /// Starts empty. It is of use when the layout has one column, an integer.
  void open(const join::PackedLayout& layout, Arena& run);

  bool is_possible() const { return possible_; }
  /// Has every group been put here?
  bool is_used() const { return groups_ != nullptr; }
  void give_up() {
    possible_ = false;
    groups_ = nullptr;
  }

  /// Makes sure that the values of `keys` lie within the array. `row_count`: rows met so far, which
  /// bounds the array. Returns: false when they are too far apart (yet).
  template <class ForEachRow>
  bool covers(const Vector& keys, uint32_t count, uint64_t row_count, ForEachRow&& for_each_row) {
    int64_t least = 0, greatest = 0;
    if (!range_of(keys, count, least, greatest)) return true;
    if (groups_ != nullptr && least >= first_ && greatest < first_ + size_) return true;
    if (!widen(least, greatest, row_count)) return false;
    for_each_row([this](uint8_t* row) { put(row); });
    return true;
  }

  /// Writes the group of each row; those without one are listed in `misses`.
  /// Returns: how many these are.
  uint32_t find(const Vector& keys, uint32_t count, uint8_t** rows, uint32_t* misses) const;

  /// Where the group of a key is noted that lies within the array, or is null.
  uint8_t*& group_of(const Vector& keys, uint32_t row);

 private:
  bool range_of(const Vector& keys, uint32_t count, int64_t& least, int64_t& greatest) const;
  void put(uint8_t* row);
  bool widen(int64_t least, int64_t greatest, uint64_t row_count);

  const join::PackedLayout* layout_ = nullptr;
  Arena* run_ = nullptr;
  uint8_t** groups_ = nullptr;
  uint8_t* null_group_ = nullptr;
  int64_t first_ = 0;  // value of groups_[0]
  int64_t size_ = 0;
  bool possible_ = false;
};

}  // namespace rowtine::aggregate
