// What programs say of recursive queries: the state that holds their rows, and the source that runs
// their rounds.
#pragma once

#include <cstdint>
#include <vector>

#include "program/register.h"
#include "vector/vector.h"

namespace rowtine::program {

/// How deep recursions may stand within one another.
inline constexpr uint32_t kRecursionDepthMax = 16;

/// The rows of this round and those found for the next. distinct: a row that was ever found is not
/// found again, nulls being equal.
struct RecursionState {
  std::vector<vector::PhysicalType> payload;
  bool distinct = false;
};

/// Rows of a recursive query, round by round: hands out what was found, runs pipelines first..last,
/// which find more from it, and ends when they find nothing.
struct RecursionSource {
  uint32_t state = 0;
  uint32_t first = 0, last = 0;
  std::vector<Load> columns;
};

}  // namespace rowtine::program
