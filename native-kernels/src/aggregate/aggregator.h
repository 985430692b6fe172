// GROUP BY by a team of threads: each finds or makes the group of each of its rows and adds the row
// to the group's accumulators, which lie behind the group's columns in one packed row; then the
// threads join what they made. One thread alone needs no joining and keeps the order of rows.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "aggregate/accumulator.h"
#include "aggregate/group_merge.h"
#include "aggregate/group_table.h"
#include "aggregate/local_groups.h"
#include "base/arena.h"
#include "base/cache_line.h"
#include "join/packed_rows.h"

namespace rowtine::aggregate {

/// What one accumulator gets from a batch.
struct AggregateInputs {
  std::span<const Vector> arguments;
  const Vector* filter = nullptr;  // Bool: rows where it is true; nullptr: all
};

/// What is computed. All that it points to stays until the end of the run.
struct AggregatorSpec {
  const join::PackedLayout* layout = nullptr;  // the group columns, then the states
  uint32_t group_columns = 0;
  std::span<const Accumulator> accumulators;
  std::span<const join::PackedLayout> distinct_layouts;  // per accumulator: group, arguments
  uint64_t hash_seed = 0;

  /// Tells whether threads can share the work: not where the order of all rows counts (string_agg,
  /// first), for distinct arguments, and for keys that are equal without being the same.
  bool is_mergeable() const;
};

/// Threads: open() by one; add() by each member with its own number; then, when there are several
/// members and with a barrier on both sides, plan() by one, merge() by each; then all may read.
class Aggregator {
 public:
  Aggregator();
  ~Aggregator();

  /// Starts without groups; without group columns, with the one group that always is. `arenas`: one
  /// for each member, the owner of what it makes; several only for a mergeable spec.
  /// Returns: false when an arena's limit is met.
  bool open(const AggregatorSpec& spec, std::span<Arena* const> arenas);

  /// Adds a batch, rows in order. Strings of group columns not in `stable` are copied. `errors`:
  /// per row the packed SQLSTATE (22003 ...) where adding it failed. Returns: false at a limit
  /// (53200).
  bool add(uint32_t member, std::span<const Vector> groups, std::span<const AggregateInputs> inputs,
           uint32_t count, const uint8_t* stable, uint32_t* errors, bool& any_error,
           Arena& scratch);

  void plan();
  /// Returns: 0, or the packed SQLSTATE of a failure (53200; 22003 where a total leaves its type).
  uint32_t merge(uint32_t member);

  uint64_t group_count() const;
  /// Groups by number: of one member in the order of their first rows, of several in any order.
  void addresses(uint64_t first, uint32_t count, const uint8_t** out) const;
  /// Reads a column of groups: group columns, then results.
  bool read(uint32_t column, const uint8_t* const* rows, uint32_t count, Arena& arena,
            Vector& out) const;

 private:
  struct Member;
  bool open_member(Member& member, Arena& run);
  bool find_groups(Member& member, std::span<const Vector> groups, uint32_t count,
                   const uint8_t* stable, Arena& scratch, uint8_t** rows);
  bool add_one(Member& member, size_t index, const AggregateInputs& input, uint8_t* const* groups,
               uint32_t count, uint32_t* errors, bool& any_error, Arena& scratch);
  bool drop_repeated(Member& member, size_t index, const AggregateInputs& input,
                     uint8_t* const* groups, uint32_t* rows, uint32_t& count, Arena& scratch);
  uint32_t merge_only_groups();

  AggregatorSpec spec_;
  bool by_image_ = false;
  uint32_t member_count_ = 0;
  std::vector<std::unique_ptr<Member>> members_;
  GroupMerge merge_;
  uint32_t only_failure_ = 0;  // of joining without group columns
};

}  // namespace rowtine::aggregate
