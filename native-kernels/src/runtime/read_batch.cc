#include "runtime/read_batch.h"

namespace rowtine::runtime {
namespace {

/// A column that has grown past this is given back before the next read.
constexpr size_t kKeptColumnBytesMax = 1 << 20;

void clear(ExportColumn& column, vector::PhysicalType type) {
  if (column.values.capacity() > kKeptColumnBytesMax) column = {type, 0, {}, {}, {}};
  column.type = type;
  column.null_count = 0;
  column.validity.clear();
  column.values.clear();
  column.offsets.clear();
}

}  // namespace

void ReadBatch::begin() {
  batch_.row_count = 0;
  is_full_ = false;
}

bool ReadBatch::rows(std::span<const vector::Vector> columns, uint32_t row_count) {
  if (batch_.row_count == 0) {
    batch_.columns.resize(columns.size());
    for (size_t i = 0; i < columns.size(); ++i) clear(batch_.columns[i], columns[i].type);
  }
  export_rows(columns, row_count, batch_);
  is_full_ = batch_.bytes() > kExportBatchBytesMax;
  return !is_full_;
}

}  // namespace rowtine::runtime
