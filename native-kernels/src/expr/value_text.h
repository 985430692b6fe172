// The text form of single values as PostgreSQL prints them. Each writes at `to`, which has room for
// kValueTextMax characters, and returns the end.
#pragma once

#include <cstdint>

#include "vector/physical_type.h"

namespace rowtine::expr {

/// Characters of the longest value: an interval with every field at its widest.
inline constexpr int kValueTextMax = 128;

char* write_int(int64_t value, char* to);
/// Shortest digits that read back as the same number; Infinity, -Infinity, NaN.
char* write_float(double value, char* to);
char* write_float(float value, char* to);
char* write_date(int64_t days, char* to);
/// hh:mm:ss and as many digits of the fraction as are not zero.
char* write_time(int64_t microseconds, char* to);
/// The date, `separator`, the time, `zone`; BC last.
char* write_timestamp(int64_t microseconds, char separator, const char* zone, char* to);
char* write_interval(const vector::Interval& value, char* to);
char* write_uuid(const vector::Uuid& value, char* to);

}  // namespace rowtine::expr
