// Tables for the kernels' tests: a row is an opcode, its arguments as text, and what comes out as
// text. Values are written as SQL prints them; `null` is null and `!22003` a failed row.
#pragma once

#include <cstdio>
#include <cstring>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/invariant.h"
#include "expr/decimal.h"
#include "expr/run_kernel.h"
#include "expr/value_parse.h"
#include "expr/value_text.h"

namespace rowtine::expr::table {

/// One typed column of values in text form.
struct Column {
  PhysicalType type;
  std::vector<std::string> cells;
  int scale = 0;  // of decimals
};

inline constexpr std::string_view kNull = "null";

inline void store_cell(Arena& arena, Vector& vector, uint32_t row, const std::string& cell,
                       int scale) {
  bool ok = true;
  bool truth = false;
  switch (vector.type) {
    case PhysicalType::Bool:
      ok = parse_bool(cell, truth);
      vector.as<uint8_t>()[row] = truth;
      break;
    case PhysicalType::Int16:
      ok = parse_int(cell, vector.as<int16_t>()[row]) == NumberParse::Ok;
      break;
    case PhysicalType::Int32:
      ok = parse_int(cell, vector.as<int32_t>()[row]) == NumberParse::Ok;
      break;
    case PhysicalType::Int64:
      ok = parse_int(cell, vector.as<int64_t>()[row]) == NumberParse::Ok;
      break;
    case PhysicalType::Float32:
      ok = parse_float(cell, vector.as<float>()[row]) == NumberParse::Ok;
      break;
    case PhysicalType::Float64:
      ok = parse_float(cell, vector.as<double>()[row]) == NumberParse::Ok;
      break;
    case PhysicalType::Decimal:
      ok = parse_decimal(cell, scale, 38, vector.as<Decimal>()[row]) == NumberParse::Ok;
      break;
    case PhysicalType::String: {
      char* copy = arena.allocate_array<char>(cell.size() + 1);  // the column may be a temporary
      std::memcpy(copy, cell.data(), cell.size());
      vector.as<StringView>()[row] = StringView::of({copy, cell.size()});
      break;
    }
    case PhysicalType::Interval:
      ok = parse_interval(cell, vector.as<vector::Interval>()[row]) == DateTimeParse::Ok;
      break;
    case PhysicalType::Uuid: ok = parse_uuid(cell, vector.as<vector::Uuid>()[row]); break;
  }
  if (!ok) std::printf("the test's cell \"%s\" does not parse\n", cell.c_str());
  invariant(ok, "a test's cell has its column's type");
}

/// Makes the column a vector in the arena, constant when asked (of its first cell).
inline Vector make_vector(Arena& arena, const Column& column, bool constant) {
  const auto rows = static_cast<uint32_t>(constant ? 1 : column.cells.size());
  Vector vector;
  invariant(vector::allocate(arena, column.type, rows, true, vector),
            "a test's arena has no limit");
  std::memset(vector.values, 0, rows * vector::width_of(column.type));
  bool nulls = false;
  for (uint32_t row = 0; row < rows; ++row) {
    if (column.cells[row] == kNull) {
      clear_bit(vector.validity, row);
      nulls = true;
    } else {
      store_cell(arena, vector, row, column.cells[row], column.scale);
    }
  }
  if (!nulls) vector.validity = nullptr;
  vector.constant = constant;
  return vector;
}

/// The text of one result value.
inline std::string cell_text(const Vector& vector, uint32_t row, int scale) {
  if (vector.is_null(row)) return std::string(kNull);
  char buffer[kValueTextMax];
  const char* end = buffer;
  switch (vector.type) {
    case PhysicalType::Bool:
      return vector.as<uint8_t>()[row] == 1   ? "true"
             : vector.as<uint8_t>()[row] == 0 ? "false"
                                              : "bad bool";
    case PhysicalType::Int16: end = write_int(vector.as<int16_t>()[row], buffer); break;
    case PhysicalType::Int32: end = write_int(vector.as<int32_t>()[row], buffer); break;
    case PhysicalType::Int64: end = write_int(vector.as<int64_t>()[row], buffer); break;
    case PhysicalType::Float32: end = write_float(vector.as<float>()[row], buffer); break;
    case PhysicalType::Float64: end = write_float(vector.as<double>()[row], buffer); break;
    case PhysicalType::Decimal:
      return std::string(write_decimal(vector.as<Decimal>()[row], scale, buffer));
    case PhysicalType::String: return std::string(vector.as<StringView>()[row].text());
    case PhysicalType::Interval:
      end = write_interval(vector.as<vector::Interval>()[row], buffer);
      break;
    case PhysicalType::Uuid: end = write_uuid(vector.as<vector::Uuid>()[row], buffer); break;
  }
  return std::string(buffer, static_cast<size_t>(end - buffer));
}

inline std::string outcome_text(const KernelOutcome& outcome, uint32_t row, int scale) {
  if (outcome.states[row] != 0)
    return std::string("!") + SqlState(outcome.states[row]).text().data();
  return cell_text(outcome.result, row, scale);
}

/// Runs once and compares; `constant_mask` says which arguments are given as constants.
inline void run_once(Opcode opcode, std::span<const Column> columns,
                     std::span<const char* const> expected, std::span<const int64_t> immediates,
                     int scale, uint32_t constant_mask, const char* file, int line) {
  Arena arena;
  KernelState state;
  std::vector<Vector> arguments;
  for (size_t i = 0; i < columns.size(); ++i) {
    arguments.push_back(make_vector(arena, columns[i], (constant_mask >> i & 1) != 0));
  }
  const auto row_count = static_cast<uint32_t>(expected.size());
  KernelOutcome outcome;
  const SqlState ran =
      run_kernel({opcode, arguments, immediates, row_count}, arena, state, outcome);
  const auto name = program::kOpcodeNames[static_cast<size_t>(opcode)];
  if (!check::expect(ran.ok(), name.data(), file, line)) return;
  for (uint32_t row = 0; row < row_count; ++row) {
    const std::string got = outcome_text(outcome, row, scale);
    if (check::expect(got == expected[row], name.data(), file, line)) continue;
    std::printf("  row %u: expected %s, got %s (constants %x)\n", row, expected[row], got.c_str(),
                constant_mask);
  }
}

inline bool all_same(const Column& column) {
  for (const std::string& cell : column.cells) {
    if (cell != column.cells[0]) return false;
  }
  return !column.cells.empty();
}

/// Runs the kernel over the columns, flat and with every repeated column as a constant, and
/// compares. `expected` has one cell a row; `scale` is that of a decimal result.
inline void expect_rows(Opcode opcode, std::initializer_list<Column> arguments,
                        std::initializer_list<const char*> expected,
                        std::vector<int64_t> immediates = {}, int scale = 0,
                        const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  const std::span<const Column> columns(arguments.begin(), arguments.size());
  const std::span<const char* const> cells(expected.begin(), expected.size());
  uint32_t same = 0;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (all_same(columns[i])) same |= 1U << i;
  }
  // Flat, each repeated column as a constant, all of them as constants.
  run_once(opcode, columns, cells, immediates, scale, 0, file, line);
  for (size_t i = 0; i < columns.size(); ++i) {
    if ((same >> i & 1) != 0)
      run_once(opcode, columns, cells, immediates, scale, 1U << i, file, line);
  }
  if (same != 0) run_once(opcode, columns, cells, immediates, scale, same, file, line);
}

