#include "aggregate/direct_groups.h"

#include <algorithm>
#include <cstring>

#include "aggregate/column_fold.h"
#include "base/bits.h"
#include "base/cache_line.h"

namespace rowtine::aggregate {
namespace {

// Entries per row met: the array must not cost much more than the rows that it serves.
constexpr uint64_t kEntriesPerRow = 8;
constexpr uint64_t kEntriesMax = 1ULL << 26;
// Beyond, sums of values and sizes might leave their type.
constexpr int64_t kValueMax = int64_t{1} << 62;
// From here on the array and the groups are fetched ahead.
constexpr int64_t kFarEntries = 1 << 13;
constexpr uint32_t kFetchAhead = 32;

template <class Task>
decltype(auto) run_integer(PhysicalType type, const Task& task) {
  if (type == PhysicalType::Int16) return task(int16_t{});
  if (type == PhysicalType::Int32) return task(int32_t{});
  return task(int64_t{});
}

bool is_integer(PhysicalType type) {
  return type == PhysicalType::Int16 || type == PhysicalType::Int32 || type == PhysicalType::Int64;
}

template <class T>
bool range_of_valid(const Vector& keys, uint32_t count, int64_t& least, int64_t& greatest) {
  bool any = false;
  for (uint32_t row = 0; row < count; ++row) {
    if (keys.is_null(row)) continue;
    const int64_t value = keys.as<T>()[row];
    least = any ? std::min(least, value) : value;
    greatest = any ? std::max(greatest, value) : value;
    any = true;
  }
  return any;
}

size_t far_index(int64_t value, int64_t first) {
  return static_cast<uint64_t>(value) - static_cast<uint64_t>(first);
}

void fetch(uintptr_t address) { __builtin_prefetch(reinterpret_cast<const void*>(address)); }

template <class T, bool kFar>
uint32_t find_groups(const Vector& keys, uint32_t count, int64_t first, uint8_t* const* groups,
                     uint8_t* null_group, uint8_t** rows, uint32_t* misses) {
  const T* values = keys.as<T>();
  uint32_t missed = 0;
  for (uint32_t row = 0; row < count; ++row) {
    const bool is_null = keys.validity != nullptr && !get_bit(keys.validity, row);
    rows[row] = is_null ? null_group : groups[values[row] - first];
    if constexpr (kFar) {
      // What lies under a null may point anywhere; a fetch does no harm.
      const uint32_t ahead = std::min(row + kFetchAhead, count - 1);
      fetch(reinterpret_cast<uintptr_t>(groups) + sizeof(void*) * far_index(values[ahead], first));
      fetch(reinterpret_cast<uintptr_t>(rows[row]));
      fetch(reinterpret_cast<uintptr_t>(rows[row]) + kCacheLineBytes);
    }
    misses[missed] = row;
    missed += rows[row] == nullptr ? 1 : 0;
  }
  return missed;
}

}  // namespace

void DirectGroups::open(const join::PackedLayout& layout, Arena& run) {
  layout_ = &layout;
  run_ = &run;
  groups_ = nullptr;
  null_group_ = nullptr;
  size_ = 0;
  possible_ = layout.types.size() == 1 && is_integer(layout.types[0]);
}

// Returns: false when all are null.
bool DirectGroups::range_of(const Vector& keys, uint32_t count, int64_t& least,
                            int64_t& greatest) const {
  return run_integer(keys.type, [&](auto zero) {
    using T = decltype(zero);
    if (keys.validity != nullptr) return range_of_valid<T>(keys, count, least, greatest);
    const Range<T> range = range_of_column(keys.as<T>(), count);
    least = range.least;
    greatest = range.greatest;
    return true;
  });
}

// Twice as wide as needed, in the direction in which values grow, so that it is seldom made anew.
bool DirectGroups::widen(int64_t least, int64_t greatest, uint64_t row_count) {
  if (groups_ != nullptr) {
    least = std::min(least, first_);
    greatest = std::max(greatest, first_ + size_ - 1);
  }
  if (least < -kValueMax || greatest > kValueMax) return false;
  const uint64_t limit = std::min(kEntriesMax, row_count * kEntriesPerRow);
  const auto span = static_cast<uint64_t>(greatest - least);
  if (span >= limit) return false;
  const size_t size = span + 1 + std::min(limit - 1 - span, span + 1);
  groups_ = run_->allocate_array<uint8_t*>(size);
  if (groups_ == nullptr) return possible_ = false;
  std::memset(groups_, 0, size * sizeof(uint8_t*));
  first_ = least;
  size_ = static_cast<int64_t>(size);
  return true;
}

uint32_t DirectGroups::find(const Vector& keys, uint32_t count, uint8_t** rows,
                            uint32_t* misses) const {
  return run_integer(keys.type, [&](auto zero) {
    using T = decltype(zero);
    const auto find = size_ > kFarEntries ? find_groups<T, true> : find_groups<T, false>;
    return find(keys, count, first_, groups_, null_group_, rows, misses);
  });
}

uint8_t*& DirectGroups::group_of(const Vector& keys, uint32_t row) {
  if (keys.is_null(row)) return null_group_;
  return run_integer(keys.type, [&](auto zero) -> uint8_t*& {
    return groups_[keys.as<decltype(zero)>()[row] - first_];
  });
}

void DirectGroups::put(uint8_t* row) {
  if (layout_->is_null(row, 0)) {
    null_group_ = row;
    return;
  }
  const int64_t value = run_integer(layout_->types[0], [&](auto zero) {
    std::memcpy(&zero, row + layout_->offsets[0], sizeof zero);
    return static_cast<int64_t>(zero);
  });
  const uint64_t index = static_cast<uint64_t>(value) - static_cast<uint64_t>(first_);
  if (index < static_cast<uint64_t>(size_)) groups_[index] = row;
}

}  // namespace rowtine::aggregate
