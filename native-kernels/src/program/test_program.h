// For tests of programs: constants and pipelines by short names, relations that need no runtime,
// and results as text. Programs are run at several batch sizes, which must not matter.
#pragma once

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "expr/kernel.h"
#include "program/opcode.h"
#include "program/run.h"
#include "program/verifier.h"
#include "table/table.h"

namespace rowtine::program::test {

using vector::Vector;
using enum vector::PhysicalType;

/// Null, a whole number, or text.
struct Value {
  Value() = default;
  Value(int64_t value) : number(value) {}                 // NOLINT: implicit on purpose
  Value(int value) : number(value) {}                     // NOLINT
  Value(const char* value) : text(std::string(value)) {}  // NOLINT
  Value(std::string value) : text(std::move(value)) {}    // NOLINT
  std::optional<int64_t> number;
  std::optional<std::string> text;
};

/// A relation that is appended to or gives a step its events; it stores nothing.
class FakeEvents final : public table::Relation {
 public:
  explicit FakeEvents(std::vector<PhysicalType> types) : types_(std::move(types)) {}
  std::span<const PhysicalType> column_types() const override { return types_; }
  uint32_t append_column_count() const override { return static_cast<uint32_t>(types_.size()); }
  std::unique_ptr<table::Scan> scan(table::Snapshot, std::span<const uint32_t>) override {
    class Nothing final : public table::Scan {
      Result<uint32_t> next(Arena&, uint32_t, std::span<Vector>, table::RowId*) override {
        return 0U;
      }
    };
    return std::make_unique<Nothing>();
  }

 private:
  std::vector<PhysicalType> types_;
};

class Relations final : public RelationLookup {
 public:
  table::Relation* find(uint32_t id) const override {
    const auto found = by_id.find(id);
    return found == by_id.end() ? nullptr : found->second;
  }
  std::map<uint32_t, table::Relation*> by_id;
};

inline std::string row_text(std::span<const Vector> columns, uint32_t row);

class RecordedResults final : public ResultSink {
 public:
  bool rows(std::span<const Vector> columns, uint32_t row_count) override {
    for (uint32_t row = 0; row < row_count; ++row) lines.push_back(row_text(columns, row));
    return lines.size() < stop_after;
  }
  std::vector<std::string> lines;
  size_t stop_after = SIZE_MAX;
};

/// Effects as "ordinal pipeline: values". Rows whose first column is `refused` are refused.
class RecordedEffects final : public EffectSink {
 public:
  bool append(const AppendRequest& request) override {
    bool all = true;
    for (uint32_t row = 0; row < request.row_count; ++row) {
      const std::string text = row_text(request.values, row);
      if (request.ids != nullptr) request.ids[row] = static_cast<int64_t>(100 + staged.size());
      if (!refused.empty() && text.rfind(refused, 0) == 0) {
        request.states[row] = kInvalidParameterValue.packed;
        all = false;
        continue;
      }
      const auto ordinal =
          request.ordinals == nullptr ? 0U : static_cast<uint32_t>(request.ordinals[row]);
      staged.push_back({ordinal, request.pipeline, text});
    }
    return all;
  }
  void discard(uint32_t ordinal, uint32_t since_pipeline) override {
    std::erase_if(staged, [&](const Staged& each) {
      return each.ordinal == ordinal && each.pipeline >= since_pipeline;
    });
  }
  std::vector<std::string> texts() const {
    std::vector<std::string> out;
    for (const Staged& each : staged) {
      out.push_back(std::to_string(each.ordinal) + ": " + each.text);
    }
    std::ranges::sort(out);
    return out;
  }

  struct Staged {
    uint32_t ordinal, pipeline;
    std::string text;
  };
  std::vector<Staged> staged;
  std::string refused;
};

inline std::string value_text(const Vector& vector, uint32_t row) {
  if (vector.is_null(row)) return "null";
  const uint32_t at = vector.index_of(row);
  switch (vector.type) {
    case Bool:
      return vector.as<uint8_t>()[at] != 0 ? "true" : "false";
    case Int16:
      return std::to_string(vector.as<int16_t>()[at]);
    case Int32:
      return std::to_string(vector.as<int32_t>()[at]);
    case Int64:
      return std::to_string(vector.as<int64_t>()[at]);
    case Float32:
      return std::to_string(vector.as<float>()[at]);
    case Float64:
      return std::to_string(vector.as<double>()[at]);
    case PhysicalType::Decimal:
      return std::to_string(static_cast<int64_t>(vector.as<vector::Decimal>()[at]));
    case String:
      return std::string(vector.as<vector::StringView>()[at].text());
    default:
      return "?";
  }
}

inline std::string row_text(std::span<const Vector> columns, uint32_t row) {
  std::string text;
  for (size_t i = 0; i < columns.size(); ++i) {
    text += (i == 0 ? "" : "|") + value_text(columns[i], row);
  }
  return text;
}

/// Makes a Program piece by piece.
class Maker {
 public:
  template <class T>
  int32_t constant(PhysicalType type, T value) {
    std::byte bytes[sizeof(T)];
    std::memcpy(bytes, &value, sizeof(T));
    return add(type, false, bytes);
  }
  int32_t int64(int64_t value) { return constant(Int64, value); }
  int32_t int32(int32_t value) { return constant(Int32, value); }
  int32_t boolean(bool value) { return constant(Bool, static_cast<uint8_t>(value)); }
  int32_t float64(double value) { return constant(Float64, value); }
  int32_t text(std::string_view value) {
    return add(String, false, std::as_bytes(std::span(value.data(), value.size())));
  }
  int32_t null(PhysicalType type) { return add(type, true, {}); }

