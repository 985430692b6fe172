// Runs statements that only read, on whatever thread owns it.
#pragma once

#include <optional>

#include "program/run.h"
#include "runtime/config.h"
#include "runtime/seeds.h"
#include "runtime/statement.h"
#include "runtime/statement_result.h"

namespace rowtine::runtime {

/// Rows up to which a read is answered at once, on the thread that takes it: less than a wake-up of
/// another thread costs.
inline constexpr uint64_t kSmallReadRowsMax = 16'384;
/// Batches after which a read that looked small is given to the query threads after all.
inline constexpr uint64_t kSmallReadBatchesMax = 256;

/// May it run anywhere, under a snapshot: changes nothing, and reads nothing that is the
/// sequencer's own?
bool is_plain_read(const program::VerifiedProgram& program, const Config& config);

/// Is it answered faster than another thread is woken?
bool is_small_read(const program::VerifiedProgram& program, const Config& config);

/// Threads: one owner.
class QueryRunner {
 public:
  explicit QueryRunner(const EngineOptions& options) : options_(options) {}

  /// Runs a plain read under a snapshot that the caller holds, in at most `batches_max` batches.
  /// Returns: what to tell the main thread; nothing when there were more batches.
  std::optional<MainEvents> run(const Statement& statement, const Config& config,
                                table::Snapshot snapshot, int64_t now_us,
                                uint64_t batches_max = UINT64_MAX);

 private:
  EngineOptions options_;
  program::Execution execution_;
  Seeds seeds_;
};

}  // namespace rowtine::runtime
