#include "aggregate/group_merge.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/cache_line.h"
#include "base/sql_state.h"

namespace rowtine::aggregate {
namespace {

constexpr uint64_t kPointerMask = (1ULL << 48) - 1;
// Rows whose entries and bytes are fetched together.
constexpr uint32_t kRowsAtOnce = 256;

uint64_t entry_of(const uint8_t* row, uint64_t hash) {
  return (reinterpret_cast<uintptr_t>(row) & kPointerMask) | (hash & ~kPointerMask);
}

}  // namespace

/// The groups of a partition while it is joined.
struct GroupMerge::Table {
  uint64_t* entries;
  uint64_t mask;
  Partition& partition;
  uint32_t failure = 0;
  uint8_t* into[kRowsAtOnce];
  const uint8_t* from[kRowsAtOnce];
};

void GroupMerge::open(const join::PackedLayout& layout, std::span<const Accumulator> accumulators) {
  layout_ = &layout;
  accumulators_ = accumulators;
  image_.open(layout);
  partitions_.resize(kPartitions);
  first_.fill(0);
  next_.store(0, std::memory_order_relaxed);  // relaxed: a barrier follows plan()
  done_.store(0, std::memory_order_relaxed);
  failure_.store(0, std::memory_order_relaxed);
}

void GroupMerge::plan(std::span<const LocalGroups* const> members) {
  members_.assign(members.begin(), members.end());
  for (Partition& partition : partitions_) {
    partition.ordered.clear();
    partition.row_count = partition.group_count = 0;
  }
  for (const LocalGroups* member : members_) {
    const join::PackedRows& ordered = member->rows().ordered();
    for (uint64_t i = 0; i < ordered.count(); ++i) {
      uint8_t* row = ordered.row(i);
      partitions_[partition_of(join::hash_of(row))].ordered.push_back(row);
    }
    for (uint32_t p = 0; p < kPartitions; ++p) {
      for (const GroupRows::Page& page : member->rows().pages(p)) {
        partitions_[p].row_count += page.count;
      }
    }
  }
  for (Partition& partition : partitions_) partition.row_count += partition.ordered.size();
}

uint32_t GroupMerge::merge(Arena& run) {
  while (true) {
    // relaxed: the counter hands out numbers; what they stand for was published by the barrier.
    const uint32_t index = next_.fetch_add(1, std::memory_order_relaxed);
    if (index >= kPartitions) break;
    const uint32_t failure = merge_partition(index, run);
    if (failure != 0) failure_.store(failure, std::memory_order_relaxed);
    // acq_rel: who counts last sees the groups of all partitions.
    if (done_.fetch_add(1, std::memory_order_acq_rel) + 1 == kPartitions) number_groups();
  }
  return failure_.load(std::memory_order_relaxed);
}

void GroupMerge::number_groups() {
  for (uint32_t p = 0; p < kPartitions; ++p) first_[p + 1] = first_[p] + partitions_[p].group_count;
}

// The entries are given back; the list of groups stays.
uint32_t GroupMerge::merge_partition(uint32_t index, Arena& run) {
  Partition& partition = partitions_[index];
  if (partition.row_count == 0) return 0;
  partition.groups = run.allocate_array<uint8_t*>(partition.row_count);
  const Arena::Mark mark = run.mark();
  const uint64_t entry_count = std::bit_ceil(2 * partition.row_count);
  auto* entries = run.allocate_array<uint64_t>(entry_count);
  if (partition.groups == nullptr || entries == nullptr) return kOutOfMemory.packed;
  std::memset(entries, 0, entry_count * sizeof(uint64_t));
  Table table{entries, entry_count - 1, partition, 0, {}, {}};
  for (size_t first = 0; first < partition.ordered.size(); first += kRowsAtOnce) {
    const size_t count = std::min<size_t>(kRowsAtOnce, partition.ordered.size() - first);
    take(table, partition.ordered.data() + first, static_cast<uint32_t>(count));
  }
  for (const LocalGroups* member : members_) {
    for (const GroupRows::Page& page : member->rows().pages(index)) take_page(table, page);
  }
  run.rewind(mark);
  return table.failure;
}

void GroupMerge::take_page(Table& table, const GroupRows::Page& page) {
  uint8_t* rows[kRowsAtOnce];
  for (uint32_t first = 0; first < page.count; first += kRowsAtOnce) {
    const uint32_t count = std::min(kRowsAtOnce, page.count - first);
    for (uint32_t i = 0; i < count; ++i) {
      rows[i] = page.rows + size_t{first + i} * layout_->row_bytes;
    }
    take(table, rows, count);
  }
}

// Finds all rows first, then joins states function by function.
void GroupMerge::take(Table& table, uint8_t* const* rows, uint32_t count) {
  for (uint32_t i = 0; i < count; ++i) {
    __builtin_prefetch(&table.entries[join::hash_of(rows[i]) & table.mask]);
  }
  MergeRequest request;
  request.into = table.into;
  request.from = table.from;
  for (uint32_t i = 0; i < count; ++i) {
    uint8_t* const group = find_or_insert(table, rows[i]);
    table.into[request.count] = group;
    table.from[request.count] = rows[i];
    request.count += group == rows[i] ? 0 : 1;
  }
  for (const Accumulator& accumulator : accumulators_) {
    request.state_offset = accumulator.state_offset;
    const uint32_t failure = accumulator.merge(request);
    if (table.failure == 0) table.failure = failure;
  }
}

// Returns: the row of the group, which is `row` itself when it is the first of its key.
uint8_t* GroupMerge::find_or_insert(Table& table, uint8_t* row) const {
  const uint64_t hash = join::hash_of(row);
  uint64_t image[kImageWordsMax];
  for (uint64_t slot = hash & table.mask;; slot = (slot + 1) & table.mask) {
    const uint64_t entry = table.entries[slot];
    if (entry == 0) {
      table.entries[slot] = entry_of(row, hash);
      table.partition.groups[table.partition.group_count++] = row;
      return row;
    }
    if (((entry ^ hash) & ~kPointerMask) != 0) continue;
    auto* group = reinterpret_cast<uint8_t*>(entry & kPointerMask);
    if (join::hash_of(group) != hash) continue;
    std::memcpy(image, row + kImageOffset, image_.words() * sizeof(uint64_t));
    if (image_.equals(image, group)) return group;
  }
}

void GroupMerge::addresses(uint64_t first, uint32_t count, const uint8_t** out) const {
  auto partition = static_cast<size_t>(std::upper_bound(first_.begin(), first_.end(), first) -
                                       first_.begin() - 1);
  for (uint32_t done = 0; done < count; ++partition) {
    const uint64_t offset = first + done - first_[partition];
    const uint64_t here =
        std::min<uint64_t>(count - done, partitions_[partition].group_count - offset);
    std::copy_n(partitions_[partition].groups + offset, here, out + done);
    done += static_cast<uint32_t>(here);
  }
}

}  // namespace rowtine::aggregate
