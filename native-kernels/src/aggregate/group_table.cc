#include "aggregate/group_table.h"

#include <bit>
#include <cstring>

namespace rowtine::aggregate {
namespace {

constexpr uint64_t kEntriesMin = 64;
// Entries in use at most, as a share of all: open addressing degrades beyond.
constexpr uint64_t kEntriesPerRow = 2;

}  // namespace

/// One batch's way through the table.
struct GroupTable::Round {
  std::span<const Vector> keys;
  const uint64_t* hashes;
  const uint8_t* stable;
  uint32_t* identity;   // 0, 1, 2 ...
  uint32_t* remaining;  // batch rows without a settled group
  uint32_t* compare;    // batch rows whose salt met an entry
  uint32_t* fresh;      // batch rows that made a new row
  uint8_t** fresh_rows;
  uint64_t* slots;
  uint8_t** rows;
  uint8_t* is_new;

  bool allocate(Arena& arena, uint32_t count) {
    identity = arena.allocate_array<uint32_t>(count);
    remaining = arena.allocate_array<uint32_t>(count);
    compare = arena.allocate_array<uint32_t>(count);
    fresh = arena.allocate_array<uint32_t>(count);
    fresh_rows = arena.allocate_array<uint8_t*>(count);
    slots = arena.allocate_array<uint64_t>(count);
    return identity != nullptr && remaining != nullptr && compare != nullptr && fresh != nullptr &&
           fresh_rows != nullptr && slots != nullptr;
  }
};

bool GroupTable::open(const join::PackedLayout& layout, Arena& run) {
  layout_ = &layout;
  run_ = &run;
  rows_.open(layout.row_bytes, run);
  entries_ = nullptr;
  mask_ = 0;
  return true;
}

// Makes room for `count` rows in all.
bool GroupTable::reserve(uint64_t count) {
  const uint64_t wanted = std::bit_ceil(std::max(kEntriesMin, count * kEntriesPerRow));
  if (entries_ != nullptr && wanted <= mask_ + 1) return true;
  entries_ = run_->allocate_array<uint64_t>(wanted);
  if (entries_ == nullptr) return false;
  std::memset(entries_, 0, wanted * sizeof(uint64_t));
  mask_ = wanted - 1;
  for (uint64_t i = 0; i < rows_.count(); ++i) place(rows_.row(i), join::hash_of(rows_.row(i)));
  return true;
}

void GroupTable::place(uint8_t* row, uint64_t hash) {
  uint64_t slot = hash & mask_;
  while (entries_[slot] != 0) slot = (slot + 1) & mask_;
  entries_[slot] = entry_of(row, hash);
}

bool GroupTable::find_or_insert(std::span<const Vector> keys, const uint64_t* hashes,
                                uint32_t count, const uint8_t* stable, Arena& scratch,
                                uint8_t** rows, uint8_t* is_new) {
  Round round{};
  round.keys = keys;
  round.hashes = hashes;
  round.stable = stable;
  round.rows = rows;
  round.is_new = is_new;
  if (!reserve(rows_.count() + count) || !round.allocate(scratch, count)) return false;
  for (uint32_t i = 0; i < count; ++i) {
    round.identity[i] = round.remaining[i] = i;
    round.slots[i] = hashes[i] & mask_;
    __builtin_prefetch(&entries_[round.slots[i]]);
  }
  if (is_new != nullptr) std::memset(is_new, 0, count);
  uint32_t remaining = count;
  while (remaining > 0) {
    if (!settle(round, remaining)) return false;
  }
  return true;
}

// Walks each remaining row to an entry of its salt or to a free one. New keys are written after the
// walk and compared like old ones, so equal keys of one batch meet.
bool GroupTable::settle(const Round& round, uint32_t& remaining_count) {
  uint32_t compare_count = 0, fresh_count = 0;
  for (uint32_t i = 0; i < remaining_count; ++i) {
    const uint32_t row = round.remaining[i];
    const uint64_t hash = round.hashes[row];
    uint64_t slot = round.slots[row];
    while (entries_[slot] != 0 && ((entries_[slot] ^ hash) & ~kPointerMask) != 0) {
      slot = (slot + 1) & mask_;
    }
    round.slots[row] = slot;
    if (entries_[slot] != 0) {
      round.rows[row] = reinterpret_cast<uint8_t*>(entries_[slot] & kPointerMask);
      round.compare[compare_count++] = row;
      __builtin_prefetch(round.rows[row]);
      continue;
    }
    uint8_t* made = nullptr;
    if (!rows_.extend(1, &made)) return false;
    join::set_hash(made, hash);
    entries_[slot] = entry_of(made, hash);
    round.rows[row] = made;
    round.fresh[fresh_count] = row;
    round.fresh_rows[fresh_count++] = made;
    if (round.is_new != nullptr) round.is_new[row] = 1;
  }
  if (!write_new_keys(round, fresh_count)) return false;
  remaining_count = reject_others(round, compare_count);
  return true;
}

bool GroupTable::write_new_keys(const Round& round, uint32_t new_count) {
  if (new_count == 0) return true;
  for (uint32_t column = 0; column < round.keys.size(); ++column) {
    const bool is_stable = round.stable != nullptr && round.stable[column] != 0;
    if (!join::scatter_column(*layout_, column, round.keys[column], round.fresh, new_count,
                              round.fresh_rows, is_stable ? nullptr : run_)) {
      return false;
    }
  }
  return true;
}

// Rows whose entry is another key's go on at the next slot. Returns: how many.
uint32_t GroupTable::reject_others(const Round& round, uint32_t compare_count) {
  uint32_t kept = compare_count, rejected = 0;
  for (uint32_t column = 0; column < round.keys.size(); ++column) {
    kept =
        join::match_column(*layout_, column, round.keys[column], round.identity, round.rows,
                           join::NullRule::Equal, round.compare, kept, round.remaining, rejected);
  }
  for (uint32_t i = 0; i < rejected; ++i) {
    const uint32_t row = round.remaining[i];
    round.slots[row] = (round.slots[row] + 1) & mask_;
  }
  return rejected;
}

}  // namespace rowtine::aggregate
