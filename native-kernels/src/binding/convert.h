// The shapes of native-kernels/binding.ts in C++: specs in, batches, errors and events out.
#pragma once

#include "binding/reader.h"
#include "runtime/events.h"
#include "runtime/spec.h"
#include "runtime/store_gate.h"

namespace rowtine::binding {

runtime::EngineOptions read_options(Reader& reader, const Napi::Value& value);
runtime::IndexSpec read_index(Reader& reader, const Napi::Value& value);
runtime::RelationSpec read_relation(Reader& reader, const Napi::Value& value);
runtime::CoroutineSpec read_coroutine(Reader& reader, const Napi::Value& value);

/// Columns of rows to load, as vectors in `arena`. Strings point into the caller's buffers: valid
/// during the call. Every buffer's length is checked against `row_count`.
std::vector<vector::Vector> read_columns(Reader& reader, const Napi::Value& value,
                                         uint32_t row_count, Arena& arena);

/// Moves the batch's buffers into JavaScript: what is large is handed over and gone from the batch, what is
/// small is copied into one ArrayBuffer.
Napi::Object write_batch(Napi::Env env, runtime::ExportBatch& batch);
Napi::Object write_refusal(Napi::Env env, const runtime::Refusal& refusal);
Napi::Object write_event(Napi::Env env, runtime::MainEvent& event);
Napi::Object write_commits(Napi::Env env, runtime::StoreCommits& commits);

/// Throws an Error in JavaScript that carries the refusal's fields. Returns: undefined.
Napi::Value throw_refusal(Napi::Env env, const runtime::Refusal& refusal);

}  // namespace rowtine::binding
