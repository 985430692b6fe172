// The readers' side of HashIndex: keys in groups, so that the cache misses of one group overlap:
// first the hash entries, then the rows that the entries name, then the comparisons.
#include <algorithm>
#include <cstring>

#include "table/hash_index.h"

namespace rowtine::table {

/// Enough misses in flight to hide memory (10-12 line buffers a core), few enough to stay in cache.
inline constexpr uint32_t kProbeGroupRows = 32;

struct HashIndex::ProbeGroup {
  uint32_t hashes[kProbeGroupRows];
  uint64_t slots[kProbeGroupRows];
  bool keyed[kProbeGroupRows];
};

void HashIndex::key_of(std::span<const vector::Vector> keys, uint32_t row, Cell* key) const {
  for (size_t i = 0; i < keys.size(); ++i) {
    const vector::Vector& column = keys[i];
    const size_t at = size_t{column.index_of(row)} * vector::width_of(column.type);
    key[i] = column.is_null(row) ? nullptr : column.as<std::byte>() + at;
  }
}

/// Hashes `count` keys and asks memory for their entries, then for what the entries point to.
void HashIndex::prepare(const Entries& entries, std::span<const vector::Vector> keys, uint32_t row,
                        uint32_t count, ProbeGroup& group) const {
  for (uint32_t i = 0; i < count; ++i) {
    Cell key[kIndexColumnsMax];
    key_of(keys, row + i, key);
    group.keyed[i] = entries.is_dense ? key[0] != nullptr : hash_cells(key, group.hashes[i]);
    if (!group.keyed[i]) continue;
    group.slots[i] = entries.is_dense ? std::min(dense_slot(key[0]), entries.size() - 1)
                                      : entries.slot_of(group.hashes[i]);
    __builtin_prefetch(entries.memory.data() + group.slots[i] * sizeof(uint64_t));
  }
  if (count == 1) return;  // nothing to overlap with
  for (uint32_t i = 0; i < count; ++i) {
    if (!group.keyed[i]) continue;
    const uint64_t entry = entries[group.slots[i]].load(std::memory_order_acquire);
    const VersionId head = static_cast<uint32_t>(entry) - 2;
    if (entry != 0 && head != kNoVersion) chunks_.prefetch(head, columns_[0], !entries.is_dense);
  }
}

/// Writes the visible versions of one chain from `from` on. Returns: false when the output is full;
/// `position` then says where the chain goes on.
bool HashIndex::emit(Snapshot snapshot, VersionId from, ProbePosition& position, uint32_t capacity,
                     uint32_t& written, uint32_t* probe_rows, RowId* row_ids) const {
  VersionId version = from;
  while (version != kNoVersion) {
    if (chunks_.is_visible(version, snapshot.sequence)) {
      if (written == capacity) {
        position.chain = uint64_t{version} + 1;
        return false;
      }
      probe_rows[written] = position.row;
      row_ids[written++] = static_cast<RowId>(version);
      if (unique_) return true;  // a snapshot sees one version of one row
    }
    // Acquire: pairs with unlink(), which may lead past versions that are gone.
    version = chunks_.next(version, number_).load(std::memory_order_acquire) - 1;
  }
  return true;
}

uint32_t HashIndex::probe(Snapshot snapshot, std::span<const vector::Vector> keys,
                          uint32_t row_count, ProbePosition& position, uint32_t capacity,
                          uint32_t* probe_rows, RowId* row_ids) const {
  const Entries& entries = *entries_.load(std::memory_order_acquire);
  uint32_t written = 0;
  if (position.chain != 0) {
    const auto from = static_cast<VersionId>(position.chain - 1);
    if (!emit(snapshot, from, position, capacity, written, probe_rows, row_ids)) return written;
    position = {position.row + 1, 0};
  }
  while (position.row < row_count && written < capacity) {
    const uint32_t first = position.row;
    const uint32_t count = std::min({kProbeGroupRows, row_count - first, capacity - written});
    ProbeGroup group;
    prepare(entries, keys, first, count, group);
    for (uint32_t i = 0; i < count; ++i, ++position.row) {
      if (!group.keyed[i]) continue;
      Cell key[kIndexColumnsMax];
      key_of(keys, first + i, key);
      const VersionId head = find_head(entries, key, group.hashes[i]);
      if (!emit(snapshot, head, position, capacity, written, probe_rows, row_ids)) return written;
    }
    position.chain = 0;
  }
  return written;
}

}  // namespace rowtine::table
