// One batch of probing rows against a finished HashTable: pairs of equal keys, a round at a time.
#pragma once

#include <cstdint>
#include <span>

#include "base/arena.h"
#include "join/hash_table.h"

namespace rowtine::join {

/// Threads: one owner each; any number probe one table.
class Prober {
 public:
  /// `keys` (of `count` rows or constant) have the types of the table's keys and outlive the batch.
  Prober(const HashTable& table, std::span<const Vector> keys, uint32_t count)
      : table_(table), keys_(keys), count_(count) {}

  /// Returns: false when the arena's limit is met.
  bool open(Arena& arena);

  /// Writes the next pairs, ascending by batch row and kBatchRowsMax at most; rows marked in `done`
  /// (nullptr: none) are passed over. All were seen when finished_rows() is the count.
  /// Nulls: never equal. Returns: pairs written.
  uint32_t next(const uint8_t* done, const Candidates& out);

  /// Starts over with what NOT IN cannot rule out: pairs whose keys are equal or null. A row with a
  /// null key has to look at all build rows, others at those with a null key.
  void restart_with_unknown();
  uint32_t next_unknown(const uint8_t* done, const Candidates& out);

  uint32_t finished_rows() const { return cursor_.row; }

 private:
  bool open_runs(Arena& arena);
  bool note_nulls(Arena& arena);
  uint32_t keep_equal(NullRule nulls, const Candidates& pairs, uint32_t count);

  const HashTable& table_;
  std::span<const Vector> keys_;
  uint32_t count_;
  uint8_t* null_keys_ = nullptr;  // per row; nullptr: none is null
  uint32_t* selected_ = nullptr;
  uint64_t* hashes_ = nullptr;
  Runs runs_{nullptr, nullptr};
  ProbeCursor cursor_;
  uint64_t place_ = 0;  // of the unknown ones: the next place the current row looks at
  bool place_started_ = false;
};

}  // namespace rowtine::join
