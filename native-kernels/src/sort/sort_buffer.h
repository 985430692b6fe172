// ORDER BY: collects rows with their normalised keys, sorts them stably, and with a limit never
// keeps many more rows than it will give.
#pragma once

#include <cstdint>
#include <span>

#include "base/arena.h"
#include "join/packed_rows.h"
#include "sort/sort_key.h"

namespace rowtine::sort {

/// Threads: one owner.
class SortBuffer {
 public:
  /// Starts empty. `limit` counts rows after `offset`; -1: all. Memory comes from `run`, with a
  /// limit from arenas of the buffer's own, at most `bytes_max` each.
  void open(const KeyLayout& keys, const join::PackedLayout& layout, int64_t limit, int64_t offset,
            Arena& run, size_t bytes_max);

  /// Takes `count` rows: payload, then sort keys. Strings of columns not in `stable` are copied.
  /// Returns: false when a limit is met (53200).
  bool append(std::span<const Vector> payload, std::span<const Vector> keys, uint32_t count,
              const uint8_t* stable, Arena& scratch);

  /// Sorts. Returns: false when a limit is met.
  bool finish();

  /// Rows to give, after finish(): those between offset and limit.
  uint64_t count() const;
  void addresses(uint64_t first, uint32_t count, const uint8_t** out) const;
  /// Gives back the memory of a bounded sort; the rows are no longer there.
  void close() {
    for (Arena& arena : kept_) arena.reset();
  }
  size_t bytes_reserved() const { return kept_[0].bytes_reserved() + kept_[1].bytes_reserved(); }

 private:
  /// The first bytes of a row's normalised key that tell rows apart, as a number, and the row.
  struct Entry {
    uint64_t prefix;
    const uint8_t* row;
  };
  bool is_bounded() const { return row_limit_ != UINT64_MAX; }
  uint32_t select_rows(const uint8_t* keys, uint32_t count, uint32_t* selected) const;
  bool write_rows(std::span<const Vector> payload, std::span<const Vector> keys,
                  const uint8_t* normalised, const uint32_t* selected, uint32_t count,
                  const uint8_t* stable, Arena& scratch);
  uint32_t shared_bytes() const;
  bool make_entries(Arena& arena);
  bool less(const Entry& a, const Entry& b) const;
  bool truncate();
  bool copy_row(const uint8_t* from, Arena& arena);

  const KeyLayout* keys_ = nullptr;
  const join::PackedLayout* layout_ = nullptr;
  Arena* run_ = nullptr;
  Arena kept_[2];  // a bounded sort copies survivors from one to the other
  uint32_t current_ = 0;
  join::PackedRows rows_;
  Entry* entries_ = nullptr;
  const uint8_t* bound_ = nullptr;   // no row whose key is greater can be among the first
  uint64_t row_limit_ = UINT64_MAX;  // limit + offset
  uint64_t offset_ = 0;
  uint64_t arrived_ = 0;
  uint32_t key_offset_ = 0;
};

}  // namespace rowtine::sort
