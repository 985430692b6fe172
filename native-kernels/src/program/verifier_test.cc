// What the verifier refuses: sound programs, each broken in one place; and that decoding gives back
// what was encoded and survives whatever else it gets.
#include <functional>
#include <random>

#include "program/decode.h"
#include "program/sample_program.h"
#include "program/test_encode.h"

namespace rowtine::program::test {
namespace {

template <class T>
T& operator_of(Program& program, size_t pipeline) {
  for (Operator& each : program.pipelines[pipeline].operators) {
    if (T* found = std::get_if<T>(&each)) return *found;
  }
  invariant(false, "the sample has the operator");
  return *std::get_if<T>(&program.pipelines[pipeline].operators[0]);
}

template <class T>
T& source_of(Program& program, size_t pipeline) {
  return *std::get_if<T>(&program.pipelines[pipeline].source);
}
template <class T>
T& sink_of(Program& program, size_t pipeline) {
  return *std::get_if<T>(&program.pipelines[pipeline].sink);
}
template <class T>
T& state_of(Program& program, size_t state) {
  return *std::get_if<T>(&program.states[state]);
}

struct Break {
  const char* name;
  void (*change)(Program&);
};

const Break kBrokenStatements[] = {
    {"a constant past the bytes", [](Program& p) { p.constants[0].offset = 1U << 30; }},
    {"a constant of the wrong size", [](Program& p) { p.constants[0].size = 4; }},
    {"more parameters than constants", [](Program& p) { p.parameters = 1000; }},
    {"locals outside a step", [](Program& p) { p.locals = {Int64}; }},
    {"regions outside a step",
     [](Program& p) {
       p.regions = {{0, 0, 0, kNone, kNone}};
     }},
    {"an event that does not exist", [](Program& p) { p.event = -7; }},
    {"cells that fill no row",
     [](Program& p) { source_of<ConstantsSource>(p, 0).cells.pop_back(); }},
    {"a cell of another type",
     [](Program& p) {
       auto& cells = source_of<ConstantsSource>(p, 0).cells;
       std::swap(cells[0], cells[1]);
     }},
    {"a cell without constant",
     [](Program& p) { source_of<ConstantsSource>(p, 0).cells[0] = 999; }},
    {"a source register out of range",
     [](Program& p) { source_of<ConstantsSource>(p, 0).registers[0] = 77; }},
    {"a source register twice",
     [](Program& p) { source_of<ConstantsSource>(p, 0).registers[2] = 0; }},
    {"a build of another kind of state",
     [](Program& p) { sink_of<HashBuildSink>(p, 0).state = 1; }},
    {"a build of no state", [](Program& p) { sink_of<HashBuildSink>(p, 0).state = 44; }},
    {"a build with too few keys", [](Program& p) { sink_of<HashBuildSink>(p, 0).keys.clear(); }},
    {"a build with a key of another type",
     [](Program& p) { sink_of<HashBuildSink>(p, 0).keys[0] = 1; }},
    {"a payload register that is not there",
     [](Program& p) { sink_of<HashBuildSink>(p, 0).payload[0] = -1; }},
    {"an unknown opcode", [](Program& p) { operator_of<Compute>(p, 1).opcode = 60000; }},
    {"an opcode with too many arguments",
     [](Program& p) { operator_of<Compute>(p, 1).arguments.push_back(0); }},
    {"an argument of a wrong type",
     [](Program& p) { operator_of<Compute>(p, 1).arguments[0] = 1; }},
    {"an argument before it is written",
     [](Program& p) { operator_of<Compute>(p, 1).arguments[0] = 5; }},
    {"an argument that is no register",
     [](Program& p) { operator_of<Compute>(p, 1).arguments[0] = -5; }},
    {"a result of another type", [](Program& p) { operator_of<Compute>(p, 1).result = 5; }},
    {"a result that was written", [](Program& p) { operator_of<Compute>(p, 1).result = 0; }},
    {"a mask that is no Bool", [](Program& p) { operator_of<Compute>(p, 1).active = 0; }},
    {"a constant that is not there",
     [](Program& p) { operator_of<LoadConstant>(p, 1).constant = 999; }},
    {"a constant into another type",
     [](Program& p) { operator_of<LoadConstant>(p, 1).target = 4; }},
    {"a filter by a number", [](Program& p) { operator_of<Filter>(p, 1).condition = 0; }},
    {"a filter that keeps nothing written",
     [](Program& p) { operator_of<Filter>(p, 1).keep.push_back(5); }},
    {"a register dead after a filter",
     [](Program& p) {
       operator_of<Filter>(p, 1).keep = {1, 2};
     }},
    {"a probe of another kind of state",
     [](Program& p) { operator_of<HashProbe>(p, 1).state = 3; }},
    {"a probe of a state not filled",
     [](Program& p) {
       p.states.push_back(HashTableState{{Int64}, {String}});
       operator_of<HashProbe>(p, 1).state = 4;
     }},
    {"a probe with a key of another type",
     [](Program& p) { operator_of<HashProbe>(p, 1).keys[0] = 1; }},
    {"a probe with two keys", [](Program& p) { operator_of<HashProbe>(p, 1).keys.push_back(0); }},
    {"an output column past the state",
     [](Program& p) { operator_of<HashProbe>(p, 1).outputs[0].column = 9; }},
    {"an output of another type",
     [](Program& p) { operator_of<HashProbe>(p, 1).outputs[0].column = 0; }},
    {"null-aware left join", [](Program& p) { operator_of<HashProbe>(p, 1).null_aware = true; }},
    {"a mark without Mark", [](Program& p) { operator_of<HashProbe>(p, 1).mark = 4; }},
    {"a Mark without mark",
     [](Program& p) { operator_of<HashProbe>(p, 1).type = ProbeType::Mark; }},
    {"outputs of a semi join read later",
     [](Program& p) { operator_of<HashProbe>(p, 1).type = ProbeType::Semi; }},
    {"a sum with the wrong result",
     [](Program& p) { state_of<AggregateState>(p, 1).aggregates[0].result = Int64; }},
    {"an aggregate without argument",
     [](Program& p) { state_of<AggregateState>(p, 1).aggregates[0].arguments.clear(); }},
    {"an aggregate's filter that is no Bool",
     [](Program& p) { sink_of<AggregateSink>(p, 1).inputs[0].filter = 0; }},
    {"an aggregate too few", [](Program& p) { sink_of<AggregateSink>(p, 1).inputs.pop_back(); }},
    {"a group of another type", [](Program& p) { sink_of<AggregateSink>(p, 1).groups[0] = 1; }},
    {"a scan of a state filled later",
     [](Program& p) { source_of<StateScanSource>(p, 2).state = 3; }},
    {"unmatched rows of an aggregate",
     [](Program& p) { source_of<StateScanSource>(p, 2).what = kUnmatchedRows; }},
    {"rows of no kind", [](Program& p) { source_of<StateScanSource>(p, 2).what = 9; }},
    {"a state filled after it was read", [](Program& p) { p.pipelines.push_back(p.pipelines[0]); }},
    {"a sort with too few keys", [](Program& p) { sink_of<SortSink>(p, 2).keys.pop_back(); }},
    {"a sort limit of another type", [](Program& p) { state_of<SortState>(p, 2).limit = 1; }},
    {"a limit of groups told apart by strings",
     [](Program& p) { state_of<SortState>(p, 2).group_limit = {1, 2, true}; }},
    {"a sort limit out of range", [](Program& p) { state_of<SortState>(p, 2).limit = 999; }},
    {"a window call without its frame",
     [](Program& p) { state_of<WindowState>(p, 4).spec.calls[0].frame = 2; }},
    {"a window function over another type",
     [](Program& p) { state_of<WindowState>(p, 4).spec.calls[0].arguments = {String}; }},
    {"a range with bounds and no order",
     [](Program& p) {
       state_of<WindowState>(p, 4).spec.frames[1].end = window::Bound::Following;
       state_of<WindowState>(p, 4).spec.order.clear();
     }},
    {"a window with an input less",
     [](Program& p) { sink_of<WindowSink>(p, 7).inputs.pop_back(); }},
    {"a window input of another type",
     [](Program& p) { sink_of<WindowSink>(p, 7).inputs[4] = 0; }},
    {"a limit out of range", [](Program& p) { operator_of<Limit>(p, 3).limit = 999; }},
    {"an ordinal outside a step", [](Program& p) { operator_of<Limit>(p, 3).ordinal = 0; }},
    {"a series over text", [](Program& p) { operator_of<Series>(p, 3).start = 1; }},
    {"a series into text", [](Program& p) { p.pipelines[3].registers[3] = String; }},
    {"an insert into an event table", [](Program& p) { operator_of<Insert>(p, 4).relation = 1; }},
    {"an insert into nothing", [](Program& p) { operator_of<Insert>(p, 4).relation = 99; }},
    {"an insert with too few columns",
     [](Program& p) { operator_of<Insert>(p, 4).values.pop_back(); }},
    {"an insert without a value for no identity",
     [](Program& p) { operator_of<Insert>(p, 4).values[2] = kNone; }},
    {"an insert's unknown index", [](Program& p) { operator_of<Insert>(p, 4).index = 2; }},
    {"an insert's unknown rule", [](Program& p) { operator_of<Insert>(p, 4).conflict = 2; }},
    {"an update by numbers that are no rows",
     [](Program& p) { operator_of<Update>(p, 5).row_id = 0; }},
    {"an update of a column twice",
     [](Program& p) {
       operator_of<Update>(p, 5).columns.push_back({1, 1});
     }},
    {"an update of no column", [](Program& p) { operator_of<Update>(p, 5).columns[0].column = 8; }},
    {"a fetch by numbers that are no rows",
     [](Program& p) { operator_of<Fetch>(p, 5).row_id = 0; }},
    {"a fetch from another relation", [](Program& p) { operator_of<Fetch>(p, 5).relation = 1; }},
    {"a range of no column",
     [](Program& p) { source_of<ScanSource>(p, 5).ranges = {{9, RangeEnd::Both, 0}}; }},
    {"a range up to no constant",
     [](Program& p) { source_of<ScanSource>(p, 5).ranges = {{0, RangeEnd::AtMost, 99}}; }},
    {"a range before the first constant",
     [](Program& p) { source_of<ScanSource>(p, 5).ranges = {{0, RangeEnd::AtMost, -1}}; }},
    {"a range of texts",
     [](Program& p) { source_of<ScanSource>(p, 5).ranges = {{1, RangeEnd::AtLeast, 0}}; }},
    {"a scan of nothing", [](Program& p) { source_of<ScanSource>(p, 5).relation = 99; }},
    {"a scan of a column too far",
     [](Program& p) { source_of<ScanSource>(p, 5).columns[0].column = 3; }},
    {"row ids of an event table",
     [](Program& p) { source_of<ScanSource>(p, 5).relation = kSampleEvent; }},
    {"a loop that remembers matches",
     [](Program& p) { operator_of<LoopProbe>(p, 5).type = ProbeType::Full; }},
    {"results of two shapes",
     [](Program& p) { sink_of<ResultSinkSpec>(p, 5).registers.pop_back(); }},
    {"an index that is not there", [](Program& p) { operator_of<IndexProbe>(p, 6).index = 5; }},
    {"an index with other keys", [](Program& p) { operator_of<IndexProbe>(p, 6).index = 1; }},
    {"an index that remembers matches",
     [](Program& p) { operator_of<IndexProbe>(p, 6).type = ProbeType::Right; }},
    {"a residual that is no Bool",
     [](Program& p) { operator_of<IndexProbe>(p, 6).residual.condition = 1; }},
    {"a residual without condition",
     [](Program& p) { operator_of<IndexProbe>(p, 6).residual.condition = kNone; }},
    {"an append to a table", [](Program& p) { operator_of<Append>(p, 6).relation = kSampleTable; }},
    {"an append of too many columns",
     [](Program& p) { operator_of<Append>(p, 6).values.push_back(0); }},
    {"an append of another type", [](Program& p) { operator_of<Append>(p, 6).values[0] = 4; }},
    {"a delete by another relation's rows",
     [](Program& p) { operator_of<Delete>(p, 6).row_id = 3; }},
    {"a delete with an ordinal", [](Program& p) { operator_of<Delete>(p, 6).ordinal = 0; }},
};

const Break kBrokenSteps[] = {
    {"an event relation that is not there", [](Program& p) { p.event = 99; }},
    {"an event column too far",
     [](Program& p) { source_of<InstancesSource>(p, 0).event[0].column = 2; }},
    {"an event column of another type",
     [](Program& p) { source_of<InstancesSource>(p, 0).event[0].column = 1; }},
    {"an ordinal that is no Int32", [](Program& p) { p.pipelines[0].registers[2] = Int64; }},
    {"a guard that is no local", [](Program& p) { source_of<InstancesSource>(p, 1).guard = 9; }},
    {"a guard that is no Bool", [](Program& p) { source_of<InstancesSource>(p, 1).guard = 0; }},
    {"a local that is not there",
     [](Program& p) { source_of<InstancesSource>(p, 2).locals[0].column = 9; }},
    {"a local of another type",
     [](Program& p) { source_of<InstancesSource>(p, 2).locals[0].column = 3; }},
    {"an assignment to no local",
     [](Program& p) { sink_of<LocalsSink>(p, 0).assign[0].local = 9; }},
    {"an assignment of another type",
     [](Program& p) { sink_of<LocalsSink>(p, 0).assign[0].local = 1; }},
    {"found that is no Bool", [](Program& p) { sink_of<LocalsSink>(p, 0).found = 0; }},
    {"an assignment without ordinal",
     [](Program& p) { sink_of<LocalsSink>(p, 0).ordinal = kNone; }},
    {"an insert without ordinal", [](Program& p) { operator_of<Insert>(p, 1).ordinal = kNone; }},
    {"an append under a made-up ordinal",
     [](Program& p) {
       p.pipelines[2].registers.push_back(Int32);
       p.constants.push_back({Int32, true, 0, 0});
       LoadConstant made{static_cast<uint32_t>(p.constants.size() - 1), 5};
       p.pipelines[2].operators.insert(p.pipelines[2].operators.begin(), made);
       operator_of<Append>(p, 2).ordinal = 5;
     }},
    {"a region that ends before it begins",
     [](Program& p) {
       p.regions[0] = {2, 1, 2, 3, kNone};
     }},
    {"a region past the pipelines", [](Program& p) { p.regions[0].last = 3; }},
    {"a region's state that is no Int32", [](Program& p) { p.regions[0].state = 0; }},
    {"a region's place that is no Int64", [](Program& p) { p.regions[0].place = 2; }},
    {"a region's message that is no String", [](Program& p) { p.regions[0].message = 1; }},
    {"regions that overlap",
     [](Program& p) {
       p.regions.push_back({0, 1, 2, 3, kNone});
     }},
    {"results of a step", [](Program& p) { p.pipelines[2].sink = ResultSinkSpec{{0}}; }},
};

void expect_refused(const Program& sound, std::span<const Break> breaks) {
  SampleWorld world;
  for (const Break& each : breaks) {
    Program broken = sound;
    each.change(broken);
    Refusal refusal;
    const auto verified = verify(broken, world.relations, &refusal);
    const bool refused = !verified.ok() && verified.error().state == kInvalidProgram;
    check::expect(refused && !refusal.reason.empty(), each.name);
  }
}

const Break kBrokenRecursions[] = {
    {"rounds that end before they begin",
     [](Program& p) { source_of<RecursionSource>(p, 6).last = 0; }},
    {"rounds that run themselves", [](Program& p) { source_of<RecursionSource>(p, 6).last = 6; }},
    {"rounds that overlap", [](Program& p) { source_of<RecursionSource>(p, 4).first = 0; }},
    {"a recursion outside of its round",
     [](Program& p) { source_of<RecursionSource>(p, 6).last = 3; }},
    {"the same rounds twice", [](Program& p) { p.pipelines.push_back(p.pipelines[6]); }},
    {"a recursion over rows", [](Program& p) { source_of<RecursionSource>(p, 6).state = 3; }},
    {"a recursion over no state", [](Program& p) { source_of<RecursionSource>(p, 6).state = 9; }},
    {"a column past the recursion",
     [](Program& p) { source_of<RecursionSource>(p, 6).columns[0].column = 2; }},
    {"a round read outside of it", [](Program& p) { p.pipelines.push_back(p.pipelines[1]); }},
    {"a round that nothing runs", [](Program& p) { p.pipelines.pop_back(); }},
    {"all rows of a recursion",
     [](Program& p) { source_of<StateScanSource>(p, 1).what = kAllRows; }},
    {"the round of a sort", [](Program& p) { source_of<StateScanSource>(p, 5).what = kRoundRows; }},
    {"a state of a round read after it",
     [](Program& p) {
       p.pipelines.push_back({{Int64, String}, StateScanSource{4, kAllRows, {{0, 0}, {1, 1}}}, {}, DiscardSink{}});
     }},
    {"a round that answers", [](Program& p) { p.pipelines[5].sink = ResultSinkSpec{{3, 1}}; }},
    {"a round that sends",
     [](Program& p) {
       Append append;
       append.relation = kSampleEvent;
       append.values = {3, 1};
       p.pipelines[5].operators.push_back(append);
     }},
    {"rows for rounds that are over", [](Program& p) { p.pipelines.push_back(p.pipelines[0]); }},
    {"a round that nothing begins", [](Program& p) { p.pipelines[0].sink = DiscardSink{}; }},
    {"a recursion in a step", [](Program& p) { p.event = kSampleEvent; }},
    {"recursions too deep within one another",
     [](Program& p) {
       p.pipelines.clear();
       p.states.assign(kRecursionDepthMax + 1, RecursionState{{}, false});
       for (uint32_t i = 0; i <= kRecursionDepthMax; ++i) {
         p.pipelines.push_back({{}, DualSource{}, {}, RowsSink{kRecursionDepthMax - i, {}}});
       }
       p.pipelines.push_back({{}, StateScanSource{0, kRoundRows, {}}, {}, RowsSink{0, {}}});
       constexpr uint32_t kInnermost = kRecursionDepthMax + 1;
       for (uint32_t i = 0; i <= kRecursionDepthMax; ++i) {
         const RecursionSource rounds{i, kInnermost - i, kInnermost + i, {}};
         p.pipelines.push_back({{}, rounds, {}, RowsSink{i + 1, {}}});
       }
       p.pipelines.back().sink = DiscardSink{};
     }},
};

void expect_accepted(const Program& program, const char* what) {
  SampleWorld world;
  Refusal refusal;
  if (!check::expect(verify(program, world.relations, &refusal).ok(), what)) {
    std::printf("  refused: %s (pipeline %d)\n", refusal.reason.c_str(), refusal.pipeline);
  }
}

void test_facts() {
  SampleWorld world;
  const auto verified = verify(sample_statement(), world.relations);
  const VerifiedProgram& program = verified.value();
  check::expect(program.needs_sequencer() && program.writes().size() == 1, "writes the table");
  check::expect(program.appends().size() == 1 && program.appends()[0] == kSampleEvent, "appends");
  check::expect(program.reads().size() == 1 && program.reads()[0] == kSampleTable, "reads");
  check::expect(program.has_result() && program.result_types().size() == 2, "two columns");
  check::expect(!program.writes_durable(), "the table is not durable");
}

// ---- decoding -----------------------------------------------------------------------------------

void test_round_trip(const Program& program) {
  const std::vector<int32_t> words = Encoder().encode(program);
  const auto decoded = decode(words, program.bytes);
  if (!check::expect(decoded.ok(), "what was encoded decodes")) return;
  check::expect(Encoder().encode(decoded.value()) == words, "to the same program");
  for (size_t length = 0; length < words.size(); ++length) {
    check::expect(!decode({words.data(), length}, program.bytes).ok(), "a part is no program");
  }
  std::vector<int32_t> longer = words;
  longer.push_back(0);
  check::expect(!decode(longer, program.bytes).ok(), "nor one with something behind it");
  check::expect(!decode(words, {program.bytes.data(), 3}).ok(), "nor one without its bytes");
}

/// Changes words at random; what is still accepted must run without harm.
void test_mutations(const Program& program) {
  std::mt19937 random(7);
  const std::vector<int32_t> words = Encoder().encode(program);
  int accepted = 0;
  for (int round = 0; round < 20000; ++round) {
    std::vector<int32_t> mutated = words;
    const int changes = 1 + static_cast<int>(random() % 3);
    for (int i = 0; i < changes; ++i) {
      const size_t at = random() % mutated.size();
      mutated[at] = static_cast<int32_t>(random() % 4 == 0 ? random() : random() % 12) - 1;
    }
    auto decoded = decode(mutated, program.bytes);
    if (!decoded.ok()) continue;
    SampleWorld world;
    accepted += verify(std::move(decoded.value()), world.relations).ok() ? 1 : 0;
  }
  check::expect(accepted > 0, "some mutations are harmless");
}

}  // namespace
}  // namespace rowtine::program::test

int main() {
  using namespace rowtine::program::test;
  expect_accepted(sample_statement(), "the sample statement is sound");
  expect_accepted(sample_step(), "the sample step is sound");
  expect_accepted(sample_recursion(), "the sample recursion is sound");
  expect_refused(sample_statement(), kBrokenStatements);
  expect_refused(sample_recursion(), kBrokenRecursions);
  expect_refused(sample_step(), kBrokenSteps);
  test_facts();
  test_round_trip(sample_statement());
  test_round_trip(sample_step());
  test_round_trip(sample_recursion());
  test_mutations(sample_statement());
  test_mutations(sample_step());
  test_mutations(sample_recursion());
  return rowtine::check::summary();
}
