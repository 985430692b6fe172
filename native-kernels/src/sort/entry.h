// What is moved about when rows are sorted: a number that tells most rows apart, and the row.
#pragma once

#include <cstdint>

#include "join/packed_rows.h"
#include "sort/sort_key.h"

namespace rowtine::sort {

/// Eight bytes of a row's normalised key as a number that orders as they do, and the row.
struct Entry {
  uint64_t prefix;
  const uint8_t* row;
};

/// The order of rows: their normalised keys, whole strings where prefixes are equal, and what
/// join::hash_of() says, which is the order of arrival.
struct RowOrder {
  const KeyLayout* keys = nullptr;
  const join::PackedLayout* layout = nullptr;
  uint32_t key_offset = 0;  // of the normalised key in a row
  /// Bytes at the front that are the same in all keys (no nulls, high bytes of small numbers);
  /// prefixes start behind them.
  uint32_t skipped = 0;

  /// Tells whether rows of equal prefixes are equal.
  bool prefix_decides() const { return !keys->has_strings && keys->bytes <= skipped + 8; }
  /// The number at `offset` of the key; bytes past the decisive ones count as 0.
  uint64_t number_at(const uint8_t* row, uint32_t offset) const;
  bool less(const Entry& a, const Entry& b) const {
    return a.prefix != b.prefix ? a.prefix < b.prefix : less_rows(a.row, b.row);
  }
  bool less_rows(const uint8_t* a, const uint8_t* b) const;
};

/// Sorts `count` entries stably by `order`. `spare` has as much room; what it holds is lost.
void sort_entries(const RowOrder& order, Entry* entries, Entry* spare, uint64_t count);

/// Merges two sorted runs into `out`.
void merge_entries(const RowOrder& order, const Entry* a, const Entry* a_end, const Entry* b,
                   const Entry* b_end, Entry* out);

}  // namespace rowtine::sort
