// The build side of a hash join: rows collected by the members of a team, each for itself, then laid
// out by all of them as what suits the keys (a slot a row where a single integer key is unique, else
// runs). A team of one is the serial case.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/arena.h"
#include "base/cache_line.h"
#include "join/packed_rows.h"
#include "join/run_table.h"
#include "join/slot_table.h"
#include "join/staged_rows.h"

namespace rowtine::join {

struct BuildOptions {
  uint32_t key_count = 0;
  /// Rows with a null key are kept behind the others, and matches can be noted (NOT IN, right and
  /// full joins); else they are dropped, as they can match nothing.
  bool keep_null_keys = false;
  uint32_t members = 1;
  uint64_t seed = 0;  // of the hash
};

/// open() by one; append() by every member; then, in step: one calls plan() while the others wait,
/// and as long as it says so all call build() and meet again. After that it is only read, and
/// matches are noted, by anybody.
/// Memory: rows wait in arenas of their members and move to the run's arena.
class HashTable {
 public:
  /// `layout`, whose columns are those of append(), outlives the table.
  void open(const PackedLayout& layout, const BuildOptions& options, Arena& run);

  /// Takes `count` rows, keys first. Strings of columns not in `stable` are copied.
  /// Returns: false when a limit is met (53200). Threads: one per member.
  bool append(uint32_t member, std::span<const Vector> columns, uint32_t count,
              const uint8_t* stable, Arena& scratch);

  /// Prepares the next pass. Returns: whether there is one; false also when a limit is met, see ok().
  bool plan();
  /// Takes tasks of the pass until none is left. Threads: every member, between two plan().
  void build();
  bool ok() const { return ok_; }

  /// All passes by the calling thread. Returns: ok().
  bool finish();

  /// Gives back what rows waited in and the strings they point to; the rows are no longer there.
  void close();

  /// Bytes a member reserved, and all of them; the latter when no member appends.
  size_t bytes_reserved(uint32_t member) const;
  size_t bytes_reserved() const;

  /// Of the finished rows. Other than the layout given to open().
  const PackedLayout& layout() const { return has_slots_ ? slots_.layout() : runs_.layout(); }
  bool has_slots() const { return has_slots_; }
  const SlotTable& slots() const { return slots_; }
  const RunTable& runs() const { return runs_; }
  uint64_t seed() const { return options_.seed; }

  /// Places of rows, of which some may be empty: first those of rows with keys, then those of rows
  /// with a null key.
  uint64_t place_count() const { return keyed_places_ + null_count_; }
  uint64_t keyed_places() const { return keyed_places_; }
  const uint8_t* row(uint64_t place) const { return first_row_ + place * layout().row_bytes; }

  /// Writes the rows at places first .. first + count - 1, `only_unmatched` or all, without gaps.
  /// Returns: how many.
  uint32_t rows_at(uint64_t first, uint32_t count, bool only_unmatched, const uint8_t** out) const;

  /// A match was found: unmatched rows are what right and full joins add at their end. The table
  /// keeps null keys. Threads: any.
  void set_matched(const uint8_t* row) const;

 private:
  enum class Pass : uint8_t {
    Collect,
    ClearSlots,
    InsertSlots,
    ClearRuns,
    CountRuns,
    SumRuns,
    StartRuns,
    PlaceRuns,
    Done
  };
  struct Member {
    Arena memory;
    Arena heap{SIZE_MAX, 64U << 10};
    StagedRows keyed, null_keyed;
    KeyRange range;
  };

  bool has_integer_key() const;
  void collect();
  bool may_be_unique() const;
  void plan_slots();
  void plan_runs();
  void begin(Pass pass, uint64_t task_count);
  void after_insert();
  void finish_rows();
  void run_task(uint64_t task);
  void insert_chunk(const StagedChunk& chunk);
  bool is_shared() const { return options_.members > 1; }

  const PackedLayout* layout_ = nullptr;
  BuildOptions options_;
  Arena* run_ = nullptr;
  std::vector<std::unique_ptr<Member>> members_;

  Pass pass_ = Pass::Collect;
  std::vector<StagedChunk*> chunks_, null_chunks_;
  uint64_t keyed_count_ = 0, null_count_ = 0, keyed_places_ = 0;
  bool has_nulls_ = false;
  KeyRange range_;
  Arena::Mark before_slots_;
  SlotTable slots_;
  RunTable runs_;
  bool has_slots_ = false;
  bool ok_ = true;
  uint8_t* first_row_ = nullptr;
  uint8_t* matched_ = nullptr;  // a byte a place

  uint64_t task_count_ = 0;
  alignas(kCacheLineBytes) std::atomic<uint64_t> next_task_{0};
  std::atomic<bool> not_unique_{false};
};

}  // namespace rowtine::join
