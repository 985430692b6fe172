// The proleptic Gregorian calendar in days and microseconds since 1970-01-01, with PostgreSQL's
// range.
#pragma once

#include <cstdint>

#include "vector/compare.h"

namespace rowtine::expr {

inline constexpr int64_t kMicrosecondsPerSecond = 1'000'000;
inline constexpr int64_t kMicrosecondsPerMinute = 60 * kMicrosecondsPerSecond;
inline constexpr int64_t kMicrosecondsPerHour = 60 * kMicrosecondsPerMinute;
using vector::kMicrosecondsPerDay;

/// year 0 is 1 BC.
struct CivilDate {
  int32_t year, month, day;
};

constexpr bool is_leap_year(int32_t year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

constexpr int32_t days_in_month(int32_t year, int32_t month) {
  constexpr int8_t days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && is_leap_year(year) ? 29 : days[month - 1];
}

constexpr bool is_valid_date(CivilDate date) {
  return date.month >= 1 && date.month <= 12 && date.day >= 1 &&
         date.day <= days_in_month(date.year, date.month);
}

/// Source: H. Hinnant, "chrono-compatible low-level date algorithms". Years start in March.
constexpr int64_t days_from_civil(CivilDate date) {
  const int64_t year = int64_t{date.year} - (date.month <= 2);
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year =
      (153 * (date.month + (date.month > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

constexpr CivilDate civil_from_days(int64_t days) {
  days += 719468;
  const int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const int64_t day_of_era = days - era * 146097;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t month_index = (5 * day_of_year + 2) / 153;
  const auto day = static_cast<int32_t>(day_of_year - (153 * month_index + 2) / 5 + 1);
  const auto month = static_cast<int32_t>(month_index < 10 ? month_index + 3 : month_index - 9);
  return {static_cast<int32_t>(year_of_era + era * 400 + (month <= 2)), month, day};
}

/// 4714-11-24 BC to 5874897-12-31, and the timestamps from there to 294246-12-31: PostgreSQL counts
/// from 2000 and so reaches thirty years further.
inline constexpr int64_t kDateMin = days_from_civil({-4713, 11, 24});
inline constexpr int64_t kDateMax = days_from_civil({5874897, 12, 31});
inline constexpr int64_t kTimestampMin = kDateMin * kMicrosecondsPerDay;
inline constexpr int64_t kTimestampMax = days_from_civil({294247, 1, 1}) * kMicrosecondsPerDay - 1;

constexpr bool is_date(int64_t days) { return days >= kDateMin && days <= kDateMax; }
constexpr bool is_timestamp(__int128 microseconds) {
  return microseconds >= kTimestampMin && microseconds <= kTimestampMax;
}

/// Division that rounds towards minus infinity; the divisor is positive.
constexpr int64_t floor_divide(int64_t value, int64_t divisor) {
  return value / divisor - (value % divisor < 0);
}

constexpr int64_t day_of(int64_t timestamp) { return floor_divide(timestamp, kMicrosecondsPerDay); }
constexpr int64_t time_of_day(int64_t timestamp) {
  return timestamp - day_of(timestamp) * kMicrosecondsPerDay;
}

/// 0 is Sunday.
constexpr int32_t day_of_week(int64_t days) {
  return static_cast<int32_t>(days - floor_divide(days + 4, 7) * 7 + 4);
}

}  // namespace rowtine::expr
