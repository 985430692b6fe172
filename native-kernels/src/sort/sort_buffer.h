// ORDER BY by a team of threads: each collects rows with their normalised keys, then all sort them,
// range by range. With a limit none keeps many more rows than it will give. One thread alone sorts
// stably.
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
/// finish() by each member. When there are several members, and with a barrier on both sides of each
/// step, plan() by one and work() by each until plan() says that there is nothing left; then all may
/// read.
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

  /// Takes the end of the member's rows; one that is alone sorts them.
  /// Returns: false when a limit is met, as work().
  bool finish(uint32_t member);
  /// Prepares the next step. Returns: whether there is one.
  bool plan();
  bool work(uint32_t member);
  /// False when plan() met a limit.
  bool ok() const { return !is_out_of_memory_; }

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
  enum class Stage : uint8_t { Collected, Counting, Moving, Sorting };

  bool is_bounded() const { return row_limit_ != UINT64_MAX; }
  bool is_slim() const;
  RowOrder order_by(const KeyBits& bits, bool is_slim) const;
  KeyDifferences differences() const;
  bool append_slim(Member& member, std::span<const Vector> payload, std::span<const Vector> keys,
                   uint32_t count, const uint8_t* stable, Arena& scratch);
  bool make_whole(Member& member);
  bool has_chosen() const;
  bool choose(Member& member, const RowOrder& order) const;
  const Entry* sorted(Member& member, const RowOrder& order) const;
  bool sort(Member& member, const RowOrder& order, Entry* entries, uint64_t count) const;
  uint32_t select_rows(Member& member, const uint8_t* keys, uint32_t count, uint32_t* selected,
                       Arena& scratch) const;
  bool write_rows(Member& member, std::span<const Vector> payload, std::span<const Vector> keys,
                  const uint8_t* normalised, const uint32_t* selected, uint32_t count,
                  const uint8_t* stable, Arena& scratch);
  bool truncate(Member& member);
  bool copy_row(Member& member, const uint8_t* from);

  // sort_team.cc
  void read_entries(const Member& member, uint64_t first, uint64_t count, Entry* out) const;
  bool plan_ranges();
  void choose_splitters(uint64_t range_count);
  void find_ranges(const Entry* entries, uint64_t count, uint8_t* ranges) const;
  bool count_ranges(Member& member) const;
  bool plan_moves();
  void move_entries(Member& member) const;
  bool sort_ranges(Member& member);

  SortSpec spec_;
  uint64_t row_limit_ = UINT64_MAX;  // limit + offset
  uint32_t member_count_ = 0;
  std::vector<std::unique_ptr<Member>> members_;
  RowOrder order_;
  const Entry* entries_ = nullptr;  // the outcome
  uint64_t entry_count_ = 0;
  // Of several members:
  Stage stage_ = Stage::Collected;
  bool is_out_of_memory_ = false;
  Entry* outcome_ = nullptr;
  std::vector<Entry> splitters_;        // between ranges
  std::vector<uint64_t> range_starts_;  // and the end of the last
  std::atomic<uint32_t> next_range_{0};
};

}  // namespace rowtine::sort
