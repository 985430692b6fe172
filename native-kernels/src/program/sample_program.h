// A program with every kind of source, operator, state and sink in it, for the tests and fuzzers
// that break programs.
#pragma once

#include "program/test_program.h"

namespace rowtine::program::test {

inline constexpr uint32_t kSampleEvent = 1;  // (Int64, String); appended to as well
inline constexpr uint32_t kSampleTable = 2;  // (Int64 identity unique, String, Int64)

/// The relations of the sample programs.
struct SampleWorld : Machine {
  SampleWorld() {
    table::TableDefinition definition;
    definition.id = kSampleTable;
    definition.types = {Int64, String, Int64};
    definition.indexes = {{{0}, true}, {{1, 2}, false}};
    definition.identity_column = 0;
    table = std::make_unique<table::Table>(definition, clock);
    relations.by_id = {{kSampleEvent, &event}, {kSampleTable, table.get()}};
  }
  FakeEvents event{{Int64, String}};
  std::unique_ptr<table::Table> table;
};

/// A running sum of a payload's row, and a row number.
inline WindowState sample_window() {
  using enum window::Bound;
  WindowState state;
  state.spec.payload = {String};
  state.spec.partition = {Int64};
  state.spec.order = {{String, true, false}};
  state.spec.frames = {{window::FrameMode::Rows, Preceding, CurrentRow, window::Exclusion::Ties},
                       {window::FrameMode::Range, UnboundedPreceding, CurrentRow}};
  state.spec.calls = {{window::Function::Sum, {Int64}, PhysicalType::Decimal, true, 0},
                      {window::Function::RowNumber, {}, Int64, false, 1}};
  return state;
}

/// A statement: joins, aggregates, sorts, windows, limits, series, insert, update, delete, append.
inline Program sample_statement() {
  Maker make;
  const auto load = [&](int32_t constant, Register r) {
    return LoadConstant{static_cast<uint32_t>(constant), r};
  };
  const int32_t two = make.int64(2);
  const int32_t word = make.text("a word that is long enough");
  const std::vector<std::vector<Value>> rows = {
      {1, "a", 3}, {2, "b", {}}, {2, "b", 5}, {{}, "c", 7}};
  make.program.states = {
      HashTableState{{Int64}, {String}},
      AggregateState{{Int64},
                     {{AggregateFunction::Sum, {Int64}, PhysicalType::Decimal, false},
                      {AggregateFunction::StringAgg, {String, String}, String, true}}},
      SortState{{{String, true, false}, {Int64, false, true}}, {Int64, String}, two, kNone, {}},
      RowsState{{Int64}},
      sample_window()};
  auto& pipelines = make.program.pipelines;
  pipelines.push_back({{Int64, String, Int64},
                       make.rows({Int64, String, Int64}, rows),
                       {},
                       HashBuildSink{0, {0}, {1}}});
  pipelines.push_back({{Int64, String, Int64, Int64, Bool, String},
                       make.rows({Int64, String, Int64}, rows),
                       {load(two, 3), compute(Opcode::LessEqual, {0, 3}, 4), Filter{4, {0, 1, 2}},
                        HashProbe{0, ProbeType::Left, {0}, {{1, 5}}, kNone, {0, 1, 2}, {}, false}},
                       AggregateSink{1, {0}, {{{2}, kNone}, {{5, 1}, kNone}}}});
  pipelines.push_back({{Int64, PhysicalType::Decimal, String},
                       StateScanSource{1, kAllRows, {{0, 0}, {1, 1}, {2, 2}}},
                       {},
                       SortSink{2, {2, 0}, {0, 2}}});
  pipelines.push_back({{Int64, String, Int64, Int64, Int64},
                       StateScanSource{2, kAllRows, {{0, 0}, {1, 1}}},
                       {load(two, 2), Series{2, 2, 2, 3, {0, 1}}, Limit{two, kNone, kNone, {0, 3}}},
                       RowsSink{3, {3}}});
  Insert insert;
  insert.relation = kSampleTable;
  insert.values = {kNone, 1, 0};
  insert.conflict = 1;
  insert.row_id = 2;
  insert.conflicted = 3;
  Update update;
  update.relation = kSampleTable;
  update.row_id = 2;
  update.columns = {{1, 1}};
  update.new_row_id = 4;
  pipelines.push_back({{Int64, String, Int64, Bool, Int64},
                       StateScanSource{3, kAllRows, {{0, 0}}},
                       {load(word, 1), insert},
                       DiscardSink{true}});
  pipelines.push_back({{Int64, String, Int64, Bool, Int64, Int64, Bool},
                       ScanSource{kSampleTable, {{0, 0}}, 2},
                       {load(word, 1), update, Fetch{kSampleTable, 4, {{0, 5}}},
                        LoopProbe{3, ProbeType::Mark, {}, 6, {0, 1, 5}, {}}},
                       ResultSinkSpec{{0, 5}}});
  Delete erase;
  erase.relation = kSampleTable;
  erase.row_id = 2;
  Append append;
  append.relation = kSampleEvent;
  append.values = {1, 4};
  append.id = 3;
  pipelines.push_back({{Int64, Int64, Int64, Int64, String, Bool},
                       DualSource{},
                       {load(two, 0),
                        IndexProbe{kSampleTable,
                                   0,
                                   ProbeType::Inner,
                                   {0},
                                   {{0, 1}, {1, 4}},
                                   2,
                                   kNone,
                                   {0},
                                   {{compute(Opcode::Equal, {0, 1}, 5)}, 5}},
                        append, erase},
                       ResultSinkSpec{{0, 1}}});
  pipelines.push_back({{Int64, String, Int64, Bool},
                       StateScanSource{2, kAllRows, {{0, 0}, {1, 1}}},
                       {load(two, 2), compute(Opcode::LessEqual, {0, 2}, 3)},
                       WindowSink{4, {1}, {0, 1, 2, 0, 3}}});
  pipelines.push_back({{PhysicalType::Decimal, Int64, String},
                       StateScanSource{4, kAllRows, {{0, 0}, {1, 1}, {2, 2}}},
                       {},
                       DiscardSink{false}});
  return make.program;
}

/// Rounds within rounds: a hash table and a sort of every round, distinct rows of a recursion inside.
inline Program sample_recursion() {
  Maker make;
  const auto load = [&](int64_t value, Register r) {
    return LoadConstant{static_cast<uint32_t>(make.int64(value)), r};
  };
  make.program.states = {RecursionState{{Int64, String}, false}, HashTableState{{Int64}, {String}},
                         RecursionState{{Int64}, true}, RowsState{{Int64}},
                         SortState{{{Int64, false, false}}, {Int64, String}, kNone, kNone, {}}};
  const std::vector<Load> both = {{0, 0}, {1, 1}};
  make.program.pipelines = {
      {{Int64, String},
       make.rows({Int64, String}, {{1, "a word that is long enough"}}),
       {},
       RowsSink{0, {0, 1}}},
      {{Int64, String}, StateScanSource{0, kRoundRows, both}, {}, HashBuildSink{1, {0}, {1}}},
      {{Int64}, StateScanSource{0, kRoundRows, {{0, 0}}}, {}, RowsSink{2, {0}}},
      {{Int64, Int64, Int64, Int64, Bool},
       StateScanSource{2, kRoundRows, {{0, 0}}},
       {load(2, 1), compute(Opcode::Add, {0, 1}, 2), load(7, 3), compute(Opcode::Less, {2, 3}, 4),
        Filter{4, {2}}},
       RowsSink{2, {2}}},
      {{Int64, String},
       RecursionSource{2, 3, 3, {{0, 0}}},
       {HashProbe{1, ProbeType::Left, {0}, {{1, 1}}, kNone, {0}, {}, false}},
       SortSink{4, {0}, {0, 1}}},
      {{Int64, String, Int64, Int64, Int64, Bool},
       StateScanSource{4, kAllRows, both},
       {load(1, 2), compute(Opcode::Add, {0, 2}, 3), load(6, 4), compute(Opcode::Less, {3, 4}, 5),
        Filter{5, {1, 3}}},
       RowsSink{0, {3, 1}}},
      {{Int64, String}, RecursionSource{0, 1, 5, both}, {}, ResultSinkSpec{{0, 1}}}};
  return make.program;
}

/// A step: locals, guards, a region, an insert and an append per instance.
inline Program sample_step() {
  Maker make;
  make.program.event = kSampleEvent;
  make.program.vectorised = true;
  make.program.locals = {Int64, Bool, Int32, String};
  make.program.regions = {{1, 2, 2, 3, 0}};
  LoadConstant ten{static_cast<uint32_t>(make.int64(10)), 3};
  Insert insert;
  insert.relation = kSampleTable;
  insert.values = {kNone, 1, 0};
  insert.ordinal = 2;
  Append append;
  append.relation = kSampleEvent;
  append.values = {3, 1};
  append.ordinal = 2;
  const std::vector<Load> event = {{0, 0}, {1, 1}};
  make.program.pipelines = {
      {{Int64, String, Int32, Int64, Bool},
       InstancesSource{event, {}, 2, kNone},
       {ten, compute(Opcode::Less, {0, 3}, 4)},
       LocalsSink{2, {{0, 0}, {1, 4}}, kNone, false, false}},
      {{Int64, String, Int32}, InstancesSource{event, {}, 2, 1}, {insert}, DiscardSink{}},
      {{Int64, String, Int32, Int64, Int64},
       InstancesSource{event, {{0, 4}}, 2, 1},
       {ten, append},
       DiscardSink{true}}};
  return make.program;
}

}  // namespace rowtine::program::test
