// The life of an engine, and what it tells the main thread.
#include <string>
#include <utility>

#include "binding/calls.h"
#include "binding/convert.h"
#include "binding/open_engine.h"

namespace rowtine::binding {
namespace {

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
  const uint32_t number = add_engine(std::move(open));
  info.Env().AddCleanupHook([number] { destroy_engine(number); });
  return Napi::Number::New(info.Env(), number);
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

constexpr Call kCalls[] = {
    {"createEngine", create_engine},
    {"drain", drain},
    {"shutdown", shutdown},
    {"destroy", destroy},
};

}  // namespace

std::span<const Call> engine_calls() { return kCalls; }

}  // namespace rowtine::binding
