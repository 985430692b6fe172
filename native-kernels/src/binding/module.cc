// The addon: the functions of native-kernels/binding.ts. Each checks, converts, calls, converts back.
#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <string_view>

#include "binding/batches.h"
#include "binding/convert.h"
#include "binding/exchange.h"
#include "binding/reader.h"
#include "binding/run_kernel.h"
#include "binding/wake.h"
#include "runtime/engine.h"

namespace rowtine::binding {
namespace {

struct OpenEngine {
  std::unique_ptr<runtime::Engine> engine;
  Wake main;
  Wake store;
  std::shared_ptr<Exchange> exchange = std::make_shared<Exchange>();
};

/// All engines of the process, by number. Leaked on purpose: threads may outlive static destruction.
/// The lock is for opening and closing; the store thread and the main thread look engines up under it.
class Registry {
 public:
  static Registry& the() {
    static auto* registry = new Registry;
    return *registry;
  }
  uint32_t add(std::shared_ptr<OpenEngine> engine) {
    const std::lock_guard lock(mutex_);
    engines_[next_] = std::move(engine);
    return next_++;
  }
  std::shared_ptr<OpenEngine> find(uint32_t number) {
    const std::lock_guard lock(mutex_);
    const auto found = engines_.find(number);
    return found == engines_.end() ? nullptr : found->second;
  }
  std::shared_ptr<OpenEngine> remove(uint32_t number) {
    const std::lock_guard lock(mutex_);
    auto node = engines_.extract(number);
    return node.empty() ? nullptr : std::move(node.mapped());
  }

