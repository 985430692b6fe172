// Steps: many instances at once, each with its own locals, errors, regions and effects. What one
// batch does must be what the instances do one after the other.
#include "program/test_program.h"

namespace rowtine::program::test {
namespace {

constexpr uint32_t kEvent = 1;  // (number Int64, text String)
constexpr uint32_t kOut = 2;    // appended to: (number Int64, text String)
constexpr uint32_t kTable = 3;  // (key Int64 unique, amount Int64)

/// Runs a step over events the way the runtime does: together, and one by one after a conflict.
struct World : Machine {
  World() {
    table::TableDefinition definition;
    definition.id = kTable;
    definition.types = {Int64, Int64};
    definition.not_null = {true, false};
    definition.indexes = {{{0}, true}};
    table = std::make_unique<table::Table>(definition, clock);
    relations.by_id = {{kEvent, &event}, {kOut, &out}, {kTable, table.get()}};
  }

  void run(const Program& program, const std::vector<std::pair<Value, Value>>& events,
           uint32_t rows) {
    Refusal refusal;
    auto checked = verify(program, relations, &refusal);
    if (!check::expect(checked.ok(), "the program is verified")) {
      std::printf("  refused: %s (pipeline %d)\n", refusal.reason.c_str(), refusal.pipeline);
      return;
    }
    conflicts = 0;
    failures.clear();
    locals_text.clear();
    if (run_batch(checked.value(), events, 0, rows)) {
      transaction.commit();
      return;
    }
    ++conflicts;
    transaction.rollback();
    effects.staged.clear();
    for (size_t i = 0; i < events.size(); ++i) {
      const bool alone = run_batch(checked.value(), {events[i]}, static_cast<uint32_t>(i), rows);
      check::expect(alone, "an instance alone has no conflict");
    }
    transaction.commit();
  }

  bool run_batch(const VerifiedProgram& program, const std::vector<std::pair<Value, Value>>& events,
                 uint32_t first, uint32_t rows) {
    const auto count = static_cast<uint32_t>(events.size());
    Arena arena;
    std::vector<Vector> columns(2);
    vector::allocate(arena, Int64, count, true, columns[0]);
    vector::allocate(arena, String, count, true, columns[1]);
    for (uint32_t i = 0; i < count; ++i) {
      columns[0].as<int64_t>()[i] = events[i].first.number.value_or(0);
      if (!events[i].first.number) clear_bit(columns[0].validity, i);
      const auto& text = events[i].second.text;
      columns[1].as<vector::StringView>()[i] =
          text ? vector::StringView::of(*text) : vector::StringView();
    }
    std::vector<Vector> locals;
    make_locals(program, count, arena, locals);
    Instances instances{columns, count, locals, &arena};
    RunContext run_context = context(rows);
    RecordedEffects& sink = effects;
    const size_t staged_before = sink.staged.size();
    const StepOutcome& outcome = execution.run_step(program, instances, run_context);
    check::expect(outcome.error.state.ok(), "the batch itself is sound");
    if (outcome.conflict) return false;
    for (size_t i = staged_before; i < sink.staged.size(); ++i) sink.staged[i].ordinal += first;
    for (const InstanceFailure& each : outcome.failures) {
      failures.push_back(std::to_string(each.ordinal + first) + " " + each.state.text().data());
    }
    std::ranges::sort(failures);
    for (uint32_t i = 0; i < count; ++i) locals_text.push_back(row_text(locals, i));
    return true;
  }

  std::vector<std::string> table_rows() {
    Maker make;
    make.program.pipelines = {
        {{Int64, Int64}, ScanSource{kTable, {{0, 0}, {1, 1}}, kNone}, {}, ResultSinkSpec{{0, 1}}}};
    auto lines = test::run(*this, make.program, 2048);
    std::ranges::sort(lines);
    return lines;
  }

