// One partition: its rows in order, and which of them are peers, equal in all order keys.
#pragma once

#include <cstdint>
#include <span>

#include "base/arena.h"
#include "join/packed_rows.h"
#include "window/window_layout.h"

namespace rowtine::window {

/// Rows first .. end - 1, counted from the start of the partition.
struct Span {
  uint32_t first = 0, end = 0;

  bool empty() const { return first >= end; }
  uint32_t size() const { return empty() ? 0 : end - first; }
};

/// Do two rows agree in `count` columns from `first`? Nulls are equal.
bool same_values(const WindowLayout& layout, const uint8_t* a, const uint8_t* b, uint32_t first,
                 uint32_t count);

class Partition {
 public:
  Partition(const WindowLayout& layout, const join::PackedRows& rows, uint64_t first,
            uint32_t count)
      : layout_(layout), rows_(rows), first_(first), count_(count) {}

  /// Finds the peers. Without order keys all rows are. Returns: false when memory is out.
  bool find_peers(uint32_t order_count, Arena& arena);

  const WindowLayout& layout() const { return layout_; }
  uint32_t count() const { return count_; }
  uint8_t* row(uint32_t index) const { return rows_.row(first_ + index); }

  uint32_t group_count() const { return group_count_; }
  uint32_t group_of(uint32_t row) const { return groups_[row]; }
  /// The rows of a group of peers.
  Span group(uint32_t index) const { return {starts_[index], starts_[index + 1]}; }
  Span peers(uint32_t row) const { return group(groups_[row]); }

 private:
  const WindowLayout& layout_;
  const join::PackedRows& rows_;
  uint64_t first_;
  uint32_t count_;
  uint32_t group_count_ = 0;
  uint32_t* groups_ = nullptr;  // per row
  uint32_t* starts_ = nullptr;  // per group, and one past the last
};

}  // namespace rowtine::window
