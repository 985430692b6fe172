// Runs one coroutine's step for the events of a batch that its routes let through: all at once, or
// one by one where they would disturb each other.
#pragma once

#include <string>
#include <vector>

#include "expr/kernel.h"
#include "program/run.h"
#include "runtime/commit_log.h"
#include "runtime/event_batch.h"
#include "runtime/seeds.h"
#include "runtime/staged_effects.h"

namespace rowtine::runtime {

/// An instance that ended with an error nobody handled.
struct StepFailure {
  uint32_t event_row;
  SqlState state;
  program::SourceSpan span;
  std::string message;  // the program's own words where it has some
  std::string locals = {};  // a JSON object; empty: nothing to tell
};

/// What became of one coroutine over one batch. Reused from run to run.
struct StepResult {
  std::vector<uint32_t> matched;  // event rows whose whole guard held, ascending
  std::vector<StepFailure> failures;
  bool gated = false;             // its effects wait for the store
};

struct StepSettings {
  uint32_t batch_rows = vector::kBatchRowsMax;
  size_t memory_limit_bytes = SIZE_MAX;
};

/// Threads: the sequencer's worker.
class StepRunner {
 public:
  StepRunner(table::SequenceClock& clock, CommitLog& commits, const StepSettings& settings);

  /// Runs `coroutine` for the events `rows` of the batch (ascending); stages its effects as `run`.
  /// Tables are committed when this returns.
  void run(InstalledCoroutine& coroutine, const Config& config, const EventBatch& batch,
           std::span<const uint32_t> rows, StagedEffects& staged, uint32_t run,
           StepResult& result);

  program::Execution& execution() { return execution_; }
  expr::KernelState& kernel_state() { return seeds_.kernels; }
  uint64_t hash_seed() const { return seeds_.hash; }

 private:
  class Effects;
  class Words;
  static constexpr size_t kKeptBytes = 1 << 20;

  /// Returns: false when rows met and everything was undone.
  bool run_together(InstalledCoroutine& coroutine, const Config& config, const EventBatch& batch,
                    std::span<const uint32_t> rows, StagedEffects& staged, uint32_t run,
                    StepResult& result);
  bool gather_events(const EventBatch& batch, std::span<const uint32_t> rows);
  /// The span and message of a failure, through the program's notes where it has one.
  StepFailure failure_of(const InstalledCoroutine& coroutine, const Config& config,
                         const program::InstanceFailure& failure, uint32_t event_row) const;
  void note(const InstalledCoroutine& coroutine, const Config& config,
            const program::StepOutcome& outcome, std::span<const uint32_t> rows,
            StepResult& result);

  /// Fills in what the variables of the failed instances were. `out` has one entry per failure.
  void describe_locals(const program::VerifiedProgram& report,
                       std::span<const program::InstanceFailure> failures,
                       program::Instances& instances, program::RunContext& context,
                       std::span<StepFailure> out);

  table::SequenceClock& clock_;
  CommitLog& commits_;
  StepSettings settings_;
  program::Execution execution_;
  Seeds seeds_;
  Arena arena_{SIZE_MAX, kKeptBytes};
  std::vector<vector::Vector> events_;
  std::vector<vector::Vector> locals_;
  std::vector<uint32_t> event_rows_;  // of what is being staged
  std::vector<vector::Vector> report_locals_;
};

}  // namespace rowtine::runtime
