// Runs statements that only read, on whatever thread owns it.
#pragma once

#include <optional>

#include "program/profile.h"
#include "program/run.h"
#include "runtime/config.h"
#include "runtime/read_batch.h"
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

/// Does it read much, which other threads could do as well, before it writes?
bool is_large_write(const program::VerifiedProgram& program, const Config& config,
                    const EngineOptions& options);

/// Is it answered faster than another thread is woken?
bool is_small_read(const program::VerifiedProgram& program, const Config& config,
                   const EngineOptions& options);

/// What a read reads, and when.
struct ReadView {
  const Config& config;
  table::Snapshot snapshot;  // held by the caller
  int64_t now_us;
};

/// One read that several threads run together, or what a statement reads before it writes.
struct SharedRead {
  SharedRead(uint32_t statement, uint32_t members, size_t bytes_max);

  /// What all members did, for member 0 when its run has ended: they did it before the last meeting.
  /// Returns: program::Profile::numbers().
  std::vector<double> profile_of_all();

  program::Team team;
  uint64_t hash_seed = 0;
  std::vector<ResultCollector> results;  // per member
  std::vector<program::Profile> profiles;  // per member
};

/// Threads: one owner.
class QueryRunner {
 public:
  explicit QueryRunner(const EngineOptions& options) : options_(options) {}

  /// Runs a plain read, in at most `batches_max` batches.
  /// Returns: what to tell the main thread; nothing when there were more batches.
  std::optional<MainEvents> run(const Statement& statement, const ReadView& view,
                                uint64_t batches_max = UINT64_MAX);

  /// Runs a plain read that looks small, at most kSmallReadBatchesMax batches of it, into `rows`.
  /// Returns: why it failed. `is_done`: false when it was not small, and nothing was answered.
  std::optional<Refusal> read(const program::VerifiedProgram& program,
                              std::span<const program::Parameter> parameters, const ReadView& view,
                              ReadBatch& rows, bool& is_done);

  /// Runs this member's part of a shared read.
  /// Returns: to member 0, what to tell the main thread; to the others, nothing.
  MainEvents run_share(const Statement& statement, const ReadView& view, SharedRead& shared,
                       uint32_t member);

 private:
  program::RunContext context_of(const ReadView& view, const std::atomic<bool>* cancel);

  EngineOptions options_;
  program::Execution execution_;
  Seeds seeds_;
};

}  // namespace rowtine::runtime
