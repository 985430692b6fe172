// Batches, errors and events into JavaScript. Small columns of a batch are copied into one ArrayBuffer;
// large ones are handed over as they are, and freed when JavaScript has no more use for them.
#include <cstring>

#include "base/bits.h"
#include "binding/convert.h"

namespace rowtine::binding {
namespace {

using runtime::ExportBatch;
using runtime::ExportBuffer;
using runtime::ExportColumn;
using runtime::MainEvent;
using runtime::Refusal;

/// Copies into memory that JavaScript was asked for: null when it gave none, as when its thread is being
/// terminated while we write. What was being made reaches nobody then.
void copy_if_given(void* to, size_t at, const void* from, size_t bytes) {
  if (to != nullptr && bytes > 0) std::memcpy(static_cast<uint8_t*>(to) + at, from, bytes);
}

/// From here on a buffer is handed over: an ArrayBuffer of its own takes 1 us, and copying this much 10.
constexpr size_t kHandedOverBytesMin = 64 << 10;

/// The buffer as an ArrayBuffer without a copy. Empty when JavaScript takes none; see copy_if_given(). The
/// garbage collector is told of its bytes: by itself it would collect such memory when there is none left.
template <class T>
Napi::ArrayBuffer hand_over(Napi::Env env, ExportBuffer<T>& buffer) {
  auto* kept = new ExportBuffer<T>(std::move(buffer));
  const auto made = Napi::ArrayBuffer::New(
      env, kept->data(), kept->bytes(),
      [](Napi::Env owner, void*, ExportBuffer<T>* held) {
        Napi::MemoryManagement::AdjustExternalMemory(owner, -static_cast<int64_t>(held->bytes()));
        delete held;
      },
      kept);
  if (made.IsEmpty()) {
    delete kept;
  } else {
    Napi::MemoryManagement::AdjustExternalMemory(env, static_cast<int64_t>(kept->bytes()));
  }
  return made;
}

/// Makes typed arrays of buffers: those that are small lie one after the other in one ArrayBuffer, each at
/// a multiple of 64 bytes.
class Packer {
 public:
  Packer(Napi::Env env, size_t bytes)
      : env_(env),
        buffer_(Napi::ArrayBuffer::New(env, bytes)),
        memory_(buffer_.IsEmpty() ? nullptr : buffer_.Data()) {}

  template <class T>
  static size_t room_for(const ExportBuffer<T>& buffer) {
    return buffer.bytes() < kHandedOverBytesMin ? round_up(buffer.bytes(), 64) : 0;
  }

  template <class T>
  Napi::Value array(ExportBuffer<T>& buffer) {
    const size_t count = buffer.size();
    if (buffer.bytes() < kHandedOverBytesMin) return typed<T>(count, buffer_, place(buffer));
    const Napi::ArrayBuffer large = hand_over(env_, buffer);
    return large.IsEmpty() ? env_.Undefined() : typed<T>(count, large, 0);
  }

 private:
  template <class T>
  Napi::Value typed(size_t count, const Napi::ArrayBuffer& buffer, size_t start) {
    return Napi::TypedArrayOf<T>::New(env_, count, buffer, start);
  }
  template <class T>
  size_t place(const ExportBuffer<T>& buffer) {
    const size_t start = used_;
    copy_if_given(memory_, start, buffer.data(), buffer.bytes());
    used_ += room_for(buffer);
    return start;
  }

