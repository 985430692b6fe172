// A scan of a table under a snapshot: slices of the chunks themselves where every version is
// visible, gathered rows elsewhere.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "table/chunk.h"
#include "table/relation.h"

namespace rowtine::table {

/// Order: that of the version slots. Threads: one; others may write.
class TableScan final : public Scan {
 public:
  TableScan(const ChunkStore& chunks, std::span<const vector::PhysicalType> types,
            Snapshot snapshot, std::span<const uint32_t> columns, VersionId first, VersionId last);

  Result<uint32_t> next(Arena& scratch, uint32_t rows_max, std::span<vector::Vector> columns,
                        RowId* row_ids) override;
  void narrow(uint32_t column, const ValueRange& range) override {
    ranges_.push_back({column, range});
  }
  uint64_t skipped() const override { return skipped_; }

 private:
  struct ColumnRange {
    uint32_t column;
    ValueRange range;
  };
  bool is_excluded(VersionId version) const;
  void skip_excluded();
  VersionId block_end() const;
  uint32_t plain_run(uint32_t rows_max) const;
  uint32_t select(uint32_t rows_max);
  bool slice(VersionId first, uint32_t count, Arena& scratch, std::span<vector::Vector> out) const;
  bool gather(uint32_t count, Arena& scratch, std::span<vector::Vector> out) const;

  const ChunkStore& chunks_;
  std::vector<uint32_t> columns_;
  std::vector<vector::PhysicalType> types_;  // of columns_
  Sequence snapshot_;
  VersionId next_;
  VersionId end_;
  std::vector<ColumnRange> ranges_;
  uint64_t skipped_ = 0;
  std::vector<uint32_t> selected_;  // rows of one chunk
};

}  // namespace rowtine::table
