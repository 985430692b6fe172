// One row on its way into a table: where the value of each column lies.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "table/key.h"
#include "vector/vector.h"

namespace rowtine::table {

struct RowCells {
  std::vector<Cell> cells;      // per column; nullptr is null
  std::vector<uint8_t> is_new;  // 0: taken from the version before, which shares its string

  explicit RowCells(size_t column_count) : cells(column_count), is_new(column_count, 1) {}
};

/// The cell of `column` in `row` of a vector; nullptr when it is null.
inline Cell cell_of(const vector::Vector& vector, uint32_t row) {
  if (vector.is_null(row)) return nullptr;
  return static_cast<const std::byte*>(vector.values) +
         size_t{vector.index_of(row)} * vector::width_of(vector.type);
}

}  // namespace rowtine::table