/// One row: arguments and result.
inline void expect_value(Opcode opcode, std::initializer_list<Column> arguments,
                         const char* expected, std::vector<int64_t> immediates = {}, int scale = 0,
                         const char* file = __builtin_FILE(), int line = __builtin_LINE()) {
  expect_rows(opcode, arguments, {expected}, std::move(immediates), scale, file, line);
}

inline Column text(std::initializer_list<std::string> cells) {
  return {PhysicalType::String, cells};
}
inline Column boolean(std::initializer_list<std::string> cells) {
  return {PhysicalType::Bool, cells};
}
inline Column int16(std::initializer_list<std::string> cells) {
  return {PhysicalType::Int16, cells};
}
inline Column int32(std::initializer_list<std::string> cells) {
  return {PhysicalType::Int32, cells};
}
inline Column int64(std::initializer_list<std::string> cells) {
  return {PhysicalType::Int64, cells};
}
inline Column float32(std::initializer_list<std::string> cells) {
  return {PhysicalType::Float32, cells};
}
inline Column float64(std::initializer_list<std::string> cells) {
  return {PhysicalType::Float64, cells};
}
inline Column decimal(int scale, std::initializer_list<std::string> cells) {
  return {PhysicalType::Decimal, cells, scale};
}
inline Column interval(std::initializer_list<std::string> cells) {
  return {PhysicalType::Interval, cells};
}
inline Column uuid(std::initializer_list<std::string> cells) { return {PhysicalType::Uuid, cells}; }

}  // namespace rowtine::expr::table