  FakeEvents event{{Int64, String}};
  FakeEvents out{{Int64, String}};
  std::unique_ptr<table::Table> table;
  uint32_t conflicts = 0;
  std::vector<std::string> failures;
  std::vector<std::string> locals_text;
};

/// A source with number in register 0, text in 1, ordinal in 2.
InstancesSource events(int32_t guard = kNone, std::vector<Load> locals = {}) {
  return {{{0, 0}, {1, 1}}, std::move(locals), 2, guard};
}

Append append_to_out(Register number, Register text, Register ordinal = 2) {
  Append append;
  append.relation = kOut;
  append.values = {number, text};
  append.ordinal = ordinal;
  return append;
}

Insert insert_row(Register key, Register amount) {
  Insert insert;
  insert.relation = kTable;
  insert.values = {key, amount};
  insert.ordinal = 2;
  return insert;
}

Maker step() {
  Maker make;
  make.program.event = kEvent;
  make.program.vectorised = true;
  return make;
}

LoadConstant load(Maker& make, int64_t value, Register r) {
  return {static_cast<uint32_t>(make.int64(value)), r};
}

const std::vector<std::pair<Value, Value>> kEvents = {
    {1, "one"}, {2, "two"}, {0, "zero is rather long"}, {4, "four"}, {{}, "null"}};

// ---- failing alone ----------------------------------------------------------------------------

void test_one_fails_and_the_others_go_on(uint32_t rows) {
  Maker make = step();
  make.program.pipelines = {
      {{Int64, String, Int32, Int64, Int64},
       events(),
       {load(make, 12, 3), compute(Opcode::Divide, {3, 0}, 4), append_to_out(4, 1)},
       DiscardSink{}}};
  World world;
  world.run(make.program, kEvents, rows);
  expect_rows(world.failures, {"2 22012"}, "only the third divides by zero");
  expect_rows(world.effects.texts(), {"0: 12|one", "1: 6|two", "3: 3|four", "4: null|null"},
              "the others' effects");
}

void test_a_failure_discards_earlier_effects(uint32_t rows) {
  Maker make = step();
  make.program.pipelines = {
      {{Int64, String, Int32}, events(), {append_to_out(0, 1)}, DiscardSink{}},
      {{Int64, String, Int32, Int64, Int64},
       events(),
       {load(make, 12, 3), compute(Opcode::Divide, {3, 0}, 4), append_to_out(4, 1)},
       DiscardSink{}},
      {{Int64, String, Int32}, events(), {append_to_out(0, 1)}, DiscardSink{}}};
  World world;
  world.run(make.program, kEvents, rows);
  expect_rows(world.failures, {"2 22012"}, "one failure");
  check::expect(world.effects.staged.size() == 12, "three effects of each other instance");
}

// ---- locals and guards --------------------------------------------------------------------------

void test_locals(uint32_t rows) {
  // x := number * 2; big := x > 4; if big then append x
  Maker make = step();
  make.program.locals = {Int64, Bool};
  make.program.pipelines = {
      {{Int64, String, Int32, Int64, Int64},
       events(),
       {load(make, 2, 3), compute(Opcode::Multiply, {0, 3}, 4)},
       LocalsSink{2, {{0, 4}}, kNone, false, false}},
      {{Int64, String, Int32, Int64, Int64, Bool},
       events(kNone, {{0, 3}}),
       {load(make, 3, 4), compute(Opcode::Greater, {3, 4}, 5)},
       LocalsSink{2, {{1, 5}}, kNone, false, false}},
      {{Int64, String, Int32, Int64}, events(1, {{0, 3}}), {append_to_out(3, 1)}, DiscardSink{}}};
  World world;
  world.run(make.program, kEvents, rows);
  expect_rows(world.locals_text, {"2|false", "4|true", "0|false", "8|true", "null|null"}, "locals");
  expect_rows(world.effects.texts(), {"1: 4|two", "3: 8|four"}, "guarded");
}

void test_a_local_is_assigned_from_itself(uint32_t rows) {
  Maker make = step();
  make.program.locals = {Int64, Bool};
  Pipeline increment{{Int64, String, Int32, Int64, Int64, Int64},
                     events(kNone, {{0, 3}}),
                     {load(make, 1, 4), compute(Opcode::Add, {3, 4}, 5)},
                     LocalsSink{2, {{0, 5}}, 1, true, false}};
  make.program.pipelines = {
      {{Int64, String, Int32}, events(), {}, LocalsSink{2, {{0, 0}}, kNone, false, false}},
      increment,
      increment};
  World world;
  world.run(make.program, kEvents, rows);
  expect_rows(world.locals_text, {"3|true", "4|true", "2|true", "6|true", "null|true"},
              "x := x + 1 twice");
}

/// Rows (key, amount) for lookups.
void fill_table(World& world) {
  Maker make;
  Insert insert;
  insert.relation = kTable;
  insert.values = {0, 1};
  make.program.pipelines = {{{Int64, Int64},
                             make.rows({Int64, Int64}, {{1, 10}, {4, 40}, {9, 90}}),
                             {insert},
                             DiscardSink{}}};
  test::run(world, make.program, 2048);
  world.transaction.commit();
}

void test_into_and_found(uint32_t rows) {
  // select amount into x from t where key = number, for those with a number above 1
  Maker make = step();
  make.program.locals = {Int64, Bool, Bool};  // x, found, guard
  make.program.pipelines = {
      {{Int64, String, Int32, Int64, Bool, Int64, Bool},
       events(),
       {load(make, 1, 3), compute(Opcode::Greater, {0, 3}, 4), load(make, 7, 5)},
       LocalsSink{2, {{2, 4}, {0, 5}}, kNone, false, false}},
      {{Int64, String, Int32, Int64},
       events(2),
       {IndexProbe{kTable, 0, ProbeType::Inner, {0}, {{1, 3}}, kNone, kNone, {2}, {}}},
       LocalsSink{2, {{0, 3}}, 1, true, true}}};
  World world;
  fill_table(world);
  world.run(make.program, kEvents, rows);
  expect_rows(world.locals_text,
              {"7|null|false", "null|false|true", "7|null|false", "40|true|true", "7|null|null"},
              "found rows, missing rows, unguarded instances");
}

void test_first_row_by_order(uint32_t rows) {
  // select amount into x from t where key > number order by key limit 1, through a sort
  Maker make = step();
  make.program.locals = {Int64, Bool, Bool};
  make.program.states = {RowsState{{Int64, Int64}},
                         SortState{{{Int64, true, false}}, {Int32, Int64}, kNone, kNone, {}}};
  Residual residual;
  residual.instructions = {compute(Opcode::Greater, {3, 0}, 5)};
  residual.condition = 5;
  LoadConstant truth{static_cast<uint32_t>(make.boolean(true)), 3};
  make.program.pipelines = {
      {{Int64, Int64}, ScanSource{kTable, {{0, 0}, {1, 1}}, kNone}, {}, RowsSink{0, {0, 1}}},
      {{Int64, String, Int32, Bool},
       events(),
       {truth},
       LocalsSink{2, {{2, 3}}, kNone, false, false}},
      {{Int64, String, Int32, Int64, Int64, Bool},
       events(2),
       {LoopProbe{0, ProbeType::Inner, {{0, 3}, {1, 4}}, kNone, {2}, residual}},
       SortSink{1, {3}, {2, 4}}},
      {{Int32, Int64},
       StateScanSource{1, kAllRows, {{0, 0}, {1, 1}}},
       {},
       LocalsSink{0, {{0, 1}}, 1, true, false}}};
  World world;
  fill_table(world);
  world.run(make.program, {{1, ""}, {9, ""}, {5, ""}}, rows);
  expect_rows(world.locals_text, {"90|true|true", "null|false|true", "90|true|true"},
              "greatest key");
}

// ---- regions ----------------------------------------------------------------------------------

Program region_program(bool inserts) {
  // begin [insert t; append; 12 / number; append] exception when others then append state
  Maker make = step();
  make.program.locals = {Int32, String, Bool};
  make.program.regions = {{1, 2, 0, 1, kNone}};
  std::vector<Operator> first = {append_to_out(0, 1)};
  if (inserts) first.push_back(insert_row(0, 0));
  make.program.pipelines = {
      {{Int64, String, Int32}, events(), {append_to_out(0, 1)}, DiscardSink{}},
      {{Int64, String, Int32}, events(), first, DiscardSink{}},
      {{Int64, String, Int32, Int64, Int64},
       events(),
       {load(make, 12, 3), compute(Opcode::Divide, {3, 0}, 4), append_to_out(4, 1)},
       DiscardSink{}},
      {{Int64, String, Int32, Int32, Bool},
       events(kNone, {{0, 3}}),
       {compute(Opcode::IsNotNull, {3}, 4)},
       LocalsSink{2, {{2, 4}}, kNone, false, false}},
      {{Int64, String, Int32, String}, events(2, {{1, 3}}), {append_to_out(0, 3)}, DiscardSink{}}};
  return make.program;
}

void test_region(uint32_t rows) {
  World world;
  world.run(region_program(false), {{1, "one"}, {0, "zero"}, {3, "three"}}, rows);
  expect_rows(world.failures, {}, "the region catches");
  expect_rows(world.effects.texts(),
              {"0: 12|one", "0: 1|one", "0: 1|one", "1: 0|division by zero", "1: 0|zero",
               "2: 3|three", "2: 3|three", "2: 4|three"},
              "effects since the region are discarded");
}

void test_region_with_table_changes(uint32_t rows) {
  World world;
  world.run(region_program(true), {{1, "one"}, {0, "zero"}, {3, "three"}}, rows);
  check::expect(world.conflicts == 1, "changes of one instance are undone only alone");
  expect_rows(world.failures, {}, "the region catches");
  expect_rows(world.table_rows(), {"1|1", "3|3"}, "the failed instance's row is gone");
}

void test_unique_violation_in_a_batch(uint32_t rows) {
  Maker make = step();
  make.program.pipelines = {
      {{Int64, String, Int32}, events(), {insert_row(0, 0), append_to_out(0, 1)}, DiscardSink{}}};
  World world;
  world.run(make.program, {{5, "first"}, {6, "second"}, {5, "again"}, {{}, "no key"}, {7, "x"}},
            rows);
  expect_rows(world.failures, {"2 23505", "3 23502"}, "the later one fails");
  expect_rows(world.effects.texts(), {"0: 5|first", "1: 6|second", "4: 7|x"}, "effects");
  expect_rows(world.table_rows(), {"5|5", "6|6", "7|7"}, "rows");
}

void test_failing_after_a_change_takes_it_back(uint32_t rows) {
  Maker make = step();
  make.program.pipelines = {
      {{Int64, String, Int32}, events(), {insert_row(0, 0)}, DiscardSink{}},
      {{Int64, String, Int32, Int64, Int64},
       events(),
       {load(make, 12, 3), compute(Opcode::Divide, {3, 0}, 4), append_to_out(4, 1)},
       DiscardSink{}}};
  World world;
  world.run(make.program, {{5, "a"}, {0, "b"}, {6, "c"}}, rows);
  check::expect(world.conflicts == 1, "one by one");
  expect_rows(world.failures, {"1 22012"}, "failed");
  expect_rows(world.table_rows(), {"5|5", "6|6"}, "its insert is taken back");
}

void test_updates_of_one_row(uint32_t rows) {
  // update t set amount = amount + number where key = 1: each instance sees the one before.
  Maker make = step();
  Update update;
  update.relation = kTable;
  update.row_id = 5;
  update.columns = {{1, 6}};
  update.ordinal = 2;
  make.program.pipelines = {
      {{Int64, String, Int32, Int64, Int64, Int64, Int64},
       events(),
       {load(make, 1, 3),
        IndexProbe{kTable, 0, ProbeType::Inner, {3}, {{1, 4}}, 5, kNone, {0, 2}, {}},
        compute(Opcode::Add, {4, 0}, 6), update},
       DiscardSink{true}}};
  World world;
  fill_table(world);
  world.run(make.program, {{1, ""}, {2, ""}, {3, ""}}, rows);
  check::expect(world.conflicts == 1, "the same row twice in a batch");
  expect_rows(world.table_rows(), {"1|16", "4|40", "9|90"}, "as one after the other");
}

// ---- shared rows ------------------------------------------------------------------------------

/// Instances probe a hash table built from 360 / key of the table's rows.
Program shared_program(Maker& make, int32_t guard) {
  make.program.states = {HashTableState{{Int64}, {Int64}}};
  make.program.pipelines.push_back({{Int64, Int64, Int64},
                                    ScanSource{kTable, {{0, 0}}, kNone},
                                    {load(make, 360, 1), compute(Opcode::Divide, {1, 0}, 2)},
                                    HashBuildSink{0, {0}, {2}}});
  make.program.pipelines.push_back(
      {{Int64, String, Int32, Int64},
       events(guard),
       {HashProbe{0, ProbeType::Inner, {0}, {{1, 3}}, kNone, {1, 2}, {}, false},
        append_to_out(3, 1)},
       DiscardSink{}});
  return make.program;
}

void test_shared_rows(uint32_t rows) {
  Maker make = step();
  World world;
  fill_table(world);
  world.run(shared_program(make, kNone), {{1, "a"}, {9, "b"}, {2, "c"}, {9, "d"}}, rows);
  expect_rows(world.effects.texts(), {"0: 360|a", "1: 40|b", "3: 40|d"}, "joined");
}

void test_an_error_of_shared_rows_waits_for_a_reader(uint32_t rows) {
  const auto add_zero = [](World& world) {
    Maker make;
    Insert insert;
    insert.relation = kTable;
    insert.values = {0, 0};
    make.program.pipelines = {{{Int64}, make.rows({Int64}, {{0}}), {insert}, DiscardSink{}}};
    test::run(world, make.program, 2048);
    world.transaction.commit();
  };
  // The guard is number > 100.
  for (const int64_t number : {1, 101}) {
    Maker make = step();
    make.program.locals = {Bool};
    make.program.pipelines = {{{Int64, String, Int32, Int64, Bool},
                               events(),
                               {load(make, 100, 3), compute(Opcode::Greater, {0, 3}, 4)},
                               LocalsSink{2, {{0, 4}}, kNone, false, false}}};
    shared_program(make, 0);
    World world;
    fill_table(world);
    add_zero(world);
    world.run(make.program, {{1, "a"}, {number, "b"}}, rows);
    const std::vector<std::string> wanted =
        number == 1 ? std::vector<std::string>{} : std::vector<std::string>{"1 22012"};
    expect_rows(world.failures, wanted, "only who reads them fails");
  }
}

void test_limit_per_instance(uint32_t rows) {
  Maker make = step();
  const int32_t two = make.int64(2);
  const int32_t one = make.int64(1);
  make.program.pipelines = {{{Int64, String, Int32, Int64, Int64},
                             events(),
                             {load(make, 1, 3), Series{3, 0, 3, 4, {1, 2}},
                              Limit{two, one, 2, {1, 2, 4}}, append_to_out(4, 1)},
                             DiscardSink{}}};
  World world;
  world.run(make.program, {{1, "a"}, {2, "b"}, {9, "c"}}, rows);
  expect_rows(world.effects.texts(), {"1: 2|b", "2: 2|c", "2: 3|c"}, "limit 2 offset 1 for each");
}

void test_aggregate_overflow_is_the_instances_own(uint32_t rows) {
  Maker make = step();
  make.program.states = {AggregateState{
      {Int32}, {{AggregateFunction::JsonObjectAgg, {String, String}, String, false}}}};
  LoadConstant null{static_cast<uint32_t>(make.null(String)), 3};
  make.program.pipelines = {
      {{Int64, String, Int32, String, Bool, String},
       events(),
       {null, compute(Opcode::IsNull, {0}, 4), compute(Opcode::Select, {4, 3, 1}, 5)},
       AggregateSink{0, {2}, {{{5, 5}, kNone}}}},
      {{Int32, String, Int64},
       StateScanSource{0, kAllRows, {{0, 0}, {1, 1}}},
       {load(make, 0, 2), append_to_out(2, 1, 0)},
       DiscardSink{}}};
  World world;
  world.run(make.program, {{1, "a"}, {{}, "b"}, {9, "c"}}, rows);
  expect_rows(world.failures, {"1 22023"}, "a null key");
  expect_rows(world.effects.texts(), {"0: 0|{\"a\": a}", "2: 0|{\"c\": c}"}, "the others' objects");
}

}  // namespace
}  // namespace rowtine::program::test

int main() {
  using namespace rowtine::program::test;
  for (const uint32_t rows : kBatchSizes) {
    test_one_fails_and_the_others_go_on(rows);
    test_a_failure_discards_earlier_effects(rows);
    test_locals(rows);
    test_a_local_is_assigned_from_itself(rows);
    test_into_and_found(rows);
    test_first_row_by_order(rows);
    test_region(rows);
    test_region_with_table_changes(rows);
    test_unique_violation_in_a_batch(rows);
    test_failing_after_a_change_takes_it_back(rows);
    test_updates_of_one_row(rows);
    test_shared_rows(rows);
    test_an_error_of_shared_rows_waits_for_a_reader(rows);
    test_limit_per_instance(rows);
    test_aggregate_overflow_is_the_instances_own(rows);
  }
  return rowtine::check::summary();
}
