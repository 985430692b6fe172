#include "runtime/sequencer.h"

#include "runtime/make_vector.h"

namespace rowtine::runtime {

using vector::PhysicalType;
using vector::Vector;

namespace {

// How often retention and vacuum look, and how much of the latter one look may do.
constexpr int64_t kHousekeepingUs = 50'000;
constexpr uint32_t kVacuumBudget = 4'096;
constexpr size_t kVacuumAtOnce = 16'384;  // garbage that does not wait for the interval

}  // namespace

Sequencer::Sequencer(const EngineOptions& options, table::SequenceClock& clock, StoreGate& gate,
                     Network& network, MainSink& main)
    : options_(options),
      clock_(clock),
      network_(network),
      main_(main),
      commits_(gate, options.durable),
      runner_(clock, commits_, {options.batch_rows, options.memory_limit_bytes}) {}

Sequencer::~Sequencer() = default;

void Sequencer::adopt(std::shared_ptr<const Config> config) {
  if (config_ != nullptr && (!commits_.is_settled() || open_ != nullptr)) {
    for (const auto& relation : config_->relations) {
      if (relation != nullptr && config->installed(relation->spec.id) == nullptr) {
        dropped_.push_back(relation);
      }
    }
  }
  config_ = std::move(config);
  for (const auto& relation : config_->relations) {
    if (relation == nullptr || relation->events == nullptr || relation->dispatch_cursor >= 0) continue;
    const Dispatch* dispatch = config_->dispatch(relation->spec.id);
    const bool driven = (dispatch != nullptr && !dispatch->coroutines.empty()) ||
                        relation->device == Device::Connections ||
                        relation->device == Device::HttpRequests;
    if (driven) relation->dispatch_cursor = relation->events->add_cursor(relation->events->next_seq());
  }
}

bool Sequencer::turn(int64_t now_us) {
  if (config_ == nullptr) return false;
  now_us_ = now_us;
  runner_.kernel_state().clock_us = now_us;
  commits_.look();
  if (open_ != nullptr && commits_.has_failed()) {
    abandon(refused(commits_.failure_state(), commits_.failure_message()));
  }
  if (commits_.roll_back_failed()) refuse_parked();
  take_answers();
  release_durable();
  fire_timers(now_us);
  end_overdue();
  for (uint32_t taken = 0; taken < kWorkPerTurnMax && can_run(); ++taken) take_one();
  commits_.end_turn();
  if (commits_.is_settled()) durable_through_.store(clock_.published(), std::memory_order_release);
  answer_failed_roots();
  feed_followers();
  keep_house(now_us);
  stats_.queued.store(queue_.size(), std::memory_order_relaxed);
  if (is_quiet()) {
    for (const uint32_t statement : settling_) {
      auto done = std::make_unique<MainEvent>();
      done->kind = MainEvent::Kind::Done;
      done->id = statement;
      main_.post(std::move(done));
    }
    settling_.clear();
  }
  return can_run();
}

bool Sequencer::can_run() const {
  if (commits_.is_full()) return false;
  if (open_ != nullptr) return open_->reading == nullptr && !open_->lane.empty();
  if (queue_.empty()) return false;
  return !std::holds_alternative<IndexChange>(queue_.front()) || commits_.is_settled();
}

void Sequencer::take_one() {
  if (open_ != nullptr) {
    Work work = std::move(open_->lane.front());
    open_->lane.pop_front();
    return take(work);
  }
  Work& front = queue_.front();
  if (std::holds_alternative<EventRange>(front)) {
    dispatch(queue_.take_rows(options_.batch_rows));
    return;
  }
  Work work = std::move(front);
  queue_.pop();
  take(work);
}

void Sequencer::take(Work& work) {
  if (auto* statement = std::get_if<Statement>(&work)) {
    run_statement(*statement);
  } else if (auto* change = std::get_if<IndexChange>(&work)) {
    change_index(*change);
  } else if (auto* order = std::get_if<TransactionOrder>(&work)) {
    obey(*order);
  } else {
    close_connections(std::get<ClosedConnections>(work));
  }
}

void Sequencer::follow(uint32_t follow, uint32_t relation) {
  InstalledRelation* installed = config_->installed(relation);
  if (installed == nullptr || installed->events == nullptr) return;
  followers_[follow] = {relation, installed->events->next_seq()};
}

void Sequencer::feed_followers() {
  for (auto& [id, follower] : followers_) {
    InstalledRelation* relation = config_->installed(follower.relation);
    if (relation == nullptr || relation->events->next_seq() <= follower.next_seq) continue;
    if (main_.depth() > kFollowDepthMax) continue;  // retention decides what is lost meanwhile
    auto event = std::make_unique<MainEvent>();
    event->kind = MainEvent::Kind::Followed;
    event->id = id;
    scratch_.reset();
    table::EventBatch batch;
    while (event->batch.bytes() < kExportBatchBytesMax &&
           relation->events->read(follower.next_seq, vector::kBatchRowsMax, relation->all_columns,
                                  scratch_, batch)) {
      export_rows(batch.columns, batch.row_count, event->batch);
      event->count += batch.lost;
      follower.next_seq = batch.first_seq + batch.row_count;
    }
    main_.post(std::move(event));
  }
}

/// The oldest snapshot that anybody reads, or that undoing may bring back.
table::Sequence Sequencer::oldest_snapshot() const {
  table::Sequence oldest = std::min(clock_.published(), commits_.horizon_max());
  if (!held_.empty()) oldest = std::min(oldest, *held_.begin());
  return snapshots_ == nullptr ? oldest : std::min(oldest, snapshots_->horizon());
}

void Sequencer::keep_house(int64_t now_us) {
  const bool due = now_us >= next_housekeeping_us_;
  if (due) next_housekeeping_us_ = now_us + kHousekeepingUs;
  if (!dropped_.empty() && commits_.is_settled() && open_ == nullptr) dropped_.clear();
  const table::Sequence horizon = oldest_snapshot();
  for (const auto& relation : config_->relations) {
    if (relation == nullptr) continue;
    if (due && relation->events != nullptr) relation->events->trim(now_us);
    if (relation->table == nullptr) continue;
    const size_t garbage = relation->table->garbage_count();
    if (garbage > kVacuumAtOnce || (due && garbage > 0)) {
      relation->table->vacuum(horizon, kVacuumBudget);
    }
  }
}

void Sequencer::append_error_row(const InstalledCoroutine* coroutine, const StepFailure& failure,
                                 const Vector& root, const Vector& cause) {
  InstalledRelation* device = config_->device(Device::Errors);
  if (device == nullptr) return;
  const Vector no_text = constant_null(scratch_, PhysicalType::String);
  const auto state_text = failure.state.text();
  Vector line = constant_null(scratch_, PhysicalType::Int32);
  Vector name = no_text;
  Vector statement = no_text;
  if (coroutine != nullptr) {
    name = constant_text(scratch_, coroutine->spec.name);
    line = constant(scratch_, PhysicalType::Int32, coroutine->line_of(failure.span));
    const std::string_view text = coroutine->statement_of(failure.span);
    if (!text.empty()) statement = constant_text(scratch_, text);
  }
  const Vector columns[errors::kColumns] = {
      name, line, statement, constant_text(scratch_, state_text.data()),
      constant_text(scratch_, failure.message),
      failure.locals.empty() ? no_text : constant_text(scratch_, failure.locals)};
  append_events(*device, columns, 1, now_us_, root, cause);
}

}  // namespace rowtine::runtime
