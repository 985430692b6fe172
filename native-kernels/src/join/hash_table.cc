#include "join/hash_table.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace rowtine::join {
namespace {

// Rows of one table at most, so that a position fits 32 bits.
constexpr uint64_t kTableRowsMax = UINT32_MAX;

bool has_null_key(std::span<const Vector> keys, uint32_t row) {
  for (const Vector& key : keys) {
    if (key.is_null(row)) return true;
  }
  return false;
}

bool append_rows(const PackedLayout& layout, PackedRows& rows, std::span<const Vector> columns,
                 const uint32_t* selected, uint32_t count, const uint8_t* stable, Arena& heap,
                 Arena& scratch, uint8_t**& targets) {
  targets = scratch.allocate_array<uint8_t*>(count);
  if (targets == nullptr || !rows.extend(count, targets)) return false;
  for (uint32_t column = 0; column < columns.size(); ++column) {
    Arena* copies = stable[column] != 0 ? nullptr : &heap;
    if (!scatter_column(layout, column, columns[column], selected, count, targets, copies)) {
      return false;
    }
  }
  return true;
}

}  // namespace

void HashTable::open(const PackedLayout& layout, uint32_t key_count, bool keep_null_keys,
                     Arena& run) {
  layout_ = &layout;
  run_ = &run;
  staging_.reset();
  keyed_.open(layout.row_bytes, staging_);
  null_keyed_.open(layout.row_bytes, staging_);
  rows_ = nullptr;
  directory_ = nullptr;
  key_count_ = key_count;
  row_count_ = keyed_count_ = 0;
  keep_null_keys_ = keep_null_keys;
  finished_ = false;
}

bool HashTable::append(std::span<const Vector> columns, const uint64_t* hashes, uint32_t count,
                       const uint8_t* stable, Arena& scratch) {
  auto* selected = scratch.allocate_array<uint32_t>(count);
  auto* with_null = scratch.allocate_array<uint32_t>(count);
  if (selected == nullptr || with_null == nullptr) return false;
  const auto keys = columns.first(key_count_);
  uint32_t keyed = 0, null_keyed = 0;
  for (uint32_t row = 0; row < count; ++row) {
    const bool is_null = has_null_key(keys, row);
    selected[keyed] = row;
    with_null[null_keyed] = row;
    keyed += is_null ? 0 : 1;
    null_keyed += is_null ? 1 : 0;
  }
  uint8_t** targets = nullptr;
  if (!append_rows(*layout_, keyed_, columns, selected, keyed, stable, *run_, scratch, targets)) {
    return false;
  }
  for (uint32_t i = 0; i < keyed; ++i) set_hash(targets[i], hashes[selected[i]]);
  if (!keep_null_keys_ || null_keyed == 0) return true;
  return append_rows(*layout_, null_keyed_, columns, with_null, null_keyed, stable, *run_, scratch,
                     targets);
}

bool HashTable::finish() {
  finished_ = true;
  const uint64_t total = keyed_.count() + null_keyed_.count();
  if (total > kTableRowsMax) return false;
  keyed_count_ = static_cast<uint32_t>(keyed_.count());
  row_count_ = static_cast<uint32_t>(total);
  // At least two slots, so that the shift stays below 64; about one row a slot.
  const uint64_t slot_count = std::bit_ceil(std::max<uint64_t>(2, keyed_count_));
  shift_ = 64 - static_cast<uint32_t>(std::countr_zero(slot_count));
  directory_ = run_->allocate_array<uint64_t>(slot_count + 1);
  rows_ = static_cast<uint8_t*>(run_->allocate(total * layout_->row_bytes, 64));
  if (directory_ == nullptr || rows_ == nullptr) return false;
  return place_rows(slot_count);
}

// A counting sort by slot; stable, so the order of equal keys is the order of arrival.
bool HashTable::place_rows(uint64_t slot_count) {
  std::memset(directory_, 0, (slot_count + 1) * sizeof(uint64_t));
  ++directory_;  // directory_[-1] is the end of nothing: 0
  for (uint64_t i = 0; i < keyed_count_; ++i) {
    const uint64_t hash = hash_of(keyed_.row(i));
    uint64_t& slot = directory_[slot_of(hash)];
    slot = (slot + (1ULL << kTagBits)) | tag_of(hash);
  }
  // From counts to starts; placing a row then moves its slot's start on, which ends as its end.
  uint64_t start = 0;
  for (uint64_t s = 0; s < slot_count; ++s) {
    const uint64_t count = directory_[s] >> kTagBits;
    directory_[s] = start << kTagBits | (directory_[s] & ((1ULL << kTagBits) - 1));
    start += count;
  }
  const size_t row_bytes = layout_->row_bytes;
  for (uint64_t i = 0; i < keyed_count_; ++i) {
    const uint8_t* from = keyed_.row(i);
    uint64_t& slot = directory_[slot_of(hash_of(from))];
    std::memcpy(rows_ + (slot >> kTagBits) * row_bytes, from, row_bytes);
    slot += 1ULL << kTagBits;
  }
  for (uint64_t i = 0; i < null_keyed_.count(); ++i) {
    std::memcpy(rows_ + (keyed_count_ + i) * row_bytes, null_keyed_.row(i), row_bytes);
  }
  keyed_.truncate_to_zero();
  null_keyed_.truncate_to_zero();
  staging_.reset();
  return true;
}

void HashTable::find_runs(const uint64_t* hashes, uint32_t count, const uint8_t* excluded,
                          Runs runs) const {
  for (uint32_t i = 0; i < count; ++i) __builtin_prefetch(&directory_[slot_of(hashes[i])]);
  for (uint32_t i = 0; i < count; ++i) {
    const auto slot = static_cast<int64_t>(slot_of(hashes[i]));
    const uint64_t entry = directory_[slot];
    const bool maybe =
        (entry & tag_of(hashes[i])) != 0 && (excluded == nullptr || excluded[i] == 0);
    runs.begin[i] = static_cast<uint32_t>(directory_[slot - 1] >> kTagBits);
    runs.end[i] = maybe ? static_cast<uint32_t>(entry >> kTagBits) : runs.begin[i];
    __builtin_prefetch(row(runs.begin[i]));
  }
}

uint32_t HashTable::candidates(const uint64_t* hashes, Runs runs, uint32_t count,
                               const uint8_t* done, ProbeCursor& cursor, Candidates out) const {
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
      found += hash_of(packed) == hashes[cursor.row] ? 1 : 0;
    }
  }
  return found;
}

}  // namespace rowtine::join
