// Arithmetic, comparison, logic, casts and the signatures that guard them.
#include "base/check.h"
#include "expr/kernel_table.h"

using namespace rowtine;
using namespace rowtine::expr;
using namespace rowtine::expr::table;

namespace {

void test_signatures() {
  Resolved out;
  using P = PhysicalType;
  const P ints[] = {P::Int32, P::Int32}, mixed[] = {P::Int32, P::Int64};
  check::expect(resolve(Opcode::Add, ints, {}, out) && out.result == P::Int32, "int + int is int");
  check::expect(!resolve(Opcode::Add, mixed, {}, out), "a letter stands for one type");
  check::expect(!resolve(Opcode::Add, std::span(ints).first(1), {}, out), "an argument is missing");
  const P decimals[] = {P::Decimal, P::Decimal};
  const int64_t scales[] = {2, 2, 16}, wrong[] = {2, 2, 39};
  check::expect(resolve(Opcode::DivideDecimal, decimals, scales, out), "three scales");
  check::expect(!resolve(Opcode::DivideDecimal, decimals, wrong, out), "a scale has a limit");
  check::expect(!resolve(Opcode::DivideDecimal, decimals, {}, out), "immediates are required");
  check::expect(!resolve(Opcode::Divide, decimals, {}, out), "numeric has its own division");
  const P select[] = {P::Bool, P::Uuid, P::Uuid};
  check::expect(resolve(Opcode::Select, select, {}, out) && out.result == P::Uuid,
                "T is the result");
  check::expect(resolve(Opcode::ConcatAll, {}, {}, out), "variadic without arguments");
  const P strings[] = {P::String, P::String, P::String};
  check::expect(resolve(Opcode::ConcatAll, strings, {}, out), "variadic with three");
  check::expect(!resolve(Opcode::JsonObject, strings, {}, out), "keys and values come in pairs");
  check::expect(resolve(Opcode::Now, {}, {}, out) && !out.immutable, "now() is not folded");
}

void test_arithmetic() {
  expect_rows(Opcode::Add, {int32({"1", "2147483647", "null", "-5"}), int32({"2", "1", "1", "5"})},
              {"3", "!22003", "null", "0"});
  expect_rows(Opcode::Add, {int64({"9223372036854775807", "1"}), int64({"1", "1"})},
              {"!22003", "2"});
  expect_value(Opcode::Add, {int16({"32767"}), int16({"1"})}, "!22003");
  expect_rows(Opcode::Subtract, {int16({"-32768", "5"}), int16({"1", "7"})}, {"!22003", "-2"});
  expect_rows(Opcode::Multiply, {int64({"4294967296", "3"}), int64({"4294967296", "-4"})},
              {"!22003", "-12"});
  expect_rows(Opcode::Multiply, {int32({"65536", "3"}), int32({"65536", "-4"})}, {"!22003", "-12"});
  expect_rows(Opcode::Divide,
              {int32({"7", "-7", "1", "-2147483648", "null"}), int32({"2", "2", "0", "-1", "0"})},
              {"3", "-3", "!22012", "!22003", "null"});
  expect_rows(Opcode::Modulo,
              {int64({"7", "-7", "-9223372036854775808", "1"}), int64({"3", "3", "-1", "0"})},
              {"1", "-1", "0", "!22012"});
  expect_rows(Opcode::Add,
              {float64({"1e308", "Infinity", "0.1", "NaN"}), float64({"1e308", "1", "0.2", "1"})},
              {"!22003", "Infinity", "0.30000000000000004", "NaN"});
  expect_rows(Opcode::Divide, {float64({"1", "NaN", "1e-300"}), float64({"0", "0", "1e300"})},
              {"!22012", "NaN", "!22003"});
  expect_rows(Opcode::Multiply, {float32({"1e30", "2"}), float32({"1e30", "3"})}, {"!22003", "6"});
  expect_rows(Opcode::Negate, {int32({"-2147483648", "5", "null"})}, {"!22003", "-5", "null"});
  expect_rows(Opcode::Abs, {int64({"-9223372036854775808", "-5", "7"})}, {"!22003", "5", "7"});
  expect_rows(Opcode::Abs, {decimal(2, {"-1.50", "2.25"})}, {"1.50", "2.25"}, {}, 2);
  expect_rows(Opcode::Sign, {float64({"-2.5", "0", "NaN"})}, {"-1", "0", "NaN"});
  expect_value(Opcode::Sign, {decimal(2, {"-0.01"})}, "-1", {2});
  expect_value(Opcode::ShiftLeft, {int32({"1"}), int32({"33"})}, "2");
  expect_value(Opcode::ShiftRight, {int64({"-8"}), int32({"1"})}, "-4");
  expect_value(Opcode::BitXor, {int16({"6"}), int16({"3"})}, "5");
  expect_value(Opcode::BitNot, {int32({"0"})}, "-1");
}

void test_decimal() {
  const char* nines = "99999999999999999999999999999999999999";
  expect_rows(Opcode::Add, {decimal(0, {nines, "1"}), decimal(0, {"1", "2"})}, {"!22003", "3"});
  expect_value(Opcode::Multiply, {decimal(2, {"1.25"}), decimal(1, {"0.5"})}, "0.625", {}, 3);
  expect_rows(Opcode::DivideDecimal,
              {decimal(0, {"1", "2", "-2", "1", "0"}), decimal(0, {"3", "3", "3", "0", "5"})},
              {"0.3333333333333333", "0.6666666666666667", "-0.6666666666666667", "!22012",
               "0.0000000000000000"},
              {0, 0, 16}, 16);
  expect_value(Opcode::DivideDecimal,
               {decimal(0, {nines}), decimal(10, {"99999999999999999999.0000000001"})},
               "1000000000000000000.0099999999990000", {0, 10, 16}, 16);
  expect_value(Opcode::DivideDecimal, {decimal(0, {nines}), decimal(0, {"2"})}, "!22003",
               {0, 0, 16}, 16);
  expect_rows(Opcode::RescaleDecimal, {decimal(2, {"1.25", "-1.25", "1.24"})},
              {"1.3", "-1.3", "1.2"}, {2, 1, 38}, 1);
  expect_rows(Opcode::RescaleDecimal, {decimal(1, {"99.9", "100.0"})}, {"99.90", "!22003"},
              {1, 2, 4}, 2);
  expect_rows(Opcode::Round, {decimal(3, {"1.235", "-1.235", "15.000"}), int32({"2", "2", "-1"})},
              {"1.240", "-1.240", "20.000"}, {3}, 3);
  expect_rows(Opcode::Truncate, {decimal(3, {"1.239", "-1.239"}), int32({"2", "2"})},
              {"1.230", "-1.230"}, {3}, 3);
  expect_rows(Opcode::Floor, {decimal(2, {"1.50", "-1.50", "-1.00"})}, {"1", "-2", "-1"}, {2});
  expect_rows(Opcode::Ceil, {decimal(2, {"1.50", "-1.50"})}, {"2", "-1"}, {2});
  expect_rows(Opcode::Round, {float64({"0.5", "1.5", "-2.5"})}, {"0", "2", "-2"});
}

void test_mathematics() {
  expect_rows(Opcode::Sqrt, {float64({"4", "-1"})}, {"2", "!2201F"});
  expect_rows(Opcode::Ln, {float64({"1", "0"})}, {"0", "!2201E"});
  expect_rows(Opcode::Power,
              {float64({"2", "0", "-8", "1e300"}), float64({"10", "-1", "0.5", "2"})},
              {"1024", "!2201F", "!2201F", "!22003"});
  expect_rows(Opcode::Exp, {float64({"0", "1000"})}, {"1", "!22003"});
  expect_value(Opcode::LogBase, {float64({"2"}), float64({"8"})}, "3");
}

void test_compare() {
  expect_rows(Opcode::Less, {int32({"1", "2", "null"}), int32({"2", "2", "2"})},
              {"true", "false", "null"});
  expect_rows(Opcode::Equal, {float64({"NaN", "NaN", "-0"}), float64({"NaN", "1", "0"})},
              {"true", "false", "true"});
  expect_rows(Opcode::Greater, {float64({"NaN", "NaN", "1"}), float64({"Infinity", "NaN", "NaN"})},
              {"true", "false", "false"});
  expect_rows(Opcode::Less,
              {text({"abc", "abcd", "abcdefghijklmnop", "Z", "é"}),
               text({"abd", "abc", "abcdefghijklmnoq", "a", "z"})},
              {"true", "false", "true", "true", "false"});
  expect_rows(Opcode::Equal,
              {text({"abcdefghijklmnop", "", "a"}), text({"abcdefghijklmnop", "", "b"})},
              {"true", "true", "false"});
  expect_rows(Opcode::Equal, {interval({"1 month", "1 day"}), interval({"30 days", "23:00:00"})},
              {"true", "false"});
  expect_rows(Opcode::LessEqual,
              {uuid({"00000000-0000-0000-0000-000000000001"}),
               uuid({"00000000-0000-0000-0000-000000000001"})},
              {"true"});
  expect_rows(Opcode::GreaterEqual, {decimal(2, {"1.00", "0.99"}), decimal(2, {"1.00", "1.00"})},
              {"true", "false"});
  expect_rows(Opcode::IsDistinct,
              {int32({"1", "null", "null", "1"}), int32({"1", "null", "1", "2"})},
              {"false", "false", "true", "true"});
  expect_rows(Opcode::IsNotDistinct, {text({"a", "null"}), text({"a", "null"})}, {"true", "true"});
  expect_rows(Opcode::Least, {int32({"1", "null", "null", "3"}), int32({"2", "2", "null", "2"})},
              {"1", "2", "null", "2"});
  expect_rows(Opcode::Greatest, {text({"a", "b"}), text({"b", "null"})}, {"b", "b"});
}

void test_logic() {
  const auto left =
      boolean({"true", "true", "true", "false", "false", "false", "null", "null", "null"});
  const auto right =
      boolean({"true", "false", "null", "true", "false", "null", "true", "false", "null"});
  expect_rows(Opcode::And, {left, right},
              {"true", "false", "null", "false", "false", "false", "null", "false", "null"});
  expect_rows(Opcode::Or, {left, right},
              {"true", "true", "true", "true", "false", "null", "true", "null", "null"});
  expect_rows(Opcode::Not, {boolean({"true", "false", "null"})}, {"false", "true", "null"});
  expect_rows(Opcode::IsNull, {int32({"1", "null"})}, {"false", "true"});
  expect_rows(Opcode::IsNotNull, {text({"a", "null"})}, {"true", "false"});
  expect_rows(Opcode::IsTrue, {boolean({"true", "false", "null"})}, {"true", "false", "false"});
  expect_rows(Opcode::IsFalse, {boolean({"true", "false", "null"})}, {"false", "true", "false"});
  expect_rows(Opcode::Select,
              {boolean({"true", "false", "null", "true"}), text({"a", "a", "a", "null"}),
               text({"b", "null", "b", "b"})},
              {"a", "null", "b", "null"});
  expect_rows(Opcode::Coalesce, {int32({"1", "null", "null"}), int32({"2", "2", "null"})},
              {"1", "2", "null"});
  expect_rows(Opcode::NullIf, {int32({"1", "2", "null"}), int32({"1", "1", "1"})},
              {"null", "2", "null"});
  const SqlState state = "23514";
  expect_rows(Opcode::Raise, {boolean({"true", "false", "null"})}, {"!23514", "false", "null"},
              {state.packed});
  const std::string packed = std::to_string(state.packed);
  expect_rows(Opcode::RaiseState,
              {boolean({"true", "false", "true"}), int32({packed, packed, "null"}),
               int64({"7", "7", "null"})},
              {"!23514", "false", "!XX000"});
}

void test_casts() {
  expect_rows(Opcode::ToInt16, {int32({"32767", "32768", "null"})}, {"32767", "!22003", "null"});
  expect_rows(Opcode::ToInt32,
              {float64({"0.5", "1.5", "2147483647.4", "2147483647.5", "NaN", "-2147483648.5"})},
              {"0", "2", "2147483647", "!22003", "!22003", "-2147483648"});
  expect_rows(Opcode::ToInt64, {float64({"9223372036854775807", "-9223372036854775808"})},
              {"!22003", "-9223372036854775808"});
  expect_rows(Opcode::ToInt32, {decimal(1, {"2.5", "-2.5", "99999999999.0"})},
              {"3", "-3", "!22003"}, {1});
  expect_rows(Opcode::ToFloat32, {float64({"1e300", "1e-300", "0.5"})},
              {"!22003", "!22003", "0.5"});
  expect_value(Opcode::ToFloat64, {decimal(2, {"0.10"})}, "0.1", {2});
  expect_rows(Opcode::ToDecimal, {float64({"0.1", "NaN", "1e40"})}, {"0.10", "!22003", "!22003"},
              {2, 38}, 2);
  expect_rows(Opcode::ToDecimal, {int32({"5", "100"})}, {"5.0", "!22003"}, {1, 3}, 1);
  expect_value(Opcode::ToInt32, {boolean({"true"})}, "1");
  expect_value(Opcode::ToBool, {int32({"7"})}, "true");
}

/// Errors of inactive rows do not happen, and batches of every size agree with one row at a time.
void test_active_and_sizes() {
  Arena arena;
  KernelState state;
  for (const uint32_t count : {0U, 1U, 63U, 64U, 65U, 2048U}) {
    Column left = int32({}), right = int32({});
    for (uint32_t i = 0; i < count; ++i) {
      left.cells.push_back(i % 7 == 3 ? "null" : std::to_string(i));
      right.cells.push_back(std::to_string(i % 5));
    }
    const Vector arguments[] = {make_vector(arena, left, false), make_vector(arena, right, false)};
    std::vector<uint8_t> active(count, 0);
    for (uint32_t i = 0; i < count; ++i) active[i] = i % 5 != 0 || i % 2 == 0;
    KernelOutcome outcome;
    const KernelCall call{Opcode::Divide, arguments, {}, count, active.data()};
    check::expect(run_kernel(call, arena, state, outcome).ok(), "a division runs");
    bool right_everywhere = true;
    for (uint32_t i = 0; i < count; ++i) {
      const bool null = i % 7 == 3, failing = !null && i % 5 == 0 && active[i] != 0;
      right_everywhere &= (outcome.states[i] != 0) == failing;
      right_everywhere &= outcome.result.is_null(i) == null;
      if (!null && i % 5 != 0) {
        right_everywhere &= outcome.result.as<int32_t>()[i] == static_cast<int32_t>(i / (i % 5));
      }
    }
    check::expect(right_everywhere, "active rows fail, inactive ones do not");
  }
}

}  // namespace

int main() {
  test_signatures();
  test_arithmetic();
  test_decimal();
  test_mathematics();
  test_compare();
  test_logic();
  test_casts();
  test_active_and_sizes();
  return check::summary();
}
