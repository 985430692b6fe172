#include "runtime/engine.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <thread>

#include "runtime/system_rows.h"
#include "runtime/worker.h"
#include "table/distinct.h"

namespace rowtine::runtime {
Engine::Engine(const EngineOptions& options) : options_(options), runner_(options) {}

Engine::~Engine() {
  for (const auto& [statement, cancel] : running_) cancel->store(true, std::memory_order_relaxed);
  // The others first: they push to worker 0's lanes and never wait for it.
  for (size_t i = workers_.size(); i > 0; --i) workers_[i - 1]->stop();
  // Nobody assigns queries any more, and those assigned have been cancelled.
  if (query_threads_ != nullptr) query_threads_->stop();
}

std::unique_ptr<Engine> Engine::start(const EngineOptions& options,
                                      std::function<void()> wake_main, std::string& reason) {
  std::unique_ptr<Engine> engine(new Engine(options));
  std::vector<Worker*> others;
  // The threads that receive and send are a part of worker 0's reactor then.
  const uint32_t count = options.topology == Topology::SplitIo ? 1 : options.workers;
  for (uint32_t i = 0; i < count; ++i) {
    engine->workers_.push_back(
        std::make_unique<Worker>(i, options, engine->clock_, engine->store_gate_, wake_main));
    if (i > 0) {
      engine->workers_[i]->set_sequencer(engine->workers_[0].get());
      others.push_back(engine->workers_[i].get());
    }
  }
  engine->workers_[0]->set_others(std::move(others));
  Worker* sequencer = engine->workers_[0].get();
  engine->query_threads_ =
      std::make_unique<QueryThreads>(options, [sequencer] { sequencer->wake(); });
  sequencer->sequencer()->set_query_threads(engine->query_threads_.get());
  sequencer->sequencer()->set_snapshots(&engine->snapshots_);
  for (auto& worker : engine->workers_) {
    if (!worker->start(reason)) return nullptr;
  }
  engine->publish_config();  // empty, so that a statement before the first relation has an answer
  return engine;
}

void Engine::control(Control control) {
  workers_[0]->controls().push(std::move(control));
  workers_[0]->wake();
}

void Engine::publish_config() { control(AdoptConfig{builder_.config()}); }

std::optional<Refusal> Engine::create_relations(std::vector<RelationSpec> specs) {
  for (const RelationSpec& spec : specs) {
    if (auto refusal = builder_.check(spec)) return refusal;
  }
  builder_.add_relations(
      std::move(specs), [this](Device device) { return rows_of(device); }, clock_,
      options_.memory_limit_bytes);
  publish_config();
  return std::nullopt;
}

void Engine::drop_relation(uint32_t id) {
  csv_readers_.erase(id);
  builder_.drop_relation(id);
  publish_config();
}

std::optional<Refusal> Engine::create_index(uint32_t statement, uint32_t relation,
                                            const IndexSpec& index) {
  const InstalledRelation* installed = builder_.config()->installed(relation);
  table::TableDefinition definition;
  definition.indexes.push_back({index.columns, index.unique});
  if (installed != nullptr && installed->table != nullptr) {
    const auto types = installed->table->column_types();
    definition.types.assign(types.begin(), types.end());
  }
  const SqlState state = table::check_definition(definition);
  if (!state.ok()) return refused(state, "the index does not fit the table");
  control(ChangeIndex{{statement, relation, std::move(definition.indexes.front()), 0}});
  return std::nullopt;
}

std::optional<Refusal> Engine::drop_index(uint32_t statement, uint32_t relation, uint32_t index) {
  const InstalledRelation* installed = builder_.config()->installed(relation);
  if (installed == nullptr || installed->table == nullptr ||
      index >= installed->table->index_count()) {
    return refused(kInvalidParameterValue, "the table has no such index");
  }
  control(ChangeIndex{{statement, relation, {}, index}});
  return std::nullopt;
}

std::optional<Refusal> Engine::load_rows(uint32_t id, std::span<const int64_t> keys,
                                         std::span<const vector::Vector> columns) {
  InstalledRelation* relation = builder_.config()->installed(id);
  Refusal refusal;
  refusal.relation = static_cast<int32_t>(id);
  if (relation == nullptr || relation->table == nullptr ||
      columns.size() != relation->spec.columns.size()) {
    refusal.state = kInvalidParameterValue;
    refusal.message = "rows are loaded into a table, one vector per column";
    return refusal;
  }
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].type == relation->spec.columns[i].type) continue;
    refusal.state = kInvalidParameterValue;
    refusal.message = "a loaded column has another type than the table's";
    return refusal;
  }
  refusal.state = relation->table->load(keys, columns);
  if (refusal.state.ok()) return std::nullopt;
  return refusal;
}

table::BatchRelation* Engine::batches(uint32_t id) const {
  const InstalledRelation* relation = builder_.config()->installed(id);
  return relation == nullptr ? nullptr : relation->batches.get();
}

