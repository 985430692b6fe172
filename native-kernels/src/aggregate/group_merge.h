// Joins the groups that several threads made: partition by partition, each by one thread, so that
// no two ever meet. Rows stay where they are; of equal keys one row takes in the others.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

#include "aggregate/accumulator.h"
#include "aggregate/local_groups.h"
#include "base/arena.h"

namespace rowtine::aggregate {

/// Threads: open() and plan() by one; merge() by all at once, after it; the rest after all of them.
class GroupMerge {
 public:
  void open(const join::PackedLayout& layout, std::span<const Accumulator> accumulators);

  /// Sorts what is there by partition. The groups must stay as they are until the end of the run.
  void plan(std::span<const LocalGroups* const> members);

  /// Joins partitions until none is left. Memory comes from `run`. Returns: 0, or the packed
  /// SQLSTATE of a failure (53200, 22003), which every later caller gets as well.
  uint32_t merge(Arena& run);

  uint64_t count() const { return first_.back(); }
  void addresses(uint64_t first, uint32_t count, const uint8_t** out) const;

 private:
  struct Partition {
    std::vector<uint8_t*> ordered;  // rows that lie among others
    uint64_t row_count = 0;         // with those of pages
    uint8_t** groups = nullptr;     // out
    uint64_t group_count = 0;
  };
  struct Table;
  uint32_t merge_partition(uint32_t index, Arena& run);
  void take_page(Table& table, const GroupRows::Page& page);
  void take(Table& table, uint8_t* const* rows, uint32_t count);
  uint8_t* find_or_insert(Table& table, uint8_t* row) const;
  void number_groups();

  const join::PackedLayout* layout_ = nullptr;
  std::span<const Accumulator> accumulators_;
  ImageLayout image_;
  std::vector<const LocalGroups*> members_;
  std::vector<Partition> partitions_;
  std::array<uint64_t, kPartitions + 1> first_{};  // number of each partition's first group
  std::atomic<uint32_t> next_{0};
  std::atomic<uint32_t> done_{0};
  std::atomic<uint32_t> failure_{0};
};

}  // namespace rowtine::aggregate
