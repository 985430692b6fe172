#include "sort/sort_buffer.h"

#include <algorithm>
#include <cstring>

namespace rowtine::sort {
namespace {

// A bounded sort lets this many times its rows gather before it drops the later ones.
constexpr uint64_t kGatherFactor = 2;
constexpr uint64_t kGatherRowsMin = 4096;

/// Up to eight bytes of a key as a number that orders as they do.
uint64_t number_of(const uint8_t* bytes, uint32_t count) {
  uint8_t padded[8] = {};
  std::memcpy(padded, bytes, std::min<uint32_t>(count, sizeof padded));
  uint64_t number;
  std::memcpy(&number, padded, sizeof number);
  return __builtin_bswap64(number);
}

uint32_t equal_bytes(const uint8_t* a, const uint8_t* b, uint32_t count) {
  return static_cast<uint32_t>(std::mismatch(a, a + count, b).first - a);
}

uint64_t sum_or_max(uint64_t a, uint64_t b) {
  uint64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

}  // namespace

void SortBuffer::open(const KeyLayout& keys, const join::PackedLayout& layout, int64_t limit,
                      int64_t offset, Arena& run, size_t bytes_max) {
  keys_ = &keys;
  layout_ = &layout;
  run_ = &run;
  offset_ = static_cast<uint64_t>(offset);
  row_limit_ = limit < 0 ? UINT64_MAX : sum_or_max(static_cast<uint64_t>(limit), offset_);
  key_offset_ = layout.row_bytes - ((keys.bytes + 15) & ~15U);
  for (Arena& arena : kept_) {
    arena.reset();
    arena.set_bytes_max(bytes_max);
  }
  current_ = 0;
  rows_.open(layout.row_bytes, is_bounded() ? kept_[0] : run);
  entries_ = nullptr;
  bound_ = nullptr;
  arrived_ = 0;
}

bool SortBuffer::append(std::span<const Vector> payload, std::span<const Vector> keys,
                        uint32_t count, const uint8_t* stable, Arena& scratch) {
  if (row_limit_ == 0) return true;
  auto* normalised = scratch.allocate_array<uint8_t>(static_cast<size_t>(count) * keys_->bytes + 1);
  auto* selected = scratch.allocate_array<uint32_t>(count);
  if (normalised == nullptr || selected == nullptr) return false;
  normalise_keys(*keys_, keys, count, normalised);
  const uint32_t wanted = select_rows(normalised, count, selected);
  if (!write_rows(payload, keys, normalised, selected, wanted, stable, scratch)) return false;
  if (!is_bounded()) return true;
  const uint64_t gather = std::max(kGatherRowsMin, row_limit_ * kGatherFactor);
  return rows_.count() < gather || row_limit_ >= UINT64_MAX / kGatherFactor || truncate();
}

// Passes over rows that come after enough others for certain: the bytes compared stop at the first
// string's prefix, where only the strings could tell.
uint32_t SortBuffer::select_rows(const uint8_t* keys, uint32_t count, uint32_t* selected) const {
  uint32_t wanted = 0;
  for (uint32_t row = 0; row < count; ++row) {
    selected[wanted] = row;
    const uint8_t* key = keys + static_cast<size_t>(row) * keys_->bytes;
    const bool too_late =
        bound_ != nullptr && std::memcmp(key, bound_ + key_offset_, keys_->decisive_bytes) > 0;
    wanted += too_late ? 0 : 1;
  }
  return wanted;
}

bool SortBuffer::write_rows(std::span<const Vector> payload, std::span<const Vector> keys,
                            const uint8_t* normalised, const uint32_t* selected, uint32_t count,
                            const uint8_t* stable, Arena& scratch) {
  auto* targets = scratch.allocate_array<uint8_t*>(count);
  if (targets == nullptr || !rows_.extend(count, targets)) return false;
  Arena& heap = is_bounded() ? kept_[current_] : *run_;
  const auto write = [&](uint32_t column, const Vector& source, bool is_stable) {
    return join::scatter_column(*layout_, column, source, selected, count, targets,
                                is_stable ? nullptr : &heap);
  };
  for (uint32_t i = 0; i < payload.size(); ++i) {
    if (!write(i, payload[i], stable[i] != 0)) return false;
  }
  for (uint32_t i = 0; i < keys.size(); ++i) {
    const int32_t column = keys_->parts[i].string_column;
    if (column < 0) continue;
    if (!write(static_cast<uint32_t>(column), keys[i], stable[payload.size() + i] != 0)) {
      return false;
    }
  }
  for (uint32_t i = 0; i < count; ++i) {
    // In place of a hash: the order of arrival, which settles ties.
    join::set_hash(targets[i], arrived_ + selected[i]);
    std::memcpy(targets[i] + key_offset_,
                normalised + static_cast<size_t>(selected[i]) * keys_->bytes, keys_->bytes);
  }
  arrived_ += count == 0 ? 0 : selected[count - 1] + 1;
  return true;
}

bool SortBuffer::less(const Entry& a, const Entry& b) const {
  if (a.prefix != b.prefix) return a.prefix < b.prefix;
  const int order = compare_rows(*keys_, *layout_, key_offset_, a.row, b.row);
  return order != 0 ? order < 0 : join::hash_of(a.row) < join::hash_of(b.row);
}

// Bytes at the front that are the same in all keys (no nulls, high bytes of small numbers).
uint32_t SortBuffer::shared_bytes() const {
  uint32_t shared = keys_->decisive_bytes;
  for (uint64_t i = 1; i < rows_.count() && shared > 0; ++i) {
    shared = equal_bytes(rows_.row(0) + key_offset_, rows_.row(i) + key_offset_, shared);
  }
  return shared;
}

bool SortBuffer::make_entries(Arena& arena) {
  const uint64_t count = rows_.count();
  entries_ = arena.allocate_array<Entry>(count);
  if (entries_ == nullptr) return false;
  const uint32_t skipped = shared_bytes();
  const uint32_t bytes = keys_->decisive_bytes - skipped;
  for (uint64_t i = 0; i < count; ++i) {
    const uint8_t* row = rows_.row(i);
    entries_[i] = {number_of(row + key_offset_ + skipped, bytes), row};
  }
  return true;
}

bool SortBuffer::copy_row(const uint8_t* from, Arena& arena) {
  uint8_t* to = nullptr;
  if (!rows_.extend(1, &to)) return false;
  std::memcpy(to, from, layout_->row_bytes);
  for (uint32_t column = 0; column < layout_->types.size(); ++column) {
    if (layout_->types[column] != PhysicalType::String || layout_->is_null(to, column)) continue;
    vector::StringView view;
    std::memcpy(&view, to + layout_->offsets[column], sizeof view);
    if (view.is_inline()) continue;
    auto* bytes = static_cast<char*>(arena.allocate(view.size, 1));
    if (bytes == nullptr) return false;
    std::memcpy(bytes, view.pointer, view.size);
    view.pointer = bytes;
    std::memcpy(to + layout_->offsets[column], &view, sizeof view);
  }
  return true;
}

// Keeps the first row_limit_ rows, moving them to the other arena with their strings.
bool SortBuffer::truncate() {
  if (!make_entries(kept_[current_])) return false;
  const uint64_t count = rows_.count();
  const auto by_order = [this](const Entry& a, const Entry& b) { return less(a, b); };
  std::nth_element(entries_, entries_ + row_limit_ - 1, entries_ + count, by_order);
  const Entry* survivors = entries_;
  current_ = 1 - current_;
  kept_[current_].reset();
  rows_.open(layout_->row_bytes, kept_[current_]);
  for (uint64_t i = 0; i < row_limit_; ++i) {
    if (!copy_row(survivors[i].row, kept_[current_])) return false;
  }
  bound_ = rows_.row(row_limit_ - 1);  // the greatest of them
  entries_ = nullptr;
  return true;
}

bool SortBuffer::finish() {
  if (!make_entries(*run_)) return false;
  const uint64_t count = rows_.count();
  const uint64_t wanted = std::min(count, row_limit_);
  const auto by_order = [this](const Entry& a, const Entry& b) { return less(a, b); };
  if (wanted < count) {
    std::partial_sort(entries_, entries_ + wanted, entries_ + count, by_order);
  } else {
    std::sort(entries_, entries_ + count, by_order);
  }
  return true;
}

uint64_t SortBuffer::count() const {
  const uint64_t end = std::min(rows_.count(), row_limit_);
  return end > offset_ ? end - offset_ : 0;
}

void SortBuffer::addresses(uint64_t first, uint32_t count, const uint8_t** out) const {
  for (uint32_t i = 0; i < count; ++i) out[i] = entries_[offset_ + first + i].row;
}

}  // namespace rowtine::sort
