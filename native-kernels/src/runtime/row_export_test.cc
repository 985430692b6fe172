// Rows exported batch by batch, with and without a segment, against the rows: nulls, short texts and long ones,
// texts that outgrow their room, constants, and batches joined.
#include "runtime/row_export.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "base/arena.h"
#include "base/bits.h"
#include "base/check.h"

namespace rowtine::runtime {
namespace {

using check::expect;
using vector::PhysicalType;
using vector::StringView;
using vector::Vector;

struct Row {
  std::optional<int64_t> number;
  std::optional<std::string> text;
  bool operator==(const Row&) const = default;
};

std::vector<Row> random_rows(uint32_t count, size_t text_max, uint32_t nulls,
                             std::mt19937& random) {
  std::vector<Row> rows(count);
  for (Row& row : rows) {
    if (random() % 100 >= nulls) row.number = static_cast<int64_t>(random());
    if (random() % 100 >= nulls) {
      row.text = std::string(random() % (text_max + 1), static_cast<char>('a' + random() % 26));
    }
  }
  return rows;
}

void export_all(std::span<const Row> rows, ExportBatch& batch) {
  Arena arena;
  const auto count = static_cast<uint32_t>(rows.size());
  Vector columns[2];
  expect(vector::allocate(arena, PhysicalType::Int64, count, true, columns[0]), "memory");
  expect(vector::allocate(arena, PhysicalType::String, count, true, columns[1]), "memory");
  for (uint32_t i = 0; i < count; ++i) {
    columns[0].as<int64_t>()[i] = rows[i].number.value_or(7);
    columns[1].as<StringView>()[i] = rows[i].text ? StringView::of(*rows[i].text) : StringView();
    if (!rows[i].number) clear_bit(columns[0].validity, i);
    if (!rows[i].text) clear_bit(columns[1].validity, i);
  }
  export_rows(columns, count, batch);
}

bool has_value(const ExportColumn& column, uint32_t row) {
  return (column.validity[row / 8] >> (row % 8) & 1U) != 0;
}

std::vector<Row> rows_of(const ExportBatch& batch) {
  std::vector<Row> rows(batch.row_count);
  const ExportColumn& numbers = batch.columns[0];
  const ExportColumn& texts = batch.columns[1];
  for (uint32_t i = 0; i < batch.row_count; ++i) {
    if (has_value(numbers, i)) {
      int64_t number;
      std::memcpy(&number, numbers.values.data() + i * sizeof number, sizeof number);
      rows[i].number = number;
    }
    if (!has_value(texts, i)) continue;
    const auto* start = reinterpret_cast<const char*>(texts.values.data());
    rows[i].text = std::string(start + texts.offsets[i], start + texts.offsets[i + 1]);
  }
  return rows;
}

/// Fills a batch in steps of uneven size until `count` rows are in.
std::vector<Row> fill(ExportBatch& batch, uint32_t count, size_t text_max, uint32_t nulls,
                      std::mt19937& random) {
  std::vector<Row> all;
  while (all.size() < count) {
    const auto left = count - static_cast<uint32_t>(all.size());
    const auto step = std::min<uint32_t>(1 + random() % vector::kBatchRowsMax, left);
    const auto rows = random_rows(step, text_max, nulls, random);
    export_all(rows, batch);
    all.insert(all.end(), rows.begin(), rows.end());
  }
  return all;
}

void check_segment(size_t sample_text, size_t text, uint32_t nulls, std::mt19937& random) {
  ExportBatch sample, batch;
  const auto first = fill(sample, 20'000, sample_text, nulls, random);
  expect(rows_of(sample) == first, "rows without a segment");
  lay_out_like(sample, batch);
  expect(batch.segment != nullptr && batch.segment_rows > 20'000, "a segment");
  const auto second = fill(batch, batch.segment_rows, text, nulls, random);
  expect(rows_of(batch) == second, "rows in a segment");
  const ExportColumn &numbers = batch.columns[0], &texts = batch.columns[1];
  expect(numbers.values.is_borrowed() && texts.offsets.is_borrowed(), "columns have their room");
  expect(texts.values.is_borrowed() == (text <= sample_text), "texts that grow move out");
  expect(batch.bytes() > ExportSegment::kBytes / 2, "the segment is filled");
  append_batch(sample, batch);
  auto both = second;
  both.insert(both.end(), first.begin(), first.end());
  expect(rows_of(batch) == both, "rows behind a full segment");
}

void check_wide_rows() {
  ExportBatch sample, batch;
  std::mt19937 random(5);
  fill(sample, 10, 100'000, 0, random);
  lay_out_like(sample, batch);
  expect(batch.segment == nullptr && batch.columns.empty(), "hardly a row would fit");
}

}  // namespace
}  // namespace rowtine::runtime

int main() {
  using namespace rowtine::runtime;
  std::mt19937 random(3);
  for (const uint32_t nulls : {0U, 20U}) {
    check_segment(12, 12, nulls, random);
    check_segment(40, 40, nulls, random);
    check_segment(5, 60, nulls, random);
  }
  check_wide_rows();
  return rowtine::check::summary();
}
