// GROUP BY: finds or makes the group of each row and adds the row to the group's accumulators,
// which lie behind the group's columns in one packed row.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "aggregate/accumulator.h"
#include "aggregate/group_table.h"
#include "base/arena.h"
#include "join/packed_rows.h"

namespace rowtine::aggregate {

/// What one accumulator gets from a batch.
struct AggregateInputs {
  std::span<const Vector> arguments;
  const Vector* filter = nullptr;  // Bool: rows where it is true; nullptr: all
};

/// Threads: one owner.
class Aggregator {
 public:
  /// Starts without groups; without group columns, with the one group that always is.
  /// Returns: false when the arena's limit is met.
  bool open(const join::PackedLayout& layout, uint32_t group_columns,
            std::span<const Accumulator> accumulators,
            std::span<const join::PackedLayout> distinct_layouts, Arena& run, uint64_t hash_seed);

  /// Adds a batch, rows in order. Strings of group columns not in `stable` are copied. `errors`:
  /// per row the packed SQLSTATE (22003 ...) where adding it failed. Returns: false at a limit
  /// (53200).
  bool add(std::span<const Vector> groups, std::span<const AggregateInputs> inputs, uint32_t count,
           const uint8_t* stable, uint32_t* errors, bool& any_error, Arena& scratch);

  uint64_t group_count() const { return groups_.count(); }
  /// Groups in the order of their first rows.
  void addresses(uint64_t first, uint32_t count, const uint8_t** out) const {
    groups_.addresses(first, count, out);
  }
  /// Reads a column of groups: group columns, then results.
  bool read(uint32_t column, const uint8_t* const* rows, uint32_t count, Arena& arena,
            Vector& out) const;

 private:
  bool add_one(size_t index, const AggregateInputs& input, uint8_t* const* states, uint32_t count,
               uint32_t* errors, bool& any_error, Arena& scratch);
  bool drop_repeated(size_t index, const AggregateInputs& input, uint8_t* const* states,
                     uint32_t* rows, uint32_t& count, Arena& scratch);

  const join::PackedLayout* layout_ = nullptr;
  std::span<const Accumulator> accumulators_;
  uint32_t group_columns_ = 0;
  Arena* run_ = nullptr;
  uint64_t hash_seed_ = 0;
  GroupTable groups_;
  std::vector<GroupTable> distinct_;  // per accumulator: (group, arguments) seen
};

}  // namespace rowtine::aggregate
