#include "aggregate/key_image.h"

#include <algorithm>
#include <array>

#include "hash/hash_columns.h"
#include "hash/mix.h"
#include "vector/dispatch.h"

namespace rowtine::aggregate {
namespace {

using vector::StringView;

uint32_t end_of_keys(const join::PackedLayout& layout) {
  uint32_t end = layout.null_offset + static_cast<uint32_t>((layout.types.size() + 7) / 8);
  for (size_t i = 0; i < layout.types.size(); ++i) {
    end = std::max(end, layout.offsets[i] + static_cast<uint32_t>(width_of(layout.types[i])));
  }
  return end;
}

uint32_t words_of(const join::PackedLayout& layout) {
  return (end_of_keys(layout) - kImageOffset + 7) / 8;
}

using hash::kSeed;
using hash::kStep;
using hash::mix;

template <uint32_t kWords>
uint64_t hash_image(const uint64_t* image, uint32_t words, uint64_t seed) {
  const uint32_t count = kWords == 0 ? words : kWords;
  uint64_t hash = seed ^ kSeed;
  uint32_t i = 0;
  for (; i + 1 < count; i += 2) hash = mix(image[i] ^ hash, image[i + 1] ^ kStep ^ seed);
  if (i < count) hash = mix(image[i] ^ hash, kStep ^ seed);
  return hash;
}

/// As hash_image() of a word of zeros and then these.
template <uint32_t kWords>
void hash_plain_words(const uint64_t* words, uint32_t count, uint64_t seed, uint64_t* hashes) {
  for (uint32_t i = 0; i < count; ++i) {
    uint64_t hash = mix(seed ^ kSeed, words[size_t{i} * kWords] ^ kStep ^ seed);
    if constexpr (kWords == 2) hash = mix(words[size_t{i} * kWords + 1] ^ hash, kStep ^ seed);
    hashes[i] = hash;
  }
}

template <uint32_t kWords>
void hash_images(const uint64_t* images, uint32_t words, uint32_t count, uint64_t seed,
                 uint64_t* hashes) {
  const uint32_t stride = kWords == 0 ? words : kWords;
  for (uint32_t i = 0; i < count; ++i) {
    hashes[i] = hash_image<kWords>(images + size_t{i} * stride, words, seed);
  }
}

struct WriteColumn {
  const Vector& column;
  const uint32_t* rows;
  uint32_t count;
  uint32_t stride;  // bytes
  uint8_t* target;  // of the first row's value

