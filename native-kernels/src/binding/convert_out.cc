// Batches, errors and events into JavaScript. Small columns of a batch are copied into one ArrayBuffer; large
// ones, and segments, are handed over as they are, and freed when JavaScript has no more use for them.
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
template <class Owner>
Napi::ArrayBuffer hand_over(Napi::Env env, void* memory, size_t bytes, std::unique_ptr<Owner> owner) {
  struct Kept {
    std::unique_ptr<Owner> owner;
    int64_t bytes;
  };
  auto* kept = new Kept{std::move(owner), static_cast<int64_t>(bytes)};
  const auto made = Napi::ArrayBuffer::New(
      env, memory, bytes,
      [](Napi::Env holder, void*, Kept* held) {
        Napi::MemoryManagement::AdjustExternalMemory(holder, -held->bytes);
        delete held;
      },
      kept);
  if (made.IsEmpty()) {
    delete kept;
  } else {
    Napi::MemoryManagement::AdjustExternalMemory(env, kept->bytes);
  }
  return made;
}

template <class T>
Napi::ArrayBuffer hand_over(Napi::Env env, ExportBuffer<T>& buffer) {
  auto kept = std::make_unique<ExportBuffer<T>>(std::move(buffer));
  T* const memory = kept->data();
  const size_t bytes = kept->bytes();
  return hand_over(env, memory, bytes, std::move(kept));
}

Napi::ArrayBuffer hand_over(Napi::Env env, std::unique_ptr<runtime::ExportSegment> segment) {
  std::byte* const memory = segment->data();
  return hand_over(env, memory, runtime::ExportSegment::kBytes, std::move(segment));
}

/// Makes typed arrays of buffers: those that are small lie one after the other in one ArrayBuffer, each at
/// a multiple of 64 bytes; those that borrow from a segment in that one's.
class Packer {
 public:
  Packer(Napi::Env env, size_t bytes, std::unique_ptr<runtime::ExportSegment> segment)
      : env_(env),
        buffer_(Napi::ArrayBuffer::New(env, bytes)),
        memory_(buffer_.IsEmpty() ? nullptr : buffer_.Data()) {
    if (segment == nullptr) return;
    segment_memory_ = reinterpret_cast<uint8_t*>(segment->data());
    segment_ = hand_over(env, std::move(segment));
  }

  template <class T>
  static size_t room_for(const ExportBuffer<T>& buffer) {
    return buffer.is_borrowed() || buffer.bytes() >= kHandedOverBytesMin ? 0 : round_up(buffer.bytes(), 64);
  }

  template <class T>
  Napi::Value array(ExportBuffer<T>& buffer) {
    const size_t count = buffer.size();
    if (buffer.is_borrowed()) return in_segment(buffer);
    if (buffer.bytes() < kHandedOverBytesMin) return typed<T>(count, buffer_, place(buffer));
    const Napi::ArrayBuffer large = hand_over(env_, buffer);
    return large.IsEmpty() ? env_.Undefined() : typed<T>(count, large, 0);
  }

 private:
  template <class T>
  Napi::Value in_segment(ExportBuffer<T>& buffer) {
    if (segment_.IsEmpty()) return env_.Undefined();
    const auto* start = reinterpret_cast<const uint8_t*>(buffer.data());
    return typed<T>(buffer.size(), segment_, static_cast<size_t>(start - segment_memory_));
  }
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
  Napi::ArrayBuffer segment_;
  const uint8_t* segment_memory_ = nullptr;
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

Napi::Array write_columns(Napi::Env env, ExportBatch& batch) {
  std::vector<ExportColumn>& columns = batch.columns;
  Packer packer(env, room_for(columns), std::move(batch.segment));
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
  out.Set("columns", write_columns(env, batch));
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
    item.Set("columns", write_columns(env, change.rows));
    changes.Set(i, item);
  }
  out.Set("changes", changes);
  return out;
}

}  // namespace rowtine::binding