  /// Literals of a Constants source: numbers are Int64.
  int32_t literal(const Value& value, PhysicalType type) {
    if (value.text.has_value()) return text(*value.text);
    if (!value.number.has_value()) return null(type);
    const int64_t number = *value.number;
    switch (type) {
      case Int32:
        return int32(static_cast<int32_t>(number));
      case Bool:
        return boolean(number != 0);
      case Float64:
        return float64(static_cast<double>(number));
      default:
        return int64(number);
    }
  }

  /// A Constants source whose columns are registers 0, 1 ...
  ConstantsSource rows(const std::vector<PhysicalType>& types,
                       const std::vector<std::vector<Value>>& rows) {
    ConstantsSource source;
    for (size_t i = 0; i < types.size(); ++i) source.registers.push_back(static_cast<Register>(i));
    for (const auto& row : rows) {
      for (size_t i = 0; i < row.size(); ++i) source.cells.push_back(literal(row[i], types[i]));
    }
    return source;
  }

  Program program;

 private:
  int32_t add(PhysicalType type, bool is_null, std::span<const std::byte> bytes) {
    auto& all = program.bytes;
    all.resize((all.size() + 15) & ~size_t{15});
    program.constants.push_back(
        {type, is_null, static_cast<uint32_t>(all.size()), static_cast<uint32_t>(bytes.size())});
    all.insert(all.end(), bytes.begin(), bytes.end());
    return static_cast<int32_t>(program.constants.size() - 1);
  }
};

inline Compute compute(Opcode opcode, std::vector<Register> arguments, Register result,
                       Register active = kNone) {
  Compute out;
  out.opcode = static_cast<uint32_t>(opcode);
  out.arguments = std::move(arguments);
  out.result = result;
  out.active = active;
  return out;
}

/// Everything a run needs around a program.
struct Machine {
  Relations relations;
  table::SequenceClock clock;
  table::Transaction transaction{clock};
  RecordedResults results;
  RecordedEffects effects;
  expr::KernelState kernel_state;
  Execution execution;

  RunContext context(uint32_t batch_rows) {
    RunContext out;
    out.snapshot = {clock.published()};
    out.transaction = &transaction;
    out.batch_rows_max = batch_rows;
    out.effects = &effects;
    out.results = &results;
    out.relations = &relations;
    out.kernel_state = &kernel_state;
    return out;
  }
};

/// Runs a statement's program; its result rows, or "error SQLSTATE" as the last line.
inline std::vector<std::string> run(Machine& machine, const Program& program, uint32_t batch_rows) {
  Refusal refusal;
  const auto verified = verify(program, machine.relations, &refusal);
  if (!verified.ok()) return {"refused: " + refusal.reason};
  machine.results.lines.clear();
  RunContext context = machine.context(batch_rows);
  const auto outcome = machine.execution.run_statement(verified.value(), {}, context);
  std::vector<std::string> lines = machine.results.lines;
  if (!outcome.ok()) lines.push_back(std::string("error ") + outcome.error().state.text().data());
  return lines;
}

inline constexpr uint32_t kBatchSizes[] = {1, 2, 3, 8, 2048};

/// Runs at several batch sizes; all results must be the same. Returns: the result.
inline std::vector<std::string> run_all(const Program& program, const Relations& relations,
                                        const char* what) {
  std::vector<std::string> first;
  for (const uint32_t batch_rows : kBatchSizes) {
    Machine machine;
    machine.relations = relations;
    auto lines = run(machine, program, batch_rows);
    if (batch_rows == kBatchSizes[0]) first = lines;
    if (!check::expect(lines == first, what)) {
      std::printf("  batch size %u differs: %zu rows instead of %zu\n", batch_rows, lines.size(),
                  first.size());
    }
  }
  return first;
}

inline void expect_rows(const std::vector<std::string>& got, const std::vector<std::string>& wanted,
                        const char* what, int line = __builtin_LINE()) {
  if (check::expect(got == wanted, what, __builtin_FILE(), line)) return;
  for (const std::string& each : got) std::printf("  got    %s\n", each.c_str());
  for (const std::string& each : wanted) std::printf("  wanted %s\n", each.c_str());
}

}  // namespace rowtine::program::test
