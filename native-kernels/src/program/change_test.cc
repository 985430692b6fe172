// Statements that change tables: insert with identity and conflicts, update, delete, fetch, append.
#include "program/test_program.h"

namespace rowtine::program::test {
namespace {

constexpr uint32_t kTable = 1;
constexpr uint32_t kEvents = 2;

/// A table (id identity primary key, name unique, amount) and an event table.
struct World : Machine {
  explicit World(uint32_t rows) : batch_rows(rows) {
    table::TableDefinition definition;
    definition.id = kTable;
    definition.types = {Int64, String, Int64};
    definition.not_null = {true, true, false};
    definition.indexes = {{{0}, true}, {{1}, true}};
    definition.identity_column = 0;
    table = std::make_unique<table::Table>(definition, clock);
    relations.by_id[kTable] = table.get();
    relations.by_id[kEvents] = &events;
  }

  std::vector<std::string> run(const Program& program) {
    auto lines = test::run(*this, program, batch_rows);
    const bool failed = !lines.empty() && lines.back().rfind("error", 0) == 0;
    if (failed) {
      transaction.rollback();
    } else {
      transaction.commit();
    }
    return lines;
  }

  std::vector<std::string> rows() {
    Maker make;
    make.program.pipelines = {{{Int64, String, Int64},
                               ScanSource{kTable, {{0, 0}, {1, 1}, {2, 2}}, kNone},
                               {},
                               ResultSinkSpec{{0, 1, 2}}}};
    auto lines = test::run(*this, make.program, batch_rows);
    std::ranges::sort(lines);
    return lines;
  }

