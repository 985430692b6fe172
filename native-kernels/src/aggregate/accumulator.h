// One aggregate function over chosen rows: how it adds values to a group's state and what it gives
// in the end. A state that is all zero bytes is empty, so groups need no initialisation per
// function.
#pragma once

#include <cstdint>
#include <span>

#include "base/arena.h"
#include "base/sql_state.h"
#include "vector/vector.h"

namespace rowtine::aggregate {

using vector::PhysicalType;
using vector::Vector;

/// In the order of planner/program.ts.
enum class Function : uint8_t {
  CountStar,
  Count,
  Sum,
  Min,
  Max,
  BoolAnd,
  BoolOr,
  StringAgg,
  JsonAgg,
  JsonObjectAgg,
  VarPop,
  VarSamp,
  StddevPop,
  StddevSamp,
  First,
};
inline constexpr uint32_t kFunctionCount = 15;

/// Bytes of one string an aggregate may build.
inline constexpr uint32_t kAggregateStringBytesMax = 1U << 30;

/// Rows to add, in order.
struct AddRequest {
  std::span<const Vector> arguments;
  const uint32_t* rows = nullptr;    // of the batch
  uint8_t* const* states = nullptr;  // of rows[i]; only states[0] when `single`
  uint32_t count = 0;
  bool single = false;         // all rows go to one group
  Arena* heap = nullptr;       // what states point to
  uint32_t* errors = nullptr;  // per batch row: packed SQLSTATE of its failure
  bool any_error = false;      // out
};

struct Accumulator {
  void (*add)(AddRequest&) = nullptr;
  /// Writes the results of `count` groups; `out` is allocated with validity.
  void (*finish)(const uint8_t* const* states, uint32_t count, Vector& out) = nullptr;
  PhysicalType result = PhysicalType::Int64;
  uint32_t argument_count = 0;
  uint32_t state_bytes = 0;   // a multiple of 16
  uint32_t state_offset = 0;  // in the group's row
  bool distinct = false;
};

/// Finds the accumulator. Returns: false when the function has no such form.
bool resolve(Function function, std::span<const PhysicalType> arguments, PhysicalType result,
             Accumulator& out);

}  // namespace rowtine::aggregate
