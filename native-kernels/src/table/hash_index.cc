#include "table/hash_index.h"

#include <algorithm>

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

/// Past five entries in eight, probes get long (linear probing); a rebuild leaves at most one in three.
constexpr bool is_crowded(uint64_t used, uint32_t bits) { return used * 8 > (5ULL << bits); }

}  // namespace

HashIndex::HashIndex(uint32_t number, std::span<const uint32_t> columns, bool unique,
                     std::span<const vector::PhysicalType> types, ChunkStore& chunks)
    : number_(number),
      unique_(unique),
      columns_(columns.begin(), columns.end()),
      chunks_(chunks),
      owned_(make_entries(kBitsMin)) {
  invariant(!columns.empty() && columns.size() <= kIndexColumnsMax, "an index has 1..32 columns");
  invariant(owned_ != nullptr, "memory for an empty index");
  for (const uint32_t column : columns) key_types_.push_back(types[column]);
  entries_.store(owned_.get(), std::memory_order_release);
  bytes_ = owned_->memory.bytes();
}

std::unique_ptr<HashIndex::Entries> HashIndex::make_entries(uint32_t bits) {
  MappedMemory memory(sizeof(uint64_t) << bits);
  if (memory.data() == nullptr) return nullptr;
  return std::make_unique<Entries>(Entries{std::move(memory), bits});
}

/// Returns: false for a key with a null in it.
bool HashIndex::hash_cells(const Cell* key, uint32_t& hash) const {
  uint64_t all = 0;
  for (size_t i = 0; i < key_types_.size(); ++i) {
    if (key[i] == nullptr) return false;
    const uint64_t one = hash_cell(key_types_[i], key[i]);
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
  for (uint64_t slot = entries.slot_of(hash);; slot = entries.after(slot)) {
    // Acquire: pairs with link(), so that the head's cells are there.
    const uint64_t entry = entries[slot].load(std::memory_order_acquire);
    if (entry == 0) return kNoVersion;
    if (hash_of(entry) != hash || head_of(entry) == kNoVersion) continue;
    if (version_has(head_of(entry), key)) return head_of(entry);
  }
}

HashIndex::Place HashIndex::find(std::span<const Cell> cells) const {
  Cell key[kIndexColumnsMax];
  for (size_t i = 0; i < columns_.size(); ++i) key[i] = cells[columns_[i]];
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

bool HashIndex::make_room(Sequence stamp) {
  if (!is_crowded(used_ + 1, owned_->bits)) return true;
  uint32_t bits = kBitsMin;
  while (bits < kBitsMax && (keys_ + 1) * 3 > (1ULL << bits)) ++bits;
  if (is_crowded(keys_ + 1, bits)) return false;
  return rebuild(bits, stamp);
}

bool HashIndex::rebuild(uint32_t bits, Sequence stamp) {
  auto fresh = make_entries(bits);
  const uint64_t old_slots = 1ULL << owned_->bits;
  if (fresh == nullptr) return used_ + 1 < old_slots;  // slow, but there is a place
  for (uint64_t i = 0; i < old_slots; ++i) {
    const uint64_t entry = (*owned_)[i].load(std::memory_order_relaxed);
    if (head_of(entry) == kNoVersion || entry == 0) continue;
    uint64_t slot = fresh->slot_of(hash_of(entry));
    while ((*fresh)[slot].load(std::memory_order_relaxed) != 0) slot = fresh->after(slot);
    (*fresh)[slot].store(entry, std::memory_order_relaxed);
  }
  used_ = keys_;
  bytes_ += fresh->memory.bytes();
  entries_.store(fresh.get(), std::memory_order_release);  // pairs with the load in probe()
  retired_.push_back({std::exchange(owned_, std::move(fresh)), stamp});
  return true;
}

void HashIndex::free_retired(Sequence horizon) {
  std::erase_if(retired_, [&](const Retired& retired) {
    if (retired.stamp > horizon) return false;
    bytes_ -= retired.entries->memory.bytes();
    return true;
  });
}

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
  const uint64_t slot = slot_of_head(version);
  if (next == 0) return remove_entry(slot);
  const uint64_t entry = (*owned_)[slot].load(std::memory_order_relaxed);
  (*owned_)[slot].store(pack(hash_of(entry), from_link(next)), std::memory_order_release);
}

/// Empties a slot: to nothing when no probe can have gone past it, else to a tombstone. Tombstones
/// that then stand before nothing are emptied as well.
void HashIndex::remove_entry(uint64_t slot) {
  --keys_;
  if ((*owned_)[owned_->after(slot)].load(std::memory_order_relaxed) != 0) {
    (*owned_)[slot].store(kTombstone, std::memory_order_release);
    return;
  }
  const uint64_t mask = (1ULL << owned_->bits) - 1;
  do {
    (*owned_)[slot].store(0, std::memory_order_release);
    --used_;
    slot = (slot - 1) & mask;
  } while ((*owned_)[slot].load(std::memory_order_relaxed) == kTombstone);
}

}  // namespace rowtine::table
