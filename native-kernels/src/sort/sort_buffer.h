// ORDER BY by a team of threads: each collects rows with their normalised keys and sorts them, and
// all merge their runs, range by range. With a limit none keeps many more rows than it will give.
// One thread alone sorts stably.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/arena.h"
#include "base/cache_line.h"
#include "sort/entry.h"
#include "sort/group_limit.h"
#include "sort/key_differences.h"
#include "sort/slim_rows.h"
#include "sort/sort_layout.h"

namespace rowtine::sort {

/// What is sorted. What it points to stays until the end of the run.
struct SortSpec {
  const SortLayout* layout = nullptr;
  int64_t limit = -1;                          // rows after `offset`; -1: all
  int64_t offset = 0;
  GroupLimitSpec group_limit = {};  // without a limit of all rows
};

/// Threads: open() by one; then with its own number append() and, when all have appended all,
/// finish() by each member. When there are several members and with a barrier on both sides, plan()
/// by one and merge() by each; then all may read.
class SortBuffer {
 public:
  SortBuffer();
  ~SortBuffer();

  /// Starts empty. Memory comes from each member's arena, with a limit from arenas of the buffer's
  /// own, at most `bytes_max` each.
  void open(const SortSpec& spec, std::span<Arena* const> arenas, size_t bytes_max);

  /// Takes `count` rows: payload, then sort keys. Strings of columns not in `stable` are copied.
  /// Returns: false when a limit is met (53200), as all that follow.
  bool append(uint32_t member, std::span<const Vector> payload, std::span<const Vector> keys,
              uint32_t count, const uint8_t* stable, Arena& scratch);

  /// Sorts the member's own rows.
  bool finish(uint32_t member);
  bool plan();
  bool merge(uint32_t member);

  /// Rows to give: those between offset and limit. Rows of equal keys are in the order in which one
  /// member appended them.
  uint64_t count() const;
  /// Names of rows, for read().
  void addresses(uint64_t first, uint32_t count, const uint8_t** out) const;
  /// Reads payload column `column` of `count` rows into a new dense vector.
  /// Returns: false when memory is out.
  bool read(uint32_t column, const uint8_t* const* rows, uint32_t count, Arena& arena,
            Vector& out) const;
  /// Gives back the memory of a bounded sort; the rows are no longer there.
  void close();
  /// Bytes beyond those of the members' arenas.
  size_t bytes_reserved() const;

 private:
  struct Member;
  /// Sorted rows of all members that lie next to each other.
  struct Range {
    std::vector<uint64_t> starts;  // in each member's entries
    uint64_t output = 0;
  };
  bool is_bounded() const { return row_limit_ != UINT64_MAX; }
  bool is_slim() const;
  RowOrder order_by(const KeyBits& bits, bool is_slim) const;
  KeyDifferences differences() const;
  bool append_slim(Member& member, std::span<const Vector> payload, std::span<const Vector> keys,
                   uint32_t count, const uint8_t* stable, Arena& scratch);
  bool make_whole(Member& member);
  bool sort_slim(Member& member, const KeyDifferences& all);
  bool sort_whole(Member& member);
  uint32_t select_rows(Member& member, const uint8_t* keys, uint32_t count, uint32_t* selected,
                       Arena& scratch) const;
  bool write_rows(Member& member, std::span<const Vector> payload, std::span<const Vector> keys,
                  const uint8_t* normalised, const uint32_t* selected, uint32_t count,
                  const uint8_t* stable, Arena& scratch);
  bool truncate(Member& member);
  bool copy_row(Member& member, const uint8_t* from);
  std::vector<Entry> choose_splitters(uint64_t range_count) const;
  void merge_range(const Range& range, const Range& next, Entry* spare);
  void merge_runs(std::span<const std::span<const Entry>> runs, Entry* out, Entry* spare);

  SortSpec spec_;
  uint64_t row_limit_ = UINT64_MAX;  // limit + offset
  uint32_t member_count_ = 0;
  std::vector<std::unique_ptr<Member>> members_;
  KeyBits bits_;
  KeyReader reader_;  // of slim rows
  RowOrder order_;
  const Entry* entries_ = nullptr;  // the outcome
  uint64_t entry_count_ = 0;
  Entry* merged_ = nullptr;
  std::vector<Range> ranges_;  // and one at the end
  std::atomic<uint32_t> next_range_{0};
};

}  // namespace rowtine::sort
