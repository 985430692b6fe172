// Rows on their way out of native code: copied once into buffers of Arrow's layout that whoever
// receives them (JavaScript, the store thread) owns.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "runtime/export_buffer.h"
#include "runtime/export_segment.h"
#include "vector/vector.h"

namespace rowtine::runtime {

/// A growing column. Strings as int32 offsets and bytes; Bool as one byte per value.
struct ExportColumn {
  vector::PhysicalType type;
  uint32_t null_count = 0;
  ExportBuffer<uint8_t> validity;  // Arrow's bit order; complete even without nulls
  ExportBuffer<uint8_t> values;    // for strings: the bytes
  ExportBuffer<int32_t> offsets;   // row_count + 1, for strings
};

/// Some rows, complete and self-contained.
struct ExportBatch {
  uint32_t row_count = 0;
  /// What the columns' buffers borrow from; none in small batches.
  std::unique_ptr<ExportSegment> segment;
  uint32_t segment_rows = 0;  // that have room there
  std::vector<ExportColumn> columns;
  size_t bytes() const;
};

/// Bytes of one exported batch at which the next rows go into a new one: int32 offsets must hold.
inline constexpr size_t kExportBatchBytesMax = 64ULL << 20;

/// Appends `row_count` rows to `batch`, whose columns are made by the first call.
void export_rows(std::span<const vector::Vector> columns, uint32_t row_count, ExportBatch& batch);

/// Gives an empty batch a segment, laid out for rows like those of `sample`, which has some; texts that turn
/// out to be longer get memory of their own. Nothing happens when hardly a row would fit.
void lay_out_like(const ExportBatch& sample, ExportBatch& batch);

/// Appends the rows of `from`, which has the same columns.
void append_batch(const ExportBatch& from, ExportBatch& to);

}  // namespace rowtine::runtime
