// Transactions of sessions. One at a time has the writer, from its begin to its end or its deadline;
// its statements go ahead of everything else, and what they did is published when it commits.
#include "runtime/query_runner.h"
#include "runtime/sequencer.h"
#include "runtime/statement_result.h"

namespace rowtine::runtime {
namespace {

using Kind = TransactionOrder::Kind;

constexpr SqlState kNoActiveTransaction = "25P01";
constexpr SqlState kTransactionTimeout = "25P04";
constexpr SqlState kReadOnlyTransaction = "25006";
constexpr SqlState kInvalidSavepoint = "3B001";

Refusal no_transaction() { return refused(kNoActiveTransaction, "the transaction has ended"); }

bool is_begin(Kind kind) { return kind == Kind::Begin || kind == Kind::BeginReadOnly; }

uint32_t statement_of(const Work& work) {
  if (const auto* statement = std::get_if<Statement>(&work)) return statement->id;
  return std::get<TransactionOrder>(work).statement;
}

}  // namespace

void Sequencer::enqueue(Statement statement) {
  if (statement.program == nullptr) {
    settling_.push_back(statement.id);  // until is_quiet()
    return;
  }
  if (statement.transaction == 0) {
    if (runs_beside(statement)) return submit_query(statement);
    return queue_.push(std::move(statement));
  }
  if (open_ == nullptr || open_->id != statement.transaction) {
    return refuse(statement.id, no_transaction());
  }
  open_->lane.push_back(std::move(statement));
}

void Sequencer::enqueue(const TransactionOrder& order) {
  if (is_begin(order.kind)) return queue_.push(order);
  if (open_ != nullptr && open_->id == order.transaction) {
    open_->lane.push_back(order);
  } else if (order.kind == Kind::Rollback) {
    main_.post(done_event(order.statement));
  } else {
    refuse(order.statement, no_transaction());
  }
}

/// A read sees what is published, so it needs not wait for the transaction; but it must not overtake
/// what its own session may have asked before.
bool Sequencer::runs_beside(const Statement& statement) const {
  return open_ != nullptr && query_threads_ != nullptr && queue_.asked_count() == 0 && is_plain_read(*statement.program, *config_);
}

/// Answers what the open transaction forbids. Returns: may it run?
bool Sequencer::may_run_inside(const Statement& statement) {
  if (open_ == nullptr || !open_->is_read_only) return true;
  const program::VerifiedProgram& program = *statement.program;
  if (!program.needs_sequencer() && program.appends().empty()) return true;
  refuse(statement.id,
         refused(kReadOnlyTransaction, "a read-only transaction cannot change anything"));
  return false;
}

void Sequencer::obey(const TransactionOrder& order) {
  if (is_begin(order.kind)) return begin(order);
  if (order.kind == Kind::Commit) return commit(order);
  auto& savepoints = open_->savepoints;
  const bool stands = order.savepoint < savepoints.size();
  if (order.kind == Kind::Rollback) {
    auto ended = done_event(open_->id);
    open_.reset();
    main_.post(std::move(ended));
  } else if (order.kind == Kind::Savepoint) {
    if (savepoints.size() == kSavepointsMax) {
      return refuse(order.statement,
                    refused(kProgramLimitExceeded, "a transaction has at most " +
                                                       std::to_string(kSavepointsMax) +
                                                       " savepoints"));
    }
    savepoints.push_back(open_->here());
  } else if (!stands) {
    return refuse(order.statement, refused(kInvalidSavepoint, "there is no such savepoint"));
  } else if (order.kind == Kind::RollbackTo) {
    open_->roll_back_to(savepoints[order.savepoint]);
    savepoints.resize(order.savepoint + 1);
  } else {
    savepoints.resize(order.savepoint);
  }
  main_.post(done_event(order.statement));
}

void Sequencer::begin(const TransactionOrder& order) {
  open_ = std::make_unique<OpenTransaction>(order.transaction, clock_);
  open_->is_read_only = order.kind == Kind::BeginReadOnly;
  open_->begun_us = now_us_;
  open_->deadline_us = now_us_ + options_.transaction_timeout_us;
  main_.post(done_event(order.statement));
}

void Sequencer::commit(const TransactionOrder& order) {
  scratch_.reset();
  const std::unique_ptr<OpenTransaction> closing = std::move(open_);
  hang_up_erased(closing->changes);
  commits_.commit(closing->changes);
  main_.post(done_event(closing->id));
  staged_ = std::move(closing->effects);
  MainEvents events;
  events.push_back(done_event(order.statement));
  release_or_park(staged_, Origin{}, closing->gated, std::move(events));
}

/// Takes back the open transaction and tells its session why.
void Sequencer::abandon(Refusal refusal) {
  const std::unique_ptr<OpenTransaction> closing = std::move(open_);
  if (closing->reading != nullptr) closing->reading->store(true, std::memory_order_relaxed);
  closing->changes.rollback();
  refuse(closing->id, refusal);
  for (const Work& work : closing->lane) refuse(statement_of(work), refusal);
}

void Sequencer::end_overdue() {
  if (open_ == nullptr || now_us_ < open_->deadline_us) return;
  abandon(refused(kTransactionTimeout,
                  "the transaction was rolled back: it had the writer for longer than "
                  "transaction_timeout"));
}

// Its transaction may have been taken back while it ran: what it read is nothing then.
void Sequencer::give_answer_inside(Answer& answer) {
  const Statement& statement = answer.query->statement;
  if (open_ == nullptr || open_->id != statement.transaction) {
    return refuse(statement.id, no_transaction());
  }
  open_->reading.reset();
  open_->gated |= statement.touches_durable;
  release_or_park(staged_, Origin{}, statement.touches_durable, std::move(answer.events));
}

}  // namespace rowtine::runtime
