// Recursive statements: rounds of rows that are all kept or kept apart, rounds within rounds, and how
// endless ones end.
#include "program/sample_program.h"

namespace rowtine::program::test {
namespace {

const Relations kNoRelations;

LoadConstant load(Maker& make, int64_t value, Register r) {
  return {static_cast<uint32_t>(make.int64(value)), r};
}

/// From 1 on, n + 1 for every n (modulo `modulus` unless it is 0) as long as n < `end`; `limit` of them.
Program counting(bool distinct, int64_t end, int64_t modulus, int64_t limit = INT64_MAX) {
  Maker make;
  const int32_t wanted = make.int64(limit);
  make.program.states = {RecursionState{{Int64}, distinct}};
  std::vector<Operator> operators = {load(make, end, 1), compute(Opcode::Less, {0, 1}, 2),
                                     Filter{2, {0}}, load(make, 1, 3),
                                     compute(Opcode::Add, {0, 3}, 4)};
  if (modulus != 0) {
    operators.push_back(load(make, modulus, 5));
    operators.push_back(compute(Opcode::Modulo, {4, 5}, 6));
  }
  make.program.pipelines = {
      {{Int64}, make.rows({Int64}, {{1}}), {}, RowsSink{0, {0}}},
      {{Int64, Int64, Bool, Int64, Int64, Int64, Int64},
       StateScanSource{0, kRoundRows, {{0, 0}}},
       operators,
       RowsSink{0, {modulus == 0 ? 4 : 6}}},
      {{Int64},
       RecursionSource{0, 1, 1, {{0, 0}}},
       {Limit{wanted, kNone, kNone, {0}}},
       ResultSinkSpec{{0}}}};
  return make.program;
}

void test_counting() {
  expect_rows(run_all(counting(false, 4, 0), kNoRelations, "counting"), {"1", "2", "3", "4"},
              "n + 1 while n < 4");
  expect_rows(run_all(counting(true, 100, 3), kNoRelations, "a cycle"), {"1", "2", "0"},
              "a row is found once");
}

void test_many_rounds() {
  Machine machine;
  const auto lines = run(machine, counting(false, 100'000, 0), 2048);
  check::expect(lines.size() == 100'000 && lines.back() == "100000", "as many rounds as rows");
}

/// Every row finds three with a longer text, so rounds grow; their texts lie in memory of the round.
void test_texts() {
  Maker make;
  make.program.states = {RecursionState{{Int64, String}, false}};
  const auto suffix = static_cast<uint32_t>(make.text(" and more text"));
  make.program.pipelines = {
      {{Int64, String},
       make.rows({Int64, String}, {{1, "a text that is not inline"}, {1, {}}}),
       {},
       RowsSink{0, {0, 1}}},
      {{Int64, String, Int64, Bool, Int64, String, String, Int64, Int64},
       StateScanSource{0, kRoundRows, {{0, 0}, {1, 1}}},
       {load(make, 3, 2), compute(Opcode::Less, {0, 2}, 3), Filter{3, {0, 1, 2}},
        load(make, 1, 4), LoadConstant{suffix, 5}, compute(Opcode::Concat, {1, 5}, 6),
        compute(Opcode::Add, {0, 4}, 7), Series{4, 2, 4, 8, {6, 7}}},
       RowsSink{0, {7, 6}}},
      {{Int64, String}, RecursionSource{0, 1, 1, {{0, 0}, {1, 1}}}, {}, ResultSinkSpec{{0, 1}}}};
  const auto lines = run_all(make.program, kNoRelations, "texts");
  check::expect(lines.size() == 2 + 6 + 18, "each row finds three");
  check::expect(!lines.empty() && lines[0] == "1|a text that is not inline", "the first round");
  check::expect(std::ranges::count(lines, "3|a text that is not inline and more text and more text") == 9,
                "texts are those of two rounds before");
  check::expect(std::ranges::count(lines, "3|null") == 9, "nulls go on");
}

/// Rows n with the word of n in their round: 1, 3, 5 are found from 1, all even ones from 2 and 4.
void test_rounds_within_rounds() {
  const std::string word = "|a word that is long enough";
  const auto lines = run_all(sample_recursion(), kNoRelations, "rounds within rounds");
  expect_rows(lines, {"1" + word, "2" + word, "4|null", "3" + word, "5|null", "4" + word, "5" + word},
              "a hash table, a sort and a distinct recursion of every round");
}

void test_limit() {
  const Program endless = counting(false, INT64_MAX, 0, 5);
  expect_rows(run_all(endless, kNoRelations, "limit"), {"1", "2", "3", "4", "5"},
              "a reader that has enough ends the rounds");
}

SqlState end_of(const Program& program, RunContext& context, Machine& machine) {
  const auto verified = verify(program, machine.relations);
  const auto outcome = machine.execution.run_statement(verified.value(), {}, context);
  return outcome.ok() ? kSuccess : outcome.error().state;
}

Program endless(bool distinct) {
  Program program = counting(distinct, INT64_MAX, 0);
  program.pipelines[2].sink = DiscardSink{false};
  return program;
}

void test_endless_rounds_end() {
  for (const bool distinct : {false, true}) {
    Machine machine;
    RunContext context = machine.context(2048);
    context.batches_left = 10'000;
    check::expect(end_of(endless(distinct), context, machine) == kQueryCanceled, "by batches");
    context = machine.context(2048);
    const std::atomic<bool> cancel = true;
    context.cancel = &cancel;
    check::expect(end_of(endless(distinct), context, machine) == kQueryCanceled, "by cancelling");
  }
  Machine machine;
  RunContext context = machine.context(2048);
  context.memory_limit_bytes = 16U << 20;
  check::expect(end_of(endless(true), context, machine) == kOutOfMemory,
                "rows that are kept apart are kept, up to the limit");
  const auto lines = run(machine, counting(false, 10, 0), 3);
  check::expect(lines.size() == 10, "and the machine goes on");
}

/// Rows that are not kept apart take no more memory than two rounds of them.
void test_rounds_give_memory_back() {
  Machine machine;
  RunContext context = machine.context(2048);
  context.memory_limit_bytes = 16U << 20;
  Program program = counting(false, 2'000'000, 0);
  program.pipelines[2].sink = DiscardSink{false};
  check::expect(end_of(program, context, machine).ok(), "two million rounds in 16 MiB");
}

}  // namespace
}  // namespace rowtine::program::test

int main() {
  using namespace rowtine::program::test;
  test_counting();
  test_many_rounds();
  test_texts();
  test_rounds_within_rounds();
  test_limit();
  test_endless_rounds_end();
  test_rounds_give_memory_back();
  return rowtine::check::summary();
}
