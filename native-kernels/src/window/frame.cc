#include "window/frame.h"

#include <algorithm>

#include "vector/compare.h"
#include "vector/dispatch.h"

namespace rowtine::window {

uint64_t FrameRows::size() const {
  uint64_t size = 0;
  for (uint32_t i = 0; i < count; ++i) size += parts[i].size();
  return size;
}

uint32_t FrameRows::at(uint64_t index) const {
  uint32_t part = 0;
  while (part + 1 < count && index >= parts[part].size()) index -= parts[part++].size();
  return parts[part].first + static_cast<uint32_t>(index);
}

FrameFinder::FrameFinder(const Frame& frame, const FrameColumns& columns, bool descending,
                         const Partition& partition)
    : frame_(frame), columns_(columns), descending_(descending), partition_(partition) {
  valued_ = {0, partition.count()};
  if (columns.key == kNoColumn) return;
  const auto key = static_cast<uint32_t>(columns.key);
  const auto is_null = [&](uint32_t row) {
    return partition.layout().is_null(partition.row(row), key);
  };
  while (!valued_.empty() && is_null(valued_.first)) ++valued_.first;
  while (!valued_.empty() && is_null(valued_.end - 1)) --valued_.end;
  last_start_ = last_end_ = valued_.first;
}

FrameRows FrameFinder::rows_of(uint32_t row) {
  const Span all = bounds_of(row);
  FrameRows rows;
  if (frame_.exclude == Exclusion::NoOthers) {
    rows.add(all);
    return rows;
  }
  const Span peers = partition_.peers(row);
  const bool only_row = frame_.exclude == Exclusion::CurrentRow;
  const Span hole = only_row ? Span{row, row + 1} : peers;
  rows.add({all.first, std::min(all.end, hole.first)});
  if (frame_.exclude == Exclusion::Ties && all.first <= row && row < all.end) {
    rows.add({row, row + 1});
  }
  rows.add({std::max(all.first, hole.end), all.end});
  return rows;
}

Span FrameFinder::bounds_of(uint32_t row) {
  const uint32_t start = start_of(row);
  return {start, std::max(start, end_of(row))};
}

uint32_t FrameFinder::start_of(uint32_t row) {
  if (frame_.start == Bound::UnboundedPreceding) return 0;
  if (frame_.start == Bound::CurrentRow) {
    return frame_.mode == FrameMode::Rows ? row : partition_.peers(row).first;
  }
  if (frame_.mode == FrameMode::Range) return in_range(row, columns_.start, false);
  return counted(row, columns_.start, frame_.start == Bound::Preceding, false);
}

uint32_t FrameFinder::end_of(uint32_t row) {
  if (frame_.end == Bound::UnboundedFollowing) return partition_.count();
  if (frame_.end == Bound::CurrentRow) {
    return frame_.mode == FrameMode::Rows ? row + 1 : partition_.peers(row).end;
  }
  if (frame_.mode == FrameMode::Range) return in_range(row, columns_.end, true);
  return counted(row, columns_.end, frame_.end == Bound::Preceding, true);
}

/// How many; null and negative ones, which the planner refuses before, count nothing.
int64_t FrameFinder::offset(uint32_t row, int32_t column) const {
  const uint8_t* packed = partition_.row(row);
  const auto at = static_cast<uint32_t>(column);
  if (partition_.layout().is_null(packed, at)) return 0;
  return std::max<int64_t>(0, partition_.layout().read<int64_t>(packed, at));
}

// The place of the row or group that lies so many before or after this one.
uint32_t FrameFinder::counted(uint32_t row, int32_t column, bool preceding, bool is_end) const {
  const bool by_rows = frame_.mode == FrameMode::Rows;
  const int64_t count = by_rows ? partition_.count() : partition_.group_count();
  const int64_t here = by_rows ? row : partition_.group_of(row);
  const int64_t distance = std::min(offset(row, column), count);
  const int64_t there = preceding ? here - distance : here + distance;
  if (there < 0) return 0;
  if (there >= count) return partition_.count();
  const auto at = static_cast<uint32_t>(there);
  if (by_rows) return is_end ? at + 1 : at;
  return is_end ? partition_.group(at).end : partition_.group(at).first;
}

// A row whose key is null is near only its peers.
uint32_t FrameFinder::in_range(uint32_t row, int32_t column, bool is_end) {
  const WindowLayout& layout = partition_.layout();
  const uint8_t* packed = partition_.row(row);
  const auto at = static_cast<uint32_t>(column);
  if (layout.is_null(packed, static_cast<uint32_t>(columns_.key)) || layout.is_null(packed, at)) {
    const Span peers = partition_.peers(row);
    return is_end ? peers.end : peers.first;
  }
  uint32_t& last = is_end ? last_end_ : last_start_;
  last = vector::with_type(frame_.type, [&](auto tag) {
    using T = typename decltype(tag)::Type;
    return search<T>(layout.read<T>(packed, at), is_end, last);
  });
  return last;
}

/// The first row from which on keys are not before the bound; for an end, are after it.
template <class T>
uint32_t FrameFinder::search(const T& bound, bool is_end, uint32_t hint) const {
  const auto key = static_cast<uint32_t>(columns_.key);
  const auto is_before = [&](uint32_t row) {
    if (partition_.layout().is_null(partition_.row(row), key)) return false;
    const T value = partition_.layout().template read<T>(partition_.row(row), key);
    const bool is_less = descending_ ? vector::values_less(bound, value)
                                     : vector::values_less(value, bound);
    return is_less || (is_end && vector::values_equal(value, bound));
  };
  uint32_t at = hint;
  if (at > valued_.first && !is_before(at - 1)) {  // bounds went back: offsets differ from row to row
    uint32_t low = valued_.first;
    while (low < at) {
      const uint32_t middle = low + (at - low) / 2;
      if (is_before(middle)) low = middle + 1;
      else at = middle;
    }
    return at;
  }
  while (at < valued_.end && is_before(at)) ++at;
  return at;
}

}  // namespace rowtine::window
