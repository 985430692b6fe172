#include "binding/exchange.h"

#include <cstring>

#include "base/bits.h"

namespace rowtine::binding {
namespace {

size_t room_for(size_t bytes) { return round_up(bytes, 16); }

size_t room_for(const runtime::ExportBatch& batch) {
  size_t total =
      room_for((Exchange::kHeaderWords + batch.columns.size() * Exchange::kColumnWords) * 4);
  for (const runtime::ExportColumn& column : batch.columns) {
    total += room_for(column.validity.size()) + room_for(column.values.size()) +
             room_for(column.offsets.size() * 4);
  }
  return total;
}

}  // namespace

bool Exchange::write(const runtime::ExportBatch& batch) {
  if (room_for(batch) > kBytes) return false;
  int32_t* word = words();
  *word++ = static_cast<int32_t>(batch.row_count);
  int32_t* used = word++;
  // Without rows there may be columns of the read before.
  const size_t columns = batch.row_count == 0 ? 0 : batch.columns.size();
  used_ = room_for((kHeaderWords + columns * kColumnWords) * 4);
  for (size_t i = 0; i < columns; ++i) {
    const runtime::ExportColumn& column = batch.columns[i];
    *word++ = static_cast<int32_t>(column.type);
    *word++ = static_cast<int32_t>(column.null_count);
    *word++ = column.null_count == 0
                  ? 0
                  : static_cast<int32_t>(place(column.validity.data(), column.validity.size()));
    const size_t values = place(column.values.data(), column.values.size());
    *word++ = static_cast<int32_t>(values);
    *word++ = static_cast<int32_t>(place_offsets(column.offsets, values));
  }
  *used = static_cast<int32_t>(used_);
  return true;
}

size_t Exchange::place(const void* from, size_t bytes) {
  const size_t start = used_;
  if (bytes > 0) std::memcpy(memory_.data() + start, from, bytes);
  used_ += room_for(bytes);
  return start;
}

size_t Exchange::place_offsets(const runtime::ExportBuffer<int32_t>& offsets, size_t base) {
  const size_t start = used_;
  int32_t* to = words() + start / 4;
  for (const int32_t offset : offsets) *to++ = static_cast<int32_t>(base) + offset;
  used_ += room_for(offsets.size() * 4);
  return start;
}

Napi::Value share(Napi::Env env, const std::shared_ptr<Exchange>& exchange) {
  auto* kept = new std::shared_ptr<Exchange>(exchange);
  const auto bytes = exchange->bytes();
  return Napi::ArrayBuffer::New(
      env, const_cast<std::byte*>(bytes.data()), bytes.size(),
      [](Napi::Env, void*, std::shared_ptr<Exchange>* held) { delete held; }, kept);
}

}  // namespace rowtine::binding
