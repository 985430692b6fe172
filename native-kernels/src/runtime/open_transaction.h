// A session's transaction while it has the writer: what it changed, what it will send out when it
// commits, and its statements that wait.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "runtime/staged_effects.h"
#include "runtime/work_queue.h"
#include "table/transaction.h"

namespace rowtine::runtime {

/// Savepoints that may stand at a time.
inline constexpr size_t kSavepointsMax = 1'000;

/// Threads: the sequencer's worker.
struct OpenTransaction {
  /// Where rollback to a savepoint goes back to.
  struct Savepoint {
    table::Transaction::Mark changes;
    uint32_t run;
  };

  OpenTransaction(uint32_t number, table::SequenceClock& clock) : id(number), changes(clock) {}

  uint32_t id;
  bool is_read_only = false;
  int64_t begun_us = 0;     // now() of all its statements
  int64_t deadline_us = 0;  // it is rolled back then
  table::Transaction changes;
  StagedEffects effects;  // under the number of their statement as run
  uint32_t run = 0;       // statements so far
  bool gated = false;     // it touched a durable table
  std::vector<Savepoint> savepoints;
  std::deque<Work> lane;
  /// Ends the read that is with the query threads; nullptr: none is.
  std::shared_ptr<std::atomic<bool>> reading;

  /// Takes back what the statements from `run` on did.
  void roll_back_to(const Savepoint& point) {
    changes.rollback_to(point.changes);
    std::erase_if(effects.pieces(),
                  [&](const StagedPiece& piece) { return piece.run >= point.run; });
  }
  Savepoint here() const { return {changes.savepoint(), run}; }
};

}  // namespace rowtine::runtime
