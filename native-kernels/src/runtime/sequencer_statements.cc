// Statements from outside (the REPL, TypeScript): one transaction each, or in the session's open one;
// results as batches.
#include "runtime/make_vector.h"
#include "runtime/query_runner.h"
#include "runtime/sequencer.h"
#include "runtime/stage_append.h"
#include "runtime/statement_result.h"

namespace rowtine::runtime {

using vector::Vector;

/// Stages what a statement sends out; it has no instances.
class Sequencer::StatementEffects final : public program::EffectSink {
 public:
  StatementEffects(const Config& config, StagedEffects& staged, uint32_t run)
      : config_(config), staged_(staged), run_(run) {}

  bool append(const program::AppendRequest& request) override {
    return stage_append(config_, staged_, request, nullptr, run_);
  }
  void discard(uint32_t, uint32_t) override {}

 private:
  const Config& config_;
  StagedEffects& staged_;
  uint32_t run_;
};

program::RunContext Sequencer::context_of(const Statement& statement) {
  program::RunContext context;
  context.snapshot = {clock_.published()};
  context.now_us = open_ == nullptr ? now_us_ : open_->begun_us;
  context.batch_rows_max = options_.batch_rows;
  context.memory_limit_bytes = options_.memory_limit_bytes;
  context.cancel = statement.cancel.get();
  context.relations = config_.get();
  context.kernel_state = &runner_.kernel_state();
  context.hash_seed = runner_.hash_seed();
  return context;
}

void Sequencer::run_statement(Statement& statement) {
  if (!may_run_inside(statement)) return;
  const program::VerifiedProgram& program = *statement.program;
  if (query_threads_ != nullptr && is_plain_read(program, *config_) &&
      !is_small_read(program, *config_, options_)) {
    return submit_query(statement);
  }
  if (query_threads_ != nullptr && open_ == nullptr &&
      is_large_write(program, *config_, options_)) {
    const auto query = std::make_shared<const Query>(query_of(statement));
    const std::shared_ptr<SharedRead> shared = query_threads_->assist(query);
    return run_here(query->statement, shared.get());
  }
  run_here(statement, nullptr);
}

/// Runs a statement on this thread, helped by those of `shared`, if there are any.
void Sequencer::run_here(const Statement& statement, SharedRead* shared) {
  const program::VerifiedProgram& program = *statement.program;
  scratch_.reset();
  ResultCollector results(statement.id, options_.memory_limit_bytes);
  table::Transaction own(clock_);
  table::Transaction& transaction = open_ == nullptr ? own : open_->changes;
  StagedEffects& staged = open_ == nullptr ? staged_ : open_->effects;
  const OpenTransaction::Savepoint before =
      open_ == nullptr ? OpenTransaction::Savepoint{} : open_->here();
  StatementEffects effects(*config_, staged, open_ == nullptr ? 0 : open_->run++);
  program::RunContext context = context_of(statement);
  context.transaction = program.needs_sequencer() || open_ != nullptr ? &transaction : nullptr;
  context.effects = &effects;
  context.results = &results;
  if (shared != nullptr) {
    context.team = &shared->team;
    context.hash_seed = shared->hash_seed;
  }
  program::Profile alone;
  if (statement.is_profiled) context.profile = shared == nullptr ? &alone : &shared->profiles[0];
  const auto outcome = runner_.execution().run_statement(program, statement.parameters.values, context);

  auto done = done_event(statement.id);
  const bool failed = !outcome.ok() || results.is_full();
  MainEvents events;
  if (failed) {
    if (open_ != nullptr) open_->roll_back_to(before);
    own.rollback();
    staged_.clear();
    done->failed = true;
    done->error = refusal_of(program, outcome, runner_.execution());
  } else {
    if (open_ != nullptr) {
      open_->gated |= statement.touches_durable;
    } else if (program.needs_sequencer()) {
      hang_up_erased(own);
      commits_.commit(own);
    }
    events = ResultCollector::take({&results, 1});
    done->count = outcome.value().counted;
    if (statement.is_profiled) {
      done->profile = shared == nullptr ? alone.numbers() : shared->profile_of_all();
    }
  }
  events.push_back(std::move(done));
  // Inside of a transaction staged_ is empty: only the answer leaves.
  release_or_park(staged_, Origin{}, statement.touches_durable && !failed,
                  std::move(events));
}

void Sequencer::refuse(uint32_t statement, Refusal refusal) {
  auto done = done_event(statement);
  done->failed = true;
  done->error = std::move(refusal);
  main_.post(std::move(done));
}

void Sequencer::change_index(const IndexChange& change) {
  auto done = done_event(change.statement);
  const InstalledRelation* relation = config_->installed(change.relation);
  SqlState state = "42P01";
  if (relation != nullptr && relation->table != nullptr) {
    state = kSuccess;
    if (change.added.columns.empty()) relation->table->drop_index(change.dropped);
    else state = relation->table->add_index(change.added);
  }
  done->failed = !state.ok();
  done->error.state = state;
  main_.post(std::move(done));
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

// ---- reads on other threads ---------------------------------------------------------------------

Query Sequencer::query_of(Statement& statement) const {
  Query query;
  query.config = config_;
  const bool inside = statement.transaction != 0;
  // Nobody else changes anything meanwhile: the latest sequences are the transaction's own.
  query.snapshot = {inside ? clock_.latest() : clock_.published()};
  query.now_us = inside ? open_->begun_us : now_us_;
  query.ticket = commits_.ticket();
  query.store_failures = commits_.failures_handled();
  query.statement = std::move(statement);
  return query;
}

void Sequencer::submit_query(Statement& statement) {
  if (statement.transaction != 0) open_->reading = statement.cancel;
  Query query = query_of(statement);
  held_.insert(query.snapshot.sequence);
  query_threads_->submit(std::move(query));
}

void Sequencer::take_answers() {
  if (query_threads_ == nullptr || !query_threads_->has_answers()) return;
  for (Answer& answer : query_threads_->take()) {
    held_.erase(held_.find(answer.query->snapshot.sequence));
    give_answer(answer);
  }
}

// What a query read may have been undone since, or not be durable yet.
void Sequencer::give_answer(Answer& answer) {
  const Query& query = *answer.query;
  if (query.statement.transaction != 0) return give_answer_inside(answer);
  if (!query.statement.touches_durable || !commits_.is_stored()) {
    for (auto& event : answer.events) main_.post(std::move(event));
    return;
  }
  if (query.store_failures != commits_.failures_handled()) {
    return refuse(query.statement.id,
                  refused(commits_.failure_state(), commits_.failure_message()));
  }
  parked_.push_back({query.ticket, StagedEffects{}, Origin{}, std::move(answer.events)});
}

}  // namespace rowtine::runtime
