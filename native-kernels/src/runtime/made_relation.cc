#include "runtime/made_relation.h"

#include <algorithm>

#include "base/invariant.h"

namespace rowtine::runtime {
namespace {

using vector::PhysicalType;
using vector::StringView;
using vector::Vector;

void put(const Cell& cell, uint32_t row, Vector& out) {
  if (cell.kind == Cell::Kind::Null) {
    clear_bit(out.validity, row);
    if (out.type == PhysicalType::String) out.as<StringView>()[row] = StringView{};
    return;
  }
  if (cell.kind == Cell::Kind::Text) {
    out.as<StringView>()[row] = StringView::of(cell.text);
    return;
  }
  const int64_t number = cell.number;
  switch (out.type) {
    case PhysicalType::Bool: out.as<uint8_t>()[row] = number != 0; return;
    case PhysicalType::Int16: out.as<int16_t>()[row] = static_cast<int16_t>(number); return;
    case PhysicalType::Int32: out.as<int32_t>()[row] = static_cast<int32_t>(number); return;
    case PhysicalType::Int64: out.as<int64_t>()[row] = number; return;
    default: invariant(false, "made rows hold integers, booleans and text");
  }
}

class MadeScan final : public table::Scan {
 public:
  MadeScan(std::vector<Row> rows, std::span<const PhysicalType> types,
           std::span<const uint32_t> columns)
      : rows_(std::move(rows)), types_(types), columns_(columns.begin(), columns.end()) {}

  Result<uint32_t> next(Arena& scratch, uint32_t rows_max, std::span<Vector> columns,
                        table::RowId* row_ids) override {
    const auto left = static_cast<uint32_t>(rows_.size() - next_);
    const uint32_t count = std::min(rows_max, left);
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (!vector::allocate(scratch, types_[columns_[i]], count, true, columns[i])) {
        return kOutOfMemory;
      }
      for (uint32_t row = 0; row < count; ++row) {
        put(rows_[next_ + row][columns_[i]], row, columns[i]);
      }
    }
    for (uint32_t row = 0; row_ids != nullptr && row < count; ++row) row_ids[row] = -1;
    next_ += count;
    return count;
  }

 private:
  std::vector<Row> rows_;
  std::span<const PhysicalType> types_;
  std::vector<uint32_t> columns_;
  size_t next_ = 0;
};

}  // namespace

std::unique_ptr<table::Scan> MadeRelation::scan(table::Snapshot, std::span<const uint32_t> columns) {
  return std::make_unique<MadeScan>(make_(), types_, columns);
}

}  // namespace rowtine::runtime
