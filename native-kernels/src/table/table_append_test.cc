// Rows inserted together beside the same rows inserted one by one: the same table, whatever the
// nulls, strings, chunks and limits; and what takes them back.
#include <random>
#include <string>
#include <vector>

#include "base/check.h"
#include "table/redo.h"
#include "table/table.h"
#include "table/test_rows.h"

namespace rowtine::table {
namespace {

using check::expect;
using vector::PhysicalType;

/// (n bigint not null, name text, age int), without keys, numbered or not.
TableDefinition definition(bool has_identity, size_t memory_bytes_max = SIZE_MAX) {
  return {.id = 3,
          .types = {PhysicalType::Int64, PhysicalType::String, PhysicalType::Int32},
          .not_null = {true, false, false},
          .identity_column = has_identity ? 0 : -1,
          .durable = true,
          .memory_bytes_max = memory_bytes_max};
}

struct Rows {
  ColumnValues numbers, names, ages;
  uint32_t count = 0;
};

Rows random_rows(std::mt19937& random, uint32_t count, bool numbered, bool with_nulls) {
  Rows rows{std::vector<Value>(), std::vector<Value>(), std::vector<Value>(), count};
  for (uint32_t i = 0; i < count; ++i) {
    const bool is_null = with_nulls && random() % 5 == 0;
    rows.numbers->push_back(static_cast<int64_t>(random()));
    rows.names->push_back(is_null ? Value() : Value(std::string(random() % 40, 'a')));
    rows.ages->push_back(is_null && random() % 2 == 0 ? Value() : Value(int{i % 100 == 0}));
  }
  if (numbered) rows.numbers = std::nullopt;
  return rows;
}

struct Side {
  SequenceClock clock;
  Table table;
  Transaction transaction{clock};
  bool together;

  Side(bool has_identity, bool is_together, size_t memory_bytes_max = SIZE_MAX)
      : table(definition(has_identity, memory_bytes_max), clock), together(is_together) {}

