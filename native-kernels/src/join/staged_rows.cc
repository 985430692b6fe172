#include "join/staged_rows.h"

#include <algorithm>
#include <cstring>

#include "vector/dispatch.h"

namespace rowtine::join {
namespace {

using vector::StringView;

// A small build side takes little memory; chunks of a large one are whole batches.
constexpr uint32_t kFirstChunkRows = 64;

template <class T>
void copy_values(const Vector& source, const uint32_t* rows, uint32_t first, uint32_t count,
                 T* target) {
  const T* values = source.as<T>();
  if (source.constant) {
    std::fill_n(target, count, values[0]);
  } else if (rows == nullptr) {
    std::memcpy(static_cast<void*>(target), values + first, count * sizeof(T));
  } else {
    for (uint32_t i = 0; i < count; ++i) target[i] = values[rows[first + i]];
  }
}

}  // namespace

void StagedRows::open(std::span<const PhysicalType> types, Arena& memory, Arena& heap) {
  types_ = types;
  chunks_.clear();
  memory_ = &memory;
  heap_ = &heap;
  count_ = 0;
  has_nulls_ = false;
}

bool StagedRows::add_chunk(uint32_t rows_wanted) {
  const uint32_t before = chunks_.empty() ? kFirstChunkRows / 2 : chunks_.back().capacity;
  StagedChunk chunk;
  chunk.capacity = std::min(std::max(before * 2, rows_wanted), vector::kBatchRowsMax);
  chunk.columns = memory_->allocate_array<Vector>(types_.size());
  if (chunk.columns == nullptr) return false;
  for (size_t i = 0; i < types_.size(); ++i) {
    if (!vector::allocate(*memory_, types_[i], chunk.capacity, false, chunk.columns[i])) {
      return false;
    }
  }
  chunks_.push_back(chunk);
  return true;
}

bool StagedRows::append(std::span<const Vector> columns, const uint32_t* rows, uint32_t count,
                        const uint8_t* stable) {
  for (uint32_t first = 0; first < count;) {
    const bool full = chunks_.empty() || chunks_.back().count == chunks_.back().capacity;
    if (full && !add_chunk(count - first)) return false;
    StagedChunk& chunk = chunks_.back();
    const uint32_t taken = std::min(count - first, chunk.capacity - chunk.count);
    for (size_t i = 0; i < columns.size(); ++i) {
      if (!copy_into(chunk, i, columns[i], rows, first, taken, stable[i] != 0)) return false;
    }
    chunk.count += taken;
    count_ += taken;
    first += taken;
  }
  return true;
}

bool StagedRows::copy_into(StagedChunk& chunk, size_t column, const Vector& source,
                           const uint32_t* rows, uint32_t first, uint32_t count, bool stable) {
  Vector& target = chunk.columns[column];
  vector::with_type(target.type, [&](auto tag) {
    using T = typename decltype(tag)::Type;
    copy_values<T>(source, rows, first, count, target.as<T>() + chunk.count);
  });
  if (source.validity != nullptr &&
      !copy_nulls(target, chunk.capacity, chunk.count, source, rows, first, count)) {
    return false;
  }
  const bool owns = target.type == PhysicalType::String && !stable;
  return !owns || own_strings(target, chunk.count, count);
}

bool StagedRows::copy_nulls(Vector& target, uint32_t capacity, uint32_t at, const Vector& source,
                            const uint32_t* rows, uint32_t first, uint32_t count) {
  for (uint32_t i = 0; i < count; ++i) {
    if (!source.is_null(rows == nullptr ? first + i : rows[first + i])) continue;
    has_nulls_ = true;
    if (target.validity == nullptr) {
      const size_t words = bitmap_words(capacity);
      target.validity = memory_->allocate_array<uint64_t>(words);
      if (target.validity == nullptr) return false;
      std::memset(target.validity, 0xFF, words * sizeof(uint64_t));
    }
    clear_bit(target.validity, at + i);
    // The bytes under a null may be anything; nobody shall follow a pointer there.
    if (target.type == PhysicalType::String) target.as<StringView>()[at + i] = StringView();
  }
  return true;
}

bool StagedRows::own_strings(Vector& target, uint32_t at, uint32_t count) {
  for (uint32_t i = at; i < at + count; ++i) {
    StringView& view = target.as<StringView>()[i];
    if (view.is_inline()) continue;
    auto* bytes = static_cast<char*>(heap_->allocate(view.size, 1));
    if (bytes == nullptr) return false;
    std::memcpy(bytes, view.pointer, view.size);
    view.pointer = bytes;
  }
  return true;
}

}  // namespace rowtine::join
