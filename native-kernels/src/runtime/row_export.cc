#include "runtime/row_export.h"

#include <cstring>

#include "base/invariant.h"

namespace rowtine::runtime {
namespace {

using vector::PhysicalType;
using vector::StringView;
using vector::Vector;

void set_bits(uint8_t* bits, uint32_t first, uint32_t count) {
  for (; count > 0 && first % 8 != 0; ++first, --count) {
    bits[first / 8] = static_cast<uint8_t>(bits[first / 8] | 1U << (first % 8));
  }
  std::memset(bits + first / 8, 0xff, count / 8);
  for (first += count / 8 * 8, count %= 8; count > 0; ++first, --count) {
    bits[first / 8] = static_cast<uint8_t>(bits[first / 8] | 1U << (first % 8));
  }
}

void export_validity(const Vector& source, uint32_t first, uint32_t row_count, ExportColumn& out) {
  out.validity.resize((first + row_count + 7) / 8);
  if (source.validity == nullptr) return set_bits(out.validity.data(), first, row_count);
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
  const size_t first = out.offsets.size();
  out.offsets.resize(first + row_count);
  size_t end = out.values.size();
  for (uint32_t row = 0; row < row_count; ++row) {
    if (!source.is_null(row)) end += source.as<StringView>()[source.index_of(row)].text().size();
    out.offsets[first + row] = static_cast<int32_t>(end);
  }
  out.values.resize(end);
  for (uint32_t row = 0; row < row_count; ++row) {
    if (source.is_null(row)) continue;
    const std::string_view text = source.as<StringView>()[source.index_of(row)].text();
    std::memcpy(out.values.data() + out.offsets[first + row - 1], text.data(), text.size());
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

namespace {

void append_validity(const ExportColumn& from, uint32_t count, uint32_t first, ExportColumn& to) {
  to.validity.resize((first + count + 7) / 8);
  if (from.null_count == 0) return set_bits(to.validity.data(), first, count);
  for (uint32_t row = 0; row < count; ++row) {
    const uint32_t bit = from.validity[row / 8] >> (row % 8) & 1U;
    const uint32_t at = first + row;
    to.validity[at / 8] = static_cast<uint8_t>(to.validity[at / 8] | bit << (at % 8));
  }
}

}  // namespace

void append_batch(const ExportBatch& from, ExportBatch& to) {
  invariant(from.columns.size() == to.columns.size(), "batches of one result have its columns");
  for (size_t i = 0; i < to.columns.size(); ++i) {
    const ExportColumn& source = from.columns[i];
    ExportColumn& target = to.columns[i];
    append_validity(source, from.row_count, to.row_count, target);
    target.null_count += source.null_count;
    const auto base = static_cast<int32_t>(target.values.size());
    for (size_t row = 1; row < source.offsets.size(); ++row) {
      target.offsets.push_back(base + source.offsets[row]);
    }
    target.values.insert(target.values.end(), source.values.begin(), source.values.end());
  }
  to.row_count += from.row_count;
}

}  // namespace rowtine::runtime