  Inserted add(const Rows& rows) {
    transaction.begin_statement();
    if (together) {
      return insert(table, transaction, {rows.numbers, rows.names, rows.ages}, rows.count);
    }
    Inserted all;
    for (uint32_t i = 0; i < rows.count; ++i) {
      const auto cell = [i](const ColumnValues& values) {
        return values.has_value() ? column({(*values)[i]}) : std::nullopt;
      };
      const Inserted one =
          insert(table, transaction, {cell(rows.numbers), cell(rows.names), cell(rows.ages)}, 1);
      all.row_ids.push_back(one.row_ids[0]);
      all.outcomes.push_back(one.outcomes[0]);
      all.states.push_back(one.states[0]);
      all.details.push_back(one.details[0]);
    }
    return all;
  }
  std::vector<std::string> rows() { return all_rows(table, {clock.published()}); }
};

void expect_same(const Inserted& a, const Inserted& b) {
  expect(a.row_ids == b.row_ids, "the same rows");
  expect(a.outcomes == b.outcomes && a.states == b.states, "the same outcomes");
  expect(a.details == b.details, "the same details");
}

void expect_same(Side& a, Side& b) {
  expect(a.rows() == b.rows(), "the same rows are seen");
  expect(a.table.memory_bytes() == b.table.memory_bytes(), "the same memory is counted");
  expect(a.table.row_count() == b.table.row_count(), "the same number of rows");
}

void rows_are_those_of_single_inserts() {
  std::mt19937 random(4711);
  for (int turn = 0; turn < 40; ++turn) {
    const bool numbered = turn % 2 == 0;
    Side together(numbered, true), single(numbered, false);
    for (int statement = 0; statement < 6; ++statement) {
      const auto count = static_cast<uint32_t>(random() % 3 == 0 ? random() % 20 : 1 + random() % 2048);
      const Rows rows = random_rows(random, count, numbered, random() % 2 == 0);
      expect_same(together.add(rows), single.add(rows));
      const bool commits = random() % 4 != 0;
      for (Side* side : {&together, &single}) {
        if (commits) side->transaction.commit();
        else side->transaction.rollback();
        // The slots of rows that were taken back are used again.
        if (statement % 2 == 0) side->table.vacuum(side->clock.published() + 1, 1 << 20);
      }
      expect(together.rows().size() == together.table.row_count(), "all live rows are seen");
      expect(together.table.row_count() == single.table.row_count(), "the same number of rows");
    }
  }
}

void rows_pass_the_end_of_a_chunk() {
  std::mt19937 random(1);
  Side together(true, true), single(true, false);
  for (uint32_t at = 0; at < kChunkRows + 3000; at += 1000) {
    const Rows rows = random_rows(random, 1000, true, at > kChunkRows - 3000);
    expect_same(together.add(rows), single.add(rows));
  }
  together.transaction.commit();
  single.transaction.commit();
  expect_same(together, single);
}

void a_null_refuses_its_row_alone() {
  std::mt19937 random(2);
  Side side(false, true);
  Rows rows = random_rows(random, 100, false, false);
  (*rows.numbers)[57] = Value();
  const Inserted inserted = side.add(rows);
  side.transaction.commit();
  expect(inserted.states[57] != 0 && inserted.states[56] == 0, "row 57 is refused");
  expect(side.table.row_count() == 99, "the others are in");
}

void memory_ends_where_it_does_for_single_rows() {
  std::mt19937 random(3);
  const Rows rows = random_rows(random, 1000, true, true);
  for (const size_t bytes_max : {30'000UL, 31'111UL}) {
    Side together(true, true, bytes_max), single(true, false, bytes_max);
    expect_same(together.add(rows), single.add(rows));
    together.transaction.commit();
    single.transaction.commit();
    expect_same(together, single);
    expect(together.table.row_count() > 0 && together.table.row_count() < 1000, "some fit");
  }
}

/// Counts rows and the sum of their numbers.
class Totals final : public RedoSink {
 public:
  uint64_t count = 0;
  int64_t sum = 0;
  void write(const RedoBatch& batch) override {
    expect(batch.kind == RedoKind::Insert, "rows are new");
    count += batch.keys.size();
    for (uint32_t i = 0; i < batch.keys.size(); ++i) sum += batch.columns[0].as<int64_t>()[i];
  }
};

void redo_and_undo_have_every_row() {
  std::mt19937 random(5);
  Side side(true, true);
  const Inserted inserted = side.add(random_rows(random, 500, true, true));
  side.transaction.begin_statement();
  side.table.erase(side.transaction, inserted.row_ids.data() + 100, 1, nullptr, false, nullptr);
  const Transaction::Mark mark = side.transaction.savepoint();
  side.add(random_rows(random, 300, true, true));
  side.transaction.rollback_to(mark);
  Changes changes = side.transaction.commit();
  expect(side.rows().size() == 499, "without the erased one and those taken back");
  Totals totals;
  Redo redo;
  expect(redo.write(changes, totals), "written");
  expect(totals.count == 499 && totals.sum == 500 * 501 / 2 - 101, "every row once");
  undo(std::move(changes));
  expect(side.rows().empty() && side.table.row_count() == 0, "all are taken back");
  side.table.vacuum(side.clock.published() + 1, 1 << 20);
  expect(side.table.garbage_count() == 0, "and their slots given back");
}

void the_runs_of_a_transaction_are_counted() {
  SequenceClock clock;
  Table table(definition(true), clock);
  Transaction transaction(clock);
  std::mt19937 random(6);
  const Rows rows = random_rows(random, 1000, true, false);
  transaction.begin_statement();
  insert(table, transaction, {rows.numbers, rows.names, rows.ages}, 1000);
  expect(transaction.changes_left() == kTransactionChangesMax - 1, "a run of rows is a change");
  transaction.rollback_to(0);
  expect(transaction.changes_left() == kTransactionChangesMax, "and no more when taken back");
}

}  // namespace
}  // namespace rowtine::table

int main() {
  using namespace rowtine::table;
  rows_are_those_of_single_inserts();
  rows_pass_the_end_of_a_chunk();
  a_null_refuses_its_row_alone();
  memory_ends_where_it_does_for_single_rows();
  redo_and_undo_have_every_row();
  the_runs_of_a_transaction_are_counted();
  return rowtine::check::summary();
}
