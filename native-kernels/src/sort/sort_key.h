// Sort keys as bytes that compare as the rows do: big-endian, sign flipped, inverted when
// descending, with a byte in front for nulls. Strings give a prefix; equal prefixes are settled by
// the strings.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "join/packed_rows.h"
#include "vector/vector.h"

namespace rowtine::sort {

using vector::PhysicalType;
using vector::Vector;

struct SortKey {
  PhysicalType type = PhysicalType::Int64;
  bool descending = false;
  bool nulls_first = false;
};

/// Where each key's bytes lie in the normalised key.
struct KeyLayout {
  struct Part {
    SortKey key;
    uint32_t offset = 0;  // of the null byte; the value follows
    uint32_t value_bytes = 0;
    int32_t string_column = -1;  // packed column with the whole string
  };
  std::vector<Part> parts;
  uint32_t bytes = 0;
  /// Leading bytes whose order alone decides when they differ: up to the first string's prefix.
  uint32_t decisive_bytes = 0;
  bool has_strings = false;

  /// `first_string_column`: strings of keys are packed from this column on, in key order.
  static KeyLayout of(std::span<const SortKey> keys, uint32_t first_string_column);
};

inline constexpr uint32_t kStringPrefixBytes = 8;

/// Writes the normalised keys of `count` rows, `stride` apart, to `out`.
void normalise_keys(const KeyLayout& layout, std::span<const Vector> keys, uint32_t count,
                    uint32_t stride, uint8_t* out);

/// Can a value be read back from its normalised key? Not a float, whose zeroes are one, nor what
/// has equal values that are written apart, nor a string.
bool is_held_by_key(PhysicalType type);

/// Reads one key's values out of `count` normalised keys, `stride` apart, into a new dense vector.
/// Returns: false when memory is out.
bool read_key_column(const KeyLayout::Part& part, const uint8_t* keys, uint32_t stride,
                     uint32_t count, Arena& arena, Vector& out);

/// Compares two packed rows by their normalised keys at `key_offset` and, where prefixes are equal,
/// their strings. Returns: below 0, 0, above 0.
int compare_rows(const KeyLayout& layout, const join::PackedLayout& packed, uint32_t key_offset,
                 const uint8_t* a, const uint8_t* b);

}  // namespace rowtine::sort
