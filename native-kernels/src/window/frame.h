// Which rows a row's frame holds: at most three runs of rows, in order.
#pragma once

#include <cstdint>

#include "window/partition.h"

namespace rowtine::window {

/// Runs of rows that do not touch, none of them empty.
struct FrameRows {
  Span parts[3];
  uint32_t count = 0;

  void add(Span span) {
    if (!span.empty()) parts[count++] = span;
  }
  uint64_t size() const;
  /// Row `index` of the frame, counted from 0; index < size().
  uint32_t at(uint64_t index) const;
};

/// Gives the frames of a partition's rows, best asked in order: the bounds of a range then move
/// forward only, a step at a time.
class FrameFinder {
 public:
  /// `descending`: how the first order key, and with it a range's key, is ordered.
  FrameFinder(const Frame& frame, const FrameColumns& columns, bool descending,
              const Partition& partition);

  FrameRows rows_of(uint32_t row);
  /// Before anything is excluded.
  Span bounds_of(uint32_t row);

 private:
  uint32_t start_of(uint32_t row);
  uint32_t end_of(uint32_t row);
  uint32_t counted(uint32_t row, int32_t column, bool preceding, bool is_end) const;
  uint32_t in_range(uint32_t row, int32_t column, bool is_end);
  template <class T>
  uint32_t search(const T& bound, bool is_end, uint32_t hint) const;
  int64_t offset(uint32_t row, int32_t column) const;

  const Frame& frame_;
  FrameColumns columns_;
  bool descending_;
  const Partition& partition_;
  Span valued_;  // rows whose key is not null: nulls are at one end
  uint32_t last_start_ = 0, last_end_ = 0;
};

}  // namespace rowtine::window
