// What one thread of a sort works on. Internal to this folder.
#pragma once

#include <cstdint>
#include <vector>

#include "join/packed_rows.h"
#include "sort/sort_buffer.h"

namespace rowtine::sort {

/// Lines of its own keep the others' writes away.
struct alignas(kCacheLineBytes) SortBuffer::Member {
  Arena* run = nullptr;
  Arena kept[2];  // a bounded sort copies survivors from one to the other
  uint32_t current = 0;
  bool is_slim = false;  // rows are in `slim`, else in `rows`
  SlimRows slim;
  join::PackedRows rows;
  const uint8_t* bound = nullptr;  // no row whose key is greater can be among the first
  uint64_t arrived = 0;
  GroupLimit groups;
  KeyDifferences differences;
  KeyBits bits;      // of all members' keys, as
  KeyReader reader;  // that of slim rows
  Entry* chosen = nullptr;  // of a bounded sort that has more rows than it gives
  uint64_t chosen_count = 0;
  uint8_t* ranges = nullptr;        // of each entry
  std::vector<uint64_t> positions;  // per range: how many entries; then where the next one goes

  void open(const SortLayout& layout, bool is_bounded, Arena& arena, size_t bytes_max);
  uint64_t count() const { return is_slim ? slim.count() : rows.count(); }
  uint64_t entry_count() const { return chosen != nullptr ? chosen_count : count(); }
  /// Writes the entries of rows in the order of their arrival.
  void read_entries(const RowOrder& order, uint64_t first, uint64_t count, Entry* out) const;
  Arena& heap(bool is_bounded) { return is_bounded ? kept[current] : *run; }
};

}  // namespace rowtine::sort
