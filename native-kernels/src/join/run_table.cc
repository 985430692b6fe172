#include "join/run_table.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstring>

#include "hash/hash_columns.h"
#include "join/packed_value.h"

namespace rowtine::join {
namespace {

constexpr uint32_t kPrefetchRows = 32;
constexpr uint64_t kDenseSlotsPerRow = 4;
constexpr uint64_t kDenseSlotsMin = 64;

}  // namespace

bool RunTable::open(const PackedLayout& layout, uint32_t key_count, uint64_t row_count,
                    uint64_t null_count, bool nullable, const KeyRange& range, uint64_t seed,
                    Arena& run) {
  key_count_ = key_count;
  row_count_ = row_count;
  seed_ = seed;
  first_key_ = static_cast<uint64_t>(range.first);
  const bool is_dense = !range.is_empty() &&
                        range.domain() <= std::max(row_count * kDenseSlotsPerRow, kDenseSlotsMin);
  matching_ = is_dense                               ? Matching::ByPlace
              : may_match_by_keys(layout, key_count) ? Matching::ByKeys
                                                     : Matching::ByHash;
  if (matching_ == Matching::ByHash) {
    layout_ = layout;
    layout_.nullable = nullable;
  } else {
    layout_ = PackedLayout::compact(layout.types, nullable);
  }
  if (is_dense) {
    slot_count_ = range.domain();
  } else {
    // At least two slots, so that the shift stays below 64; about one row a slot.
    slot_count_ = std::bit_ceil(std::max<uint64_t>(2, row_count));
    shift_ = 64 - static_cast<uint32_t>(std::countr_zero(slot_count_));
  }
  directory_ = run.allocate_array<uint64_t>(slot_count_ + 1);
  range_starts_ = run.allocate_array<uint64_t>(range_count());
  const uint64_t bytes = (row_count + null_count) * layout_.row_bytes;
  rows_ = static_cast<uint8_t*>(run.allocate(bytes + vector::kPaddingBytes, 64));
  if (directory_ == nullptr || range_starts_ == nullptr || rows_ == nullptr) return false;
  *directory_++ = 0;  // directory_[-1] is the end of nothing
  return true;
}

bool RunTable::may_match_by_keys(const PackedLayout& layout, uint32_t key_count) {
  if (key_count == 0 || key_count > 2 || !is_integer(layout.types[0])) return false;
  return key_count == 1 || layout.types[1] == layout.types[0];
}

// ---- building ---------------------------------------------------------------------------------

void RunTable::clear(uint64_t range) {
  const uint64_t first = range * kRangeSlots;
  const uint64_t count = std::min(kRangeSlots, slot_count_ - first);
  std::memset(directory_ + first, 0, count * sizeof(uint64_t));
}

void RunTable::slots_of(const StagedChunk& chunk, uint64_t* slots) const {
  if (has_hashes()) {
    for (uint32_t i = 0; i < chunk.count; ++i) slots[i] = chunk.hashes[i] >> shift_;
    return;
  }
  with_integer(layout_.types[0], [&](auto tag) {
    const auto* keys = chunk.columns[0].as<typename decltype(tag)::Type>();
    for (uint32_t i = 0; i < chunk.count; ++i) {
      slots[i] = static_cast<uint64_t>(int64_t{keys[i]}) - first_key_;
    }
  });
}

// Numbers only: nobody reads what they count before the barrier that ends the pass.
template <bool kShared>
void RunTable::count_rows(const StagedChunk& chunk) {
  uint64_t slots[vector::kBatchRowsMax];
  slots_of(chunk, slots);
  for (uint32_t i = 0; i < chunk.count; ++i) {
    __builtin_prefetch(&directory_[slots[std::min(i + kPrefetchRows, chunk.count - 1)]], 1);
    uint64_t& slot = directory_[slots[i]];
    const uint64_t tag = !has_hashes() ? 1 : tag_of(chunk.hashes[i]);
    if constexpr (kShared) {
      std::atomic_ref<uint64_t> shared(slot);
      const uint64_t before = shared.fetch_add(kOneRow, std::memory_order_relaxed);
      if ((before & tag) == 0) shared.fetch_or(tag, std::memory_order_relaxed);
    } else {
      slot = (slot + kOneRow) | tag;
    }
  }
}

void RunTable::count(const StagedChunk& chunk, bool is_shared) {
  if (has_hashes()) {
    hash::hash_columns({chunk.columns, key_count_}, chunk.count, chunk.hashes, seed_);
  }
  return is_shared ? count_rows<true>(chunk) : count_rows<false>(chunk);
}

void RunTable::sum(uint64_t range) {
  const uint64_t first = range * kRangeSlots, last = std::min(first + kRangeSlots, slot_count_);
  uint64_t total = 0;
  for (uint64_t slot = first; slot < last; ++slot) total += directory_[slot] >> kTagBits;
  range_starts_[range] = total;
}

void RunTable::scan() {
  uint64_t start = 0;
  for (uint64_t range = 0; range < range_count(); ++range) {
    const uint64_t total = range_starts_[range];
    range_starts_[range] = start;
    start += total;
  }
}

// From counts to starts; placing a row then moves its slot's start on, which ends as its end.
void RunTable::start(uint64_t range) {
  const uint64_t first = range * kRangeSlots, last = std::min(first + kRangeSlots, slot_count_);
  uint64_t start = range_starts_[range];
  for (uint64_t slot = first; slot < last; ++slot) {
    const uint64_t count = directory_[slot] >> kTagBits;
    directory_[slot] = start << kTagBits | (directory_[slot] & kTagMask);
    start += count;
  }
}

template <bool kShared>
void RunTable::take_places(const StagedChunk& chunk, uint8_t** targets) {
  uint64_t slots[vector::kBatchRowsMax];
  slots_of(chunk, slots);
  for (uint32_t i = 0; i < chunk.count; ++i) {
    __builtin_prefetch(&directory_[slots[std::min(i + kPrefetchRows, chunk.count - 1)]], 1);
    uint64_t& slot = directory_[slots[i]];
    uint64_t before = slot;
    if constexpr (kShared) {
      before = std::atomic_ref(slot).fetch_add(kOneRow, std::memory_order_relaxed);
    } else {
      slot += kOneRow;
    }
    targets[i] = row(before >> kTagBits);
    __builtin_prefetch(targets[i], 1);
  }
}

void RunTable::place(const StagedChunk& chunk, bool is_shared) {
  uint8_t* targets[vector::kBatchRowsMax];
  is_shared ? take_places<true>(chunk, targets) : take_places<false>(chunk, targets);
  for (uint32_t i = 0; i < chunk.count; ++i) {
    layout_.clear_nulls(targets[i]);
    if (matching_ == Matching::ByHash) set_hash(targets[i], chunk.hashes[i]);
  }
  for (uint32_t column = 0; column < layout_.types.size(); ++column) {
    scatter_column(layout_, column, chunk.columns[column], nullptr, chunk.count, targets, nullptr);
  }
}

// ---- probing ----------------------------------------------------------------------------------

template <class T>
void RunTable::find_dense(const T* keys, bool is_constant, uint32_t count, const uint8_t* excluded,
                          Runs runs) const {
  const auto slot_of = [&](uint32_t i) {
    return static_cast<uint64_t>(int64_t{keys[is_constant ? 0 : i]}) - first_key_;
  };
  for (uint32_t i = 0; i < count; ++i) {
    const uint64_t slot = slot_of(i);
    __builtin_prefetch(&directory_[slot < slot_count_ ? slot : 0]);
  }
  for (uint32_t i = 0; i < count; ++i) {
    const uint64_t slot = slot_of(i);
    const bool maybe = slot < slot_count_ && (excluded == nullptr || excluded[i] == 0);
    const auto at = static_cast<int64_t>(maybe ? slot : 0);
    runs.begin[i] = static_cast<uint32_t>(directory_[at - 1] >> kTagBits);
    runs.end[i] = maybe ? static_cast<uint32_t>(directory_[at] >> kTagBits) : runs.begin[i];
    __builtin_prefetch(row(runs.begin[i]));
  }
}

void RunTable::find_runs(const Vector& first_key, const uint64_t* hashes, uint32_t count,
                         const uint8_t* excluded, Runs runs) const {
  if (!has_hashes()) {
    return with_integer(layout_.types[0], [&](auto tag) {
      using T = typename decltype(tag)::Type;
      find_dense(first_key.as<T>(), first_key.constant, count, excluded, runs);
    });
  }
  for (uint32_t i = 0; i < count; ++i) __builtin_prefetch(&directory_[hashes[i] >> shift_]);
  for (uint32_t i = 0; i < count; ++i) {
    const auto slot = static_cast<int64_t>(hashes[i] >> shift_);
    const uint64_t entry = directory_[slot];
    const bool maybe =
        (entry & tag_of(hashes[i])) != 0 && (excluded == nullptr || excluded[i] == 0);
    runs.begin[i] = static_cast<uint32_t>(directory_[slot - 1] >> kTagBits);
    runs.end[i] = maybe ? static_cast<uint32_t>(entry >> kTagBits) : runs.begin[i];
    __builtin_prefetch(row(runs.begin[i]));
  }
}

// A run is written without a branch for each row: its addresses follow from its beginning, and a row
// that does not match is written over by the next.
template <class Match>
uint32_t RunTable::next_candidates(const Match& match, Runs runs, uint32_t count,
                                   const uint8_t* done, ProbeCursor& cursor,
                                   const Candidates& out) const {
  uint32_t* const batch_rows = out.batch_rows;
  const uint8_t** const packed_rows = out.packed_rows;
  const uint32_t capacity = out.capacity, row_bytes = layout_.row_bytes;
  uint32_t found = 0;
  for (; cursor.row < count; ++cursor.row, cursor.offset = 0) {
    const uint32_t batch_row = cursor.row;
    if (done != nullptr && done[batch_row] != 0) continue;
    const auto is_same = match(batch_row);
    const uint32_t begin = runs.begin[batch_row], end = runs.end[batch_row];
    for (uint32_t next = begin + cursor.offset; next < end;) {
      if (found == capacity) {
        cursor.offset = next - begin;
        return found;
      }
      const uint32_t last = next + std::min(end - next, capacity - found);
      for (const uint8_t* packed = row(next); next < last; ++next, packed += row_bytes) {
        batch_rows[found] = batch_row;
        packed_rows[found] = packed;
        found += is_same(packed) ? 1 : 0;
      }
    }
  }
  return found;
}

template <class T>
uint32_t RunTable::next_with_keys(std::span<const Vector> keys, Runs runs, uint32_t count,
                                  const uint8_t* done, ProbeCursor& cursor,
                                  const Candidates& out) const {
  const Vector& first = keys[0];
  if (key_count_ == 1) {
    const auto match = [&first](uint32_t batch_row) {
      const T key = first.as<T>()[first.index_of(batch_row)];
      return [key](const uint8_t* packed) { return load<T>(packed) == key; };
    };
    return next_candidates(match, runs, count, done, cursor, out);
  }
  const Vector& second = keys[1];
  const uint32_t offset = layout_.offsets[1];
  const auto match = [&first, &second, offset](uint32_t batch_row) {
    const T a = first.as<T>()[first.index_of(batch_row)];
    const T b = second.as<T>()[second.index_of(batch_row)];
    return [a, b, offset](const uint8_t* packed) {
      return ((load<T>(packed) ^ a) | (load<T>(packed + offset) ^ b)) == 0;
    };
  };
  return next_candidates(match, runs, count, done, cursor, out);
}

uint32_t RunTable::candidates(std::span<const Vector> keys, const uint64_t* hashes, Runs runs,
                              uint32_t count, const uint8_t* done, ProbeCursor& cursor,
                              const Candidates& out) const {
  if (matching_ == Matching::ByKeys) {
    return with_integer(layout_.types[0], [&](auto tag) {
      return next_with_keys<typename decltype(tag)::Type>(keys, runs, count, done, cursor, out);
    });
  }
  if (matching_ == Matching::ByPlace) {
    const auto match = [](uint32_t) { return [](const uint8_t*) { return true; }; };
    return next_candidates(match, runs, count, done, cursor, out);
  }
  const auto match = [hashes](uint32_t batch_row) {
    const uint64_t hash = hashes[batch_row];
    return [hash](const uint8_t* packed) { return hash_of(packed) == hash; };
  };
  return next_candidates(match, runs, count, done, cursor, out);
}

}  // namespace rowtine::join
