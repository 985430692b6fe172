// Rows of any keys laid out contiguously so that all rows of one directory slot are one run (Birler,
// Kemper, Neumann 2024, "unchained"). The slot is the key itself where a single integer key is
// dense, else the top bits of the hash, with a tag per row that rejects most probes without a match.
#pragma once

#include <cstdint>
#include <span>

#include "base/arena.h"
#include "join/packed_rows.h"
#include "join/slot_table.h"
#include "join/staged_rows.h"

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

/// A counting sort in passes, each by any number of threads: clear, count, sum, (scan by one), start,
/// place. With one thread the rows of a run keep the order of their arrival.
class RunTable {
 public:
  static constexpr uint64_t kRowsMax = UINT32_MAX;
  /// Directory slots that one task of a pass takes.
  static constexpr uint64_t kRangeSlots = 1U << 16;

  /// `range` is that of a single integer key, else empty.
  /// Returns: false when the arena's limit is met.
  bool open(const PackedLayout& layout, uint32_t key_count, uint64_t row_count, uint64_t null_count,
            bool nullable, const KeyRange& range, uint64_t seed, Arena& run);

  uint64_t range_count() const { return (slot_count_ + kRangeSlots - 1) / kRangeSlots; }
  void clear(uint64_t range);
  void count(const StagedChunk& chunk, bool is_shared);
  void sum(uint64_t range);
  void scan();
  void start(uint64_t range);
  void place(const StagedChunk& chunk, bool is_shared);

  /// Are candidates() those with the very keys? Then nothing more is to be compared.
  bool is_exact() const { return matching_ != Matching::ByHash; }
  bool has_hashes() const { return matching_ != Matching::ByPlace; }
  const PackedLayout& layout() const { return layout_; }
  uint64_t row_count() const { return row_count_; }
  uint8_t* row(uint64_t index) const { return rows_ + index * layout_.row_bytes; }

  /// Finds each probe row's run; empty where the slot says that nothing can match, or where
  /// `excluded` (nullptr: none) marks the row. `hashes` are read if
  /// has_hashes().
  void find_runs(const Vector& first_key, const uint64_t* hashes, uint32_t count,
                 const uint8_t* excluded, Runs runs) const;

  /// Writes the next rows of the runs whose keys, or if not is_exact() hashes, are equal, ascending by
  /// batch row; rows marked in `done` are passed over. Finished when cursor.row == count.
  /// Returns: candidates written.
  uint32_t candidates(std::span<const Vector> keys, const uint64_t* hashes, Runs runs,
                      uint32_t count, const uint8_t* done, ProbeCursor& cursor,
                      const Candidates& out) const;

 private:
  enum class Matching : uint8_t {
    ByPlace,  // a run has one key
    ByKeys,   // one or two integer keys are compared as the run is read
    ByHash,   // rows begin with their hash; their keys are compared afterwards
  };
  static constexpr uint32_t kTagBits = 16;
  static constexpr uint64_t kTagMask = (1ULL << kTagBits) - 1;
  static constexpr uint64_t kOneRow = 1ULL << kTagBits;

  static uint64_t tag_of(uint64_t hash) { return 1ULL << (hash & (kTagBits - 1)); }
  void slots_of(const StagedChunk& chunk, uint64_t* slots) const;
  template <bool kShared>
  void count_rows(const StagedChunk& chunk);
  template <bool kShared>
  void take_places(const StagedChunk& chunk, uint8_t** targets);
  template <class T>
  void find_dense(const T* keys, bool is_constant, uint32_t count, const uint8_t* excluded,
                  Runs runs) const;
  static bool may_match_by_keys(const PackedLayout& layout, uint32_t key_count);
  template <class Match>
  uint32_t next_candidates(const Match& match, Runs runs, uint32_t count, const uint8_t* done,
                           ProbeCursor& cursor, const Candidates& out) const;
  template <class T>
  uint32_t next_with_keys(std::span<const Vector> keys, Runs runs, uint32_t count,
                          const uint8_t* done, ProbeCursor& cursor, const Candidates& out) const;

  PackedLayout layout_;
  uint8_t* rows_ = nullptr;
  /// Slot s: end of its run << kTagBits | tags of its rows; the run starts where slot s-1 ends.
  uint64_t* directory_ = nullptr;
  uint64_t* range_starts_ = nullptr;
  uint64_t slot_count_ = 0;
  uint64_t row_count_ = 0;
  uint64_t first_key_ = 0;
  uint64_t seed_ = 0;
  uint32_t shift_ = 63;
  uint32_t key_count_ = 0;
  Matching matching_ = Matching::ByHash;
};

}  // namespace rowtine::join
