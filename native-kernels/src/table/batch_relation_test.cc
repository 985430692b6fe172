// Rows of batches: every range and every number of rows at a time gives the same values and nulls.
#include <optional>
#include <string>
#include <vector>

#include "base/bits.h"
#include "base/check.h"
#include "table/batch_relation.h"

namespace rowtine::table {
namespace {

using check::expect;
using vector::PhysicalType;
using vector::StringView;
using vector::Vector;

constexpr uint32_t kRowIdsMax = 2048;

/// Every seventh number is null.
bool is_null(uint64_t number) { return number % 7 == 3; }

std::string text_of(uint64_t number) {
  return number % 2 == 0 ? std::to_string(number) : "a text too long to be inline " + std::to_string(number);
}

uint64_t* make_validity(Arena& memory, uint64_t first, uint32_t count) {
  const size_t bytes = bitmap_words(count) * sizeof(uint64_t) + vector::kPaddingBytes;
  auto* words = static_cast<uint64_t*>(memory.allocate(bytes, 64));
  std::fill_n(words, bytes / sizeof(uint64_t), 0);
  for (uint32_t i = 0; i < count; ++i) {
    if (!is_null(first + i)) words[i / 64] |= uint64_t{1} << (i % 64);
  }
  return words;
}

Vector numbers(Arena& memory, uint64_t first, uint32_t count) {
  auto* values = static_cast<int64_t*>(memory.allocate(count * sizeof(int64_t) + vector::kPaddingBytes));
  for (uint32_t i = 0; i < count; ++i) values[i] = static_cast<int64_t>(first + i);
  return {PhysicalType::Int64, false, values, make_validity(memory, first, count)};
}

/// Without nulls: a batch may have no bitmap.
Vector texts(Arena& memory, uint64_t first, uint32_t count) {
  auto* views = static_cast<StringView*>(memory.allocate(count * sizeof(StringView) + vector::kPaddingBytes));
  std::vector<std::string> owned;  // gone before anybody reads: own_strings() keeps copies
  for (uint32_t i = 0; i < count; ++i) owned.push_back(text_of(first + i));
  for (uint32_t i = 0; i < count; ++i) views[i] = StringView::of(owned[i]);
  expect(own_strings(views, count, memory), "there is memory");
  return {PhysicalType::String, false, views, nullptr};
}

/// Batches of these sizes, rows numbered through.
void fill(BatchRelation& relation, std::initializer_list<uint32_t> sizes) {
  for (const uint32_t size : sizes) {
    const uint64_t first = relation.row_count();
    relation.add({numbers(relation.memory(), first, size), texts(relation.memory(), first, size)}, size);
  }
}

void expect_row(const Vector& number, const Vector& text, uint32_t row, uint64_t wanted) {
  expect(number.is_null(row) == is_null(wanted), "nulls stay with their rows");
  if (!is_null(wanted)) expect(number.as<int64_t>()[row] == static_cast<int64_t>(wanted), "and values");
  expect(!text.is_null(row) && text.as<StringView>()[row].text() == text_of(wanted), "and texts");
}

void expect_range(BatchRelation& relation, uint64_t first, uint64_t last, uint32_t rows_max) {
  const std::vector<uint32_t> columns = {1, 0};  // in the order asked for
  const auto scan = relation.scan_range({}, columns, first, last);
  std::vector<Vector> out(columns.size());
  std::vector<RowId> row_ids(kRowIdsMax, 7);
  Arena scratch;
  uint64_t next = first;
  for (;;) {
    const auto count = scan->next(scratch, rows_max, out, row_ids.data());
    if (!expect(count.ok() && count.value() <= rows_max, "a scan delivers what is asked for")) return;
    if (count.value() == 0) break;
    for (uint32_t row = 0; row < count.value(); ++row) {
      expect_row(out[1], out[0], row, next++);
      expect(row_ids[row] == -1, "rows from outside have no name");
    }
  }
  expect(next == last, "the whole range and nothing else");
}

void scans_any_range() {
  BatchRelation relation({PhysicalType::Int64, PhysicalType::String}, SIZE_MAX);
  fill(relation, {1, 64, 130, 63, 65, 2});
  expect(relation.row_count() == 325 && relation.scan_slots() == 325, "rows are counted");
  for (const uint32_t rows_max : {1U, 3U, 64U, 2048U}) {
    for (uint64_t first = 0; first <= 325; first += 5) {
      for (const uint64_t last : {first, std::min<uint64_t>(first + 1, 325), std::min<uint64_t>(first + 70, 325), uint64_t{325}}) {
        expect_range(relation, first, last, rows_max);
      }
    }
  }
}

void scans_nothing() {
  BatchRelation relation({PhysicalType::Int64, PhysicalType::String}, SIZE_MAX);
  expect_range(relation, 0, 0, 10);
  relation.add({numbers(relation.memory(), 0, 0), texts(relation.memory(), 0, 0)}, 0);
  expect(relation.row_count() == 0, "no rows add no batch");
  expect_range(relation, 0, 0, 10);
}

void leaves_out_columns() {
  BatchRelation relation({PhysicalType::Int64, PhysicalType::String}, SIZE_MAX);
  Vector unread = {PhysicalType::String, false, nullptr, nullptr};
  relation.add({numbers(relation.memory(), 0, 10), unread}, 10);
  const std::vector<uint32_t> columns = {0};
  const auto scan = relation.scan({}, columns);
  std::vector<Vector> out(1);
  Arena scratch;
  const auto count = scan->next(scratch, 100, out, nullptr);
  expect(count.ok() && count.value() == 10 && out[0].as<int64_t>()[9] == 9, "a column that nobody reads may be absent");
}

void counts_rows_without_columns() {
  BatchRelation relation({PhysicalType::Int64, PhysicalType::String}, SIZE_MAX);
  fill(relation, {5, 6});
  const auto scan = relation.scan({}, {});
  Arena scratch;
  uint32_t rows = 0;
  for (;;) {
    const auto count = scan->next(scratch, 4, {}, nullptr);
    if (!expect(count.ok(), "a scan of batches succeeds") || count.value() == 0) break;
    rows += count.value();
  }
  expect(rows == 11, "rows are delivered without columns too");
}

void ends_where_memory_does() {
  BatchRelation relation({PhysicalType::Int64, PhysicalType::String}, size_t{1} << 20);
  fill(relation, {100});
  Arena scratch(0);
  const std::vector<uint32_t> columns = {0};
  std::vector<Vector> out(1);
  const auto aligned = relation.scan_range({}, columns, 64, 100)->next(scratch, 10, out, nullptr);
  expect(aligned.ok() && aligned.value() == 10, "a slice at a word of the bitmap needs no memory");
  const auto between = relation.scan_range({}, columns, 3, 100)->next(scratch, 10, out, nullptr);
  expect(!between.ok() && between.error().state == kOutOfMemory, "others do, and say so");

  const std::string large(size_t{2} << 20, 'x');
  StringView view = StringView::of(large);
  expect(!own_strings(&view, 1, relation.memory()), "strings are kept within the limit");
}

}  // namespace
}  // namespace rowtine::table

int main() {
  using namespace rowtine::table;
  scans_any_range();
  scans_nothing();
  leaves_out_columns();
  counts_rows_without_columns();
  ends_where_memory_does();
  return rowtine::check::summary();
}
