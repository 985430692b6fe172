// What a window computes, as plain data: which rows belong together, their order, frames and
// functions. In the order of planner/program.ts.
#pragma once

#include <cstdint>
#include <vector>

#include "sort/sort_key.h"
#include "vector/physical_type.h"

namespace rowtine::window {

using vector::PhysicalType;

enum class Function : uint8_t {
  RowNumber,
  Rank,
  DenseRank,
  PercentRank,
  CumeDist,
  Ntile,
  Lag,
  Lead,
  FirstValue,
  LastValue,
  NthValue,
  // Aggregates over the frame:
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
inline constexpr uint32_t kFunctionCount = 26;

enum class FrameMode : uint8_t { Rows, Range, Groups };
inline constexpr uint32_t kFrameModeCount = 3;

enum class Bound : uint8_t {
  UnboundedPreceding,
  Preceding,
  CurrentRow,
  Following,
  UnboundedFollowing,
};
inline constexpr uint32_t kBoundCount = 5;

enum class Exclusion : uint8_t { NoOthers, CurrentRow, Group, Ties };
inline constexpr uint32_t kExclusionCount = 4;

constexpr bool has_offset(Bound bound) {
  return bound == Bound::Preceding || bound == Bound::Following;
}

/// Inputs, in this order where they are there: the start's and the end's offset, then the key. Of
/// rows and groups an offset is how many (Int64). Of a range it is the bound itself, key - offset or
/// key + offset, of `type` as the key is, by which the rows are ordered first.
struct Frame {
  FrameMode mode = FrameMode::Range;
  Bound start = Bound::UnboundedPreceding, end = Bound::CurrentRow;
  Exclusion exclude = Exclusion::NoOthers;
  PhysicalType type = PhysicalType::Int64;

  bool has_key() const {
    return mode == FrameMode::Range && (has_offset(start) || has_offset(end));
  }
};

/// Inputs: the arguments, then a Bool filter where `filtered`.
struct Call {
  Function function = Function::RowNumber;
  std::vector<PhysicalType> arguments;
  PhysicalType result = PhysicalType::Int64;
  bool filtered = false;
  uint32_t frame = 0;
};

/// Rows come ordered by the partition, then by `order`. A scan of the result sees one column per call,
/// then the payload.
struct Spec {
  std::vector<PhysicalType> payload, partition;
  std::vector<sort::SortKey> order;
  std::vector<Frame> frames;
  std::vector<Call> calls;
};

}  // namespace rowtine::window
