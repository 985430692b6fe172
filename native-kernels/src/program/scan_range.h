// A condition on a stored column that lets a scan leave rows out.
#pragma once

#include <cstdint>

namespace rowtine::program {

enum class RangeEnd : uint8_t { AtLeast, AtMost, Both };
inline constexpr uint32_t kRangeEndCount = 3;
/// Where the relation's column has no value at least, at most or equal to the constant, the row is
/// not wanted: the scan may leave it out. The column and the constant have one type, with ranks.
struct ScanRange {
  uint32_t column = 0;
  RangeEnd end = RangeEnd::Both;
  int32_t constant = 0;
};

}  // namespace rowtine::program
