// Indexes that come to a table with rows: every version gets its place, dead ones too, or a later
// vacuum would look for it in vain.
#include <vector>

#include "base/check.h"
#include "table/table.h"

namespace rowtine::table {
namespace {

using vector::PhysicalType;
using vector::Vector;

/// A table of (key Int64, group Int64) that is changed row by row, each change a transaction.
class Rows {
 public:
  Rows() : table(definition(), clock) {}

  RowId insert(int64_t key, int64_t group) {
    scratch_.reset();
    std::vector<Vector> values(2);
    fill(values[0], key);
    fill(values[1], group);
    RowId row = -1;
    InsertOutcome outcome = InsertOutcome::Failed;
    InsertRequest request;
    request.values = values;
    request.row_count = 1;
    request.row_ids = &row;
    request.outcomes = &outcome;
    request.states = &state;
    Transaction transaction(clock);
    transaction.begin_statement();
    table.insert(transaction, request, scratch_);
    transaction.commit();
    return row;
  }
  RowId update(RowId row, int64_t group) {
    scratch_.reset();
    std::vector<Vector> values(1);
    fill(values[0], group);
    const uint32_t column = 1;
    RowId after = -1;
    Transaction transaction(clock);
    transaction.begin_statement();
    table.update(transaction, &row, 1, nullptr, {&column, 1}, values, false, &after, &state,
                 nullptr, scratch_);
    transaction.commit();
    return after;
  }
  void erase(RowId row) {
    Transaction transaction(clock);
    transaction.begin_statement();
    table.erase(transaction, &row, 1, nullptr, false, &state);
    transaction.commit();
  }
  uint32_t count(uint32_t index, int64_t key) {
    scratch_.reset();
    std::vector<Vector> keys(1);
    fill(keys[0], key);
    ProbePosition position;
    uint32_t rows[64];
    RowId ids[64];
    return table.probe({clock.published()}, index, keys, 1, position, 64, rows, ids);
  }

  SequenceClock clock;
  Table table;
  uint32_t state = 0;

 private:
  static TableDefinition definition() {
    TableDefinition definition;
    definition.types = {PhysicalType::Int64, PhysicalType::Int64};
    definition.indexes = {{{0}, true}};
    return definition;
  }
  void fill(Vector& vector, int64_t value) {
    vector::allocate(scratch_, PhysicalType::Int64, 1, false, vector);
    vector.as<int64_t>()[0] = value;
  }
  Arena scratch_;
};

void test_every_version_is_found_and_vacuumed() {
  Rows rows;
  std::vector<RowId> ids;
  for (int64_t key = 0; key < 70'000; ++key) ids.push_back(rows.insert(key, key / 10));
  for (size_t key = 0; key < ids.size(); key += 7) ids[key] = rows.update(ids[key], -5);
  for (size_t key = 3; key < ids.size(); key += 11) rows.erase(ids[key]);
  rows.table.vacuum(rows.clock.published(), 500);  // some are out, some wait
  check::expect(rows.table.add_index({{1}, false}).ok(), "an index over rows of two chunks");
  check::expect(rows.table.index_count() == 2, "readers may look it up");
  uint32_t found = 0;
  for (int64_t group = 0; group < 7'000; ++group) found += rows.count(1, group);
  uint32_t expected = 0;
  for (size_t key = 0; key < ids.size(); ++key) expected += key % 7 != 0 && key % 11 != 3 ? 1 : 0;
  check::expect(found == expected, "living rows are found by their groups");
  check::expect(rows.count(1, 0) == 7, "keys 0, 3 and 7 have left the first group");
  for (int i = 0; i < 200 && rows.table.garbage_count() > 0; ++i) {
    rows.table.vacuum(rows.clock.published(), 1'000);
  }
  check::expect(rows.table.garbage_count() == 0, "all that is dead is taken back");
  rows.insert(100'000, 0);
  check::expect(rows.count(1, 0) == 8, "a version used again is linked");
}

void test_unique() {
  Rows rows;
  rows.insert(1, 4);
  const RowId second = rows.insert(2, 4);
  check::expect(rows.table.add_index({{1}, true}) == kUniqueViolation, "two rows have the key");
  check::expect(rows.table.index_count() == 1, "nothing is left of it");
  rows.erase(second);
  check::expect(rows.table.add_index({{1}, true}).ok(), "a dead row does not count");
  rows.insert(3, 4);
  check::expect(rows.state == kUniqueViolation.packed, "it guards what comes");
  rows.insert(4, 5);
  check::expect(rows.state == 0 && rows.count(1, 5) == 1, "other keys go in");
  rows.table.drop_index(1);
  rows.insert(3, 4);
  check::expect(rows.state == 0 && rows.count(1, 4) == 2, "dropped, it guards nothing, and is right");
}

void test_limit() {
  Rows rows;
  rows.insert(1, 1);
  for (uint32_t i = 0; i < kAddedIndexesMax; ++i) {
    check::expect(rows.table.add_index({{1}, false}).ok(), "up to the limit");
  }
  check::expect(rows.table.add_index({{1}, false}) == kProgramLimitExceeded, "and no more");
  rows.insert(2, 1);
  for (uint32_t i = 1; i <= kAddedIndexesMax; ++i) {
    check::expect(rows.count(i, 1) == 2, "each has every row");
  }
}

}  // namespace
}  // namespace rowtine::table

int main() {
  rowtine::table::test_every_version_is_found_and_vacuumed();
  rowtine::table::test_unique();
  rowtine::table::test_limit();
  return rowtine::check::summary();
}