std::optional<Refusal> Engine::open_csv(uint32_t id, csv::Options options) {
  table::BatchRelation* relation = batches(id);
  if (relation == nullptr || !csv::Reader::fits(options, *relation)) {
    return refused(kInvalidParameterValue, "the fields do not fit a relation of batches");
  }
  csv_readers_.insert_or_assign(id, csv::Reader(std::move(options), *relation));
  return std::nullopt;
}

std::optional<Refusal> Engine::feed_csv(uint32_t id, std::span<const char> bytes, bool is_last,
                                        std::optional<csv::Problem>& problem) {
  const auto reader = csv_readers_.find(id);
  if (reader == csv_readers_.end()) {
    return refused(kInvalidParameterValue, "the relation is not being filled from CSV");
  }
  problem = reader->second.feed(bytes, is_last);
  if (is_last || problem) csv_readers_.erase(reader);
  return std::nullopt;
}

uint64_t Engine::row_count(uint32_t id) const {
  const table::Relation* relation = builder_.config()->find(id);
  return relation == nullptr ? 0 : relation->row_count();
}

uint64_t Engine::distinct_count(uint32_t id, uint32_t column) {
  table::Relation* relation = builder_.config()->find(id);
  if (relation == nullptr || column >= relation->column_types().size()) return 0;
  const uint64_t count = table::estimate_distinct(*relation, snapshots_.hold(0), column);
  snapshots_.release(0);
  return count;
}

double Engine::share_within(uint32_t id, uint32_t column, const table::ValueRange& range) {
  table::Relation* relation = builder_.config()->find(id);
  if (relation == nullptr || column >= relation->column_types().size()) return -1;
  if (!table::has_ranks(relation->column_types()[column])) return -1;
  const double share = relation->share_within(snapshots_.hold(0), column, range);
  snapshots_.release(0);
  return share;
}

std::optional<Refusal> Engine::continue_identity(uint32_t relation, int64_t last) {
  InstalledRelation* installed = builder_.config()->installed(relation);
  if (installed != nullptr && installed->table != nullptr) {
    installed->table->continue_identity_after(last);
    return std::nullopt;
  }
  return refused(kInvalidParameterValue, "only tables number rows");
}

std::optional<Refusal> Engine::continue_identity_of(uint32_t relation, uint32_t other) {
  const InstalledRelation* before = builder_.config()->installed(other);
  if (before == nullptr || before->table == nullptr) {
    return refused(kInvalidParameterValue, "only tables number rows");
  }
  return continue_identity(relation, before->table->last_identity());
}

std::optional<Refusal> Engine::create_coroutine(CoroutineSpec spec) {
  auto refusal = builder_.add_coroutine(std::move(spec));
  if (!refusal) publish_config();
  return refusal;
}

void Engine::drop_coroutine(uint32_t id) {
  builder_.drop_coroutine(id);
  publish_config();
}

void Engine::set_event_major(uint32_t relation, bool on) {
  builder_.set_event_major(relation, on);
  publish_config();
}

std::optional<Refusal> Engine::prepare(std::span<const int32_t> words,
                                       std::span<const std::byte> bytes, uint64_t& handle) {
  if (prepared_.size() >= kPreparedMax) {
    return refused(kProgramLimitExceeded,
                   "no more than " + std::to_string(kPreparedMax) + " statements may be prepared");
  }
  PreparedStatement statement;
  auto refusal = builder_.verify(words, bytes, statement.program);
  if (refusal) return refusal;
  statement.touches_durable = builder_.touches_durable(*statement.program);
  handle = next_handle_++;
  prepared_.emplace(handle, std::move(statement));
  return std::nullopt;
}

const PreparedStatement* Engine::prepared(uint64_t handle) const {
  const auto found = prepared_.find(handle);
  return found == prepared_.end() ? nullptr : &found->second;
}

std::optional<Refusal> Engine::run(uint32_t id, uint64_t handle, std::span<const int32_t> words,
                                   std::span<const std::byte> bytes, const RunOptions& options,
                                   bool& is_done) {
  const PreparedStatement* prepared = this->prepared(handle);
  if (prepared == nullptr) {
    return refused(kInvalidParameterValue, "there is no such prepared statement: it was released");
  }
  auto parameters = program::read_parameters(*prepared->program, words, bytes);
  if (!parameters.ok()) {
    return refused(parameters.error().state, "the values are not those that the program waits for");
  }
  Statement statement;
  statement.id = id;
  statement.program = prepared->program;
  statement.parameters = std::move(parameters.value());
  statement.cancel = std::make_shared<std::atomic<bool>>(false);
  statement.touches_durable = prepared->touches_durable;
  statement.transaction = options.transaction;
  statement.is_profiled = options.is_profiled;
  is_done = read_here(statement);
  if (is_done) return std::nullopt;
  running_[id] = statement.cancel;
  control(RunStatement{std::move(statement)});
  return std::nullopt;
}

