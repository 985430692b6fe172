// Statements: prepared, run, awaited and cancelled.
#include <algorithm>
#include <iterator>
#include <string_view>

#include "binding/calls.h"
#include "binding/convert.h"
#include "binding/exchange.h"
#include "binding/open_engine.h"

namespace rowtine::binding {
namespace {

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

Napi::Value settle(const Napi::CallbackInfo& info) {
  Reader reader(info.Env());
  const auto open = engine_of(reader, info);
  const uint32_t statement = number_at(reader, info, 1, "statement");
  if (!reader.ok()) return reader.refuse();
  open->engine->settle(statement);
  return info.Env().Undefined();
}

constexpr Call kCalls[] = {
    {"prepare", prepare},
    {"release", release},
    {"run", run},
    {"exchange", exchange},
    {"read", read},
    {"wait", wait},
    {"orderTransaction", order_transaction},
    {"cancel", cancel},
    {"settle", settle},
};

}  // namespace

std::span<const Call> statement_calls() { return kCalls; }

}  // namespace rowtine::binding
