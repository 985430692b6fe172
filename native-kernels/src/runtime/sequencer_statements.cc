// Statements from outside (the REPL, TypeScript): one transaction each, results as batches.
#include "runtime/make_vector.h"
#include "runtime/stage_append.h"
#include "runtime/sequencer.h"

namespace rowtine::runtime {

using vector::Vector;

/// Stages what a statement sends out; it has no instances.
class Sequencer::StatementEffects final : public program::EffectSink {
 public:
  StatementEffects(const Config& config, StagedEffects& staged) : config_(config), staged_(staged) {}

  bool append(const program::AppendRequest& request) override {
    return stage_append(config_, staged_, request, nullptr, 0);
  }
  void discard(uint32_t, uint32_t) override {}

 private:
  const Config& config_;
  StagedEffects& staged_;
};

/// Copies result rows into batches for the main thread.
class Sequencer::ResultCollector final : public program::ResultSink {
 public:
  ResultCollector(uint32_t statement, size_t bytes_max) : statement_(statement), left_(bytes_max) {}

  bool rows(std::span<const Vector> columns, uint32_t row_count) override {
    if (events_.empty() || events_.back()->batch.bytes() > kExportBatchBytesMax) {
      if (!events_.empty()) left_ -= std::min(left_, events_.back()->batch.bytes());
      auto event = std::make_unique<MainEvent>();
      event->kind = MainEvent::Kind::Batch;
      event->id = statement_;
      events_.push_back(std::move(event));
    }
    export_rows(columns, row_count, events_.back()->batch);
    full_ = events_.back()->batch.bytes() > left_;
    return !full_;
  }
  bool is_full() const { return full_; }
  std::vector<std::unique_ptr<MainEvent>> take() { return std::move(events_); }

 private:
  uint32_t statement_;
  size_t left_;
  bool full_ = false;
  std::vector<std::unique_ptr<MainEvent>> events_;
};

void Sequencer::run_statement(Statement& statement) {
  if (statement.program == nullptr) {
    settling_.push_back(statement.id);
    return;
  }
  const program::VerifiedProgram& program = *statement.program;
  scratch_.reset();
  ResultCollector results(statement.id, options_.memory_limit_bytes);
  StatementEffects effects(*config_, staged_);
  table::Transaction transaction(clock_);
  program::RunContext context;
  context.snapshot = {clock_.published()};
  context.transaction = program.needs_sequencer() ? &transaction : nullptr;
  context.now_us = now_us_;
  context.batch_rows_max = options_.batch_rows;
  context.memory_limit_bytes = options_.memory_limit_bytes;
  context.cancel = statement.cancel.get();
  context.effects = &effects;
  context.results = &results;
  context.relations = config_.get();
  context.kernel_state = &runner_.kernel_state();
  context.hash_seed = runner_.hash_seed();
  const auto outcome = runner_.execution().run_statement(program, {}, context);

  auto done = std::make_unique<MainEvent>();
  done->kind = MainEvent::Kind::Done;
  done->id = statement.id;
  const bool failed = !outcome.ok() || results.is_full();
  std::vector<std::unique_ptr<MainEvent>> events;
  if (failed) {
    transaction.rollback();
    staged_.clear();
    done->failed = true;
    done->error = refusal_of(program, outcome, runner_.execution().error_detail());
  } else {
    if (program.needs_sequencer()) {
      hang_up_erased(transaction);
      commits_.commit(transaction);
    }
    events = results.take();
    done->count = outcome.value().counted;
  }
  events.push_back(std::move(done));
  Origin origin;
  origin.at_us = now_us_;
  release_or_park(staged_, std::move(origin), statement.touches_durable && !failed,
                  std::move(events));
}

void Sequencer::hang_up_erased(const table::Transaction& transaction) {
  const InstalledRelation* device = config_->device(Device::Connections);
  if (device == nullptr) return;
  for (const table::Change& change : transaction.changes()) {
    if (change.table != device->table.get() || change.after != table::kNoVersion) continue;
    const auto row = static_cast<table::RowId>(change.before);
    Vector id;
    if (device->table->fetch(&row, 1, connections::kId, scratch_, id)) {
      network_.close(EventBatch::int64_at(id, 0));
    }
  }
}

Refusal Sequencer::refusal_of(const program::VerifiedProgram& program,
                              const Result<program::RunOutcome>& outcome, uint32_t detail) {
  Refusal refusal;
  if (outcome.ok()) {
    refusal.state = kOutOfMemory;
    refusal.message = "the result is larger than memory_limit";
    return refusal;
  }
  const DataError& error = outcome.error();
  refusal.state = error.state;
  const auto places = program.instructions();
  if (error.instruction < places.size()) {
    refusal.span_start = places[error.instruction].span.start;
    refusal.span_end = places[error.instruction].span.end;
  }
  if (!program.writes().empty()) refusal.relation = static_cast<int32_t>(program.writes().front());
  constexpr uint32_t kColumnDetail = 0x10000;
  if (error.state == kUniqueViolation) refusal.index = static_cast<int32_t>(detail);
  if (error.state == kNotNullViolation && detail >= kColumnDetail) {
    refusal.column = static_cast<int32_t>(detail - kColumnDetail);
  }
  return refusal;
}

}  // namespace rowtine::runtime
