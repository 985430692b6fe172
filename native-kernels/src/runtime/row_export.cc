#include "runtime/row_export.h"

#include <cstring>

#include "base/invariant.h"

namespace rowtine::runtime {
namespace {

using vector::PhysicalType;
using vector::StringView;
using vector::Vector;

void export_validity(const Vector& source, uint32_t first, uint32_t row_count, ExportColumn& out) {
  out.validity.resize((first + row_count + 7) / 8);
  for (uint32_t row = 0; row < row_count; ++row) {
    const uint32_t at = first + row;
    if (source.is_null(row)) {
      ++out.null_count;
    } else {
      out.validity[at / 8] = static_cast<uint8_t>(out.validity[at / 8] | 1U << (at % 8));
    }
  }
}

void export_strings(const Vector& source, uint32_t row_count, ExportColumn& out) {
  if (out.offsets.empty()) out.offsets.push_back(0);
  for (uint32_t row = 0; row < row_count; ++row) {
    if (!source.is_null(row)) {
      const std::string_view text = source.as<StringView>()[source.index_of(row)].text();
      out.values.insert(out.values.end(), text.begin(), text.end());
    }
    out.offsets.push_back(static_cast<int32_t>(out.values.size()));
  }
}

void export_fixed(const Vector& source, uint32_t row_count, ExportColumn& out) {
  const size_t width = vector::width_of(source.type);
  const size_t start = out.values.size();
  out.values.resize(start + row_count * width);
  const auto* from = static_cast<const uint8_t*>(source.values);
  if (!source.constant) {
    std::memcpy(out.values.data() + start, from, row_count * width);
    return;
  }
  for (uint32_t row = 0; row < row_count; ++row) {
    std::memcpy(out.values.data() + start + row * width, from, width);
  }
}

}  // namespace

size_t ExportBatch::bytes() const {
  size_t total = 0;
  for (const ExportColumn& column : columns) {
    total += column.validity.size() + column.values.size() + column.offsets.size() * 4;
  }
  return total;
}

void export_rows(std::span<const Vector> columns, uint32_t row_count, ExportBatch& batch) {
  if (batch.columns.empty()) {
    for (const Vector& column : columns) batch.columns.push_back({column.type, 0, {}, {}, {}});
  }
  invariant(batch.columns.size() == columns.size(), "every export of a batch has its columns");
  for (size_t i = 0; i < columns.size(); ++i) {
    export_validity(columns[i], batch.row_count, row_count, batch.columns[i]);
    if (columns[i].type == PhysicalType::String) {
      export_strings(columns[i], row_count, batch.columns[i]);
    } else {
      export_fixed(columns[i], row_count, batch.columns[i]);
    }
  }
  batch.row_count += row_count;
}

}  // namespace rowtine::runtime
