// What the store thread takes and answers.
#include <string>
#include <utility>

#include "binding/calls.h"
#include "binding/convert.h"
#include "binding/open_engine.h"

namespace rowtine::binding {
namespace {

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
  const auto open = find_engine(static_cast<uint32_t>(number));
  if (open != nullptr) open->store.close();
  return info.Env().Undefined();
}

constexpr Call kCalls[] = {
    {"attachStore", attach_store},
    {"takeCommits", take_commits},
    {"commitsDurable", commits_durable},
    {"commitsFailed", commits_failed},
    {"detachStore", detach_store},
};

}  // namespace

std::span<const Call> store_calls() { return kCalls; }

}  // namespace rowtine::binding
