// The index through its table: growth, many rows of one key, churn. What it finds is compared with
// a model in table_model_test.cc.
#include "table/hash_index.h"

#include <string>
#include <vector>

#include "base/check.h"
#include "table/table.h"
#include "table/test_rows.h"

namespace rowtine::table {
namespace {

using check::expect;
using vector::PhysicalType;

struct Numbers {
  SequenceClock clock;
  Table table;
  Transaction transaction{clock};

  explicit Numbers(bool unique)
      : table({.types = {PhysicalType::Int64}, .indexes = {{{0}, unique}}}, clock) {}

  std::vector<RowId> add(const std::vector<Value>& values) {
    transaction.begin_statement();
    auto rows = insert(table, transaction, {values}, static_cast<uint32_t>(values.size())).row_ids;
    transaction.commit();
    return rows;
  }
  void erase(const std::vector<RowId>& rows) {
    transaction.begin_statement();
    table.erase(transaction, rows.data(), static_cast<uint32_t>(rows.size()), nullptr, false,
                nullptr);
    transaction.commit();
  }
  void vacuum() {
    for (int i = 0; i < 4; ++i) table.vacuum(clock.published(), UINT32_MAX);
  }
  uint32_t count(int64_t key) {
    const Columns keys({column({key})}, table.column_types());
    std::vector<uint32_t> probe_rows(512);
    std::vector<RowId> row_ids(512);
    uint32_t found = 0;
    for (ProbePosition position; position.row < 1;) {
      found += table.probe({clock.published()}, 0, keys.vectors(), 1, position, 512,
                           probe_rows.data(), row_ids.data());
    }
    return found;
  }
};

void grows() {
  Numbers numbers(true);
  for (int64_t i = 0; i < 100'000; i += 2000) {
    std::vector<Value> values;
    for (int64_t k = 0; k < 2000; ++k) values.emplace_back((i + k) * 1'000'003);
    numbers.add(values);
  }
  uint32_t found = 0;
  for (int64_t i = 0; i < 100'000; ++i) found += numbers.count(i * 1'000'003);
  expect(found == 100'000, "every key");
  expect(numbers.count(5) == 0, "and no other");
}

/// Ascending numbers are their own slots, until one leaves too large a hole.
void dense_until_it_is_not() {
  for (const int64_t odd_one : {int64_t{-1}, int64_t{1'000'000}, INT64_MIN, INT64_MAX}) {
    Numbers numbers(true);
    std::vector<RowId> rows;
    for (int64_t i = 0; i < 1000; ++i) rows.push_back(numbers.add({Value(i)})[0]);
    expect(numbers.count(odd_one) == 0 && numbers.count(999) == 1, "found while dense");
    numbers.erase({rows[0], rows[500]});
    numbers.vacuum();
    numbers.add({Value(odd_one), Value()});
    uint32_t found = 0;
    for (int64_t i = -10; i < 1100; ++i) found += numbers.count(i);
    expect(found == 998 + (odd_one == -1), "all found after it");
    expect(numbers.count(odd_one) == 1, "and the odd one");
    expect(numbers.add({Value(999)})[0] == -1, "keys are still unique");
    expect(numbers.add({Value(500)})[0] >= 0, "an erased one may come back");
  }
}

/// A chain is as long as its key is frequent; adding and taking away must not walk it.
void one_key_for_all() {
  Numbers numbers(false);
  std::vector<RowId> rows;
  const std::vector<Value> same(2000, Value(7));
  for (int i = 0; i < 100; ++i) {
    const std::vector<RowId> added = numbers.add(same);
    rows.insert(rows.end(), added.begin(), added.end());
  }
  expect(numbers.count(7) == 200'000, "all of them");
  std::vector<RowId> every_second;
  for (size_t i = 0; i < rows.size(); i += 2) every_second.push_back(rows[i]);
  numbers.erase(every_second);
  numbers.vacuum();
  expect(numbers.count(7) == 100'000, "half of them");
  expect(numbers.table.garbage_count() == 0, "the others are gone");
}

/// Keys that come and go leave no trace: tombstones are used again or swept out by a rebuild.
void churn_stays_small() {
  Numbers numbers(true);
  size_t bytes = 0;
  for (int64_t i = 0; i < 2000; ++i) {
    std::vector<Value> values;
    for (int64_t k = 0; k < 100; ++k) values.emplace_back(i * 100 + k);
    numbers.erase(numbers.add(values));
    numbers.vacuum();
    if (i == 100) bytes = numbers.table.memory_bytes();
  }
  expect(numbers.table.memory_bytes() <= bytes * 2, "200,000 keys in the room of a hundred");
}

}  // namespace
}  // namespace rowtine::table

int main() {
  rowtine::table::grows();
  rowtine::table::dense_until_it_is_not();
  rowtine::table::one_key_for_all();
  rowtine::table::churn_stays_small();
  return rowtine::check::summary();
}
