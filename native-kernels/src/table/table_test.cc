// Tables by behaviour: what rows are seen, what is refused, what comes back after a rollback.
#include "table/table.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "base/check.h"
#include "table/test_rows.h"

namespace rowtine::table {
namespace {

using check::expect;
using vector::PhysicalType;

/// users (id bigint identity primary key, email text unique not null, age int; index on age)
TableDefinition users(size_t memory_bytes_max = SIZE_MAX) {
  return {.id = 7,
          .types = {PhysicalType::Int64, PhysicalType::String, PhysicalType::Int32},
          .not_null = {true, true, false},
          .indexes = {{{0}, true}, {{1}, true}, {{2}, false}},
          .identity_column = 0,
          .durable = true,
          .memory_bytes_max = memory_bytes_max};
}

constexpr const char* kLong = "a string that is too long to lie inside of its view";

struct Users {
  SequenceClock clock;
  Table table;
  Transaction transaction{clock};

  explicit Users(size_t memory_bytes_max = SIZE_MAX) : table(users(memory_bytes_max), clock) {}

  Inserted add(std::vector<Value> emails, std::vector<Value> ages, uint32_t conflict = 0,
               int32_t index = -1, bool once = false) {
    transaction.begin_statement();
    const auto count = static_cast<uint32_t>(emails.size());
    return insert(table, transaction, {std::nullopt, std::move(emails), std::move(ages)}, count,
                  conflict, index, once);
  }
  std::vector<std::string> rows() { return all_rows(table, {clock.published()}); }
};

void inserts_are_seen_after_commit() {
  Users users;
  const Inserted inserted = users.add({"ann@x", kLong}, {Value(30), Value()});
  expect(inserted.outcomes[0] == InsertOutcome::Inserted && inserted.states[1] == 0, "inserted");
  expect(users.rows().empty(), "nothing is seen before commit");
  expect(all_rows(users.table, {users.transaction.statement()}).size() == 2, "the next statement");
  expect(all_rows(users.table, users.transaction.snapshot()).empty(), "not the statement itself");
  expect(users.transaction.commit().entries.size() == 2, "two changes");
  expect(
      users.rows() == std::vector<std::string>{"1|ann@x|30", std::string("2|") + kLong + "|null"},
      "both after commit");
  expect(users.table.row_key(inserted.row_ids[0]) == 1, "the first row's key");
  expect(users.table.row_count() == 2, "two live rows");
}

void keys_are_unique() {
  Users users;
  users.add({"a", "b"}, {1, 2});
  users.transaction.commit();
  const Inserted again = users.add({"c", "a", "c", Value()}, {1, 1, 1, 1});
  expect(again.outcomes[0] == InsertOutcome::Inserted, "a new key goes in");
  expect(SqlState(again.states[1]) == kUniqueViolation && again.details[1] == 1, "23505 by e-mail");
  expect(SqlState(again.states[2]) == kUniqueViolation, "within the statement as well");
  expect(SqlState(again.states[3]) == kNotNullViolation && again.details[3] == 0x10001, "23502");
  users.transaction.rollback();
  expect(users.rows().size() == 2, "rolled back");
  expect(users.add({"c"}, {1}).outcomes[0] == InsertOutcome::Inserted, "the key is free again");
  users.transaction.commit();
}

void conflicts_name_the_row() {
  Users users;
  const Inserted first = users.add({"a"}, {1});
  users.transaction.commit();
  const Inserted second = users.add({"a", "b", "b"}, {5, 6, 7}, 1, 1);
  expect(second.outcomes[0] == InsertOutcome::Conflict, "a conflict");
  expect(second.row_ids[0] == first.row_ids[0], "with the row that is there");
  expect(second.outcomes[1] == InsertOutcome::Inserted, "a new row");
  expect(second.outcomes[2] == InsertOutcome::Conflict && second.row_ids[2] == second.row_ids[1],
         "a conflict inside the statement");
  const Inserted other_index = users.add({"a"}, {5}, 1, 0);
  expect(SqlState(other_index.states[0]) == kUniqueViolation, "only in the index named");
  const Inserted once = users.add({"q", "q"}, {5, 5}, 1, 1, true);
  expect(SqlState(once.states[1]) == kCardinalityViolation, "21000 when once");
  users.transaction.rollback();
}

void identity_counts_on() {
  Users users;
  users.add({"a"}, {1});
  users.transaction.begin_statement();
  insert(users.table, users.transaction, {column({10}), column({"b"}), column({1})}, 1);
  expect(all_rows(users.table, {users.transaction.statement()})[1] == "10|b|1", "explicit number");
  users.add({"c"}, {1});
  users.transaction.commit();
  expect(users.rows()[2] == "11|c|1", "the counter moved past it");
}

void updates_make_versions() {
  Users users;
  const Inserted inserted = users.add({"a", kLong}, {1, 2});
  users.transaction.commit();
  const Snapshot before{users.clock.published()};
  users.transaction.begin_statement();
  const Updated updated = update(users.table, users.transaction,
                                 {inserted.row_ids[0], inserted.row_ids[1], inserted.row_ids[1]},
                                 {2}, {column({10, 20, 30})}, false);
  expect(updated.row_ids[0] >= 0 && updated.row_ids[2] == -1, "a row changes once");
  users.transaction.commit();
  expect(all_rows(users.table, before)[0] == "1|a|1", "an old snapshot sees the old row");
  expect(users.rows() == std::vector<std::string>{"1|a|10", std::string("2|") + kLong + "|20"},
         "a new one the new row");
  expect(users.table.row_key(updated.row_ids[1]) == 2, "the key stays");
  users.transaction.begin_statement();
  const Updated taken =
      update(users.table, users.transaction, {updated.row_ids[0]}, {1}, {column({kLong})}, true);
  expect(SqlState(taken.states[0]) == kUniqueViolation && taken.details[0] == 1, "23505 on update");
  const Updated twice =
      update(users.table, users.transaction, {updated.row_ids[0], updated.row_ids[0]}, {1},
             {column({"x", "y"})}, true);
  expect(twice.states[0] == 0 && SqlState(twice.states[1]) == kBatchConflict, "instances conflict");
  users.transaction.rollback();
  expect(users.rows()[0] == "1|a|10", "rolled back");
}

void erase_and_insert_again() {
  Users users;
  const Inserted inserted = users.add({"a"}, {1});
  users.transaction.commit();
  users.transaction.begin_statement();
  uint32_t states[2];
  const RowId twice[2] = {inserted.row_ids[0], inserted.row_ids[0]};
  expect(users.table.erase(users.transaction, twice, 2, nullptr, true, states) == 1, "erased once");
  expect(SqlState(states[1]) == kBatchConflict, "the second is a conflict");
  users.add({"a"}, {2});
  const Transaction::Mark mark = users.transaction.savepoint();
  users.add({"b"}, {3});
  users.transaction.rollback_to(mark);
  users.transaction.commit();
  expect(users.rows() == std::vector<std::string>{"2|a|2"}, "the new row under the old key");
}

void vacuum_takes_everything_back() {
  Users users;
  const size_t empty_bytes = users.table.memory_bytes();
  for (int round = 0; round < 50; ++round) {
    const Inserted inserted = users.add({kLong, std::string(300, 'x')}, {1, 1});
    users.transaction.commit();
    users.transaction.begin_statement();
    const Updated updated =
        update(users.table, users.transaction, inserted.row_ids, {2}, {column({7, 8})}, false);
    users.transaction.commit();
    users.transaction.begin_statement();
    users.table.erase(users.transaction, updated.row_ids.data(), 2, nullptr, false, nullptr);
    users.transaction.commit();
    for (int i = 0; i < 4; ++i) users.table.vacuum(users.clock.published(), 100);
    expect(users.table.garbage_count() == 0, "nothing waits");
    expect(users.table.memory_bytes() < empty_bytes + 1024, "slots and strings are used again");
  }
  users.table.vacuum(users.clock.published(), 100);
  expect(users.rows().empty(), "no rows");
}

void undo_brings_back_what_was_committed() {
  Users users;
  const Inserted inserted = users.add({"a", kLong}, {1, 2});
  users.transaction.commit();
  users.transaction.begin_statement();
  update(users.table, users.transaction, inserted.row_ids, {1, 2},
         {column({std::string(40, 'u'), "w"}), column({3, 4})}, false);
  Changes first = users.transaction.commit();
  users.add({"a"}, {9});
  Changes second = users.transaction.commit();
  users.table.vacuum(std::min(users.clock.published(), first.horizon_max()), 100);
  undo(std::move(second));
  undo(std::move(first));
  users.add({"z"}, {0});
  users.transaction.commit();
  for (int i = 0; i < 4; ++i) users.table.vacuum(users.clock.published(), 100);
  std::vector<std::string> rows = users.rows();
  std::ranges::sort(rows);
  expect(rows == std::vector<std::string>{"1|a|1", std::string("2|") + kLong + "|2", "4|z|0"},
         "as before");
  expect(users.add({"a"}, {1}).outcomes[0] == InsertOutcome::Failed, "its keys as well");
}

void memory_is_limited() {
  Users users(64 * 1024);
  uint32_t failed = 0;
  for (int i = 0; i < 200 && failed == 0; ++i) {
    const Inserted inserted = users.add({std::string(1000, 'a') + std::to_string(i)}, {1});
    failed = inserted.states[0];
  }
  expect(SqlState(failed) == kOutOfMemory, "53200");
  users.transaction.commit();
  expect(users.rows().size() > 20 && users.table.memory_bytes() <= 64 * 1024 + 2048,
         "the rest stays");
}

void load_continues_numbering() {
  Users users;
  const Columns columns({column({3, 5}), column({"a", "b"}), column({1, Value()})},
                        users.table.column_types());
  const std::vector<int64_t> keys = {30, 50};
  expect(users.table.last_identity() == 0, "no number yet");
  expect(users.table.load(keys, columns.vectors()).ok(), "loaded");
  expect(users.table.last_identity() == 5, "the highest number that was loaded");
  const Inserted inserted = users.add({"c"}, {1});
  users.transaction.commit();
  expect(users.rows() == std::vector<std::string>{"3|a|1", "5|b|null", "6|c|1"}, "rows");
  Users others;
  others.table.continue_identity_after(users.table.last_identity());
  expect(others.table.last_identity() == 6, "another table goes on there");
  expect(users.table.row_key(inserted.row_ids[0]) == 51, "keys go on");
  const Columns twice({column({3}), column({"d"}), column({1})}, users.table.column_types());
  expect(users.table.load(std::vector<int64_t>{60}, twice.vectors()) == kUniqueViolation, "23505");
}

void probes_find_what_is_visible() {
  Users users;
  std::vector<Value> emails, ages;
  for (int i = 0; i < 1000; ++i) {
    emails.push_back(std::to_string(i));
    ages.push_back(i % 10 == 9 ? Value() : Value(i % 10));
  }
  users.add(emails, ages);
  users.transaction.commit();
  const Columns keys({column({3, Value(), 4711, 0, 3})}, std::vector{PhysicalType::Int32});
  for (const uint32_t capacity : {1U, 7U, 99U, 2048U}) {
    std::vector<uint32_t> found(5);
    ProbePosition position;
    std::vector<uint32_t> probe_rows(capacity);
    std::vector<RowId> row_ids(capacity);
    while (position.row < 5) {
      const uint32_t written =
          users.table.probe({users.clock.published()}, 2, keys.vectors(), 5, position, capacity,
                            probe_rows.data(), row_ids.data());
      expect(written <= capacity, "no more than asked");
      for (uint32_t i = 0; i < written; ++i) ++found[probe_rows[i]];
    }
    expect(found == std::vector<uint32_t>{100, 0, 0, 100, 100}, "all matches, nulls match nothing");
  }
}

void scans_deliver_each_row_once() {
  Users users;
  std::vector<Value> emails, ages;
  constexpr uint32_t kRows = 5000;
  for (uint32_t i = 0; i < kRows; ++i) {
    emails.push_back("user" + std::to_string(i));
    ages.push_back(i % 7 == 0 ? Value() : Value(static_cast<int64_t>(i)));
  }
  Inserted inserted = users.add(emails, ages);
  users.transaction.commit();
  users.transaction.begin_statement();
  std::vector<RowId> erased;
  for (uint32_t i = 1100; i < 2300; i += 3) erased.push_back(inserted.row_ids[i]);
  users.table.erase(users.transaction, erased.data(), static_cast<uint32_t>(erased.size()), nullptr,
                    false, nullptr);
  users.transaction.commit();
  const size_t expected = kRows - erased.size();
  const std::vector<std::string> whole = users.rows();
  expect(whole.size() == expected, "all but the erased");
  for (const uint32_t rows_max : {1U, 3U, 100U, 2048U}) {
    expect(all_rows(users.table, {users.clock.published()}, rows_max) == whole, "in any batches");
  }
}

void impossible_definitions_are_refused() {
  TableDefinition definition = users();
  expect(check_definition(definition).ok(), "users are possible");
  definition.indexes[0].columns.assign(33, 0);
  expect(check_definition(definition) == SqlState("54011"), "33 columns in an index");
  definition.indexes[0].columns.assign(32, 0);
  expect(check_definition(definition).ok(), "32 are the most");
  definition.indexes[0].columns = {3};
  expect(check_definition(definition) == kInvalidParameterValue, "no such column");
  definition.indexes[0].columns = {};
  expect(check_definition(definition) == kInvalidParameterValue, "an index of nothing");
  definition = users();
  definition.identity_column = 1;
  expect(check_definition(definition) == kInvalidParameterValue, "text has no next number");
}

}  // namespace
}  // namespace rowtine::table

int main() {
  using namespace rowtine::table;
  inserts_are_seen_after_commit();
  keys_are_unique();
  conflicts_name_the_row();
  identity_counts_on();
  updates_make_versions();
  erase_and_insert_again();
  vacuum_takes_everything_back();
  undo_brings_back_what_was_committed();
  memory_is_limited();
  load_continues_numbering();
  probes_find_what_is_visible();
  scans_deliver_each_row_once();
  impossible_definitions_are_refused();
  return rowtine::check::summary();
}
