#include "runtime/step_runner.h"

#include <algorithm>

#include "base/invariant.h"
#include "runtime/error_text.h"
#include "runtime/stage_append.h"

namespace rowtine::runtime {

using vector::Vector;

namespace {

StepFailure failure_of_all(uint32_t row, SqlState state) {
  return {row, state, {}, std::string(program::Execution::message_of(state))};
}

}  // namespace

/// Maps a run's instances to the batch's events on their way into the staging area.
class StepRunner::Effects final : public program::EffectSink {
 public:
  Effects(const Config& config, StagedEffects& staged, std::span<const uint32_t> rows, uint32_t run,
          std::vector<uint32_t>& event_rows)
      : config_(config), staged_(staged), rows_(rows), run_(run), event_rows_(event_rows) {}

  bool append(const program::AppendRequest& request) override {
    if (request.ordinals == nullptr) return stage_append(config_, staged_, request, nullptr, run_);
    event_rows_.resize(request.row_count);
    for (uint32_t row = 0; row < request.row_count; ++row) {
      event_rows_[row] = rows_[static_cast<size_t>(request.ordinals[row])];
    }
    return stage_append(config_, staged_, request, event_rows_.data(), run_);
  }

  void discard(uint32_t ordinal, uint32_t since_pipeline) override {
    staged_.discard(rows_[ordinal], run_, since_pipeline);
  }

 private:
  const Config& config_;
  StagedEffects& staged_;
  std::span<const uint32_t> rows_;
  uint32_t run_;
  std::vector<uint32_t>& event_rows_;
};

/// What sys.errors would say of a failure, for handlers.
class StepRunner::Words final : public program::FailureWords {
 public:
  Words(const StepRunner& runner, const InstalledCoroutine& coroutine, const Config& config)
      : runner_(runner), coroutine_(coroutine), config_(config) {}

  std::string message(const program::InstanceFailure& failure) const override {
    return runner_.failure_of(coroutine_, config_, failure, failure.ordinal).message;
  }

