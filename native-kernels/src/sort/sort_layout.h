// How the rows of a sort lie in memory, worked out once per statement.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "join/packed_rows.h"
#include "sort/sort_key.h"

namespace rowtine::sort {

inline constexpr int32_t kNoKey = -1;

/// Rows lie whole: payload, strings of keys, normalised key. Or, as long as a number of 64 bits
/// tells all keys apart, they are slim: the number, beside it the payload that no key holds.
struct SortLayout {
  KeyLayout keys;
  std::vector<PhysicalType> payload;
  join::PackedLayout whole;
  uint32_t first_string = 0;            // in `whole`: from here on lie the strings of keys
  std::vector<uint32_t> whole_columns;  // per payload column: its place in `whole`
  std::vector<int32_t> key_of_payload;  // the key whose bytes hold its values; kNoKey
  std::vector<uint32_t> slim_columns;   // per payload column no key holds: its place in `slim`
  join::PackedLayout slim;              // without columns there are no rows

  /// `key_of_payload`: keys that a payload column repeats, kNoKey for others.
  static SortLayout of(std::span<const SortKey> keys, std::span<const PhysicalType> payload,
                       std::span<const int32_t> key_of_payload);

  /// Is the payload column the string of a key?
  bool is_string_of_key(uint32_t column) const { return whole_columns[column] >= first_string; }
  uint32_t key_offset() const { return whole.row_bytes - ((keys.bytes + 15) & ~15U); }
  /// Keys lie this far apart where numbers are made of them or read back: whole groups of eight.
  uint32_t key_stride() const { return (keys.bytes + 7) & ~7U; }
};

}  // namespace rowtine::sort
