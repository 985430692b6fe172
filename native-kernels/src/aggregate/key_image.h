// The group keys of a batch as packed rows hold them: bytes 8 and on (null bits, then values), so
// that one comparison of a few words settles all columns and making a group copies them.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>

#include "base/arena.h"
#include "join/packed_rows.h"

namespace rowtine::aggregate {

using vector::PhysicalType;
using vector::Vector;

/// Words of one image at most; wider keys take the path of any type.
inline constexpr uint32_t kImageWordsMax = 32;
/// Where the image lies in a packed row.
inline constexpr uint32_t kImageOffset = 8;

inline uint64_t image_word(const uint8_t* packed, uint32_t word) {
  uint64_t value;
  std::memcpy(&value, packed + kImageOffset + 8 * word, sizeof value);
  return value;
}

/// The shape of images. All columns of the layout are keys.
class ImageLayout {
 public:
  /// Tells whether equal bytes are equal keys: not for floats (-0, NaN) and intervals (30 days are
  /// a month).
  static bool covers(const join::PackedLayout& layout);

  void open(const join::PackedLayout& layout);

  uint32_t words() const { return words_; }
  const join::PackedLayout& packed() const { return *layout_; }

  /// Writes the images of `count` rows (`rows`; nullptr: 0 .. count - 1), words() apart.
  /// Returns: whether some string is longer than its view, so that bytes alone do not tell.
  bool write(std::span<const Vector> keys, const uint32_t* rows, uint32_t count,
             uint64_t* images) const;

  /// The column itself where its values are the whole image but for a first word of zeros (one
  /// flat column of strings or 64-bit integers, no nulls), so that no images are needed to find
  /// keys; nullptr otherwise. Long strings are found by their addresses then, or not at all.
  const uint64_t* plain_words(std::span<const Vector> keys) const;

  /// Writes the hashes of plain words as hash() does those of images.
  void hash_plain(const uint64_t* words, uint32_t count, uint64_t seed, uint64_t* hashes) const;

  /// Writes the hashes of images. `has_long` as write() gave it. `seed` is secret where strangers
  /// choose values.
  void hash(const uint64_t* images, uint32_t count, bool has_long, uint64_t seed,
            uint64_t* hashes) const;

  /// Tells whether a packed row holds the key of `image`, long strings by their bytes.
  bool equals(const uint64_t* image, const uint8_t* packed) const {
    uint64_t difference = 0;
    for (uint32_t word = 0; word < words_; ++word) {
      difference |= image_word(packed, word) ^ image[word];
    }
    return difference == 0 || (has_strings_ && equals_by_text(image, packed));
  }

  /// Gives the long strings of a new packed row bytes of their own, but for `stable` columns
  /// (nullptr: none). Returns: false when the arena's limit is met.
  bool own_strings(uint8_t* packed, const uint8_t* stable, Arena& heap) const;

 private:
  bool equals_by_text(const uint64_t* image, const uint8_t* packed) const;
  uint64_t hash_long(const uint64_t* image, uint64_t seed) const;

  const join::PackedLayout* layout_ = nullptr;
  uint32_t words_ = 0;
  bool has_strings_ = false;
  uint32_t head_words_ = 0;  // which narrow columns and null bits share
};

}  // namespace rowtine::aggregate
