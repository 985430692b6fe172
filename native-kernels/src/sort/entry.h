// What is moved about when rows are sorted: a number that tells most rows apart, and the row.
#pragma once

#include <cstdint>

#include "join/packed_rows.h"
#include "sort/key_bits.h"
#include "sort/sort_key.h"

namespace rowtine::sort {

/// A number of a row's normalised key (key_bits.h) and the row.
struct Entry {
  uint64_t prefix;
  const uint8_t* row;
};

/// The order of rows: their normalised keys, whole strings where prefixes are equal, and what
/// join::hash_of() says, which is the order of arrival. Rows without keys have the numbers alone.
struct RowOrder {
  const KeyLayout* keys = nullptr;
  const join::PackedLayout* layout = nullptr;
  const KeyBits* bits = nullptr;  // of the decisive bytes
  uint32_t key_offset = 0;        // of the normalised key in a row
  bool has_keys = true;           // in rows; else one number decides

  /// Tells whether rows of equal prefixes, their first numbers, are equal.
  bool prefix_decides() const { return !keys->has_strings && bits->number_count() == 1; }
  uint64_t number(const uint8_t* row, uint32_t index) const {
    return bits->number(row + key_offset, index);
  }
  bool less(const Entry& a, const Entry& b) const {
    if (a.prefix != b.prefix) return a.prefix < b.prefix;
    return has_keys && less_rows(a.row, b.row);
  }
  bool less_rows(const uint8_t* a, const uint8_t* b) const;
};

/// Sorts `count` entries stably by `order`. `spare` has as much room; what it holds is lost.
void sort_entries(const RowOrder& order, Entry* entries, Entry* spare, uint64_t count);

}  // namespace rowtine::sort