  Napi::Env env_;  // an empty buffer_ knows none
  Napi::ArrayBuffer buffer_;
  void* memory_;
  size_t used_ = 0;
};

size_t room_for(const std::vector<ExportColumn>& columns) {
  size_t total = 0;
  for (const ExportColumn& column : columns) {
    total += Packer::room_for(column.validity) + Packer::room_for(column.values) +
             Packer::room_for(column.offsets);
  }
  return total;
}

Napi::Array write_columns(Napi::Env env, std::vector<ExportColumn>& columns) {
  Packer packer(env, room_for(columns));
  auto list = Napi::Array::New(env, columns.size());
  for (uint32_t i = 0; i < columns.size(); ++i) {
    ExportColumn& column = columns[i];
    auto out = Napi::Object::New(env);
    out.Set("type", static_cast<uint32_t>(column.type));
    out.Set("nullCount", column.null_count);
    out.Set("validity", column.null_count == 0 ? env.Undefined() : packer.array(column.validity));
    out.Set("values", packer.array(column.values));
    out.Set("offsets", column.type == vector::PhysicalType::String ? packer.array(column.offsets)
                                                                   : env.Undefined());
    list.Set(i, out);
  }
  return list;
}

void write_fields(Napi::Object out, const Refusal& refusal) {
  out.Set("state", refusal.state.text().data());
  out.Set("spanStart", refusal.span_start);
  out.Set("spanEnd", refusal.span_end);
  out.Set("relation", refusal.relation);
  out.Set("index", refusal.index);
  out.Set("column", refusal.column);
  out.Set("message", refusal.message);
}

const char* kind_name(MainEvent::Kind kind) {
  switch (kind) {
    case MainEvent::Kind::Batch: return "batch";
    case MainEvent::Kind::Done: return "done";
    case MainEvent::Kind::Followed: return "followed";
    case MainEvent::Kind::Listening: return "listening";
    case MainEvent::Kind::Stopped: return "stopped";
  }
  return "";
}

const char* operation_name(runtime::StoreOperation operation) {
  switch (operation) {
    case runtime::StoreOperation::Insert: return "insert";
    case runtime::StoreOperation::Update: return "update";
    case runtime::StoreOperation::Delete: return "delete";
  }
  return "";
}

}  // namespace

Napi::Object write_batch(Napi::Env env, ExportBatch& batch) {
  auto out = Napi::Object::New(env);
  out.Set("rowCount", batch.row_count);
  out.Set("columns", write_columns(env, batch.columns));
  return out;
}

Napi::Object write_refusal(Napi::Env env, const Refusal& refusal) {
  auto out = Napi::Object::New(env);
  write_fields(out, refusal);
  return out;
}

Napi::Value throw_refusal(Napi::Env env, const Refusal& refusal) {
  const auto text = refusal.state.text();
  auto error = Napi::Error::New(env, refusal.message.empty() ? text.data() : refusal.message);
  const std::string message = refusal.message;
  write_fields(error.Value(), refusal);
  error.ThrowAsJavaScriptException();
  return env.Undefined();
}

namespace {

Napi::Value write_profile(Napi::Env env, const std::vector<double>& profile) {
  if (profile.empty()) return env.Undefined();
  auto out = Napi::Float64Array::New(env, profile.size());
  copy_if_given(out.Data(), 0, profile.data(), profile.size() * sizeof(double));
  return out;
}

}  // namespace

Napi::Object write_event(Napi::Env env, MainEvent& event) {
  auto out = Napi::Object::New(env);
  out.Set("kind", kind_name(event.kind));
  const auto error = event.failed ? Napi::Value(write_refusal(env, event.error)) : env.Undefined();
  switch (event.kind) {
    case MainEvent::Kind::Batch:
      out.Set("statement", event.id);
      out.Set("batch", write_batch(env, event.batch));
      break;
    case MainEvent::Kind::Done:
      out.Set("statement", event.id);
      out.Set("affected", static_cast<double>(event.count));
      out.Set("profile", write_profile(env, event.profile));
      out.Set("error", error);
      break;
    case MainEvent::Kind::Followed:
      out.Set("follow", event.id);
      out.Set("batch", write_batch(env, event.batch));
      out.Set("lost", static_cast<double>(event.count));
      break;
    case MainEvent::Kind::Listening:
      out.Set("listener", event.id);
      out.Set("protocol", event.protocol);
      out.Set("address", event.address);
      out.Set("error", error);
      break;
    case MainEvent::Kind::Stopped:
      break;
  }
  return out;
}

Napi::Object write_commits(Napi::Env env, runtime::StoreCommits& commits) {
  auto out = Napi::Object::New(env);
  out.Set("ticket", Napi::BigInt::New(env, commits.ticket));
  auto changes = Napi::Array::New(env, commits.changes.size());
  for (uint32_t i = 0; i < commits.changes.size(); ++i) {
    runtime::StoreChange& change = commits.changes[i];
    auto item = Napi::Object::New(env);
    item.Set("relation", change.relation);
    item.Set("operation", operation_name(change.operation));
    item.Set("rowCount", static_cast<double>(change.keys.size()));
    auto keys = Napi::BigInt64Array::New(env, change.keys.size());
    copy_if_given(keys.IsEmpty() ? nullptr : keys.Data(), 0, change.keys.data(),
                  change.keys.size() * sizeof(int64_t));
    item.Set("keys", keys);
    item.Set("columns", write_columns(env, change.rows.columns));
    changes.Set(i, item);
  }
  out.Set("changes", changes);
  return out;
}

}  // namespace rowtine::binding
