// Running a verified program: what the runtime supplies, what it gets back. A statement stops at
// its first error; in a step each instance fails alone and its neighbours go on.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/status.h"
#include "program/team.h"
#include "program/verifier.h"
#include "table/relation.h"
#include "vector/vector.h"

namespace rowtine::expr {
struct KernelState;  // random numbers and what else kernels keep between calls
}

namespace rowtine::program {

/// What an Append asks for. Vectors may be constant and may lie in scratch memory: whoever keeps
/// values copies them.
struct AppendRequest {
  uint32_t relation = 0;
  std::span<const vector::Vector> values;  // the leading columns, append_column_count() at most
  uint32_t row_count = 0;
  const int32_t* ordinals = nullptr;  // instance of each row; nullptr outside steps
  uint32_t pipeline = 0;              // for discard()
  int64_t* ids = nullptr;             // out, per row; nullptr: not wanted
  uint32_t* states = nullptr;         // out, per row, zeroed: packed SQLSTATE of a refused row
};

/// Takes what a run sends out; nothing leaves before the runtime commits.
class EffectSink {
 public:
  virtual ~EffectSink() = default;
  /// Stages the rows. Returns: false when some row was refused (its state is set).
  virtual bool append(const AppendRequest& request) = 0;
  /// Forgets what `ordinal` appended in pipelines >= since_pipeline.
  virtual void discard(uint32_t ordinal, uint32_t since_pipeline) = 0;
};

/// Takes result rows in order.
class ResultSink {
 public:
  virtual ~ResultSink() = default;
  /// Vectors may be constant; valid during the call. Returns: false to end the run early (no
  /// error).
  virtual bool rows(std::span<const vector::Vector> columns, uint32_t row_count) = 0;
  /// In a team each member has a sink; the result is their rows in the order of these numbers.
  virtual void begin_morsel(uint64_t) {}
};

/// A statement's argument: a constant vector of the declared type, null or not.
using Parameter = vector::Vector;

class FailureWords;
class Profile;

struct RunContext {
  table::Snapshot snapshot;                   // what the run reads until it writes
  table::Transaction* transaction = nullptr;  // needed iff program.writes() is not empty
  int64_t now_us = 0;
  uint32_t batch_rows_max = vector::kBatchRowsMax;  // 1..kBatchRowsMax; changes no answer
  /// Batches that the run may still take; it is cancelled (57014) when none is left.
  uint64_t batches_left = UINT64_MAX;
  size_t memory_limit_bytes = SIZE_MAX;
  uint64_t hash_seed = 0;  // secret where strangers choose the values that are joined and grouped
  const std::atomic<bool>* cancel = nullptr;
  Team* team = nullptr;  // nullptr: this thread alone
  uint32_t member = 0;   // this thread's number in it
  EffectSink* effects = nullptr;  // needed iff program.appends()
  ResultSink* results = nullptr;  // needed iff program.has_result()
  const RelationLookup* relations = nullptr;
  expr::KernelState* kernel_state = nullptr;
  const FailureWords* words = nullptr;  // nullptr: message_of() the state
  Profile* profile = nullptr;  // of a statement: filled by the run; a member of a team has its own
};

struct RunOutcome {
  uint64_t counted = 0;  // rows of counted Discard sinks: the command tag's number
  uint64_t rows = 0;     // rows given to the ResultSink
};

/// One instance's failure. `instruction` is an index into VerifiedProgram::instructions().
struct InstanceFailure {
  uint32_t ordinal = 0;
  SqlState state;
  uint32_t instruction = 0;
  uint32_t pipeline = 0;
  uint32_t detail = 0;  // of inserts and updates: index number, or column number + 0x10000
  std::string text{};   // failure_text() of the instruction; empty: the SQLSTATE says it all
};

/// Says what a failure means. Its text is what handlers see as sqlerrm.
class FailureWords {
 public:
  virtual ~FailureWords() = default;
  /// The instances' locals are as the failure left them.
  virtual std::string message(const InstanceFailure& failure) const = 0;
};

/// The instances of one step: one event row each.
struct Instances {
  std::span<const vector::Vector> event;  // all stored columns of Program::event; may be constant
  uint32_t count = 0;
  /// One per Program::locals, made by make_locals(): flat, with a validity bitmap. Written by the
  /// run.
  std::span<vector::Vector> locals;
  Arena* arena = nullptr;  // owns the strings that locals point to
};

/// Allocates a step's locals, all null. Returns: false when the arena's limit is met.
bool make_locals(const VerifiedProgram& program, uint32_t count, Arena& arena,
                 std::vector<vector::Vector>& locals);

struct StepOutcome {
  /// Rows of the batch met: the runtime undoes everything (transaction, effects) and runs the
  /// instances one by one. Nothing else in the outcome counts then.
  bool conflict = false;
  /// Not the fault of an instance (cancelled, memory): all of them end with it. Success otherwise.
  DataError error;
  uint64_t counted = 0;
  /// Instances that ended with an error outside any region, each once; their effects are discarded.
  std::vector<InstanceFailure> failures;
};

/// Runs programs one after the other, keeping memory between runs so that a small step allocates
/// nothing. Threads: one owner; programs may be shared.
class Execution {
 public:
  Execution();
  ~Execution();
  Execution(const Execution&) = delete;
  Execution& operator=(const Execution&) = delete;

  /// Runs a program that is no step. The first error ends it; the caller rolls back.
  /// Errors: any data error; 57014 cancelled; 53200 memory; 42P01 a relation is gone.
  Result<RunOutcome> run_statement(const VerifiedProgram& program,
                                   std::span<const Parameter> parameters, RunContext& context);

  /// Runs a step for all its instances at once. The outcome is valid until the next run. When
  /// instances.count is 1 a failing instance's changes to tables are already undone.
  const StepOutcome& run_step(const VerifiedProgram& program, Instances& instances,
                              RunContext& context);

  /// Where the last failed statement failed, beyond its DataError: InstanceFailure::detail.
  uint32_t error_detail() const;
  /// What it says beyond its SQLSTATE: InstanceFailure::text.
  std::string error_text() const;

  /// The plain message of an SQLSTATE ("division by zero"), as regions store it.
  static std::string_view message_of(SqlState state);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace rowtine::program
