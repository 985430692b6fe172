// Statements over constants: sources, expressions, filters, limits, series, sorts, aggregates.
#include "program/profile.h"
#include "program/test_program.h"

namespace rowtine::program::test {
namespace {

const Relations kNoRelations;

Pipeline pipeline(std::vector<PhysicalType> registers, Source source,
                  std::vector<Operator> operators, Sink sink) {
  return {std::move(registers), std::move(source), std::move(operators), std::move(sink)};
}

void test_dual() {
  Maker make;
  LoadConstant a{static_cast<uint32_t>(make.int64(40)), 0};
  LoadConstant b{static_cast<uint32_t>(make.int64(2)), 1};
  make.program.pipelines = {pipeline({Int64, Int64, Int64}, DualSource{},
                                     {a, b, compute(Opcode::Add, {0, 1}, 2)}, ResultSinkSpec{{2}})};
  expect_rows(run_all(make.program, kNoRelations, "dual"), {"42"}, "select 40 + 2");
}

const std::vector<std::vector<Value>> kPeople = {
    {1, "ann"}, {2, "bob"}, {3, {}}, {4, "a name longer than a view"}, {5, "bob"}, {6, {}}};

/// select id, name from people where id > 2
void select_people(Maker& make) {
  const Source rows = make.rows({Int64, String}, kPeople);
  LoadConstant two{static_cast<uint32_t>(make.int64(2)), 2};
  make.program.pipelines = {pipeline({Int64, String, Int64, Bool}, rows,
                                     {two, compute(Opcode::Greater, {0, 2}, 3), Filter{3, {0, 1}}},
                                     ResultSinkSpec{{0, 1}})};
}

void test_filter() {
  Maker make;
  select_people(make);
  expect_rows(run_all(make.program, kNoRelations, "filter"),
              {"3|null", "4|a name longer than a view", "5|bob", "6|null"}, "where id > 2");
}

void test_first_error_is_that_of_the_first_row() {
  // 1 / (3 - id), then 1 / (2 - id): row 2 fails in the second instruction, row 3 in the first.
  Maker make;
  const Source rows = make.rows({Int64, String}, kPeople);
  const auto load = [&](int64_t value, Register r) {
    return LoadConstant{static_cast<uint32_t>(make.int64(value)), r};
  };
  make.program.pipelines = {
      pipeline({Int64, String, Int64, Int64, Int64, Int64, Int64, Int64, Int64}, rows,
               {load(1, 2), load(2, 3), load(3, 4), compute(Opcode::Subtract, {4, 0}, 5),
                compute(Opcode::Divide, {2, 5}, 6), compute(Opcode::Subtract, {3, 0}, 7),
                compute(Opcode::Divide, {2, 7}, 8)},
               ResultSinkSpec{{0}})};
  expect_rows(run_all(make.program, kNoRelations, "error"), {"1", "error 22012"}, "rows before it");
}

void test_predication() {
  // case when id <> 3 then 1 / (id - 3) end
  Maker make;
  const Source rows = make.rows({Int64, String}, kPeople);
  LoadConstant one{static_cast<uint32_t>(make.int64(12)), 2};
  LoadConstant three{static_cast<uint32_t>(make.int64(3)), 3};
  LoadConstant null{static_cast<uint32_t>(make.null(Int64)), 7};
  make.program.pipelines = {
      pipeline({Int64, String, Int64, Int64, Bool, Int64, Int64, Int64, Int64}, rows,
               {one, three, null, compute(Opcode::NotEqual, {0, 3}, 4),
                compute(Opcode::Subtract, {0, 3}, 5, 4), compute(Opcode::Divide, {2, 5}, 6, 4),
                compute(Opcode::Select, {4, 6, 7}, 8)},
               ResultSinkSpec{{8}})};
  expect_rows(run_all(make.program, kNoRelations, "predication"),
              {"-6", "-12", "null", "12", "6", "4"}, "division under case");
}

void test_constant_errors_under_a_mask() {
  // case when id > 6 then 1 / 0 else id end: constant arguments fail for active rows only.
  for (const int64_t bound : {6, 5}) {
    Maker make;
    const Source rows = make.rows({Int64, String}, kPeople);
    const auto load = [&](int64_t value, Register r) {
      return LoadConstant{static_cast<uint32_t>(make.int64(value)), r};
    };
    make.program.pipelines = {
        pipeline({Int64, String, Int64, Int64, Int64, Bool, Int64, Int64}, rows,
                 {load(1, 2), load(0, 3), load(bound, 4), compute(Opcode::Greater, {0, 4}, 5),
                  compute(Opcode::Divide, {2, 3}, 6, 5), compute(Opcode::Select, {5, 6, 0}, 7)},
                 ResultSinkSpec{{7}})};
    std::vector<std::string> wanted = {"1", "2", "3", "4", "5"};
    wanted.push_back(bound == 6 ? "6" : "error 22012");
    expect_rows(run_all(make.program, kNoRelations, "mask"), wanted, "constant error");
  }
}

void test_limit() {
  for (int64_t offset = 0; offset < 8; ++offset) {
    for (int64_t count = 0; count < 8; ++count) {
      Maker make;
      const Source rows = make.rows({Int64, String}, kPeople);
      make.program.pipelines = {pipeline({Int64, String}, rows,
                                         {Limit{make.int64(count), make.int64(offset), kNone, {0}}},
                                         ResultSinkSpec{{0}})};
      std::vector<std::string> wanted;
      for (int64_t id = offset + 1; id <= std::min<int64_t>(6, offset + count); ++id) {
        wanted.push_back(std::to_string(id));
      }
      expect_rows(run_all(make.program, kNoRelations, "limit"), wanted, "limit and offset");
    }
  }
}

void test_negative_limit() {
  Maker make;
  const Source rows = make.rows({Int64, String}, kPeople);
  make.program.pipelines = {pipeline(
      {Int64, String}, rows, {Limit{make.int64(-1), kNone, kNone, {0}}}, ResultSinkSpec{{0}})};
  expect_rows(run_all(make.program, kNoRelations, "limit"), {"error 2201W"}, "limit -1");
}

std::vector<std::string> series(int64_t start, int64_t stop, int64_t step) {
  Maker make;
  const Source rows = make.rows({Int64, Int64}, {{start, 1}, {stop, 2}, {{}, 3}, {start, 4}});
  LoadConstant to{static_cast<uint32_t>(make.int64(stop)), 2};
  LoadConstant by{static_cast<uint32_t>(make.int64(step)), 3};
  make.program.pipelines = {pipeline({Int64, Int64, Int64, Int64, Int64}, rows,
                                     {to, by, Series{0, 2, 3, 4, {1}}}, ResultSinkSpec{{1, 4}})};
  return run_all(make.program, kNoRelations, "series");
}

void test_series() {
  expect_rows(series(1, 5, 2), {"1|1", "1|3", "1|5", "2|5", "4|1", "4|3", "4|5"}, "upwards");
  expect_rows(series(3, 1, -1), {"1|3", "1|2", "1|1", "2|1", "4|3", "4|2", "4|1"}, "downwards");
  expect_rows(series(INT64_MAX - 1, INT64_MAX, 1),
              {"1|9223372036854775806", "1|9223372036854775807", "2|9223372036854775807",
               "4|9223372036854775806", "4|9223372036854775807"},
              "to the end of the type");
  expect_rows(series(1, 2, 0), {"error 22023"}, "a step of zero");
}

// ---- aggregates -------------------------------------------------------------------------------

struct AggregateCase {
  const char* name;
  AggregateFunction function;
  std::vector<uint32_t> columns;  // of kNumbers
  PhysicalType result;
  bool distinct;
  const char* all;    // over all rows
  const char* empty;  // over none
};

/// group, small number, bigint, text, float, flag
const std::vector<PhysicalType> kNumberTypes = {Int64, Int32, Int64, String, Float64, Bool};
const std::vector<std::vector<Value>> kNumbers = {
    {1, 10, 5, "pear", 1, 1}, {2, 20, {}, "apple is a long word", 2, 0},
    {1, {}, 7, {}, {}, {}},   {2, 20, 5, "pear", 4, 1},
    {{}, 40, 9, "fig", 5, 1}, {1, 10, {}, "apple is a long word", 5, 1},
};

const AggregateCase kAggregateCases[] = {
    {"count(*)", AggregateFunction::CountStar, {}, Int64, false, "6", "0"},
    {"count", AggregateFunction::Count, {1}, Int64, false, "5", "0"},
    {"count distinct", AggregateFunction::Count, {1}, Int64, true, "3", "0"},
    {"sum int", AggregateFunction::Sum, {1}, Int64, false, "100", "null"},
    {"sum bigint", AggregateFunction::Sum, {2}, PhysicalType::Decimal, false, "26", "null"},
    {"sum distinct", AggregateFunction::Sum, {2}, PhysicalType::Decimal, true, "21", "null"},
    {"sum float", AggregateFunction::Sum, {4}, Float64, false, "17.000000", "null"},
    {"min text", AggregateFunction::Min, {3}, String, false, "apple is a long word", "null"},
    {"max text", AggregateFunction::Max, {3}, String, false, "pear", "null"},
    {"max int", AggregateFunction::Max, {1}, Int32, false, "40", "null"},
    {"first", AggregateFunction::First, {2}, Int64, false, "5", "null"},
    {"bool_and", AggregateFunction::BoolAnd, {5}, Bool, false, "false", "null"},
    {"bool_or", AggregateFunction::BoolOr, {5}, Bool, false, "true", "null"},
    {"string_agg",
     AggregateFunction::StringAgg,
     {3, 3},
     String,
     true,
     "pearapple is a long wordapple is a long wordfigfig",
     "null"},
    {"json_agg",
     AggregateFunction::JsonAgg,
     {3},
     String,
     true,
     "[pear, apple is a long word, null, fig]",
     "null"},
    {"var_pop", AggregateFunction::VarPop, {4}, Float64, false, "2.640000", "null"},
    {"var_samp", AggregateFunction::VarSamp, {4}, Float64, false, "3.300000", "null"},
    {"stddev_pop", AggregateFunction::StddevPop, {4}, Float64, false, "1.624808", "null"},
    {"covar_pop", AggregateFunction::CovarPop, {4, 4}, Float64, false, "2.640000", "null"},
    {"covar_samp", AggregateFunction::CovarSamp, {4, 4}, Float64, false, "3.300000", "null"},
    {"corr", AggregateFunction::Corr, {4, 4}, Float64, false, "1.000000", "null"},
};

Program aggregate_program(const AggregateCase& each, bool with_rows, bool grouped) {
  Maker make;
  const Source rows =
      make.rows(kNumberTypes, with_rows ? kNumbers : std::vector<std::vector<Value>>{});
  AggregateState state;
  AggregateDeclaration declared{each.function, {}, each.result, each.distinct};
  AggregateInput input;
  for (const uint32_t column : each.columns) {
    declared.arguments.push_back(kNumberTypes[column]);
    input.arguments.push_back(static_cast<Register>(column));
  }
  state.aggregates = {declared};
  std::vector<Register> groups;
  std::vector<Load> loads = {{0, 0}};
  std::vector<PhysicalType> registers = {each.result};
  if (grouped) {
    state.groups = {Int64};
    groups = {0};
    loads = {{0, 0}, {1, 1}};
    registers = {Int64, each.result};
  }
  make.program.states = {state};
  std::vector<Register> all(registers.size());
  for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<Register>(i);
  make.program.pipelines = {
      pipeline(kNumberTypes, rows, {}, AggregateSink{0, groups, {input}}),
      pipeline(registers, StateScanSource{0, kAllRows, loads}, {}, ResultSinkSpec{all})};
  return make.program;
}

void test_aggregates() {
  for (const AggregateCase& each : kAggregateCases) {
    expect_rows(run_all(aggregate_program(each, true, false), kNoRelations, each.name), {each.all},
                each.name);
    expect_rows(run_all(aggregate_program(each, false, false), kNoRelations, each.name),
                {each.empty}, each.name);
    expect_rows(run_all(aggregate_program(each, false, true), kNoRelations, each.name), {},
                each.name);
  }
  expect_rows(run_all(aggregate_program(kAggregateCases[3], true, true), kNoRelations, "groups"),
              {"1|20", "2|40", "null|40"}, "sum by group, groups in order of arrival");
  expect_rows(run_all(aggregate_program(kAggregateCases[2], true, true), kNoRelations, "groups"),
              {"1|1", "2|1", "null|1"}, "count distinct by group");
}

void test_sum_overflow() {
  Maker make;
  const Source rows = make.rows({Float64}, {{1}, {2}});
  AggregateState state;
  state.aggregates = {{AggregateFunction::Sum, {Float64}, Float64, false}};
  make.program.states = {state};
  LoadConstant big{static_cast<uint32_t>(make.float64(1.7e308)), 1};
  make.program.pipelines = {
      pipeline({Float64, Float64}, rows, {big}, AggregateSink{0, {}, {{{1}, kNone}}}),
      pipeline({Float64}, StateScanSource{0, kAllRows, {{0, 0}}}, {}, ResultSinkSpec{{0}})};
  expect_rows(run_all(make.program, kNoRelations, "overflow"), {"error 22003"}, "sum overflows");
}

// ---- sorts ------------------------------------------------------------------------------------

std::vector<std::string> sorted(bool descending, bool nulls_first, int64_t limit, int64_t offset) {
  Maker make;
  const Source rows = make.rows({Int64, String}, kPeople);
  SortState state;
  state.keys = {{String, descending, nulls_first}};
  state.payload = {Int64};
  state.limit = limit < 0 ? kNone : make.int64(limit);
  state.offset = make.int64(offset);
  make.program.states = {state};
  make.program.pipelines = {
      pipeline({Int64, String}, rows, {}, SortSink{0, {1}, {0}}),
      pipeline({Int64}, StateScanSource{0, kAllRows, {{0, 0}}}, {}, ResultSinkSpec{{0}})};
  return run_all(make.program, kNoRelations, "sort");
}

void test_sort() {
  expect_rows(sorted(false, false, -1, 0), {"4", "1", "2", "5", "3", "6"}, "ascending");
  expect_rows(sorted(true, true, -1, 0), {"3", "6", "2", "5", "1", "4"}, "descending");
  expect_rows(sorted(false, true, 3, 1), {"6", "4", "1"}, "limit 3 offset 1");
  expect_rows(sorted(true, false, 2, 5), {"6"}, "past the end");
  expect_rows(sorted(true, false, 0, 0), {}, "limit 0");
}

void test_result_may_end_early() {
  Maker make;
  LoadConstant one{static_cast<uint32_t>(make.int64(1)), 0};
  LoadConstant many{static_cast<uint32_t>(make.int64(1'000'000'000)), 1};
  make.program.pipelines = {pipeline({Int64, Int64, Int64}, DualSource{},
                                     {one, many, Series{0, 1, 0, 2, {}}}, ResultSinkSpec{{2}})};
  Machine machine;
  machine.results.stop_after = 5;
  check::expect(run(machine, make.program, 1).size() == 5, "the client wants five rows");
}

void test_limits_of_a_run() {
  Maker make;
  LoadConstant one{static_cast<uint32_t>(make.int64(1)), 0};
  LoadConstant many{static_cast<uint32_t>(make.int64(100'000'000)), 1};
  make.program.states = {RowsState{{Int64}}};
  make.program.pipelines = {pipeline({Int64, Int64, Int64}, DualSource{},
                                     {one, many, Series{0, 1, 0, 2, {}}}, RowsSink{0, {2}})};
  Machine machine;
  auto verified = verify(make.program, machine.relations);
  RunContext context = machine.context(2048);
  context.memory_limit_bytes = 8U << 20;
  const auto outcome = machine.execution.run_statement(verified.value(), {}, context);
  check::expect(!outcome.ok() && outcome.error().state == kOutOfMemory, "memory is bounded");
  const std::atomic<bool> cancel = true;
  context = machine.context(2048);
  context.cancel = &cancel;
  const auto cancelled = machine.execution.run_statement(verified.value(), {}, context);
  check::expect(!cancelled.ok() && cancelled.error().state == kQueryCanceled, "runs are cancelled");
}

void test_parameters() {
  Maker make;
  make.int64(0);
  make.text("declared");
  make.program.parameters = 2;
  make.program.pipelines = {pipeline({Int64, String}, DualSource{},
                                     {LoadConstant{0, 0}, LoadConstant{1, 1}},
                                     ResultSinkSpec{{0, 1}})};
  Machine machine;
  auto verified = verify(make.program, machine.relations);
  int64_t number[16] = {7};
  vector::StringView text[8] = {vector::StringView::of("given text, not inline")};
  const Parameter parameters[] = {{Int64, true, number, nullptr}, {String, true, text, nullptr}};
  RunContext context = machine.context(2048);
  check::expect(machine.execution.run_statement(verified.value(), parameters, context).ok(),
                "runs");
  expect_rows(machine.results.lines, {"7|given text, not inline"}, "parameters replace constants");
}

void test_profile() {
  Maker make;
  select_people(make);
  Machine machine;
  auto verified = verify(make.program, machine.relations);
  check::expect(verified.ok(), "verifies");
  RunContext context = machine.context(4);
  Profile profile;
  context.profile = &profile;
  check::expect(machine.execution.run_statement(verified.value(), {}, context).ok(), "runs");
  const std::vector<double> numbers = profile.numbers();
  // Run, bytes, pipelines; pipeline: time, threads, stages; stage: rows, batches, time.
  constexpr size_t kHead = 6, kStages = 5;
  check::expect(numbers.size() == kHead + kStages * 3, "a source, three operators, a sink");
  check::expect(numbers[2] == 1 && numbers[4] == 1 && numbers[5] == kStages, "one of each");
  const double expected[kStages][2] = {{0, 0}, {6, 2}, {6, 2}, {6, 2}, {4, 2}};
  double sum = 0;
  for (size_t i = 0; i < kStages; ++i) {
    check::expect(numbers[kHead + i * 3] == expected[i][0], "rows");
    check::expect(numbers[kHead + i * 3 + 1] == expected[i][1], "batches");
    sum += numbers[kHead + i * 3 + 2];
  }
  check::expect(sum == numbers[3], "every nanosecond of a pipeline is some stage's");
}

}  // namespace
}  // namespace rowtine::program::test

int main() {
  using namespace rowtine::program::test;
  test_dual();
  test_filter();
  test_first_error_is_that_of_the_first_row();
  test_predication();
  test_constant_errors_under_a_mask();
  test_limit();
  test_negative_limit();
  test_series();
  test_aggregates();
  test_sum_overflow();
  test_sort();
  test_result_may_end_early();
  test_limits_of_a_run();
  test_parameters();
  test_profile();
  return rowtine::check::summary();
}