  // Returns: whether some string is long.
  template <class T>
  bool run() const {
    if (rows == nullptr && !column.constant && column.validity == nullptr) return write_flat<T>();
    bool has_long = false;
    for (uint32_t i = 0; i < count; ++i) {
      const uint32_t row = rows == nullptr ? i : rows[i];
      has_long |= put(column.is_null(row) ? T{} : column.as<T>()[column.index_of(row)], i);
    }
    return has_long;
  }
  template <class T>
  bool write_flat() const {
    const T* values = column.as<T>();
    bool has_long = false;
    for (uint32_t i = 0; i < count; ++i) has_long |= put(values[i], i);
    return has_long;
  }
  template <class T>
  bool put(const T& value, uint32_t i) const {
    std::memcpy(target + size_t{i} * stride, &value, sizeof(T));
    if constexpr (std::is_same_v<T, StringView>) return !value.is_inline();
    return false;
  }
};

void write_nulls(const Vector& column, uint32_t index, const uint32_t* rows, uint32_t count,
                 uint32_t stride, uint8_t* nulls) {
  const auto bit = static_cast<uint8_t>(1U << (index % 8));
  for (uint32_t i = 0; i < count; ++i) {
    if (column.is_null(rows == nullptr ? i : rows[i])) nulls[size_t{i} * stride + index / 8] |= bit;
  }
}

StringView view_at(const void* bytes) {
  StringView view;
  std::memcpy(&view, bytes, sizeof view);
  return view;
}

}  // namespace

bool ImageLayout::covers(const join::PackedLayout& layout) {
  const auto is_exact = [](PhysicalType type) {
    return type != PhysicalType::Float32 && type != PhysicalType::Float64 &&
           type != PhysicalType::Interval;
  };
  return !layout.types.empty() && words_of(layout) <= kImageWordsMax &&
         std::ranges::all_of(layout.types, is_exact);
}

void ImageLayout::open(const join::PackedLayout& layout) {
  layout_ = &layout;
  words_ = words_of(layout);
  uint32_t wide = words_ * 8 + kImageOffset;
  for (size_t i = 0; i < layout.types.size(); ++i) {
    if (width_of(layout.types[i]) >= 8) wide = std::min(wide, layout.offsets[i]);
  }
  head_words_ = (wide - kImageOffset) / 8;
  has_strings_ = std::ranges::count(layout.types, PhysicalType::String) > 0;
}

const uint64_t* ImageLayout::plain_words(std::span<const Vector> keys) const {
  const Vector& column = keys[0];
  const bool is_flat = keys.size() == 1 && !column.constant && column.validity == nullptr;
  const bool is_plain = column.type == PhysicalType::String || column.type == PhysicalType::Int64;
  return is_flat && is_plain ? column.as<uint64_t>() : nullptr;
}

void ImageLayout::hash_plain(const uint64_t* words, uint32_t count, uint64_t seed,
                             uint64_t* hashes) const {
  if (words_ == 2) return hash_plain_words<1>(words, count, seed, hashes);
  hash_plain_words<2>(words, count, seed, hashes);
}

bool ImageLayout::write(std::span<const Vector> keys, const uint32_t* rows, uint32_t count,
                        uint64_t* images) const {
  for (uint32_t i = 0; i < count; ++i) {
    for (uint32_t word = 0; word < head_words_; ++word) images[size_t{i} * words_ + word] = 0;
  }
  auto* bytes = reinterpret_cast<uint8_t*>(images);
  const auto stride = static_cast<uint32_t>(words_ * sizeof(uint64_t));
  bool has_long = false;
  for (uint32_t i = 0; i < keys.size(); ++i) {
    const Vector& column = keys[i];
    if (column.validity != nullptr) {
      write_nulls(column, i, rows, count, stride, bytes + layout_->null_offset - kImageOffset);
    }
    const WriteColumn task{column, rows, count, stride, bytes + layout_->offsets[i] - kImageOffset};
    has_long |= vector::with_type(
        column.type, [&](auto tag) { return task.template run<typename decltype(tag)::Type>(); });
  }
  return has_long;
}

void ImageLayout::hash(const uint64_t* images, uint32_t count, bool has_long, uint64_t seed,
                       uint64_t* hashes) const {
  if (has_long) {
    for (uint32_t i = 0; i < count; ++i) {
      hashes[i] = hash_long(images + size_t{i} * words_, seed);
    }
    return;
  }
  switch (words_) {
    case 1:
      return hash_images<1>(images, words_, count, seed, hashes);
    case 2:
      return hash_images<2>(images, words_, count, seed, hashes);
    case 3:
      return hash_images<3>(images, words_, count, seed, hashes);
    case 5:
      return hash_images<5>(images, words_, count, seed, hashes);
    case 8:
      return hash_images<8>(images, words_, count, seed, hashes);
    default:
      return hash_images<0>(images, words_, count, seed, hashes);
  }
}

// A long string's pointer is replaced by a hash of its bytes; keys with short strings alone hash as
// everywhere.
uint64_t ImageLayout::hash_long(const uint64_t* image, uint64_t seed) const {
  std::array<uint64_t, kImageWordsMax> copy;
  std::copy_n(image, words_, copy.begin());
  for (size_t i = 0; i < layout_->types.size(); ++i) {
    if (layout_->types[i] != PhysicalType::String) continue;
    auto* bytes = reinterpret_cast<uint8_t*>(copy.data()) + layout_->offsets[i] - kImageOffset;
    const StringView view = view_at(bytes);
    if (view.is_inline()) continue;
    const uint64_t content = hash::hash_bytes(view.pointer, view.size, seed);
    std::memcpy(bytes + 8, &content, sizeof content);
  }
  return hash_image<0>(copy.data(), words_, seed);
}

bool ImageLayout::equals_by_text(const uint64_t* image, const uint8_t* packed) const {
  std::array<uint64_t, kImageWordsMax> copy;
  std::memcpy(copy.data(), packed + kImageOffset, words_ * sizeof(uint64_t));
  for (size_t i = 0; i < layout_->types.size(); ++i) {
    if (layout_->types[i] != PhysicalType::String) continue;
    const uint32_t offset = layout_->offsets[i] - kImageOffset;
    const StringView ours = view_at(reinterpret_cast<const uint8_t*>(image) + offset);
    auto* theirs_at = reinterpret_cast<uint8_t*>(copy.data()) + offset;
    if (ours.is_inline() || !(ours == view_at(theirs_at))) continue;
    std::memcpy(theirs_at, &ours, sizeof ours);  // the same bytes elsewhere
  }
  return std::memcmp(image, copy.data(), words_ * sizeof(uint64_t)) == 0;
}

bool ImageLayout::own_strings(uint8_t* packed, const uint8_t* stable, Arena& heap) const {
  for (size_t i = 0; i < layout_->types.size(); ++i) {
    if (layout_->types[i] != PhysicalType::String || (stable != nullptr && stable[i] != 0))
      continue;
    StringView view = view_at(packed + layout_->offsets[i]);
    if (view.is_inline()) continue;
    auto* bytes = static_cast<char*>(heap.allocate(view.size, 1));
    if (bytes == nullptr) return false;
    std::memcpy(bytes, view.pointer, view.size);
    view.pointer = bytes;
    std::memcpy(packed + layout_->offsets[i], &view, sizeof view);
  }
  return true;
}

}  // namespace rowtine::aggregate
