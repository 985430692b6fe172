// Tables, indexes and the rows that are loaded into them.
#include <optional>
#include <utility>

#include "binding/batches.h"
#include "binding/calls.h"
#include "binding/convert.h"
#include "binding/open_engine.h"

namespace rowtine::binding {
namespace {

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

Napi::Value share_within(const Napi::CallbackInfo& info) {
  Reader reader(info.Env());
  const auto open = engine_of(reader, info);
  const uint32_t id = number_at(reader, info, 1, "relation");
  const uint32_t column = number_at(reader, info, 2, "column");
  const table::ValueRange range{reader.integer(info[3], "low", INT64_MIN, INT64_MAX),
                                reader.integer(info[4], "high", INT64_MIN, INT64_MAX)};
  if (!reader.ok()) return reader.refuse();
  return Napi::Number::New(info.Env(), open->engine->share_within(id, column, range));
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

Napi::Value continue_identity_of(const Napi::CallbackInfo& info) {
  Reader reader(info.Env());
  const auto open = engine_of(reader, info);
  const uint32_t id = number_at(reader, info, 1, "relation");
  const uint32_t other = number_at(reader, info, 2, "other");
  if (!reader.ok()) return reader.refuse();
  const auto refusal = open->engine->continue_identity_of(id, other);
  return refusal ? throw_refusal(info.Env(), *refusal) : info.Env().Undefined();
}

constexpr Call kCalls[] = {
    {"createRelations", create_relations},
    {"dropRelation", drop_relation},
    {"createIndex", create_index},
    {"dropIndex", drop_index},
    {"loadRows", load_rows},
    {"appendBatch", append_batch},
    {"openCsv", open_csv},
    {"feedCsv", feed_csv},
    {"rowCount", row_count},
    {"distinctCount", distinct_count},
    {"shareWithin", share_within},
    {"continueIdentity", continue_identity},
    {"continueIdentityOf", continue_identity_of},
};

}  // namespace

std::span<const Call> relation_calls() { return kCalls; }

}  // namespace rowtine::binding
