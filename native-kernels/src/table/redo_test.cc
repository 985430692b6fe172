// Redo by transaction: what the store is told to write, row by row.
#include "table/redo.h"

#include <string>
#include <vector>

#include "base/check.h"
#include "table/test_rows.h"

namespace rowtine::table {
namespace {

using check::expect;
using vector::PhysicalType;

/// Writes batches down as "insert 1: a|2".
class Script final : public RedoSink {
 public:
  std::vector<std::string> lines;
  void write(const RedoBatch& batch) override {
    constexpr const char* kinds[] = {"erase", "update", "insert"};
    for (uint32_t i = 0; i < batch.keys.size(); ++i) {
      std::string line = "table " + std::to_string(batch.table.id()) + " " +
                         kinds[static_cast<int>(batch.kind)] + " " + std::to_string(batch.keys[i]);
      for (const vector::Vector& column : batch.columns) line += " " + text_of(column, i);
      lines.push_back(std::move(line));
    }
  }
};

/// (name text unique, n bigint)
TableDefinition definition(uint32_t id, bool durable = true) {
  return {.id = id,
          .types = {PhysicalType::String, PhysicalType::Int64},
          .indexes = {{{0}, true}},
          .durable = durable};
}

struct Database {
  SequenceClock clock;
  Table one{definition(1), clock}, two{definition(2), clock}, unlogged{definition(3, false), clock};
  Transaction transaction{clock};

  RowId add(Table& table, const char* name, int64_t n) {
    transaction.begin_statement();
    return insert(table, transaction, {column({name}), column({n})}, 1).row_ids[0];
  }
  RowId set(Table& table, RowId row, uint32_t column_number, Value value) {
    transaction.begin_statement();
    return update(table, transaction, {row}, {column_number}, {column({std::move(value)})}, false)
        .row_ids[0];
  }
  void erase(Table& table, RowId row) {
    transaction.begin_statement();
    table.erase(transaction, &row, 1, nullptr, false, nullptr);
  }
  std::vector<std::string> commit() {
    Script script;
    Redo redo;
    expect(redo.write(transaction.commit(), script), "written");
    return script.lines;
  }
};

using Lines = std::vector<std::string>;

void last_version_wins() {
  Database db;
  RowId row = db.add(db.one, "a", 1);
  row = db.set(db.one, row, 1, 2);
  expect(db.commit() == Lines{"table 1 insert 1 a 2"}, "inserted and updated is inserted");
  row = db.set(db.one, row, 1, 3);
  row = db.set(db.one, row, 1, 4);
  expect(db.commit() == Lines{"table 1 update 1 a 4"}, "updated twice is updated");
  row = db.set(db.one, row, 1, 5);
  db.erase(db.one, row);
  expect(db.commit() == Lines{"table 1 erase 1"}, "updated and erased is erased");
  db.erase(db.one, db.add(db.one, "b", 1));
  expect(db.commit().empty(), "inserted and erased is nothing");
}

void keys_change_places() {
  Database db;
  const RowId a = db.add(db.one, "a", 1);
  RowId b = db.add(db.one, "b", 2);
  db.commit();
  b = db.set(db.one, b, 0, "spare");
  db.set(db.one, a, 0, "b");
  db.set(db.one, b, 0, "a");
  expect(db.commit() == Lines{"table 1 erase 1", "table 1 erase 2", "table 1 insert 1 b 1",
                              "table 1 insert 2 a 2"},
         "never two rows with one key");
}

void erased_keys_are_free_before_inserts() {
  Database db;
  const RowId a = db.add(db.one, "a", 1);
  db.commit();
  db.erase(db.one, a);
  db.add(db.one, "a", 2);
  expect(db.commit() == Lines{"table 1 erase 1", "table 1 insert 2 a 2"}, "erase first");
}

void tables_apart() {
  Database db;
  db.add(db.two, "x", 1);
  db.add(db.unlogged, "gone after a restart", 1);
  db.add(db.one, "y", 1);
  db.add(db.two, "z", 2);
  expect(
      db.commit() == Lines{"table 2 insert 1 x 1", "table 2 insert 2 z 2", "table 1 insert 1 y 1"},
      "one table after the other, durable ones only");
}

void large_transactions_come_in_batches() {
  Database db;
  constexpr uint32_t kRows = 5000;
  std::vector<Value> names, numbers;
  for (uint32_t i = 0; i < kRows; ++i) {
    names.emplace_back("name" + std::to_string(i));
    numbers.emplace_back(static_cast<int64_t>(i));
  }
  db.transaction.begin_statement();
  insert(db.one, db.transaction, {names, numbers}, kRows);
  const Lines lines = db.commit();
  expect(lines.size() == kRows && lines.back() == "table 1 insert 5000 name4999 4999", "all rows");
}

}  // namespace
}  // namespace rowtine::table

int main() {
  rowtine::table::last_version_wins();
  rowtine::table::keys_change_places();
  rowtine::table::erased_keys_are_free_before_inserts();
  rowtine::table::tables_apart();
  rowtine::table::large_transactions_come_in_batches();
  return rowtine::check::summary();
}