// A read goes past the queue only when nothing of ours is in it, and when all that it can see is
// durable: else its place among the writes, or its wait for the store, is the sequencer's business.
bool Engine::is_read_here(const program::VerifiedProgram& program) const {
  const Config& config = *builder_.config();
  return running_.empty() && is_plain_read(program, config) &&
         is_small_read(program, config, options_);
}

bool Engine::may_show(table::Snapshot snapshot, bool touches_durable) const {
  return !touches_durable || snapshot.sequence <= workers_[0]->sequencer()->durable_through();
}

bool Engine::read_here(const Statement& statement) {
  if (statement.transaction != 0 || !is_read_here(*statement.program)) return false;
  const table::Snapshot snapshot = snapshots_.hold(0);
  std::optional<MainEvents> events;
  if (may_show(snapshot, statement.touches_durable)) {
    events = runner_.run(statement, {*builder_.config(), snapshot, wall_clock_us()}, kSmallReadBatchesMax);
  }
  snapshots_.release(0);
  if (!events) return false;
  std::ranges::move(*events, std::back_inserter(answered_));
  return true;
}

std::optional<Refusal> Engine::read(uint64_t handle, std::span<const int32_t> words,
                                    std::span<const std::byte> bytes, ExportBatch*& rows) {
  rows = nullptr;
  const PreparedStatement* prepared = this->prepared(handle);
  if (prepared == nullptr || !is_read_here(*prepared->program)) return std::nullopt;
  const program::VerifiedProgram& program = *prepared->program;
  const SqlState state = program::read_parameters(program, words, bytes, read_parameters_);
  if (!state.ok()) return refused(state, "the values are not those that the program waits for");
  const table::Snapshot snapshot = snapshots_.hold(0);
  std::optional<Refusal> refusal;
  bool is_done = false;
  if (may_show(snapshot, prepared->touches_durable)) {
    refusal = runner_.read(program, read_parameters_.values,
                           {*builder_.config(), snapshot, wall_clock_us()}, read_, is_done);
  }
  snapshots_.release(0);
  if (is_done) rows = &read_.batch();
  return refusal;
}

void Engine::order(const TransactionOrder& order) { control(OrderTransaction{order}); }

void Engine::cancel(uint32_t statement) {
  const auto found = running_.find(statement);
  if (found != running_.end()) found->second->store(true, std::memory_order_relaxed);
}

void Engine::settle(uint32_t id) {
  Statement statement;
  statement.id = id;
  control(RunStatement{std::move(statement)});
}

std::optional<Refusal> Engine::follow(uint32_t follow, uint32_t relation) {
  const InstalledRelation* installed = builder_.config()->installed(relation);
  if (installed == nullptr || installed->events == nullptr) {
    return refused("42809", "only event relations are followed");
  }
  control(StartFollow{follow, relation});
  return std::nullopt;
}

void Engine::unfollow(uint32_t follow) { control(StopFollow{follow}); }

void Engine::shutdown(int64_t deadline_us) { control(Shutdown{deadline_us}); }

void Engine::drain(const std::function<void(MainEvent&)>& each) {
  take_events(answered_, 0);
  for (const auto& event : std::exchange(answered_, {})) each(*event);
}

/// Returns: whether the end of `statement` was among them.
bool Engine::take_events(MainEvents& out, uint32_t statement) {
  workers_[0]->controls().flush();
  bool has_ended = false;
  std::unique_ptr<MainEvent> event;
  while (workers_[0]->main_events().pop(event)) {
    if (event->kind == MainEvent::Kind::Done) {
      running_.erase(event->id);
      has_ended |= event->id == statement;
    }
    out.push_back(std::move(event));
  }
  return has_ended;
}

// The sequencer wakes the event loop, which stands still: so we look, often at first.
void Engine::wait(uint32_t statement) {
  constexpr int kSpins = 200;
  constexpr auto kNap = std::chrono::microseconds(50);
  if (!running_.contains(statement)) return;
  for (int turn = 0; !take_events(answered_, statement); ++turn) {
    if (turn < kSpins) {
      std::this_thread::yield();
    } else {
      std::this_thread::sleep_for(kNap);
    }
  }
}

void Engine::wake_sequencer() { workers_[0]->wake(); }

std::function<std::vector<Row>()> Engine::rows_of(Device device) {
  switch (device) {
    case Device::Workers: return [this] { return worker_rows(workers_); };
    case Device::Buffers: return [this] { return buffer_rows(workers_, *sequencer_config()); };
    case Device::Coroutines: return [this] { return coroutine_rows(*sequencer_config()); };
    case Device::Relations: return [this] { return relation_rows(*sequencer_config()); };
    case Device::Columns: return [this] { return column_rows(*sequencer_config()); };
    default: return [] { return std::vector<Row>{}; };
  }
}

const Config* Engine::sequencer_config() { return workers_[0]->sequencer()->config(); }

}  // namespace rowtine::runtime