 private:
  std::mutex mutex_;
  std::map<uint32_t, std::shared_ptr<OpenEngine>> engines_;
  uint32_t next_ = 1;
};

/// Stops the threads; the wakes are closed on the thread that owns them.
void destroy_engine(uint32_t number) {
  const auto engine = Registry::the().remove(number);
  if (engine == nullptr) return;
  engine->engine.reset();
  engine->main.close();
}

/// The engine that argument 0 names.
std::shared_ptr<OpenEngine> engine_of(Reader& reader, const Napi::CallbackInfo& info) {
  const int64_t number = reader.integer(info[0], "engine", 0, UINT32_MAX);
  auto engine = reader.ok() ? Registry::the().find(static_cast<uint32_t>(number)) : nullptr;
  if (engine == nullptr) reader.mistake("there is no such engine: it was closed, or never opened");
  return engine;
}

uint32_t number_at(Reader& reader, const Napi::CallbackInfo& info, size_t index, const char* name) {
  return static_cast<uint32_t>(reader.integer(info[index], name, 0, INT32_MAX));
}

/// A prepared statement's handle: a JavaScript number, so that they never run out.
uint64_t handle_at(Reader& reader, const Napi::CallbackInfo& info, size_t index) {
  return static_cast<uint64_t>(reader.integer(info[index], "handle", 0, 1LL << 53));
}

Napi::Value create_engine(const Napi::CallbackInfo& info) {
  Reader reader(info.Env());
  const runtime::EngineOptions options = read_options(reader, info[0]);
  const Napi::Function wake = reader.function(info[1], "wake");
  if (!reader.ok()) return reader.refuse();
  auto open = std::make_shared<OpenEngine>();
  if (!open->main.open(info.Env(), wake)) {
    reader.mistake("the event loop takes no further handle");
    return reader.refuse();
  }
  std::string reason;
  OpenEngine* engine = open.get();
  open->engine = runtime::Engine::start(options, [engine] { engine->main.send(); }, reason);
  if (open->engine == nullptr) {
    open->main.close();
    runtime::Refusal refusal;
    refusal.state = kFeatureNotSupported;
    refusal.message = "no worker could be started: " + reason;
    return throw_refusal(info.Env(), refusal);
  }
  open->engine->store_gate().on_wake([engine] { engine->store.send(); });
  const uint32_t number = Registry::the().add(std::move(open));
  info.Env().AddCleanupHook([number] { destroy_engine(number); });
  return Napi::Number::New(info.Env(), number);
}

Napi::Value create_relations(const Napi::CallbackInfo& info) {
  Reader reader(info.Env());
  const auto open = engine_of(reader, info);
  std::vector<runtime::RelationSpec> specs;
  reader.list(info[1], "relations", [&](const Napi::Value& relation) {
    specs.push_back(read_relation(reader, relation));
  });
  if (!reader.ok()) return reader.refuse();
  const auto refusal = open->engine->create_relations(std::move(specs));
  return refusal ? throw_refusal(info.Env(), *refusal) : info.Env().Undefined();
}

Napi::Value drop_relation(const Napi::CallbackInfo& info) {
  Reader reader(info.Env());
  const auto open = engine_of(reader, info);
  const uint32_t id = number_at(reader, info, 1, "relation");
  if (!reader.ok()) return reader.refuse();
  open->engine->drop_relation(id);
  return info.Env().Undefined();
}

Napi::Value create_index(const Napi::CallbackInfo& info) {
  Reader reader(info.Env());
  const auto open = engine_of(reader, info);
  const uint32_t statement = number_at(reader, info, 1, "statement");
  const uint32_t relation = number_at(reader, info, 2, "relation");
  const runtime::IndexSpec index = read_index(reader, info[3]);
  if (!reader.ok()) return reader.refuse();
  const auto refusal = open->engine->create_index(statement, relation, index);
  return refusal ? throw_refusal(info.Env(), *refusal) : info.Env().Undefined();
}

Napi::Value drop_index(const Napi::CallbackInfo& info) {
  Reader reader(info.Env());
  const auto open = engine_of(reader, info);
  const uint32_t statement = number_at(reader, info, 1, "statement");
  const uint32_t relation = number_at(reader, info, 2, "relation");
  const uint32_t index = number_at(reader, info, 3, "index");
  if (!reader.ok()) return reader.refuse();
  const auto refusal = open->engine->drop_index(statement, relation, index);
  return refusal ? throw_refusal(info.Env(), *refusal) : info.Env().Undefined();
}

Napi::Value load_rows(const Napi::CallbackInfo& info) {
  Reader reader(info.Env());
  const auto open = engine_of(reader, info);
  const uint32_t id = number_at(reader, info, 1, "relation");
  const auto keys = reader.array<int64_t>(info[2], "keys");
  Arena arena;
  const auto columns = reader.ok()
                           ? read_columns(reader, info[3], static_cast<uint32_t>(keys.size()), arena)
                           : std::vector<vector::Vector>{};
  if (!reader.ok()) return reader.refuse();
  const auto refusal = open->engine->load_rows(id, keys, columns);
  return refusal ? throw_refusal(info.Env(), *refusal) : info.Env().Undefined();
}

Napi::Value append_batch(const Napi::CallbackInfo& info) {
  Reader reader(info.Env());
  const auto open = engine_of(reader, info);
  const uint32_t id = number_at(reader, info, 1, "relation");
  const auto row_count =
      static_cast<uint32_t>(reader.integer(info[2], "rowCount", 0, kSourceRowsMax));
  table::BatchRelation* relation = reader.ok() ? open->engine->batches(id) : nullptr;
  if (relation == nullptr) reader.mistake("there is no such relation of batches");
  if (!reader.ok()) return reader.refuse();
  const SqlState state = read_batch(reader, info[3], row_count, *relation);
  if (!reader.ok()) return reader.refuse();
  return state.ok() ? info.Env().Undefined() : throw_refusal(info.Env(), runtime::refused(state, {}));
}

Napi::Value open_csv(const Napi::CallbackInfo& info) {
  Reader reader(info.Env());
  const auto open = engine_of(reader, info);
  const uint32_t id = number_at(reader, info, 1, "relation");
  csv::Options options = read_csv_options(reader, info[2]);
  if (!reader.ok()) return reader.refuse();
  const auto refusal = open->engine->open_csv(id, std::move(options));
  return refusal ? throw_refusal(info.Env(), *refusal) : info.Env().Undefined();
}

Napi::Value feed_csv(const Napi::CallbackInfo& info) {
  Reader reader(info.Env());
  const auto open = engine_of(reader, info);
  const uint32_t id = number_at(reader, info, 1, "relation");
  const auto bytes = reader.array<char>(info[2], "bytes");
  const bool is_last = reader.boolean(info[3], "isLast");
  if (bytes.size() > kCsvBytesMax) reader.mistake("bytes has more than 64 MiB");
  if (!reader.ok()) return reader.refuse();
  std::optional<csv::Problem> problem;
  const auto refusal = open->engine->feed_csv(id, bytes, is_last, problem);
  if (refusal) return throw_refusal(info.Env(), *refusal);
  return problem ? write_csv_problem(info.Env(), *problem) : info.Env().Undefined();
}

Napi::Value row_count(const Napi::CallbackInfo& info) {
  Reader reader(info.Env());
  const auto open = engine_of(reader, info);
  const uint32_t id = number_at(reader, info, 1, "relation");
  if (!reader.ok()) return reader.refuse();
  return Napi::Number::New(info.Env(), static_cast<double>(open->engine->row_count(id)));
}

Napi::Value distinct_count(const Napi::CallbackInfo& info) {
  Reader reader(info.Env());
  const auto open = engine_of(reader, info);
  const uint32_t id = number_at(reader, info, 1, "relation");
  const uint32_t column = number_at(reader, info, 2, "column");
  if (!reader.ok()) return reader.refuse();
  return Napi::Number::New(info.Env(), static_cast<double>(open->engine->distinct_count(id, column)));
}

Napi::Value continue_identity(const Napi::CallbackInfo& info) {
  Reader reader(info.Env());
  const auto open = engine_of(reader, info);
  const uint32_t id = number_at(reader, info, 1, "relation");
  const int64_t last = reader.integer(info[2], "last", INT64_MIN, INT64_MAX);
  if (!reader.ok()) return reader.refuse();
  const auto refusal = open->engine->continue_identity(id, last);
  return refusal ? throw_refusal(info.Env(), *refusal) : info.Env().Undefined();
}

Napi::Value create_coroutine(const Napi::CallbackInfo& info) {
  Reader reader(info.Env());
  const auto open = engine_of(reader, info);
  auto spec = read_coroutine(reader, info[1]);
  if (!reader.ok()) return reader.refuse();
  const auto refusal = open->engine->create_coroutine(std::move(spec));
  return refusal ? throw_refusal(info.Env(), *refusal) : info.Env().Undefined();
}

Napi::Value drop_coroutine(const Napi::CallbackInfo& info) {
  Reader reader(info.Env());
  const auto open = engine_of(reader, info);
  const uint32_t id = number_at(reader, info, 1, "coroutine");
  if (!reader.ok()) return reader.refuse();
  open->engine->drop_coroutine(id);
  return info.Env().Undefined();
}

Napi::Value set_event_major(const Napi::CallbackInfo& info) {
  Reader reader(info.Env());
  const auto open = engine_of(reader, info);
  const uint32_t relation = number_at(reader, info, 1, "relation");
  const bool on = reader.boolean(info[2], "on");
  if (!reader.ok()) return reader.refuse();
  open->engine->set_event_major(relation, on);
  return info.Env().Undefined();
}

Napi::Value prepare(const Napi::CallbackInfo& info) {
  Reader reader(info.Env());
  const auto open = engine_of(reader, info);
  const auto words = reader.array<int32_t>(info[1], "words");
  const auto bytes = reader.array<std::byte>(info[2], "bytes");
  if (!reader.ok()) return reader.refuse();
  uint64_t handle = 0;
  const auto refusal = open->engine->prepare(words, bytes, handle);
  if (refusal) return throw_refusal(info.Env(), *refusal);
  return Napi::Number::New(info.Env(), static_cast<double>(handle));
}

Napi::Value release(const Napi::CallbackInfo& info) {
  Reader reader(info.Env());
  const auto open = engine_of(reader, info);
  const uint64_t handle = handle_at(reader, info, 1);
  if (!reader.ok()) return reader.refuse();
  open->engine->release(handle);
  return info.Env().Undefined();
}

Napi::Value run(const Napi::CallbackInfo& info) {
  Reader reader(info.Env());
  const auto open = engine_of(reader, info);
  const uint32_t statement = number_at(reader, info, 1, "statement");
  const uint64_t handle = handle_at(reader, info, 2);
  const auto words = reader.array<int32_t>(info[3], "words");
  const auto bytes = reader.array<std::byte>(info[4], "bytes");
  runtime::RunOptions options;
  options.transaction = number_at(reader, info, 5, "transaction");
  options.is_profiled = info[6].ToBoolean();
  if (!reader.ok()) return reader.refuse();
  bool is_done = false;
  const auto refusal =
      open->engine->run(statement, handle, words, bytes, options, is_done);
  if (refusal) return throw_refusal(info.Env(), *refusal);
  return Napi::Boolean::New(info.Env(), is_done);
}

Napi::Value exchange(const Napi::CallbackInfo& info) {
  Reader reader(info.Env());
  const auto open = engine_of(reader, info);
  if (!reader.ok()) return reader.refuse();
  return share(info.Env(), open->exchange);
}

Napi::Value read(const Napi::CallbackInfo& info) {
  Reader reader(info.Env());
  const auto open = engine_of(reader, info);
  const uint64_t handle = handle_at(reader, info, 1);
  constexpr int64_t kWordsMax = Exchange::kBytes / sizeof(int32_t);
  const auto words = static_cast<size_t>(reader.integer(info[2], "wordCount", 0, kWordsMax));
  const int64_t room = static_cast<int64_t>(Exchange::kBytes - words * sizeof(int32_t));
  const auto bytes = static_cast<size_t>(reader.integer(info[3], "byteCount", 0, room));
  if (!reader.ok()) return reader.refuse();
  const auto memory = open->exchange->bytes();
  runtime::ExportBatch* rows = nullptr;
  const auto refusal = open->engine->read(
      handle, {reinterpret_cast<const int32_t*>(memory.data()), words},
      memory.subspan(words * sizeof(int32_t), bytes), rows);
  if (refusal) return throw_refusal(info.Env(), *refusal);
  if (rows == nullptr) return info.Env().Undefined();
  if (open->exchange->write(*rows)) return Napi::Number::New(info.Env(), rows->row_count);
  return write_batch(info.Env(), *rows);
}

Napi::Value wait(const Napi::CallbackInfo& info) {
  Reader reader(info.Env());
  const auto open = engine_of(reader, info);
  const uint32_t statement = number_at(reader, info, 1, "statement");
  if (!reader.ok()) return reader.refuse();
  open->engine->wait(statement);
  return info.Env().Undefined();
}

Napi::Value order_transaction(const Napi::CallbackInfo& info) {
  static constexpr std::string_view kKinds[] = {"begin",     "begin_read_only", "commit", "rollback",
                                                "savepoint", "rollback_to",     "release"};
  Reader reader(info.Env());
  const auto open = engine_of(reader, info);
  runtime::TransactionOrder order;
  order.statement = number_at(reader, info, 1, "statement");
  order.transaction = number_at(reader, info, 2, "transaction");
  const std::string kind = reader.text(info[3], "kind");
  order.savepoint = number_at(reader, info, 4, "savepoint");
  const auto* found = std::ranges::find(kKinds, kind);
  if (found == std::end(kKinds)) reader.mistake("there is no such order to a transaction");
  if (!reader.ok()) return reader.refuse();
  order.kind = static_cast<runtime::TransactionOrder::Kind>(found - std::begin(kKinds));
  open->engine->order(order);
  return info.Env().Undefined();
}

Napi::Value cancel(const Napi::CallbackInfo& info) {
  Reader reader(info.Env());
  const auto open = engine_of(reader, info);
  const uint32_t statement = number_at(reader, info, 1, "statement");
  if (!reader.ok()) return reader.refuse();
  open->engine->cancel(statement);
  return info.Env().Undefined();
}

Napi::Value follow(const Napi::CallbackInfo& info) {
  Reader reader(info.Env());
  const auto open = engine_of(reader, info);
  const uint32_t follow = number_at(reader, info, 1, "follow");
  const uint32_t relation = number_at(reader, info, 2, "relation");
  if (!reader.ok()) return reader.refuse();
  const auto refusal = open->engine->follow(follow, relation);
  return refusal ? throw_refusal(info.Env(), *refusal) : info.Env().Undefined();
}

Napi::Value unfollow(const Napi::CallbackInfo& info) {
  Reader reader(info.Env());
  const auto open = engine_of(reader, info);
  const uint32_t follow = number_at(reader, info, 1, "follow");
  if (!reader.ok()) return reader.refuse();
  open->engine->unfollow(follow);
  return info.Env().Undefined();
}

Napi::Value drain(const Napi::CallbackInfo& info) {
  Reader reader(info.Env());
  const auto open = engine_of(reader, info);
  if (!reader.ok()) return reader.refuse();
  auto events = Napi::Array::New(info.Env());
  open->engine->drain([&](runtime::MainEvent& event) {
    events.Set(events.Length(), write_event(info.Env(), event));
  });
  return events;
}

Napi::Value settle(const Napi::CallbackInfo& info) {
  Reader reader(info.Env());
  const auto open = engine_of(reader, info);
  const uint32_t statement = number_at(reader, info, 1, "statement");
  if (!reader.ok()) return reader.refuse();
  open->engine->settle(statement);
  return info.Env().Undefined();
}

Napi::Value shutdown(const Napi::CallbackInfo& info) {
  Reader reader(info.Env());
  const auto open = engine_of(reader, info);
  const int64_t deadline = reader.integer(info[1], "deadlineMilliseconds", 0, 86'400'000);
  if (!reader.ok()) return reader.refuse();
  open->engine->shutdown(deadline * 1'000);
  return info.Env().Undefined();
}

Napi::Value destroy(const Napi::CallbackInfo& info) {
  Reader reader(info.Env());
  const int64_t number = reader.integer(info[0], "engine", 0, UINT32_MAX);
  if (!reader.ok()) return reader.refuse();
  destroy_engine(static_cast<uint32_t>(number));
  return info.Env().Undefined();
}

Napi::Value attach_store(const Napi::CallbackInfo& info) {
  Reader reader(info.Env());
  const auto open = engine_of(reader, info);
  const Napi::Function wake = reader.function(info[1], "wake");
  if (!reader.ok()) return reader.refuse();
  if (!open->store.open(info.Env(), wake)) {
    reader.mistake("the event loop takes no further handle");
    return reader.refuse();
  }
  // A store thread may be ended without detachStore(): its loop must not keep our handle.
  info.Env().AddCleanupHook([open] { open->store.close(); });
  return info.Env().Undefined();
}

Napi::Value take_commits(const Napi::CallbackInfo& info) {
  Reader reader(info.Env());
  const auto open = engine_of(reader, info);
  if (!reader.ok()) return reader.refuse();
  const auto commits = open->engine->store_gate().take();
  return commits == nullptr ? info.Env().Undefined() : write_commits(info.Env(), *commits);
}

Napi::Value commits_durable(const Napi::CallbackInfo& info) {
  Reader reader(info.Env());
  const auto open = engine_of(reader, info);
  const int64_t ticket = reader.integer(info[1], "ticket", 0, INT64_MAX);
  if (!reader.ok()) return reader.refuse();
  open->engine->store_gate().set_durable(static_cast<runtime::Ticket>(ticket));
  open->engine->wake_sequencer();
  return info.Env().Undefined();
}

Napi::Value commits_failed(const Napi::CallbackInfo& info) {
  Reader reader(info.Env());
  const auto open = engine_of(reader, info);
  const std::string state = reader.text(info[1], "state");
  std::string message = reader.text(info[2], "message");
  if (state.size() != 5) reader.mistake("state is five characters");
  if (!reader.ok()) return reader.refuse();
  char text[6] = {};
  state.copy(text, 5);
  open->engine->store_gate().fail(SqlState(text), std::move(message));
  open->engine->wake_sequencer();
  return info.Env().Undefined();
}

Napi::Value detach_store(const Napi::CallbackInfo& info) {
  Reader reader(info.Env());
  const int64_t number = reader.integer(info[0], "engine", 0, UINT32_MAX);
  if (!reader.ok()) return reader.refuse();
  const auto open = Registry::the().find(static_cast<uint32_t>(number));
  if (open != nullptr) open->store.close();
  return info.Env().Undefined();
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
  const struct {
    const char* name;
    Napi::Value (*function)(const Napi::CallbackInfo&);
  } functions[] = {
      {"createEngine", create_engine},     {"createRelations", create_relations},
      {"dropRelation", drop_relation},     {"loadRows", load_rows},
      {"createIndex", create_index},       {"dropIndex", drop_index},
      {"continueIdentity", continue_identity}, {"appendBatch", append_batch},
      {"openCsv", open_csv},               {"feedCsv", feed_csv},
      {"continueIdentity", continue_identity}, {"rowCount", row_count},
      {"distinctCount", distinct_count},
      {"createCoroutine", create_coroutine}, {"dropCoroutine", drop_coroutine},
      {"setEventMajor", set_event_major},  {"prepare", prepare},
      {"release", release},                {"run", run},
      {"exchange", exchange},              {"read", read},
      {"wait", wait},
      {"orderTransaction", order_transaction},
      {"cancel", cancel},                  {"follow", follow},
      {"unfollow", unfollow},              {"drain", drain},
      {"settle", settle},                  {"shutdown", shutdown},
      {"destroy", destroy},                {"attachStore", attach_store},
      {"takeCommits", take_commits},       {"commitsDurable", commits_durable},
      {"commitsFailed", commits_failed},   {"detachStore", detach_store},
      {"runKernel", run_kernel},
  };
  for (const auto& entry : functions) {
    exports.Set(entry.name, Napi::Function::New(env, entry.function, entry.name));
  }
  return exports;
}

}  // namespace

NODE_API_MODULE(rowtine, init)

}  // namespace rowtine::binding
