#include "join/packed_rows.h"

#include <algorithm>
#include <cstring>

#include "base/bits.h"
#include "base/invariant.h"
#include "join/packed_value.h"
#include "vector/compare.h"

namespace rowtine::join {
namespace {

using vector::Interval;
using vector::StringView;
using vector::Uuid;

constexpr uint32_t kHashBytes = 8;
constexpr uint32_t kPageBytes = 16 * 1024;
// Rows of joins and sorts lie anywhere; their cache lines are asked for this many rows ahead.
constexpr uint32_t kPrefetchRows = 16;

/// Calls task.run<T>() with the C++ type of `type`.
template <class Task>
auto run_typed(PhysicalType type, const Task& task) {
  return vector::with_type(
      type, [&](auto tag) { return task.template run<typename decltype(tag)::Type>(); });
}

bool copy_string(StringView& view, Arena& heap) {
  if (view.is_inline()) return true;
  auto* bytes = static_cast<char*>(heap.allocate(view.size, 1));
  if (bytes == nullptr) return false;
  std::memcpy(bytes, view.pointer, view.size);
  view.pointer = bytes;
  return true;
}

struct ScatterValues {
  const PackedLayout& layout;
  uint32_t column;
  const Vector& source;
  const uint32_t* rows;
  uint32_t count;
  uint8_t* const* targets;
  Arena* heap;

  template <class T>
  bool run() const {
    const uint32_t offset = layout.offsets[column];
    const T* values = source.as<T>();
    for (uint32_t i = 0; i < count; ++i) {
      T value = values[source.index_of(rows == nullptr ? i : rows[i])];
      if constexpr (std::is_same_v<T, StringView>) {
        if (heap != nullptr && !copy_string(value, *heap)) return false;
      }
      std::memcpy(targets[i] + offset, &value, sizeof(T));
    }
    return true;
  }
};

void scatter_nulls(const PackedLayout& layout, uint32_t column, const Vector& source,
                   const uint32_t* rows, uint32_t count, uint8_t* const* targets) {
  const uint32_t at = layout.null_offset + column / 8;
  const auto bit = static_cast<uint8_t>(1U << (column % 8));
  for (uint32_t i = 0; i < count; ++i) {
    if (source.is_null(rows == nullptr ? i : rows[i])) targets[i][at] |= bit;
  }
}

// The bytes under a null may be anything, so a null string becomes the empty view before any copy
// follows its pointer.
bool scatter_nullable_strings(const ScatterValues& scatter) {
  const uint32_t offset = scatter.layout.offsets[scatter.column];
  for (uint32_t i = 0; i < scatter.count; ++i) {
    const uint32_t row = scatter.rows == nullptr ? i : scatter.rows[i];
    StringView value;
    if (!scatter.source.is_null(row)) {
      value = scatter.source.as<StringView>()[scatter.source.index_of(row)];
    }
    if (scatter.heap != nullptr && !copy_string(value, *scatter.heap)) return false;
    std::memcpy(scatter.targets[i] + offset, &value, sizeof value);
  }
  return true;
}

struct GatherValues {
  uint32_t offset;
  const uint8_t* const* rows;
  uint32_t count;
  bool may_be_missing;
  Vector& out;

  template <class T>
  void run() const {
    T* values = out.as<T>();
    if (!may_be_missing) return run_all(values);
    for (uint32_t i = 0; i < count; ++i) {
      __builtin_prefetch(rows[i + kPrefetchRows < count ? i + kPrefetchRows : i]);
      values[i] = rows[i] == nullptr ? T{} : load<T>(rows[i] + offset);
    }
  }

  template <class T>
  void run_all(T* values) const {
    for (uint32_t i = 0; i < count; ++i) {
      __builtin_prefetch(rows[i + kPrefetchRows < count ? i + kPrefetchRows : i]);
      values[i] = load<T>(rows[i] + offset);
    }
  }
};

bool any_missing(const uint8_t* const* rows, uint32_t count) {
  bool missing = false;
  for (uint32_t i = 0; i < count; ++i) missing |= rows[i] == nullptr;
  return missing;
}

struct MatchValues {
  const PackedLayout& layout;
  uint32_t column;
  const Vector& batch;
  const uint32_t* batch_rows;
  const uint8_t* const* packed_rows;
  NullRule nulls;
  uint32_t* selected;
  uint32_t count;
  uint32_t* rejected;
  uint32_t& rejected_count;

  template <class T>
  uint32_t run() const {
    return batch.validity == nullptr && nulls != NullRule::MaybeEqual ? match<T, false>()
                                                                      : match<T, true>();
  }

  template <class T, bool kBatchNulls>
  uint32_t match() const {
    const uint32_t offset = layout.offsets[column];
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; ++i) {
      const uint32_t candidate = selected[i];
      const bool same = equal<T, kBatchNulls>(candidate, offset);
      if (rejected != nullptr) {
        rejected[rejected_count] = candidate;
        rejected_count += same ? 0 : 1;
      }
      selected[kept] = candidate;
      kept += same ? 1 : 0;
    }
    return kept;
  }