  uint32_t batch_rows;
  FakeEvents events{{Int64, String}};
  std::unique_ptr<table::Table> table;
};

/// insert into t (name, amount) values … returning id, name
Program insert_program(const std::vector<std::vector<Value>>& rows) {
  Maker make;
  Insert insert;
  insert.relation = kTable;
  insert.values = {kNone, 0, 1};
  insert.row_id = 2;
  make.program.pipelines = {{{String, Int64, Int64, Int64, String},
                             make.rows({String, Int64}, rows),
                             {insert, Fetch{kTable, 2, {{0, 3}, {1, 4}}}},
                             ResultSinkSpec{{3, 4}}}};
  return make.program;
}

const std::vector<std::vector<Value>> kRows = {
    {"ann", 10}, {"bob with a longer name", 20}, {"cy", {}}, {"dee", 5}};

void test_insert(uint32_t batch_rows) {
  World world(batch_rows);
  expect_rows(world.run(insert_program(kRows)),
              {"1|ann", "2|bob with a longer name", "3|cy", "4|dee"}, "returning");
  expect_rows(world.rows(), {"1|ann|10", "2|bob with a longer name|20", "3|cy|null", "4|dee|5"},
              "inserted");
  expect_rows(world.run(insert_program({{"eve", 1}, {"ann", 2}})), {"5|eve", "error 23505"},
              "a duplicate ends the statement");
  check::expect(world.execution.error_detail() == 1, "the second index refused it");
  expect_rows(world.run(insert_program({{{}, 1}})), {"error 23502"}, "not null");
  check::expect(world.rows().size() == 4, "failed statements leave nothing");
}

/// insert into t (name, amount) values … on conflict (name) do update set amount = old + new
Program upsert_program(const std::vector<std::vector<Value>>& rows) {
  Maker make;
  Insert insert;
  insert.relation = kTable;
  insert.values = {kNone, 0, 1};
  insert.conflict = 1;
  insert.index = 1;
  insert.once = true;
  insert.row_id = 2;
  insert.conflicted = 3;
  Update update;
  update.relation = kTable;
  update.row_id = 2;
  update.columns = {{2, 5}};
  update.new_row_id = 6;
  update.active = 3;
  make.program.pipelines = {
      {{String, Int64, Int64, Bool, Int64, Int64, Int64},
       make.rows({String, Int64}, rows),
       {insert, Fetch{kTable, 2, {{2, 4}}}, compute(Opcode::Add, {4, 1}, 5), update},
       ResultSinkSpec{{0, 3}}}};
  return make.program;
}

void test_upsert(uint32_t batch_rows) {
  World world(batch_rows);
  world.run(insert_program(kRows));
  expect_rows(world.run(upsert_program({{"ann", 1}, {"new", 7}, {"dee", 2}})),
              {"ann|true", "new|false", "dee|true"}, "which rows were there");
  auto rows = world.rows();
  check::expect(rows.size() == 5 && rows[0] == "1|ann|11" && rows[3] == "4|dee|7",
                "amounts add up");
  const auto twice = world.run(upsert_program({{"zoe", 1}, {"zoe", 2}}));
  check::expect(twice.back() == "error 21000", "the same key twice");
  check::expect(world.rows() == rows, "and nothing happened");
}

/// update t set amount = amount * 2 where amount > 5
Program update_program() {
  Maker make;
  LoadConstant five{static_cast<uint32_t>(make.int64(5)), 2};
  LoadConstant two{static_cast<uint32_t>(make.int64(2)), 4};
  Update update;
  update.relation = kTable;
  update.row_id = 1;
  update.columns = {{2, 5}};
  update.new_row_id = 6;
  make.program.pipelines = {
      {{Int64, Int64, Int64, Bool, Int64, Int64, Int64, Int64, String},
       ScanSource{kTable, {{2, 0}}, 1},
       {five, compute(Opcode::Greater, {0, 2}, 3), Filter{3, {0, 1}}, two,
        compute(Opcode::Multiply, {0, 4}, 5), update, Fetch{kTable, 6, {{2, 7}, {1, 8}}}},
       ResultSinkSpec{{8, 7}}}};
  return make.program;
}

void test_update(uint32_t batch_rows) {
  World world(batch_rows);
  world.run(insert_program(kRows));
  expect_rows(world.run(update_program()), {"ann|20", "bob with a longer name|40"},
              "the statement does not meet its own rows");
  expect_rows(world.rows(), {"1|ann|20", "2|bob with a longer name|40", "3|cy|null", "4|dee|5"},
              "updated");
}

/// delete from t where name = …, through the index
void test_delete(uint32_t batch_rows) {
  World world(batch_rows);
  world.run(insert_program(kRows));
  Maker make;
  Delete erase;
  erase.relation = kTable;
  erase.row_id = 2;
  make.program.pipelines = {
      {{String, Int64, Int64},
       make.rows({String}, {{"dee"}, {"nobody"}, {"ann"}, {{}}, {"dee"}}),
       {IndexProbe{kTable, 1, ProbeType::Inner, {0}, {{0, 1}}, 2, kNone, {0}, {}}, erase},
       DiscardSink{true}}};
  check::expect(world.run(make.program).empty(), "deleted");
  expect_rows(world.rows(), {"2|bob with a longer name|20", "3|cy|null"}, "the others stay");
}

void test_append(uint32_t batch_rows) {
  World world(batch_rows);
  Maker make;
  Append append;
  append.relation = kEvents;
  append.values = {1, 0};
  append.id = 2;
  make.program.pipelines = {
      {{String, Int64, Int64}, make.rows({String, Int64}, kRows), {append}, ResultSinkSpec{{2}}}};
  expect_rows(world.run(make.program), {"100", "101", "102", "103"}, "ids of requests");
  check::expect(world.effects.staged.size() == 4, "staged");
  world.effects.refused = "20";
  expect_rows(world.run(make.program), {"104", "error 22023"}, "a refused row ends the statement");
}

}  // namespace
}  // namespace rowtine::program::test

int main() {
  using namespace rowtine::program::test;
  for (const uint32_t batch_rows : kBatchSizes) {
    test_insert(batch_rows);
    test_upsert(batch_rows);
    test_update(batch_rows);
    test_delete(batch_rows);
    test_append(batch_rows);
  }
  return rowtine::check::summary();
}
