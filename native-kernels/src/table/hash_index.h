// From a key to the versions that have it: open addressing over 8-byte entries, one per distinct
// key, and a chain of the key's versions, newest first. One writer; readers on other threads never
// wait and never see an entry half written.
//
//   entries  [ hash 32 | head + 2 ]   0: empty, head + 2 == 1: a tombstone
//   chain    head -> next -> ...      links lie in the chunks (ChunkStore::next, previous)
//
// The slot is the hash's leading bits, so entries stand in order of hash: growing copies them in
// one pass from front to back, without a look at the rows. Who sees a version is the prober's
// question; the index has all of them. A null key is in no chain: in SQL it equals nothing.
//
// One integer column starts out dense: while its keys fill a quarter of 0 .. 2^n - 1, the key is
// the slot, and neither hash nor comparison is needed (for how much, see table_bench). The first
// key that would leave more holes turns the index into a hash table for good.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "table/chunk.h"
#include "table/key.h"
#include "table/relation.h"
#include "vector/vector.h"

namespace rowtine::table {

/// The stamp of changes to a table that has no readers yet: what growing replaces is freed at once.
inline constexpr Sequence kNobodyReads = 0;

class HashIndex {
 public:
  HashIndex(uint32_t number, std::span<const uint32_t> columns, bool unique,
            std::span<const vector::PhysicalType> types, uint64_t seed, ChunkStore& chunks);

  std::span<const uint32_t> columns() const { return columns_; }
  bool is_unique() const { return unique_; }
  /// Keys may repeat from now on. Writer.
  void allow_duplicates() { unique_ = false; }
  size_t bytes() const { return bytes_; }

  // The writer ---------------------------------------------------------------------------------

  /// Where a key is, or would be: good until the index changes.
  struct Place {
    bool keyed = false;  // false: a null key, which is not indexed
    uint32_t hash = 0;
    uint64_t slot = 0;
    VersionId head = kNoVersion;
  };
  /// Looks up the key in `cells` (one per column of the table; those of the key are used).
  Place find(std::span<const Cell> cells) const;
  /// Ensures that the key in `cells` fits; `stamp` is for what growing retires (see free_retired).
  /// Returns: false when memory is out. Invalidates places. To be called before find().
  bool make_room(std::span<const Cell> cells, Sequence stamp);
  /// Puts a version, whose cells are written, before the others of its key.
  void link(const Place& place, VersionId version);
  /// Takes a version out of its chain. Its own links stay for readers that stand on it, so the
  /// version may be used again only when they are gone.
  void unlink(VersionId version);
  /// Frees tables that no reader uses any more: those retired at or before `horizon`.
  void free_retired(Sequence horizon);
  size_t retired_count() const { return retired_.size(); }
  /// The stamp of what was retired last, 0 when nothing waits.
  Sequence newest_retired() const { return retired_.empty() ? 0 : retired_.back().stamp; }

  // Readers ------------------------------------------------------------------------------------

  /// As Relation::probe.
  uint32_t probe(Snapshot snapshot, std::span<const vector::Vector> keys, uint32_t row_count,
                 ProbePosition& position, uint32_t capacity, uint32_t* probe_rows,
                 RowId* row_ids) const;

 private:
  /// An open-addressing array; readers hold on to the one they loaded.
  struct Entries {
    MappedMemory memory;
    uint32_t bits = 0;
    bool is_dense = false;
    uint64_t size() const { return 1ULL << bits; }
    std::atomic_ref<uint64_t> operator[](uint64_t slot) const {
      return std::atomic_ref<uint64_t>(reinterpret_cast<uint64_t*>(memory.data())[slot]);
    }
    /// Puts in an entry of a new table. Writer, before anybody reads it.
    void add(uint64_t entry) const {
      uint64_t slot = slot_of(static_cast<uint32_t>(entry >> 32));
      while ((*this)[slot].load(std::memory_order_relaxed) != 0) slot = after(slot);
      (*this)[slot].store(entry, std::memory_order_relaxed);
    }
    uint64_t slot_of(uint32_t hash) const { return uint64_t{hash} >> (32 - bits); }
    uint64_t after(uint64_t slot) const { return (slot + 1) & (size() - 1); }
  };
  struct Retired {
    std::unique_ptr<Entries> entries;
    Sequence stamp;
  };
  struct ProbeGroup;

  static std::unique_ptr<Entries> make_entries(uint32_t bits, bool is_dense);
  void select_key(std::span<const Cell> cells, Cell* key) const;
  uint64_t dense_slot(Cell key) const;
  Place find_dense(const Cell* key) const;
  bool make_hash_room(Sequence stamp);
  bool leave_dense(Sequence stamp);
  bool widen_dense(uint32_t bits, Sequence stamp);
  void replace_entries(std::unique_ptr<Entries> fresh, Sequence stamp);
  bool hash_cells(const Cell* key, uint32_t& hash) const;
  bool version_has(VersionId version, const Cell* key) const;
  void key_of(std::span<const vector::Vector> keys, uint32_t row, Cell* key) const;
  VersionId find_head(const Entries& entries, const Cell* key, uint32_t hash) const;
  uint64_t slot_of_head(VersionId version) const;
  void remove_entry(uint64_t slot);
  bool rebuild(uint32_t bits, Sequence stamp);
  void prepare(const Entries& entries, std::span<const vector::Vector> keys, uint32_t row,
               uint32_t count, ProbeGroup& group) const;
  bool emit(Snapshot snapshot, VersionId from, ProbePosition& position, uint32_t capacity,
            uint32_t& written, uint32_t* probe_rows, RowId* row_ids) const;

  uint32_t number_;
  uint64_t seed_;
  bool unique_;
  std::vector<uint32_t> columns_;
  std::vector<vector::PhysicalType> key_types_;
  ChunkStore& chunks_;
  std::unique_ptr<Entries> owned_;
  std::atomic<const Entries*> entries_;
  uint64_t keys_ = 0;  // entries that have a chain
  uint64_t used_ = 0;  // those and tombstones
  size_t bytes_ = 0;
  std::vector<Retired> retired_;
};

}  // namespace rowtine::table
