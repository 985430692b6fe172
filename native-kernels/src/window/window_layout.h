// Where a window's columns lie in its packed rows: results, payload, then what the calls read.
#pragma once

#include <cstdint>
#include <cstring>
#include <vector>

#include "join/packed_rows.h"
#include "window/window_spec.h"

namespace rowtine::window {

inline constexpr int32_t kNoColumn = -1;

struct FrameColumns {
  int32_t start = kNoColumn, end = kNoColumn, key = kNoColumn;
};

struct CallColumns {
  uint32_t result = 0, first_argument = 0;
  int32_t filter = kNoColumn;
};

struct WindowLayout {
  join::PackedLayout packed;
  /// Types of what append() takes: payload, partition, order keys, frames' inputs, calls' inputs.
  std::vector<PhysicalType> inputs;
  /// What a scan sees: the results, then the payload.
  std::vector<PhysicalType> columns;
  uint32_t result_count = 0;
  uint32_t first_partition = 0, first_order = 0;
  std::vector<FrameColumns> frames;
  std::vector<CallColumns> calls;

  static WindowLayout of(const Spec& spec);

  /// The packed column of input `index`.
  uint32_t column_of_input(uint32_t index) const { return index + result_count; }

  template <class T>
  T read(const uint8_t* row, uint32_t column) const {
    T value;
    std::memcpy(&value, row + packed.offsets[column], sizeof value);
    return value;
  }
  bool is_null(const uint8_t* row, uint32_t column) const { return packed.is_null(row, column); }

  template <class T>
  void write(uint8_t* row, uint32_t column, const T& value) const {
    std::memcpy(row + packed.offsets[column], &value, sizeof value);
    row[packed.null_offset + column / 8] &= static_cast<uint8_t>(~(1U << (column % 8)));
  }
  void write_null(uint8_t* row, uint32_t column) const;
};

}  // namespace rowtine::window
