// How values of each SQL type lie in memory. Logical types (date, timestamptz, json ...) are the
// planner's; kernels see only these.
#pragma once

#include <cstddef>
#include <cstdint>

namespace rowtine::vector {

/// Bool: one byte, 0 or 1. Decimal: __int128 scaled by the logical type's scale. String: StringView
/// (text, json: UTF-8; bytea: bytes). Interval: months int32, days int32, microseconds int64.
/// date = Int32 days since 1970-01-01; time, timestamp, timestamptz = Int64 microseconds (UTC
/// epoch). The numbers are part of the program encoding (planner/program.ts).
enum class PhysicalType : uint8_t {
  Bool = 0,
  Int16 = 1,
  Int32 = 2,
  Int64 = 3,
  Float32 = 4,
  Float64 = 5,
  Decimal = 6,
  String = 7,
  Interval = 8,
  Uuid = 9,
};
inline constexpr uint8_t kPhysicalTypeCount = 10;

/// Bytes of one value.
constexpr size_t width_of(PhysicalType type) {
  constexpr uint8_t widths[kPhysicalTypeCount] = {1, 2, 4, 8, 4, 8, 16, 16, 16, 16};
  return widths[static_cast<uint8_t>(type)];
}

using Decimal = __int128;

struct Interval {
  int32_t months;
  int32_t days;
  int64_t microseconds;
  bool operator==(const Interval&) const = default;
};
static_assert(sizeof(Interval) == 16);

struct Uuid {
  uint64_t high;  // the first eight bytes, big-endian, so that comparison is by (high, low)
  uint64_t low;
  bool operator==(const Uuid&) const = default;
};

}  // namespace rowtine::vector
