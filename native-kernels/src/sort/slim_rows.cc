#include "sort/slim_rows.h"

#include <algorithm>
#include <cstring>

namespace rowtine::sort {

// ---- KeyReader --------------------------------------------------------------------------------

void KeyReader::set(const SortLayout& sort_layout, const KeyDifferences& differences) {
  layout = &sort_layout;
  bits.set(differences.bits);
  key = differences.first;
  key.resize(layout->key_stride());
}

// A key's last bytes may reach into the next, which is written after it.
void KeyReader::write_keys(const Entry* const* entries, uint32_t count, uint32_t stride,
                           uint8_t* out) const {
  for (uint32_t i = 0; i < count; ++i, out += stride) {
    for (size_t at = 0; at < key.size(); at += 8) std::memcpy(out + at, key.data() + at, 8);
    bits.spread(entries[i]->prefix, out);
  }
}

bool KeyReader::read(uint32_t column, const Entry* const* entries, uint32_t count, Arena& arena,
                     Vector& out) const {
  const int32_t held_by = layout->key_of_payload[column];
  if (held_by == kNoKey) {
    auto* rows = arena.allocate_array<const uint8_t*>(count);
    if (rows == nullptr) return false;
    for (uint32_t i = 0; i < count; ++i) rows[i] = entries[i]->row;
    return join::gather_column(layout->slim, layout->slim_columns[column], rows, count, arena, out);
  }
  const uint32_t stride = layout->key_stride();
  auto* keys = arena.allocate_array<uint8_t>(size_t{count} * stride);
  if (keys == nullptr) return false;
  write_keys(entries, count, stride, keys);
  const KeyLayout::Part& part = layout->keys.parts[static_cast<size_t>(held_by)];
  return read_key_column(part, keys, stride, count, arena, out);
}

// ---- SlimRows ---------------------------------------------------------------------------------

void SlimRows::open(const SortLayout& layout, Arena& pages) {
  layout_ = &layout;
  arena_ = &pages;
  pages_.clear();
  count_ = 0;
  known_bits_.clear();
  rows_.open(std::max(layout.slim.row_bytes, 8U), pages);
}

// Each further bit that differs costs a pass over what is there; there are at most 64.
void SlimRows::renumber(const KeyReader& reader) {
  std::vector<uint8_t> key = reader_.key;
  for (uint64_t row = 0; row < count_; ++row) {
    uint64_t* at = number(row);
    reader_.bits.spread(*at, key.data());
    *at = reader.number(key.data());
  }
}

bool SlimRows::append(std::span<const Vector> payload, const uint8_t* keys, uint32_t count,
                      const KeyDifferences& differences, const uint8_t* stable, Arena& scratch) {
  if (count == 0) return true;
  if (known_bits_ != differences.bits) {
    KeyReader reader;
    reader.set(*layout_, differences);
    renumber(reader);
    reader_ = std::move(reader);
    known_bits_ = differences.bits;
  }
  while (pages_.size() << kPageShift < count_ + count) {
    auto* page = arena_->allocate_array<uint64_t>(size_t{1} << kPageShift);
    if (page == nullptr) return false;
    pages_.push_back(page);
  }
  if (!layout_->slim.types.empty()) {
    auto* targets = scratch.allocate_array<uint8_t*>(count);
    if (targets == nullptr || !rows_.extend(count, targets)) return false;
    for (uint32_t i = 0; i < payload.size(); ++i) {
      if (layout_->key_of_payload[i] != kNoKey) continue;
      if (!join::scatter_column(layout_->slim, layout_->slim_columns[i], payload[i], nullptr, count,
                                targets, stable[i] != 0 ? nullptr : arena_)) {
        return false;
      }
    }
  }
  const uint32_t stride = layout_->key_stride();
  for (uint32_t i = 0; i < count; ++i) {
    *number(count_ + i) = reader_.number(keys + size_t{i} * stride);
  }
  count_ += count;
  return true;
}

void SlimRows::entries(uint64_t first, uint64_t count, const KeyReader& reader, Entry* out) const {
  const bool has_rows = !layout_->slim.types.empty();
  const bool is_same = reader.bits == reader_.bits;
  std::vector<uint8_t> key = reader_.key;
  for (uint64_t i = 0; i < count; ++i) {
    uint64_t value = *number(first + i);
    if (!is_same) {
      reader_.bits.spread(value, key.data());
      value = reader.number(key.data());
    }
    out[i] = {value, has_rows ? rows_.row(first + i) : nullptr};
  }
}

}  // namespace rowtine::sort
