#include "table/versions.h"

#include <algorithm>

namespace rowtine::table {
namespace {

uint32_t block_start(uint32_t row) { return row / kBlockRows * kBlockRows; }

/// The first of `end` rows, or the end of the block that `row` lies in.
uint32_t end_in_block(uint32_t row, uint32_t end) {
  return std::min(block_start(row) + kBlockRows, end);
}

/// Keys from `first` on. Behind the last number there is none, and nobody asks for it.
void write_keys(int64_t* keys, uint32_t count, int64_t first) {
  for (uint32_t i = 0; i < count; ++i) {
    keys[i] = static_cast<int64_t>(static_cast<uint64_t>(first) + i);
  }
}

}  // namespace

void Versions::lay_out(size_t& at) {
  spelled_ = place_array(at, sizeof(std::byte*));
  spelled_times_ = place_array(at, kChunkBlocks);
  spelled_keys_ = place_array(at, kChunkBlocks);
  ended_counts_ = place_array(at, kChunkBlocks * sizeof(uint32_t));
  first_begins_ = place_array(at, kChunkBlocks * sizeof(Sequence));
  newest_begins_ = place_array(at, kChunkBlocks * sizeof(Sequence));
  first_keys_ = place_array(at, kChunkBlocks * sizeof(int64_t));
}

// What the block says of all its versions is written into each that has begun.
void Versions::spell_times(std::byte* chunk, uint32_t row, uint32_t begun) {
  if (!is_even(chunk, row)) return;
  const Sequence at = first_begin(chunk, row);
  for (uint32_t i = block_start(row); i < end_in_block(row, begun); ++i) {
    begins(chunk, i).store(at, std::memory_order_relaxed);
    ends(chunk, i).store(kNever, std::memory_order_relaxed);
  }
  spelled_times(chunk, row).store(1, std::memory_order_release);  // pairs with is_even()
}

void Versions::begin_in_block(std::byte* chunk, uint32_t row, uint32_t count, Sequence at) {
  newest_begins(chunk, row).store(at, std::memory_order_relaxed);
  // Rows of later statements are not there for readers of an even block until it is none.
  if (row == block_start(row)) first_begin(chunk, row) = at;
  if (first_begin(chunk, row) != at) spell_times(chunk, row, row);
  if (is_even(chunk, row)) return;
  for (uint32_t i = row; i < row + count; ++i) {
    // relaxed: they are published by the count, or by an index.
    begins(chunk, i).store(at, std::memory_order_relaxed);
    ends(chunk, i).store(kNever, std::memory_order_relaxed);
  }
}

void Versions::begin(std::byte* chunk, uint32_t row, uint32_t count, Sequence at) {
  for (const uint32_t end = row + count; row < end; row = end_in_block(row, end)) {
    begin_in_block(chunk, row, end_in_block(row, end) - row, at);
  }
}

void Versions::begin_again(std::byte* chunk, uint32_t row, Sequence at) {
  newest_begins(chunk, row).store(at, std::memory_order_relaxed);
  begins(chunk, row).store(at, std::memory_order_relaxed);
  ends(chunk, row).store(kNever, std::memory_order_release);  // pairs with is_visible()
  count_ended(chunk, row, -1);
}

void Versions::end(std::byte* chunk, uint32_t row, Sequence at, uint32_t begun) {
  spell_times(chunk, row, begun);
  count_ended(chunk, row, 1);
  ends(chunk, row).store(at, std::memory_order_release);
}

void Versions::revive(std::byte* chunk, uint32_t row) {
  ends(chunk, row).store(kNever, std::memory_order_release);
  count_ended(chunk, row, -1);
}

void Versions::clear(std::byte* chunk, uint32_t row, uint32_t begun) {
  spell_times(chunk, row, begun);
  if (end_of(chunk, row) == kNever) count_ended(chunk, row, 1);
  begins(chunk, row).store(kNever, std::memory_order_relaxed);
  ends(chunk, row).store(0, std::memory_order_release);
}

void Versions::count_ended(std::byte* chunk, uint32_t row, int32_t by) {
  std::atomic_ref<uint32_t> count = ended_counts(chunk, row);
  // One writer: load and store need not be one step. Release: pairs with is_plain().
  count.store(count.load(std::memory_order_relaxed) + static_cast<uint32_t>(by),
              std::memory_order_release);
}

void Versions::spell_keys(std::byte* chunk, uint32_t row, uint32_t begun) {
  if (!is_counted(chunk, row)) return;
  const uint32_t start = block_start(row);
  write_keys(keys(chunk) + start, end_in_block(row, begun) - start, first_key(chunk, row));
  spelled_keys(chunk, row).store(1, std::memory_order_release);  // pairs with is_counted()
}

void Versions::set_keys_in_block(std::byte* chunk, uint32_t row, uint32_t count, int64_t first) {
  if (row == block_start(row)) first_key(chunk, row) = first;
  if (counted_key(chunk, row) != first) spell_keys(chunk, row, row);
  if (!is_counted(chunk, row)) write_keys(keys(chunk) + row, count, first);
}

void Versions::set_keys(std::byte* chunk, uint32_t row, uint32_t count, int64_t first) {
  const uint32_t end = row + count;
  for (uint32_t at = row; at < end; at = end_in_block(at, end)) {
    set_keys_in_block(chunk, at, end_in_block(at, end) - at, first + (at - row));
  }
}

void Versions::set_key_again(std::byte* chunk, uint32_t row, int64_t key, uint32_t begun) {
  if (this->key(chunk, row) == key) return;
  spell_keys(chunk, row, begun);
  keys(chunk)[row] = key;
}

}  // namespace rowtine::table
