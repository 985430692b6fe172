// Arithmetic on points in time and spans, value by value: months keep the day of the month where
// they can, days are calendar days, the rest is exact. False: outside the type's range (22008).
#pragma once

#include <cstdint>

#include "expr/calendar.h"
#include "vector/physical_type.h"

namespace rowtine::expr {

using vector::Interval;

/// timestamp + interval (sign 1) or - interval (sign -1).
bool add_interval(int64_t timestamp, const Interval& interval, int sign, int64_t& out);

/// left - right in days and time, as PostgreSQL's minus gives it (no months).
Interval timestamp_difference(int64_t left, int64_t right);

/// left - right in years, months, days and time.
Interval age(int64_t left, int64_t right);

bool interval_sum(const Interval& left, const Interval& right, int sign, Interval& out);

/// interval * factor; what months leave over goes to days, what days leave over to time.
bool scale_interval(const Interval& interval, double factor, Interval& out);

bool justify_days(Interval& interval);
bool justify_hours(Interval& interval);
bool justify_interval(Interval& interval);

}  // namespace rowtine::expr
