// What does running a program cost? A small step for one event (what a request pays), and rows per
// second of scans, joins, groups and sorts, each with its result checked.
#include <chrono>

#include "program/test_program.h"

namespace rowtine::program::test {
namespace {

using Clock = std::chrono::steady_clock;

double nanoseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::nano>(Clock::now() - start).count();
}

/// Takes effects and forgets them.
class NoEffects final : public EffectSink {
 public:
  bool append(const AppendRequest& request) override {
    appended += request.row_count;
    return true;
  }
  void discard(uint32_t, uint32_t) override {}
  uint64_t appended = 0;
};

class Sum final : public ResultSink {
 public:
  bool rows(std::span<const Vector> columns, uint32_t row_count) override {
    count += row_count;
    for (uint32_t row = 0; row < row_count && !columns.empty(); ++row) {
      if (columns[0].type == Int64) total += columns[0].as<int64_t>()[columns[0].index_of(row)];
    }
    return true;
  }
  int64_t total = 0;
  uint64_t count = 0;
};

constexpr uint32_t kTable = 3;

struct World : Machine {
  World() {
    table::TableDefinition definition;
    definition.id = kTable;
    definition.types = {Int64, Int64, String};
    definition.indexes = {{{0}, true}};
    table = std::make_unique<table::Table>(definition, clock);
    relations.by_id = {{1, &event}, {2, &out}, {kTable, table.get()}};
  }
  FakeEvents event{{Int64, String}};
  FakeEvents out{{Int64, Int32, String, String}};
  std::unique_ptr<table::Table> table;
};

/// insert into t select i, i % groups, text from generate_series(1, rows)
void fill(World& world, int64_t rows, int64_t groups) {
  Maker make;
  const auto load = [&](int32_t constant, Register r) {
    return LoadConstant{static_cast<uint32_t>(constant), r};
  };
  Insert insert;
  insert.relation = kTable;
  insert.values = {2, 4, 5};
  make.program.pipelines = {
      {{Int64, Int64, Int64, Int64, Int64, String},
       DualSource{},
       {load(make.int64(1), 0), load(make.int64(rows), 1), Series{0, 1, 0, 2, {}},
        load(make.int64(groups), 3), compute(Opcode::Modulo, {2, 3}, 4), load(make.text("text"), 5),
        insert},
       DiscardSink{}}};
  const auto start = Clock::now();
  test::run(world, make.program, 2048);
  world.transaction.commit();
  std::printf("insert              %8.1f ns/row\n",
              nanoseconds_since(start) / static_cast<double>(rows));
}

// ---- steps ------------------------------------------------------------------------------------

/// insert into out values (r.id, 200, null, 'Hello, ' || text)
Program hello_step() {
  Maker make;
  make.program.event = 1;
  make.program.vectorised = true;
  Append append;
  append.relation = 2;
  append.values = {0, 3, 4, 6};
  append.ordinal = 2;
  make.program.pipelines = {{{Int64, String, Int32, Int32, String, String, String},
                             InstancesSource{{{0, 0}, {1, 1}}, {}, 2, kNone},
                             {LoadConstant{static_cast<uint32_t>(make.int32(200)), 3},
                              LoadConstant{static_cast<uint32_t>(make.null(String)), 4},
                              LoadConstant{static_cast<uint32_t>(make.text("Hello, ")), 5},
                              compute(Opcode::Concat, {5, 1}, 6), append},
                             DiscardSink{}}};
  return make.program;
}

/// … select text from t where id = r.id
Program lookup_step() {
  Maker make;
  make.program.event = 1;
  make.program.vectorised = true;
  Append append;
  append.relation = 2;
  append.values = {0, 3, 4, 4};
  append.ordinal = 2;
  make.program.pipelines = {
      {{Int64, String, Int32, Int32, String},
       InstancesSource{{{0, 0}}, {}, 2, kNone},
       {LoadConstant{static_cast<uint32_t>(make.int32(200)), 3},
        IndexProbe{kTable, 0, ProbeType::Inner, {0}, {{2, 4}}, kNone, kNone, {0, 2, 3}, {}},
        append},
       DiscardSink{}}};
  return make.program;
}

void bench_step(World& world, const char* name, const Program& program, uint32_t count) {
  auto verified = verify(program, world.relations);
  Arena arena;
  std::vector<Vector> event(2), locals;
  vector::allocate(arena, Int64, count, false, event[0]);
  vector::allocate(arena, String, count, false, event[1]);
  for (uint32_t i = 0; i < count; ++i) {
    event[0].as<int64_t>()[i] = static_cast<int64_t>(i) + 1;
    event[1].as<vector::StringView>()[i] = vector::StringView::of("world");
  }
  NoEffects effects;
  RunContext context = world.context(2048);
  context.effects = &effects;
  Instances instances{event, count, locals, &arena};
  const int runs = static_cast<int>(2'000'000 / (count + 9));
  const auto start = Clock::now();
  for (int i = 0; i < runs; ++i) world.execution.run_step(verified.value(), instances, context);
  const double each = nanoseconds_since(start) / runs;
  check::expect(effects.appended == static_cast<uint64_t>(runs) * count, name);
  std::printf("%-14s %4u %8.0f ns/run %8.1f ns/event\n", name, count, each, each / count);
}

// ---- statements -------------------------------------------------------------------------------

void bench(World& world, const char* name, const Program& program, double rows, uint64_t wanted) {
  Refusal refusal;
  auto verified = verify(program, world.relations, &refusal);
  if (!check::expect(verified.ok(), refusal.reason.c_str())) return;
  double best = 1e18;
  for (int i = 0; i < 3; ++i) {
    Sum sum;
    RunContext context = world.context(2048);
    context.results = &sum;
    const auto start = Clock::now();
    const auto outcome = world.execution.run_statement(verified.value(), {}, context);
    best = std::min(best, nanoseconds_since(start));
    check::expect(outcome.ok() && sum.count == wanted, name);
  }
  std::printf("%-19s %8.2f ns/row\n", name, best / rows);
}

ScanSource scan_all() { return {kTable, {{0, 0}, {1, 1}}, kNone}; }

Program filter_program(Maker make) {
  make.program.states = {
      AggregateState{{}, {{AggregateFunction::Sum, {Int64}, PhysicalType::Decimal, false}}}};
  make.program.pipelines = {
      {{Int64, Int64, Int64, Bool},
       scan_all(),
       {LoadConstant{static_cast<uint32_t>(make.int64(500)), 2}, compute(Opcode::Less, {1, 2}, 3),
        Filter{3, {0}}},
       AggregateSink{0, {}, {{{0}, kNone}}}},
      {{PhysicalType::Decimal}, StateScanSource{0, kAllRows, {{0, 0}}}, {}, ResultSinkSpec{{0}}}};
  return make.program;
}

Program group_program(Maker make, uint32_t column) {
  make.program.states = {AggregateState{{Int64},
                                        {{AggregateFunction::CountStar, {}, Int64, false},
                                         {AggregateFunction::Max, {Int64}, Int64, false}}}};
  make.program.pipelines = {
      {{Int64, Int64},
       scan_all(),
       {},
       AggregateSink{0, {static_cast<Register>(column)}, {{{}, kNone}, {{0}, kNone}}}},
      {{Int64, Int64}, StateScanSource{0, kAllRows, {{0, 0}, {1, 1}}}, {}, ResultSinkSpec{{1}}}};
  return make.program;
}

Program join_program(Maker make, ProbeType type) {
  make.program.states = {HashTableState{{Int64}, {Int64}}};
  make.program.pipelines = {{{Int64, Int64}, scan_all(), {}, HashBuildSink{0, {0}, {1}}},
                            {{Int64, Int64, Int64},
                             scan_all(),
                             {HashProbe{0, type, {0}, {{1, 2}}, kNone, {0}, {}, false}},
                             ResultSinkSpec{{0}}}};
  return make.program;
}

Program sort_program(Maker make, bool limited) {
  SortState state{{{Int64, true, false}, {Int64, false, false}}, {Int64}, kNone, kNone, {}};
  if (limited) state.limit = make.int64(10);
  make.program.states = {state};
  make.program.pipelines = {
      {{Int64, Int64}, scan_all(), {}, SortSink{0, {1, 0}, {0}}},
      {{Int64}, StateScanSource{0, kAllRows, {{0, 0}}}, {}, ResultSinkSpec{{0}}}};
  return make.program;
}

}  // namespace
}  // namespace rowtine::program::test

int main(int argc, char**) {
  using namespace rowtine::program;
  using namespace rowtine::program::test;
  const int64_t rows = argc > 1 ? 10'000 : 1'000'000;
  const auto count = static_cast<uint64_t>(rows);
  World world;
  fill(world, rows, 1000);
  for (const uint32_t events : {1U, 8U, 64U, 1024U}) {
    bench_step(world, "hello step", hello_step(), events);
  }
  for (const uint32_t events : {1U, 8U, 64U, 1024U}) {
    bench_step(world, "lookup step", lookup_step(), events);
  }
  const auto all = static_cast<double>(rows);
  bench(world, "filtered sum", filter_program({}), all, 1);
  bench(world, "group by 1000", group_program({}, 1), all, 1000);
  bench(world, "group by all", group_program({}, 0), all, count);
  bench(world, "hash join 1:1", join_program({}, ProbeType::Inner), all, count);
  bench(world, "semi join 1:1", join_program({}, ProbeType::Semi), all, count);
  bench(world, "sort", sort_program({}, false), all, count);
  bench(world, "top 10", sort_program({}, true), all, 10);
  return rowtine::check::summary();
}
