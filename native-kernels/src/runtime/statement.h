// A statement on its way from the main thread to the sequencer, and the prepared programs that
// statements run.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "program/parameters.h"
#include "program/verifier.h"

namespace rowtine::runtime {

/// A program verified once and run often. Immutable; shared by the main thread, which names it by a
/// handle, and the statements that run it.
struct PreparedStatement {
  std::shared_ptr<const program::VerifiedProgram> program;
  /// Reads or writes a durable table: its answer waits for the store.
  bool touches_durable = false;
};

/// How a prepared program is run.
struct RunOptions {
  uint32_t transaction = 0;  // that it belongs to; 0: it is one of its own
  bool is_profiled = false;  // its end tells what the run did
};

struct Statement {
  uint32_t id = 0;
  std::shared_ptr<const program::VerifiedProgram> program;  // nullptr: settle, see Engine::settle()
  program::Parameters parameters;
  std::shared_ptr<std::atomic<bool>> cancel;
  bool touches_durable = false;
  bool is_profiled = false;  // its end tells what the run did
  uint32_t transaction = 0;  // that it belongs to; 0: it is one of its own
};

/// What a session asks of its transaction. Savepoints are numbered from 0 in the order they stand;
/// going back to one or releasing it ends those after it.
struct TransactionOrder {
  enum class Kind : uint8_t { Begin, BeginReadOnly, Commit, Rollback, Savepoint, RollbackTo, Release };
  uint32_t statement = 0;    // names the answer
  uint32_t transaction = 0;  // names the transaction, and the answer that comes when it has ended
  Kind kind = Kind::Begin;
  uint32_t savepoint = 0;
};

}  // namespace rowtine::runtime