  template <class T, bool kBatchNulls>
  bool equal(uint32_t candidate, uint32_t offset) const {
    const uint8_t* packed = packed_rows[candidate];
    const uint32_t row = batch_rows[candidate];
    const bool packed_null = layout.is_null(packed, column);
    const bool batch_null = kBatchNulls && batch.is_null(row);
    if (packed_null || batch_null) {
      if (nulls == NullRule::MaybeEqual) return true;
      return nulls == NullRule::Equal && packed_null && batch_null;
    }
    return vector::values_equal(batch.as<T>()[batch.index_of(row)], load<T>(packed + offset));
  }
};

}  // namespace

PackedLayout PackedLayout::of(std::span<const PhysicalType> types, uint32_t extra_bytes) {
  PackedLayout layout;
  layout.types.assign(types.begin(), types.end());
  layout.offsets.resize(types.size());
  layout.flag_offset = kHashBytes;
  layout.null_offset = kHashBytes + 1;
  auto next = static_cast<uint32_t>(layout.null_offset + (types.size() + 7) / 8);
  for (const uint32_t width : {1U, 2U, 4U, 8U, 16U}) {
    // Narrow columns fill the space behind the null bits; wide ones follow at their alignment.
    for (size_t i = 0; i < types.size(); ++i) {
      if (vector::width_of(types[i]) != width) continue;
      next = static_cast<uint32_t>(round_up(next, std::min(width, 8U)));
      layout.offsets[i] = next;
      next += width;
    }
  }
  if (extra_bytes > 0) next = static_cast<uint32_t>(round_up(next, 16)) + extra_bytes;
  layout.row_bytes = static_cast<uint32_t>(round_up(next, extra_bytes > 0 ? 16 : 8));
  return layout;
}

PackedLayout PackedLayout::compact(std::span<const PhysicalType> types, bool nullable) {
  PackedLayout layout;
  layout.types.assign(types.begin(), types.end());
  layout.offsets.resize(types.size());
  layout.nullable = nullable;
  auto next = static_cast<uint32_t>(vector::width_of(types[0]));
  // Upwards, so that narrow columns fill the space behind a narrow key.
  for (const uint32_t width : {1U, 2U, 4U, 8U, 16U}) {
    for (size_t i = 1; i < types.size(); ++i) {
      if (vector::width_of(types[i]) != width) continue;
      next = static_cast<uint32_t>(round_up(next, std::min(width, 8U)));
      layout.offsets[i] = next;
      next += width;
    }
  }
  layout.null_offset = next;
  if (nullable) next += static_cast<uint32_t>((types.size() + 7) / 8);
  layout.row_bytes = static_cast<uint32_t>(round_up(next, 8));
  return layout;
}

bool scatter_column(const PackedLayout& layout, uint32_t column, const Vector& source,
                    const uint32_t* rows, uint32_t count, uint8_t* const* targets, Arena* heap) {
  const ScatterValues scatter{layout, column, source, rows, count, targets, heap};
  if (source.validity != nullptr) {
    scatter_nulls(layout, column, source, rows, count, targets);
    if (source.type == PhysicalType::String) return scatter_nullable_strings(scatter);
  }
  return run_typed(source.type, scatter);
}

bool gather_column(const PackedLayout& layout, uint32_t column, const uint8_t* const* rows,
                   uint32_t count, Arena& arena, Vector& out) {
  const bool missing = any_missing(rows, count);
  const bool with_nulls = layout.nullable || missing;
  if (!vector::allocate(arena, layout.types[column], count, with_nulls, out)) return false;
  run_typed(out.type, GatherValues{layout.offsets[column], rows, count, missing, out});
  if (!with_nulls) return true;
  bool any_null = false;
  for (uint32_t i = 0; i < count; ++i) {
    if (rows[i] != nullptr && !layout.is_null(rows[i], column)) continue;
    clear_bit(out.validity, i);
    any_null = true;
  }
  if (!any_null) out.validity = nullptr;
  return true;
}

uint32_t match_column(const PackedLayout& layout, uint32_t column, const Vector& batch,
                      const uint32_t* batch_rows, const uint8_t* const* packed_rows, NullRule nulls,
                      uint32_t* selected, uint32_t count, uint32_t* rejected,
                      uint32_t& rejected_count) {
  return run_typed(batch.type, MatchValues{layout, column, batch, batch_rows, packed_rows, nulls,
                                           selected, count, rejected, rejected_count});
}

void PackedRows::open(uint32_t row_bytes, Arena& pages) {
  pages_.clear();
  arena_ = &pages;
  count_ = 0;
  row_bytes_ = row_bytes;
  page_shift_ = 0;
  while ((2ULL << page_shift_) * row_bytes <= kPageBytes) ++page_shift_;
  page_mask_ = (1ULL << page_shift_) - 1;
}

bool PackedRows::extend(uint32_t count, uint8_t** targets) {
  if (count_ + count > kRowsMax) return false;
  for (uint32_t i = 0; i < count; ++i) {
    const uint64_t index = count_ + i;
    if (index >> page_shift_ == pages_.size()) {
      void* page = arena_->allocate((page_mask_ + 1) * row_bytes_, 64);
      if (page == nullptr) return false;
      pages_.push_back(static_cast<uint8_t*>(page));
    }
    targets[i] = row(index);
    std::memset(targets[i], 0, row_bytes_);
  }
  count_ += count;
  return true;
}

void PackedRows::addresses(uint64_t first, uint32_t count, const uint8_t** out) const {
  for (uint32_t i = 0; i < count; ++i) out[i] = row(first + i);
}

void PackedRows::truncate_to_zero() {
  pages_.clear();
  count_ = 0;
}

}  // namespace rowtine::join
