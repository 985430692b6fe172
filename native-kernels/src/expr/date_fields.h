// Fields of dates, times and intervals as exact numbers, and truncation to a field.
#pragma once

#include <optional>

#include "expr/time_math.h"
#include "program/opcode.h"

namespace rowtine::expr {

using program::DateField;

/// Millionths of a field's value: 12.5 seconds are 12'500'000.
using FieldMillionths = __int128;

/// nullopt: the type does not have the field (0A000).
std::optional<FieldMillionths> date_field(DateField field, int64_t days);
std::optional<FieldMillionths> time_field(DateField field, int64_t time);
std::optional<FieldMillionths> timestamp_field(DateField field, int64_t timestamp);
std::optional<FieldMillionths> interval_field(DateField field, const Interval& interval);

std::optional<int64_t> truncate_timestamp(DateField field, int64_t timestamp);
std::optional<Interval> truncate_interval(DateField field, const Interval& interval);

/// ISO 8601 week date.
struct IsoWeek {
  int32_t year, week;
};
IsoWeek iso_week(int64_t days);
int32_t day_of_year(int64_t days);

}  // namespace rowtine::expr
