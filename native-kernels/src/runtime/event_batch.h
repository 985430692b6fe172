// Events as coroutines meet them: some rows of one event relation, every stored column.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "runtime/config.h"
#include "vector/vector.h"

namespace rowtine::runtime {

/// Shapes: `columns` has one dense or constant vector per stored column, the last four being seq, at,
///         root and cause. Valid while the batch is pinned by whoever made it.
struct EventBatch {
  InstalledRelation* relation = nullptr;
  std::span<const vector::Vector> columns;
  uint32_t row_count = 0;
  bool of_requests = false;  // roots are requests

  const vector::Vector& system_column(uint32_t which) const {  // 0 seq, 1 at, 2 root, 3 cause
    return columns[columns.size() - kSystemColumns + which];
  }
  int64_t seq(uint32_t row) const { return int64_at(system_column(0), row); }
  int64_t at(uint32_t row) const { return int64_at(system_column(1), row); }

  static int64_t int64_at(const vector::Vector& column, uint32_t row) {
    return column.as<int64_t>()[column.index_of(row)];
  }
};

}  // namespace rowtine::runtime
