#include "expr/time_math.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace rowtine::expr {
namespace {

bool store(__int128 months, __int128 days, __int128 microseconds, Interval& out) {
  out = {static_cast<int32_t>(months), static_cast<int32_t>(days),
         static_cast<int64_t>(microseconds)};
  return out.months == months && out.days == days && out.microseconds == microseconds;
}

/// The same day so many months away, or the month's last.
bool add_months(int64_t days, int64_t months, int64_t& out) {
  const CivilDate date = civil_from_days(days);
  const int64_t index = int64_t{date.year} * 12 + (date.month - 1) + months;
  const int64_t year = floor_divide(index, 12);
  if (year < -10'000 || year > 6'000'000) return false;
  CivilDate moved{static_cast<int32_t>(year), static_cast<int32_t>(index - year * 12) + 1,
                  date.day};
  moved.day = std::min(moved.day, days_in_month(moved.year, moved.month));
  out = days_from_civil(moved);
  return true;
}

/// Moves whole multiples of `unit` from the smaller part to the greater, and makes their signs
/// agree.
void carry(int64_t& greater, int64_t& smaller, int64_t unit) {
  greater += smaller / unit;
  smaller %= unit;
  if (greater > 0 && smaller < 0) {
    smaller += unit;
    --greater;
  } else if (greater < 0 && smaller > 0) {
    smaller -= unit;
    ++greater;
  }
}

}  // namespace

bool add_interval(int64_t timestamp, const Interval& interval, int sign, int64_t& out) {
  int64_t days = day_of(timestamp);
  const int64_t time = time_of_day(timestamp);
  out = timestamp;
  if (interval.months != 0 && !add_months(days, int64_t{interval.months} * sign, days))
    return false;
  const __int128 moved =
      (static_cast<__int128>(days) + int64_t{interval.days} * sign) * kMicrosecondsPerDay + time +
      static_cast<__int128>(interval.microseconds) * sign;
  if (!is_timestamp(moved)) return false;
  out = static_cast<int64_t>(moved);
  return true;
}

Interval timestamp_difference(int64_t left, int64_t right) {
  const __int128 difference = static_cast<__int128>(left) - right;
  return {0, static_cast<int32_t>(difference / kMicrosecondsPerDay),
          static_cast<int64_t>(difference % kMicrosecondsPerDay)};
}

Interval age(int64_t left, int64_t right) {
  if (left < right) {
    const Interval other = age(right, left);
    return {-other.months, -other.days, -other.microseconds};
  }
  const CivilDate later = civil_from_days(day_of(left)), earlier = civil_from_days(day_of(right));
  int64_t time = time_of_day(left) - time_of_day(right);
  int32_t days = later.day - earlier.day;
  int32_t months = (later.year - earlier.year) * 12 + later.month - earlier.month;
  if (time < 0) {
    time += kMicrosecondsPerDay;
    --days;
  }
  if (days < 0) {
    days += days_in_month(earlier.year, earlier.month);
    --months;
  }
  return {months, days, time};
}

bool interval_sum(const Interval& left, const Interval& right, int sign, Interval& out) {
  return store(
      int64_t{left.months} + int64_t{right.months} * sign,
      int64_t{left.days} + int64_t{right.days} * sign,
      static_cast<__int128>(left.microseconds) + static_cast<__int128>(right.microseconds) * sign,
      out);
}

bool scale_interval(const Interval& interval, double factor, Interval& out) {
  out = {};
  if (!std::isfinite(factor)) return false;
  const auto to_microsecond = [](double x) { return std::rint(x * 1e6) / 1e6; };
  const double months = interval.months * factor, days = interval.days * factor;
  const double days_of_months =
      to_microsecond((months - std::trunc(months)) * static_cast<double>(vector::kDaysPerMonth));
  const double part_of_day =
      to_microsecond(days - std::trunc(days) + days_of_months - std::trunc(days_of_months));
  const double time =
      std::rint(static_cast<double>(interval.microseconds) * factor +
                (part_of_day - std::trunc(part_of_day)) * static_cast<double>(kMicrosecondsPerDay));
  const double whole_days = std::trunc(days) + std::trunc(days_of_months) + std::trunc(part_of_day);
  constexpr double kInt64Limit = 9223372036854775808.0;
  constexpr double kInt32Limit = 2147483648.0;
  if (!(std::abs(months) < kInt32Limit) || !(std::abs(whole_days) < kInt32Limit)) return false;
  if (!(std::abs(time) < kInt64Limit)) return false;
  out = {static_cast<int32_t>(months), static_cast<int32_t>(whole_days),
         static_cast<int64_t>(time)};
  return true;
}

bool justify_days(Interval& interval) {
  int64_t months = interval.months, days = interval.days;
  carry(months, days, vector::kDaysPerMonth);
  return store(months, days, interval.microseconds, interval);
}

bool justify_hours(Interval& interval) {
  int64_t days = interval.days, time = interval.microseconds;
  carry(days, time, kMicrosecondsPerDay);
  return store(interval.months, days, time, interval);
}

bool justify_interval(Interval& interval) {
  int64_t months = interval.months, days = interval.days, time = interval.microseconds;
  days += time / kMicrosecondsPerDay;
  time %= kMicrosecondsPerDay;
  months += days / vector::kDaysPerMonth;
  days %= vector::kDaysPerMonth;
  if (months > 0 && (days < 0 || (days == 0 && time < 0))) {
    days += vector::kDaysPerMonth;
    --months;
  } else if (months < 0 && (days > 0 || (days == 0 && time > 0))) {
    days -= vector::kDaysPerMonth;
    ++months;
  }
  carry(days, time, kMicrosecondsPerDay);
  return store(months, days, time, interval);
}

}  // namespace rowtine::expr
