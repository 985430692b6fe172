#include "join/run_table.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstring>

#include "hash/hash_columns.h"
#include "vector/dispatch.h"

namespace rowtine::join {
namespace {

constexpr uint32_t kPrefetchRows = 32;
constexpr uint64_t kDenseSlotsPerRow = 4;
constexpr uint64_t kDenseSlotsMin = 64;

template <class Function>
void with_integer(PhysicalType type, const Function& function) {
  if (type == PhysicalType::Int16) return function(vector::TypeTag<int16_t>{});
  if (type == PhysicalType::Int32) return function(vector::TypeTag<int32_t>{});
  return function(vector::TypeTag<int64_t>{});
}

}  // namespace

bool RunTable::open(const PackedLayout& layout, uint32_t key_count, uint64_t row_count,
                    uint64_t null_count, bool nullable, const KeyRange& range, uint64_t seed,
                    Arena& run) {
  layout_ = &layout;
  key_count_ = key_count;
  row_count_ = row_count;
  seed_ = seed;
  first_key_ = static_cast<uint64_t>(range.first);
  is_dense_ = !range.is_empty() &&
              range.domain() <= std::max(row_count * kDenseSlotsPerRow, kDenseSlotsMin);
  if (is_dense_) {
    compact_ = PackedLayout::compact(layout.types, nullable);
    slot_count_ = range.domain();
  } else {
    // At least two slots, so that the shift stays below 64; about one row a slot.
    slot_count_ = std::bit_ceil(std::max<uint64_t>(2, row_count));
    shift_ = 64 - static_cast<uint32_t>(std::countr_zero(slot_count_));
  }
  directory_ = run.allocate_array<uint64_t>(slot_count_ + 1);
  range_starts_ = run.allocate_array<uint64_t>(range_count());
  const uint64_t bytes = (row_count + null_count) * this->layout().row_bytes;
  rows_ = static_cast<uint8_t*>(run.allocate(bytes + vector::kPaddingBytes, 64));
  if (directory_ == nullptr || range_starts_ == nullptr || rows_ == nullptr) return false;
  *directory_++ = 0;  // directory_[-1] is the end of nothing
  return true;
}

// ---- building ---------------------------------------------------------------------------------

void RunTable::clear(uint64_t range) {
  const uint64_t first = range * kRangeSlots;
  const uint64_t count = std::min(kRangeSlots, slot_count_ - first);
  std::memset(directory_ + first, 0, count * sizeof(uint64_t));
}

void RunTable::slots_of(const StagedChunk& chunk, uint64_t* slots) const {
  if (!is_dense_) {
    for (uint32_t i = 0; i < chunk.count; ++i) slots[i] = chunk.hashes[i] >> shift_;
    return;
  }
  with_integer(layout_->types[0], [&](auto tag) {
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
    const uint64_t tag = is_dense_ ? 1 : tag_of(chunk.hashes[i]);
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
  if (!is_dense_) {
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
  const PackedLayout& layout = this->layout();
  for (uint32_t i = 0; i < chunk.count; ++i) {
    layout.clear_nulls(targets[i]);
    if (!is_dense_) set_hash(targets[i], chunk.hashes[i]);
  }
  for (uint32_t column = 0; column < layout.types.size(); ++column) {
    scatter_column(layout, column, chunk.columns[column], nullptr, chunk.count, targets, nullptr);
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
  if (is_dense_) {
    return with_integer(layout_->types[0], [&](auto tag) {
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

template <bool kExact>
uint32_t RunTable::next_candidates(const uint64_t* hashes, Runs runs, uint32_t count,
                                   const uint8_t* done, ProbeCursor& cursor,
                                   const Candidates& out) const {
  uint32_t found = 0;
  for (; cursor.row < count; ++cursor.row, cursor.offset = 0) {
    if (done != nullptr && done[cursor.row] != 0) continue;
    const uint32_t end = runs.end[cursor.row];
    for (uint32_t i = runs.begin[cursor.row] + cursor.offset; i < end; ++i) {
      if (found == out.capacity) {
        cursor.offset = i - runs.begin[cursor.row];
        return found;
      }
      const uint8_t* packed = row(i);
      out.batch_rows[found] = cursor.row;
      out.packed_rows[found] = packed;
      found += kExact || hash_of(packed) == hashes[cursor.row] ? 1 : 0;
    }
  }
  return found;
}

uint32_t RunTable::candidates(const uint64_t* hashes, Runs runs, uint32_t count,
                              const uint8_t* done, ProbeCursor& cursor,
                              const Candidates& out) const {
  return is_dense_ ? next_candidates<true>(hashes, runs, count, done, cursor, out)
                   : next_candidates<false>(hashes, runs, count, done, cursor, out);
}

}  // namespace rowtine::join
