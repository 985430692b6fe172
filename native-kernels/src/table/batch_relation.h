// Rows that came from outside as columns (a file, an Arrow table) and are only read: a list of batches
// that a scan walks and hands out in slices, without copying values.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/arena.h"
#include "table/relation.h"

namespace rowtine::table {

/// Threads: one owner fills it before anybody reads it; then any number scan it. The memory of values,
/// validity and strings is the relation's own and lives as long as it does.
class BatchRelation final : public Relation {
 public:
  /// `memory_bytes_max` bounds what memory() gives: past it, reading the file ends with 53200.
  BatchRelation(std::vector<vector::PhysicalType> types, size_t memory_bytes_max)
      : types_(std::move(types)), memory_(memory_bytes_max) {}

  std::span<const vector::PhysicalType> column_types() const override { return types_; }
  uint64_t row_count() const override { return starts_.empty() ? 0 : starts_.back(); }
  std::unique_ptr<Scan> scan(Snapshot snapshot, std::span<const uint32_t> columns) override;

  /// A scan may be divided at any row.
  uint64_t scan_slots() const override { return row_count(); }
  std::unique_ptr<Scan> scan_range(Snapshot snapshot, std::span<const uint32_t> columns,
                                   uint64_t first, uint64_t last) override;

  /// Where the owner makes the values that it adds.
  Arena& memory() { return memory_; }

  /// Adds rows. Shapes: one vector per column, row_count rows in memory(), dense; a column that no
  /// statement reads has values == nullptr. No rows: nothing is added.
  void add(std::vector<vector::Vector> columns, uint32_t row_count);

 private:
  class BatchScan;

  std::vector<vector::PhysicalType> types_;
  Arena memory_;
  std::vector<std::vector<vector::Vector>> batches_;
  std::vector<uint64_t> starts_;  // of each batch, then the end of the last; empty without batches
};

/// Makes the long strings among `count` views point to copies in `memory`.
/// Returns: false when its limit is met.
bool own_strings(vector::StringView* views, uint32_t count, Arena& memory);

}  // namespace rowtine::table
