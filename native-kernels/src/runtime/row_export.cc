#include "runtime/row_export.h"

#include <cstddef>
#include <cstring>

#include "base/invariant.h"

namespace rowtine::runtime {
namespace {

using vector::PhysicalType;
using vector::StringView;
using vector::Vector;

/// Rows are wide from here on, and copying a buffer that grows costs little beside them.
constexpr double kSegmentRowsMin = 4 * vector::kBatchRowsMax;
/// Room for texts in a segment, as a multiple of what those before took.
constexpr double kTextReserve = 1.0625;

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
  out.validity.extend_zeroed((first + row_count + 7) / 8 - out.validity.size());
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

/// A copy of a size that is known takes an instruction or two, one of any size a call: short texts are
/// copied with what lies behind them, which the next covers.
constexpr size_t kInlineRoom = StringView::kInlineBytes;

uint8_t* write_text(const StringView& view, uint8_t* to) {
  if (view.is_inline()) {
    std::memcpy(to, reinterpret_cast<const uint8_t*>(&view) + offsetof(StringView, prefix), kInlineRoom);
  } else {
    std::memcpy(to, view.pointer, view.size);
  }
  return to + view.size;
}

void export_strings(const Vector& source, uint32_t row_count, ExportColumn& out) {
  if (out.offsets.empty()) out.offsets.extend_zeroed(1);
  int32_t* offsets = out.offsets.extend(row_count);
  const size_t start = out.values.size();
  size_t end = start;
  for (uint32_t row = 0; row < row_count; ++row) {
    if (!source.is_null(row)) end += source.as<StringView>()[source.index_of(row)].text().size();
    offsets[row] = static_cast<int32_t>(end);
  }
  uint8_t* to = out.values.extend(end - start + kInlineRoom);
  for (uint32_t row = 0; row < row_count; ++row) {
    if (!source.is_null(row)) to = write_text(source.as<StringView>()[source.index_of(row)], to);
  }
  out.values.shrink(kInlineRoom);
}

void export_fixed(const Vector& source, uint32_t row_count, ExportColumn& out) {
  const size_t width = vector::width_of(source.type);
  const auto* from = static_cast<const uint8_t*>(source.values);
  if (!source.constant) return out.values.append(from, row_count * width);
  uint8_t* to = out.values.extend(row_count * width);
  for (uint32_t row = 0; row < row_count; ++row) std::memcpy(to + row * width, from, width);
}

}  // namespace

size_t ExportBatch::bytes() const {
  size_t total = 0;
  for (const ExportColumn& column : columns) {
    total += column.validity.bytes() + column.values.bytes() + column.offsets.bytes();
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

/// Bytes of a column for each row, a little more than it had.
double row_bytes(const ExportColumn& column, uint32_t row_count) {
  constexpr double kValidity = 1.0 / 8;
  if (column.type != PhysicalType::String) {
    return static_cast<double>(vector::width_of(column.type)) + kValidity;
  }
  const double text = static_cast<double>(column.values.size()) / row_count;
  return sizeof(int32_t) + text * kTextReserve + kValidity;
}

template <class T>
void borrow(ExportSegment& segment, size_t count, ExportBuffer<T>& buffer) {
  std::byte* memory = segment.take(count * sizeof(T));
  if (memory != nullptr) buffer.borrow(reinterpret_cast<T*>(memory), count);
}

void lay_out(const ExportColumn& sample, uint32_t sample_rows, ExportBatch& batch) {
  const size_t rows = batch.segment_rows;
  ExportColumn& column = batch.columns.emplace_back(ExportColumn{sample.type, 0, {}, {}, {}});
  borrow(*batch.segment, (rows + 7) / 8, column.validity);
  if (column.type != PhysicalType::String) {
    return borrow(*batch.segment, rows * vector::width_of(column.type), column.values);
  }
  borrow(*batch.segment, rows + 1, column.offsets);
  const double text = static_cast<double>(sample.values.size()) / sample_rows * kTextReserve;
  borrow(*batch.segment, static_cast<size_t>(text * static_cast<double>(rows)) + kInlineRoom,
         column.values);
}

}  // namespace

void lay_out_like(const ExportBatch& sample, ExportBatch& batch) {
  // Of each buffer: what aligning it takes, and a row or a text's room more.
  const size_t spare = sample.columns.size() * 3 * 2 * ExportSegment::kAlignment;
  if (spare >= ExportSegment::kBytes) return;
  double bytes = 0;
  for (const ExportColumn& column : sample.columns) bytes += row_bytes(column, sample.row_count);
  const double rows = static_cast<double>(ExportSegment::kBytes - spare) / bytes;
  if (rows < kSegmentRowsMin) return;
  batch.segment = std::make_unique<ExportSegment>();
  batch.segment_rows = static_cast<uint32_t>(rows);
  for (const ExportColumn& column : sample.columns) lay_out(column, sample.row_count, batch);
}

namespace {

void append_validity(const ExportColumn& from, uint32_t count, uint32_t first, ExportColumn& to) {
  to.validity.extend_zeroed((first + count + 7) / 8 - to.validity.size());
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
    const size_t count = source.offsets.empty() ? 0 : source.offsets.size() - 1;
    int32_t* offsets = target.offsets.extend(count);
    for (size_t row = 0; row < count; ++row) offsets[row] = base + source.offsets[row + 1];
    target.values.append(source.values.data(), source.values.size());
  }
  to.row_count += from.row_count;
}

}  // namespace rowtine::runtime