 private:
  const StepRunner& runner_;
  const InstalledCoroutine& coroutine_;
  const Config& config_;
};

StepRunner::StepRunner(table::SequenceClock& clock, CommitLog& commits,
                       const StepSettings& settings)
    : clock_(clock), commits_(commits), settings_(settings) {}

void StepRunner::run(InstalledCoroutine& coroutine, const Config& config, const EventBatch& batch,
                     std::span<const uint32_t> rows, StagedEffects& staged, uint32_t run,
                     StepResult& result) {
  result.matched.clear();
  result.failures.clear();
  const bool together = coroutine.program.program().vectorised;
  if (together && run_together(coroutine, config, batch, rows, staged, run, result)) return;
  if (!together && rows.size() == 1) {
    const bool done = run_together(coroutine, config, batch, rows, staged, run, result);
    invariant(done, "one instance cannot meet another");
    return;
  }
  for (size_t i = 0; i < rows.size(); ++i) {
    const bool done =
        run_together(coroutine, config, batch, rows.subspan(i, 1), staged, run, result);
    invariant(done, "one instance cannot meet another");
  }
}

bool StepRunner::gather_events(const EventBatch& batch, std::span<const uint32_t> rows) {
  arena_.reset();
  events_.assign(batch.columns.begin(), batch.columns.end());
  if (rows.size() == batch.row_count) return true;
  for (size_t i = 0; i < batch.columns.size(); ++i) {
    if (!vector::gather(arena_, batch.columns[i], rows.data(), static_cast<uint32_t>(rows.size()),
                        events_[i])) {
      return false;
    }
  }
  return true;
}

bool StepRunner::run_together(InstalledCoroutine& coroutine, const Config& config,
                              const EventBatch& batch, std::span<const uint32_t> rows,
                              StagedEffects& staged, uint32_t run, StepResult& result) {
  const program::VerifiedProgram& program = coroutine.program;
  const auto count = static_cast<uint32_t>(rows.size());
  program::Instances instances;
  if (!gather_events(batch, rows) || !program::make_locals(program, count, arena_, locals_)) {
    for (const uint32_t row : rows) result.failures.push_back(failure_of_all(row, kOutOfMemory));
    return true;
  }
  instances.event = events_;
  instances.count = count;
  instances.locals = locals_;
  instances.arena = &arena_;

  Effects effects(config, staged, rows, run, event_rows_);
  const Words words(*this, coroutine, config);
  table::Transaction transaction(clock_);
  program::RunContext context;
  context.snapshot = {clock_.published()};
  context.transaction = program.needs_sequencer() ? &transaction : nullptr;
  context.now_us = batch.at(rows.front());
  context.batch_rows_max = settings_.batch_rows;
  context.memory_limit_bytes = settings_.memory_limit_bytes;
  context.effects = &effects;
  context.words = &words;
  context.relations = &config;
  context.kernel_state = &seeds_.kernels;
  context.hash_seed = seeds_.hash;

  const program::StepOutcome& outcome = execution_.run_step(program, instances, context);
  if (outcome.conflict) {
    transaction.rollback();
    staged.discard_run(run);
    return false;
  }
  if (!outcome.error.state.ok()) {
    transaction.rollback();
    for (const uint32_t row : rows) {
      staged.discard(row, run, 0);
      result.failures.push_back(failure_of_all(row, outcome.error.state));
    }
    return true;
  }
  if (program.needs_sequencer()) commits_.commit(transaction);
  const size_t noted = result.failures.size();
  note(coroutine, config, outcome, rows, result);
  if (coroutine.report && result.failures.size() > noted) {
    const std::vector<program::InstanceFailure> failures = outcome.failures;
    describe_locals(*coroutine.report, failures, instances, context,
                    std::span(result.failures).subspan(noted));
  }
  return true;
}

void StepRunner::describe_locals(const program::VerifiedProgram& report,
                                 std::span<const program::InstanceFailure> failures,
                                 program::Instances& instances, program::RunContext& context,
                                 std::span<StepFailure> out) {
  if (!program::make_locals(report, instances.count, arena_, report_locals_)) return;
  const size_t shared = report_locals_.size() - 2;
  std::copy_n(locals_.begin(), shared, report_locals_.begin());
  Vector& wanted = report_locals_[shared];
  for (const program::InstanceFailure& failure : failures) {
    wanted.as<uint8_t>()[failure.ordinal] = 1;
    set_bit(wanted.validity, failure.ordinal);
  }
  instances.locals = report_locals_;
  context.transaction = nullptr;
  context.effects = nullptr;
  context.words = nullptr;
  const program::StepOutcome& described = execution_.run_step(report, instances, context);
  if (described.conflict || !described.error.state.ok()) return;
  const Vector& texts = report_locals_.back();
  for (size_t i = 0; i < out.size(); ++i) {
    const uint32_t instance = failures[i].ordinal;
    if (!texts.is_null(instance)) {
      out[i].locals = texts.as<vector::StringView>()[instance].text();
    }
  }
}

void StepRunner::note(const InstalledCoroutine& coroutine, const Config& config,
                      const program::StepOutcome& outcome, std::span<const uint32_t> rows,
                      StepResult& result) {
  const int32_t matched_local = coroutine.spec.matched_local;
  for (uint32_t i = 0; i < rows.size(); ++i) {
    if (matched_local < 0) {
      result.matched.push_back(rows[i]);
      continue;
    }
    const Vector& matched = locals_[static_cast<size_t>(matched_local)];
    if (!matched.is_null(i) && matched.as<uint8_t>()[matched.index_of(i)] != 0) {
      result.matched.push_back(rows[i]);
    }
  }
  for (const program::InstanceFailure& failure : outcome.failures) {
    result.failures.push_back(failure_of(coroutine, config, failure, rows[failure.ordinal]));
  }
}

StepFailure StepRunner::failure_of(const InstalledCoroutine& coroutine, const Config& config,
                                   const program::InstanceFailure& failure,
                                   uint32_t event_row) const {
  const auto places = coroutine.program.instructions();
  StepFailure out{event_row, failure.state, {},
                  failure.text.empty()
                      ? error_text(config, coroutine.program, failure.state, failure.detail)
                      : failure.text};
  if (failure.instruction >= places.size()) return out;
  out.span = places[failure.instruction].span;
  const auto number = static_cast<size_t>(-1 - int64_t{out.span.start});
  if (out.span.start >= 0 || number >= coroutine.spec.notes.size()) return out;
  const FailureNote& note = coroutine.spec.notes[number];
  out.span = {note.span_start, note.span_end};
  out.message = note.message;
  if (note.message_local < 0 || static_cast<size_t>(note.message_local) >= locals_.size()) return out;
  const Vector& message = locals_[static_cast<size_t>(note.message_local)];
  if (message.type == vector::PhysicalType::String && !message.is_null(failure.ordinal)) {
    out.message = message.as<vector::StringView>()[message.index_of(failure.ordinal)].text();
  }
  return out;
}

}  // namespace rowtine::runtime
