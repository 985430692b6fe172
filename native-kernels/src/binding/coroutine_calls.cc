// Coroutines, and those who follow what happens in a relation.
#include <utility>

#include "binding/calls.h"
#include "binding/convert.h"
#include "binding/open_engine.h"

namespace rowtine::binding {
namespace {

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

constexpr Call kCalls[] = {
    {"createCoroutine", create_coroutine},
    {"dropCoroutine", drop_coroutine},
    {"setEventMajor", set_event_major},
    {"follow", follow},
    {"unfollow", unfollow},
};

}  // namespace

std::span<const Call> coroutine_calls() { return kCalls; }

}  // namespace rowtine::binding
