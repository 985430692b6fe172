// The build side of a hash join: rows collected in any order, then laid out contiguously by hash so
// that all rows of one directory slot are one run (Birler, Kemper, Neumann 2024, "unchained").
#pragma once

#include <cstdint>
#include <span>

#include "base/arena.h"
#include "join/packed_rows.h"

namespace rowtine::join {

/// For each probe row of a batch the run of build rows it has to look at: [begin, end).
struct Runs {
  uint32_t* begin;
  uint32_t* end;
};

/// Where candidates() goes on; a fresh one starts a batch. Rows before `row` are finished.
struct ProbeCursor {
  uint32_t row = 0;
  uint32_t offset = 0;  // rows of the current run already looked at
};

/// Pairs to compare: batch row and build row.
struct Candidates {
  uint32_t* batch_rows;
  const uint8_t** packed_rows;
  uint32_t capacity;
};

/// Filled by append(), closed by finish(), then probed.
/// Memory: rows wait in an arena of the table's own and move to the run's arena at finish().
/// Threads: one owner.
class HashTable {
 public:
  /// `keep_null_keys`: rows with a null key are kept behind the others (NOT IN, right and full
  /// joins); else they are dropped, as they can match nothing.
  void open(const PackedLayout& layout, uint32_t key_count, bool keep_null_keys, Arena& run);

  /// Takes `count` rows, keys first; `hashes` are of the keys. Strings of columns not in `stable`
  /// are copied. Returns: false when a limit is met (53200).
  bool append(std::span<const Vector> columns, const uint64_t* hashes, uint32_t count,
              const uint8_t* stable, Arena& scratch);

  /// Lays the rows out and builds the directory. Returns: false when a limit is met.
  bool finish();

  /// Gives back what rows waited in; the rows are no longer there.
  void close() { staging_.reset(); }

  bool finished() const { return finished_; }
  const PackedLayout& layout() const { return *layout_; }
  uint32_t row_count() const { return row_count_; }
  /// Rows from here on have a null key.
  uint32_t keyed_count() const { return keyed_count_; }
  const uint8_t* row(uint32_t index) const {
    return rows_ + static_cast<uint64_t>(index) * layout_->row_bytes;
  }
  size_t bytes_reserved() const { return staging_.bytes_reserved(); }

  /// Finds each hash's run; empty where the slot's tag says that nothing can match. Rows that
  /// `excluded` (nullptr: none) marks get an empty run.
  void find_runs(const uint64_t* hashes, uint32_t count, const uint8_t* excluded, Runs runs) const;

  /// Writes the next candidates with equal hashes, ascending by batch row; rows marked in `done`
  /// are passed over. Finished when cursor.row == count. Returns: candidates written.
  uint32_t candidates(const uint64_t* hashes, Runs runs, uint32_t count, const uint8_t* done,
                      ProbeCursor& cursor, Candidates out) const;

  /// A match was found: unmatched rows are what right and full joins add at their end.
  void set_matched(const uint8_t* row) const {
    const_cast<uint8_t*>(row)[layout_->flag_offset] = 1;
  }
  bool is_matched(const uint8_t* row) const { return row[layout_->flag_offset] != 0; }

 private:
  static constexpr uint32_t kTagBits = 16;
  uint64_t slot_of(uint64_t hash) const { return hash >> shift_; }
  static uint64_t tag_of(uint64_t hash) { return 1ULL << (hash & (kTagBits - 1)); }
  bool place_rows(uint64_t slot_count);

  const PackedLayout* layout_ = nullptr;
  Arena* run_ = nullptr;
  Arena staging_;
  PackedRows keyed_, null_keyed_;
  uint8_t* rows_ = nullptr;
  /// Slot s: end of its run << kTagBits | tags of its rows; the run starts where slot s-1 ends.
  uint64_t* directory_ = nullptr;
  uint32_t shift_ = 63;
  uint32_t key_count_ = 0;
  uint32_t row_count_ = 0;
  uint32_t keyed_count_ = 0;
  bool keep_null_keys_ = false;
  bool finished_ = false;
};

}  // namespace rowtine::join
