// Joins of every type through all three probes against nested loops, on random rows with nulls and
// duplicates, with and without a residual condition.
#include <optional>
#include <random>

#include "program/test_program.h"

namespace rowtine::program::test {
namespace {

/// A row of either side: a key of two columns and a number.
struct Row {
  std::optional<int64_t> a;
  std::optional<std::string> b;
  int64_t number;
};

std::vector<Row> random_rows(std::mt19937& random, size_t count, int64_t domain, bool with_nulls) {
  std::vector<Row> rows;
  for (size_t i = 0; i < count; ++i) {
    Row row{static_cast<int64_t>(random()) % domain, {}, static_cast<int64_t>(i)};
    row.b = random() % 2 == 0 ? "x" : "a text that is not inline";
    if (with_nulls && random() % 4 == 0) row.a.reset();
    if (with_nulls && random() % 6 == 0) row.b.reset();
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<std::vector<Value>> values_of(const std::vector<Row>& rows) {
  std::vector<std::vector<Value>> out;
  for (const Row& row : rows) {
    out.push_back({row.a ? Value(*row.a) : Value(), row.b ? Value(*row.b) : Value(), row.number});
  }
  return out;
}

std::string text_of(const Row& row) {
  return (row.a ? std::to_string(*row.a) : "null") + "|" + (row.b ? *row.b : "null") + "|" +
         std::to_string(row.number);
}

enum class Probe { Hash, Index, Loop };

struct JoinCase {
  Probe probe;
  ProbeType type;
  uint32_t key_count;  // 0 with Loop: the keys are compared in the residual
  bool residual;       // numbers of both sides differ in parity
  bool null_aware;
};

// ---- the nested loop ------------------------------------------------------------------------

/// SQL's three values of the join condition.
enum class Truth { False, Unknown, True };

Truth equal_keys(const Row& left, const Row& right, uint32_t key_count) {
  Truth result = Truth::True;
  const auto combine = [&](bool is_null, bool same) {
    if (is_null) {
      if (result == Truth::True) result = Truth::Unknown;
    } else if (!same) {
      result = Truth::False;
    }
  };
  if (key_count > 0) combine(!left.a || !right.a, left.a == right.a);
  if (key_count > 1) combine(!left.b || !right.b, left.b == right.b);
  return result;
}

bool residual_holds(const Row& left, const Row& right) {
  return (left.number + right.number) % 2 == 1;
}

std::vector<std::string> nested_loop(const JoinCase& join, const std::vector<Row>& left,
                                     const std::vector<Row>& right) {
  std::vector<std::string> out;
  std::vector<bool> right_matched(right.size());
  const uint32_t keys = join.probe == Probe::Loop ? 1 : join.key_count;
  for (const Row& row : left) {
    size_t matches = 0;
    bool unknown = false;
    std::vector<std::string> joined;
    for (size_t i = 0; i < right.size(); ++i) {
      if (join.residual && !residual_holds(row, right[i])) continue;
      const Truth equal = equal_keys(row, right[i], keys);
      unknown = unknown || equal == Truth::Unknown;
      if (equal != Truth::True) continue;
      ++matches;
      right_matched[i] = true;
      joined.push_back(text_of(row) + "|" + text_of(right[i]));
    }
    unknown = unknown && join.null_aware;
    switch (join.type) {
      case ProbeType::Single:
        if (matches > 1) return out.push_back("error 21000"), out;
        [[fallthrough]];
      case ProbeType::Left:
      case ProbeType::Full:
        if (joined.empty()) joined.push_back(text_of(row) + "|null|null|null");
        [[fallthrough]];
      case ProbeType::Inner:
      case ProbeType::Right:
        out.insert(out.end(), joined.begin(), joined.end());
        break;
      case ProbeType::Semi:
        if (matches > 0) out.push_back(text_of(row));
        break;
      case ProbeType::Anti:
        if (matches == 0 && !unknown) out.push_back(text_of(row));
        break;
      case ProbeType::Mark:
        out.push_back(text_of(row) + "|" + (matches > 0 ? "true" : unknown ? "null" : "false"));
    }
  }
  if (join.type == ProbeType::Right || join.type == ProbeType::Full) {
    for (size_t i = 0; i < right.size(); ++i) {
      if (!right_matched[i]) out.push_back("null|null|null|" + text_of(right[i]));
    }
  }
  return out;
}

// ---- the program ----------------------------------------------------------------------------

bool yields_matches(ProbeType type) {
  return type != ProbeType::Semi && type != ProbeType::Anti && type != ProbeType::Mark;
}

/// Registers: 0-2 the left row, 3-5 the right one, 6 mark, 7.. residual.
Pipeline probe_pipeline(Maker& make, const JoinCase& join, const std::vector<Row>& left) {
  Pipeline out;
  out.registers = {Int64, String, Int64, Int64, String, Int64, Bool,
                   Int64, Int64,  Int64, Int64, Bool,   Bool,  Bool};
  out.source = make.rows({Int64, String, Int64}, values_of(left));
  out.operators.push_back(LoadConstant{static_cast<uint32_t>(make.int64(2)), 9});
  out.operators.push_back(LoadConstant{static_cast<uint32_t>(make.int64(1)), 10});
  Residual residual;
  if (join.residual) {
    residual.instructions = {compute(Opcode::Add, {2, 5}, 7), compute(Opcode::Modulo, {7, 9}, 8),
                             compute(Opcode::Equal, {8, 10}, 11)};
    residual.condition = 11;
  }
  const std::vector<Load> outputs = {{0, 3}, {1, 4}, {2, 5}};
  const std::vector<Register> keep = {0, 1, 2};
  const Register mark = join.type == ProbeType::Mark ? 6 : kNone;
  const std::vector<Register> keys =
      join.key_count == 2 ? std::vector<Register>{0, 1} : std::vector<Register>{0};
  if (join.probe == Probe::Hash) {
    // The state's columns: keys, then the others.
    std::vector<Load> packed = outputs;
    out.operators.push_back(
        HashProbe{0, join.type, keys, packed, mark, keep, residual, join.null_aware});
  } else if (join.probe == Probe::Index) {
    out.operators.push_back(
        IndexProbe{1, join.key_count - 1, join.type, keys, outputs, kNone, mark, keep, residual});
  } else {
    residual.instructions.push_back(compute(Opcode::Equal, {0, 3}, 12));
    residual.condition = 12;
    if (join.residual) {
      residual.instructions.push_back(compute(Opcode::And, {11, 12}, 13));
      residual.condition = 13;
    }
    out.operators.push_back(LoopProbe{0, join.type, outputs, mark, keep, residual});
  }
  std::vector<Register> result = keep;
  if (yields_matches(join.type)) result = {0, 1, 2, 3, 4, 5};
  if (join.type == ProbeType::Mark) result.push_back(6);
  out.sink = ResultSinkSpec{result};
  return out;
}

Program join_program(const JoinCase& join, const std::vector<Row>& left,
                     const std::vector<Row>& right) {
  Maker make;
  Pipeline build{{Int64, String, Int64},
                 make.rows({Int64, String, Int64}, values_of(right)),
                 {},
                 DiscardSink{}};
  if (join.probe == Probe::Hash) {
    HashTableState state{{Int64}, {String, Int64}};
    HashBuildSink sink{0, {0}, {1, 2}};
    if (join.key_count == 2) {
      state = {{Int64, String}, {Int64}};
      sink = {0, {0, 1}, {2}};
    }
    make.program.states = {state};
    build.sink = sink;
  } else if (join.probe == Probe::Loop) {
    make.program.states = {RowsState{{Int64, String, Int64}}};
    build.sink = RowsSink{0, {0, 1, 2}};
  }
  if (join.probe != Probe::Index) make.program.pipelines.push_back(build);
  make.program.pipelines.push_back(probe_pipeline(make, join, left));
  if (join.type == ProbeType::Right || join.type == ProbeType::Full) {
    LoadConstant no_int{static_cast<uint32_t>(make.null(Int64)), 3};
    LoadConstant no_text{static_cast<uint32_t>(make.null(String)), 4};
    make.program.pipelines.push_back({{Int64, String, Int64, Int64, String},
                                      StateScanSource{0, kUnmatchedRows, {{0, 0}, {1, 1}, {2, 2}}},
                                      {no_int, no_text},
                                      ResultSinkSpec{{3, 4, 3, 0, 1, 2}}});
  }
  return make.program;
}

/// A table with the right rows, indexes on (a) and (a, b).
void fill_table(Machine& machine, table::Table& table, const std::vector<Row>& rows) {
  Maker make;
  Insert insert;
  insert.relation = 1;
  insert.values = {0, 1, 2};
  make.program.pipelines = {{{Int64, String, Int64},
                             make.rows({Int64, String, Int64}, values_of(rows)),
                             {insert},
                             DiscardSink{}}};
  machine.relations.by_id[1] = &table;
  const auto lines = run(machine, make.program, 2048);
  check::expect(lines.empty(), "the table takes the rows");
  machine.transaction.commit();
}

void check_join(const JoinCase& join, const std::vector<Row>& left, const std::vector<Row>& right) {
  Machine machine;
  table::TableDefinition definition;
  definition.id = 1;
  definition.types = {Int64, String, Int64};
  definition.indexes = {{{0}, false}, {{0, 1}, false}};
  table::Table table(definition, machine.clock);
  machine.relations.by_id[1] = &table;
  if (join.probe == Probe::Index && !right.empty()) fill_table(machine, table, right);
  auto wanted = nested_loop(join, left, right);
  const Program program = join_program(join, left, right);
  std::vector<std::string> first;
  for (const uint32_t batch_rows : kBatchSizes) {
    auto lines = run(machine, program, batch_rows);
    if (batch_rows == kBatchSizes[0]) first = lines;
    check::expect(lines == first, "batch sizes agree");
    std::ranges::sort(lines);
    std::ranges::sort(wanted);
    if (!check::expect(lines == wanted, "as a nested loop")) {
      std::printf("  probe %d type %d keys %u residual %d aware %d: %zu rows, wanted %zu\n",
                  static_cast<int>(join.probe), static_cast<int>(join.type), join.key_count,
                  join.residual, join.null_aware, lines.size(), wanted.size());
    }
  }
}

void check_all(const std::vector<Row>& left, const std::vector<Row>& right) {
  for (uint32_t type = 0; type < kProbeTypeCount; ++type) {
    const auto probe_type = static_cast<ProbeType>(type);
    const bool remembers = probe_type == ProbeType::Right || probe_type == ProbeType::Full;
    const bool decides = probe_type == ProbeType::Anti || probe_type == ProbeType::Mark;
    for (const bool residual : {false, true}) {
      for (const uint32_t keys : {1U, 2U}) {
        check_join({Probe::Hash, probe_type, keys, residual, false}, left, right);
        if (decides) check_join({Probe::Hash, probe_type, keys, residual, true}, left, right);
        if (!remembers) check_join({Probe::Index, probe_type, keys, residual, false}, left, right);
      }
      if (!remembers) check_join({Probe::Loop, probe_type, 0, residual, false}, left, right);
    }
  }
}

}  // namespace
}  // namespace rowtine::program::test

int main() {
  using namespace rowtine::program::test;
  std::mt19937 random(20);
  const struct {
    size_t left, right;
    int64_t domain;
    bool nulls;
  } sizes[] = {{0, 5, 3, true},   {5, 0, 3, true},     {1, 1, 1, false}, {7, 9, 4, true},
               {40, 30, 6, true}, {60, 20, 90, false}, {25, 60, 2, true}};
  for (const auto& each : sizes) {
    check_all(random_rows(random, each.left, each.domain, each.nulls),
              random_rows(random, each.right, each.domain, each.nulls));
  }
  // More candidates than one round takes.
  const auto left = random_rows(random, 90, 2, true);
  const auto right = random_rows(random, 150, 2, true);
  for (const auto type : {rowtine::program::ProbeType::Inner, rowtine::program::ProbeType::Left,
                          rowtine::program::ProbeType::Mark, rowtine::program::ProbeType::Full}) {
    const bool aware = type == rowtine::program::ProbeType::Mark;
    check_join({Probe::Hash, type, 1, true, aware}, left, right);
  }
  check_join({Probe::Loop, rowtine::program::ProbeType::Left, 0, true, false}, left, right);
  check_join({Probe::Index, rowtine::program::ProbeType::Left, 1, true, false}, left, right);
  return rowtine::check::summary();
}
