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
  CovarPop,
  CovarSamp,
  Corr,
  PercentileCont,
};
inline constexpr uint32_t kFunctionCount = 19;

/// Bytes of one string an aggregate may build.
inline constexpr uint32_t kAggregateStringBytesMax = 1U << 30;

/// Rows to add, in order.
struct AddRequest {
  std::span<const Vector> arguments;
  const uint32_t* rows = nullptr;    // of the batch, ascending; nullptr: 0 .. count - 1
  uint8_t* const* groups = nullptr;  // of each batch row; only groups[0] when `single`
  uint32_t state_offset = 0;         // in the group
  uint32_t count = 0;
  bool single = false;         // all rows go to one group
  Arena* heap = nullptr;       // what states point to
  uint32_t* errors = nullptr;  // per batch row: packed SQLSTATE of its failure
  bool any_error = false;      // out
};

/// Pairs of groups: each state of `from` goes into that of `into`, in order.
struct MergeRequest {
  uint8_t* const* into = nullptr;
  const uint8_t* const* from = nullptr;
  uint32_t state_offset = 0;
  uint32_t count = 0;
};

struct Accumulator {
  void (*add)(AddRequest&) = nullptr;
  /// Joins states that two threads filled, sharing what `from` points to. Returns: 0 or the packed
  /// SQLSTATE of the first failure. nullptr where the order of all rows counts.
  uint32_t (*merge)(const MergeRequest&) = nullptr;
  /// Writes the results of `count` groups; `out` is allocated with validity.
  void (*finish)(const uint8_t* const* states, uint32_t count, Vector& out) = nullptr;
  PhysicalType result = PhysicalType::Int64;
  uint32_t argument_count = 0;
  uint32_t state_bytes = 0;   // a multiple of 16
  uint32_t state_offset = 0;  // in the group's row
  bool distinct = false;

  bool is_mergeable() const { return merge != nullptr && !distinct; }
};

/// Finds the accumulator. Returns: false when the function has no such form.
bool resolve(Function function, std::span<const PhysicalType> arguments, PhysicalType result,
             Accumulator& out);

}  // namespace rowtine::aggregate
