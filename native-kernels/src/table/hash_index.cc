#include "table/hash_index.h"

#include <algorithm>
#include <bit>

#include "base/invariant.h"

namespace rowtine::table {
namespace {

constexpr uint32_t kBitsMin = 6;
constexpr uint32_t kBitsMax = 32;
constexpr uint64_t kTombstone = 1;

constexpr uint64_t pack(uint32_t hash, VersionId head) {
  return uint64_t{hash} << 32 | (uint64_t{head} + 2);
}
constexpr uint32_t hash_of(uint64_t entry) { return static_cast<uint32_t>(entry >> 32); }
/// kNoVersion for a tombstone.
constexpr VersionId head_of(uint64_t entry) { return static_cast<uint32_t>(entry) - 2; }
static_assert(head_of(kTombstone) == kNoVersion);
static_assert(uint64_t{kChunksMax} * kChunkRows + 2 <= UINT32_MAX, "head + 2 fits 32 bits");

/// Links are stored one up, so that fresh memory says "none".
constexpr uint32_t to_link(VersionId version) { return version + 1; }
constexpr VersionId from_link(uint32_t link) { return link - 1; }
static_assert(from_link(0) == kNoVersion);

/// Past five entries in eight, probes get long (linear probing); a rebuild leaves at most one in
/// three.
constexpr bool is_crowded(uint64_t used, uint32_t bits) { return used * 8 > (5ULL << bits); }

/// The smallest table that leaves it at one in three.
constexpr uint32_t bits_for(uint64_t keys) {
  uint32_t bits = kBitsMin;
  while (bits < kBitsMax && keys * 3 > (1ULL << bits)) ++bits;
  return bits;
}

/// A dense table takes at most as much memory as a hash table of the same keys may.
constexpr bool is_dense_enough(uint64_t keys, uint32_t bits) {
  return bits == kBitsMin || (bits < kBitsMax && keys * 4 >= (1ULL << bits));
}

bool is_integer(vector::PhysicalType type) {
  return type == vector::PhysicalType::Int64 || type == vector::PhysicalType::Int32 ||
         type == vector::PhysicalType::Int16;
}

}  // namespace

HashIndex::HashIndex(uint32_t number, std::span<const uint32_t> columns, bool unique,
                     std::span<const vector::PhysicalType> types, uint64_t seed, ChunkStore& chunks)
    : number_(number),
      seed_(seed),
      unique_(unique),
      columns_(columns.begin(), columns.end()),
      chunks_(chunks) {
  invariant(!columns.empty() && columns.size() <= kIndexColumnsMax, "an index has 1..32 columns");
  for (const uint32_t column : columns) key_types_.push_back(types[column]);
  owned_ = make_entries(kBitsMin, columns.size() == 1 && is_integer(key_types_[0]));
  invariant(owned_ != nullptr, "memory for an empty index");
  entries_.store(owned_.get(), std::memory_order_release);
  bytes_ = owned_->memory.bytes();
}

std::unique_ptr<HashIndex::Entries> HashIndex::make_entries(uint32_t bits, bool is_dense) {
  MappedMemory memory(sizeof(uint64_t) << bits);
  if (memory.data() == nullptr) return nullptr;
  return std::make_unique<Entries>(Entries{std::move(memory), bits, is_dense});
}

void HashIndex::select_key(std::span<const Cell> cells, Cell* key) const {
  for (size_t i = 0; i < columns_.size(); ++i) key[i] = cells[columns_[i]];
}

/// The integer as a slot number; a negative one is past every table.
uint64_t HashIndex::dense_slot(Cell key) const {
  switch (key_types_[0]) {
    case vector::PhysicalType::Int16:
      return static_cast<uint64_t>(int64_t{*static_cast<const int16_t*>(key)});
    case vector::PhysicalType::Int32:
      return static_cast<uint64_t>(int64_t{*static_cast<const int32_t*>(key)});
    default: return static_cast<uint64_t>(*static_cast<const int64_t*>(key));
  }
}

/// Returns: false for a key with a null in it.
bool HashIndex::hash_cells(const Cell* key, uint32_t& hash) const {
  uint64_t all = 0;
  for (size_t i = 0; i < key_types_.size(); ++i) {
    if (key[i] == nullptr) return false;
    const uint64_t one = hash_cell(key_types_[i], key[i], seed_);
    all = i == 0 ? one : (all * 0x9E3779B97F4A7C15 ^ one) * 0xD6E8FEB86659FD93;
  }
  hash = static_cast<uint32_t>(all >> 32);
  return true;
}

bool HashIndex::version_has(VersionId version, const Cell* key) const {
  for (size_t i = 0; i < key_types_.size(); ++i) {
    // A version in a chain has no null in its key.
    if (!cells_equal(key_types_[i], chunks_.value(version, columns_[i]), key[i])) return false;
  }
  return true;
}

VersionId HashIndex::find_head(const Entries& entries, const Cell* key, uint32_t hash) const {
  if (entries.is_dense) {
    const uint64_t slot = dense_slot(key[0]);
    if (slot >= entries.size()) return kNoVersion;
    const uint64_t entry = entries[slot].load(std::memory_order_acquire);
    return entry == 0 ? kNoVersion : head_of(entry);
  }
  for (uint64_t slot = entries.slot_of(hash);; slot = entries.after(slot)) {
    // Acquire: pairs with link(), so that the head's cells are there.
    const uint64_t entry = entries[slot].load(std::memory_order_acquire);
    if (entry == 0) return kNoVersion;
    if (hash_of(entry) != hash || head_of(entry) == kNoVersion) continue;
    if (version_has(head_of(entry), key)) return head_of(entry);
  }
}

HashIndex::Place HashIndex::find_dense(const Cell* key) const {
  Place place;
  place.keyed = key[0] != nullptr;
  if (!place.keyed) return place;
  place.slot = dense_slot(key[0]);
  invariant(place.slot < owned_->size(), "make_room() comes before find()");
  const uint64_t entry = (*owned_)[place.slot].load(std::memory_order_relaxed);
  if (entry != 0) place.head = head_of(entry);
  return place;
}

HashIndex::Place HashIndex::find(std::span<const Cell> cells) const {
  Cell key[kIndexColumnsMax];
  select_key(cells, key);
  if (owned_->is_dense) return find_dense(key);
  Place place;
  place.keyed = hash_cells(key, place.hash);
  if (!place.keyed) return place;
  bool has_tombstone = false;
  for (uint64_t slot = owned_->slot_of(place.hash);; slot = owned_->after(slot)) {
    const uint64_t entry = (*owned_)[slot].load(std::memory_order_relaxed);
    if (entry == 0) {
      if (!has_tombstone) place.slot = slot;
      return place;
    }
    if (head_of(entry) == kNoVersion) {
      if (!has_tombstone) place.slot = slot;
      has_tombstone = true;
    } else if (hash_of(entry) == place.hash && version_has(head_of(entry), key)) {
      place.slot = slot;
      place.head = head_of(entry);
      return place;
    }
  }
}

// Growing ----------------------------------------------------------------------------------------

bool HashIndex::make_room(std::span<const Cell> cells, Sequence stamp) {
  if (!owned_->is_dense) return make_hash_room(stamp);
  const Cell key = cells[columns_[0]];
  if (key == nullptr || dense_slot(key) < owned_->size()) return true;
  const auto bits = static_cast<uint32_t>(std::bit_width(dense_slot(key)));
  if (is_dense_enough(keys_ + 1, bits)) return widen_dense(bits, stamp);
  return leave_dense(stamp) && make_hash_room(stamp);
}

bool HashIndex::make_hash_room(Sequence stamp) {
  if (!is_crowded(used_ + 1, owned_->bits)) return true;
  const uint32_t bits = bits_for(keys_ + 1);
  if (is_crowded(keys_ + 1, bits)) return false;
  return rebuild(bits, stamp);
}

bool HashIndex::rebuild(uint32_t bits, Sequence stamp) {
  auto fresh = make_entries(bits, false);
  if (fresh == nullptr) return used_ + 1 < owned_->size();  // slow, but there is a place
  for (uint64_t i = 0; i < owned_->size(); ++i) {
    const uint64_t entry = (*owned_)[i].load(std::memory_order_relaxed);
    if (entry != 0 && entry != kTombstone) fresh->add(entry);
  }
  used_ = keys_;
  replace_entries(std::move(fresh), stamp);
  return true;
}

/// Turns a dense table into a hash table: the slot is the key that is hashed.
bool HashIndex::leave_dense(Sequence stamp) {
  auto fresh = make_entries(bits_for(keys_ + 1), false);
  if (fresh == nullptr) return false;
  for (uint64_t slot = 0; slot < owned_->size(); ++slot) {
    const uint64_t entry = (*owned_)[slot].load(std::memory_order_relaxed);
    if (entry == 0) continue;
    // Integers of all widths hash alike, as the tests of keys say.
    const uint64_t hash = hash_cell(vector::PhysicalType::Int64, &slot, seed_) >> 32;
    fresh->add(hash << 32 | static_cast<uint32_t>(entry));
  }
  replace_entries(std::move(fresh), stamp);
  return true;
}

bool HashIndex::widen_dense(uint32_t bits, Sequence stamp) {
  auto fresh = make_entries(bits, true);
  if (fresh == nullptr) return false;
  for (uint64_t slot = 0; slot < owned_->size(); ++slot) {
    (*fresh)[slot].store((*owned_)[slot].load(std::memory_order_relaxed),
                         std::memory_order_relaxed);
  }
  replace_entries(std::move(fresh), stamp);
  return true;
}

void HashIndex::replace_entries(std::unique_ptr<Entries> fresh, Sequence stamp) {
  bytes_ += fresh->memory.bytes();
  entries_.store(fresh.get(), std::memory_order_release);  // pairs with the load in probe()
  std::unique_ptr<Entries> old = std::exchange(owned_, std::move(fresh));
  if (stamp != kNobodyReads) return retired_.push_back({std::move(old), stamp});
  bytes_ -= old->memory.bytes();
}

void HashIndex::free_retired(Sequence horizon) {
  std::erase_if(retired_, [&](const Retired& retired) {
    if (retired.stamp > horizon) return false;
    bytes_ -= retired.entries->memory.bytes();
    return true;
  });
}

// Changing ---------------------------------------------------------------------------------------

void HashIndex::link(const Place& place, VersionId version) {
  if (!place.keyed) return;
  chunks_.previous(version, number_).store(0, std::memory_order_relaxed);
  chunks_.next(version, number_).store(to_link(place.head), std::memory_order_relaxed);
  std::atomic_ref<uint64_t> entry = (*owned_)[place.slot];
  if (place.head != kNoVersion) {
    chunks_.previous(place.head, number_).store(to_link(version), std::memory_order_relaxed);
  } else {
    if (entry.load(std::memory_order_relaxed) == 0) ++used_;
    ++keys_;
  }
  entry.store(pack(place.hash, version), std::memory_order_release);  // pairs with find_head()
}

uint64_t HashIndex::slot_of_head(VersionId version) const {
  Cell key[kIndexColumnsMax];
  for (size_t i = 0; i < columns_.size(); ++i) key[i] = chunks_.value(version, columns_[i]);
  uint32_t hash = 0;
  hash_cells(key, hash);
  uint64_t slot = owned_->slot_of(hash);
  for (uint64_t entry; (entry = (*owned_)[slot].load(std::memory_order_relaxed)) != 0;
       slot = owned_->after(slot)) {
    if (head_of(entry) == version) return slot;
  }
  invariant(false, "the head of a chain is in the index");
  return slot;
}

void HashIndex::unlink(VersionId version) {
  for (const uint32_t column : columns_) {
    if (chunks_.is_null(version, column)) return;
  }
  const uint32_t next = chunks_.next(version, number_).load(std::memory_order_relaxed);
  const uint32_t previous = chunks_.previous(version, number_).load(std::memory_order_relaxed);
  if (next != 0) {
    chunks_.previous(from_link(next), number_).store(previous, std::memory_order_relaxed);
  }
  if (previous != 0) {
    // Release, as every store that makes a version reachable: pairs with emit().
    chunks_.next(from_link(previous), number_).store(next, std::memory_order_release);
    return;
  }
  const uint64_t slot =
      owned_->is_dense ? dense_slot(chunks_.value(version, columns_[0])) : slot_of_head(version);
  if (next == 0) return remove_entry(slot);
  const uint64_t entry = (*owned_)[slot].load(std::memory_order_relaxed);
  (*owned_)[slot].store(pack(hash_of(entry), from_link(next)), std::memory_order_release);
}

/// Empties a slot: to nothing when no probe can have gone past it, else to a tombstone. Tombstones
/// that then stand before nothing are emptied as well.
void HashIndex::remove_entry(uint64_t slot) {
  --keys_;
  if (owned_->is_dense) {
    --used_;
    (*owned_)[slot].store(0, std::memory_order_release);
    return;
  }
  if ((*owned_)[owned_->after(slot)].load(std::memory_order_relaxed) != 0) {
    (*owned_)[slot].store(kTombstone, std::memory_order_release);
    return;
  }
  do {
    (*owned_)[slot].store(0, std::memory_order_release);
    --used_;
    slot = (slot - 1) & (owned_->size() - 1);
  } while ((*owned_)[slot].load(std::memory_order_relaxed) == kTombstone);
}

}  // namespace rowtine::table
