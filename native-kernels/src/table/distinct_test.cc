// Estimates of different values: exact for few, right in size for many, small tables counted.
#include "table/distinct.h"

#include <functional>

#include "base/check.h"
#include "table/table.h"
#include "table/test_rows.h"

namespace rowtine::table {
namespace {

using check::expect;
using vector::PhysicalType;

constexpr uint32_t kRows = 100'000;

/// The estimate for a column with these values, one per row; erases every row for which `erased` holds.
uint64_t estimate(uint32_t rows, const std::function<Value(int64_t)>& value,
                  const std::function<bool(int64_t)>& erased = [](int64_t) { return false; }) {
  SequenceClock clock;
  Table table({.id = 1, .types = {PhysicalType::Int64}, .not_null = {false}, .indexes = {}}, clock);
  Transaction transaction{clock};
  for (uint32_t first = 0; first < rows; first += 2'000) {
    const uint32_t count = std::min(2'000U, rows - first);
    std::vector<Value> values;
    for (uint32_t i = 0; i < count; ++i) values.push_back(value(first + i));
    transaction.begin_statement();
    const Inserted inserted = insert(table, transaction, {values}, count);
    std::vector<RowId> gone;
    for (uint32_t i = 0; i < count; ++i) {
      if (erased(first + i)) gone.push_back(inserted.row_ids[i]);
    }
    transaction.commit();
    if (gone.empty()) continue;
    transaction.begin_statement();
    table.erase(transaction, gone.data(), static_cast<uint32_t>(gone.size()), nullptr, false, nullptr);
    transaction.commit();
  }
  return estimate_distinct(table, {clock.published()}, 0);
}

bool is_about(uint64_t estimate, double wanted) {
  return static_cast<double>(estimate) > wanted / 2 && static_cast<double>(estimate) < wanted * 2;
}

void counts_few_values() {
  expect(estimate(kRows, [](int64_t row) { return Value(row % 25); }) == 25, "25 in turn");
  expect(estimate(kRows, [](int64_t row) { return Value(row / 10'000); }) == 10, "10 in long runs");
  expect(estimate(kRows, [](int64_t) { return Value(7); }) == 1, "one");
  expect(estimate(kRows, [](int64_t) { return Value(); }) == 1, "nulls alone are no value");
}

void guesses_many_values() {
  expect(is_about(estimate(kRows, [](int64_t row) { return Value(row); }), kRows), "a key");
  expect(is_about(estimate(kRows, [](int64_t row) { return Value(row / 4); }), kRows / 4.0), "4 of each, together");
  expect(is_about(estimate(kRows, [](int64_t row) { return Value(row * 7'919 % 1'000); }), 1'000), "a thousand");
  expect(is_about(estimate(kRows, [](int64_t row) { return row % 2 == 0 ? Value(row) : Value(); }), kRows / 2.0),
         "half of them null");
  const auto gone = [](int64_t row) { return row % 4 != 0; };
  expect(is_about(estimate(kRows, [](int64_t row) { return Value(row); }, gone), kRows / 4.0), "most rows erased");
}

void counts_small_tables() {
  expect(estimate(0, [](int64_t row) { return Value(row); }) == 1, "an empty one");
  expect(estimate(4'000, [](int64_t row) { return Value(row / 2); }) == 2'000, "every row");
}

}  // namespace
}  // namespace rowtine::table

int main() {
  rowtine::table::counts_few_values();
  rowtine::table::guesses_many_values();
  rowtine::table::counts_small_tables();
  return rowtine::check::summary();
}
