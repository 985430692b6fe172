#include "expr/date_fields.h"

namespace rowtine::expr {
namespace {

constexpr FieldMillionths kOne = 1'000'000;
constexpr int64_t kJulianOfEpoch = 2440588;  // Julian day number of 1970-01-01

std::optional<FieldMillionths> whole(int64_t value) { return value * kOne; }

/// Decades, centuries and millennia of an astronomical year, as PostgreSQL counts them: there is no
/// century 0, but a decade 0.
int64_t decade_of(int64_t year) { return floor_divide(year, 10); }
int64_t period_of(int64_t year, int64_t length) {
  return year > 0 ? (year + length - 1) / length : -((length - 1 - (year - 1)) / length);
}

/// First year of the year's century or millennium.
int64_t period_start(int64_t year, int64_t length) {
  const int64_t period = period_of(year, length);
  return period > 0 ? period * length - length + 1 : period * length + 1;
}

std::optional<FieldMillionths> calendar_field(DateField field, int64_t days) {
  const CivilDate date = civil_from_days(days);
  switch (field) {
    case DateField::Day: return whole(date.day);
    case DateField::Month: return whole(date.month);
    case DateField::Quarter: return whole((date.month - 1) / 3 + 1);
    case DateField::Year: return whole(date.year > 0 ? date.year : date.year - 1);
    case DateField::Decade: return whole(decade_of(date.year));
    case DateField::Century: return whole(period_of(date.year, 100));
    case DateField::Millennium: return whole(period_of(date.year, 1000));
    case DateField::Week: return whole(iso_week(days).week);
    case DateField::IsoYear: {
      const int32_t year = iso_week(days).year;
      return whole(year > 0 ? year : year - 1);
    }
    case DateField::DayOfWeek: return whole(day_of_week(days));
    case DateField::IsoDayOfWeek: return whole((day_of_week(days) + 6) % 7 + 1);
    case DateField::DayOfYear: return whole(day_of_year(days));
    default: return std::nullopt;
  }
}

/// Fields below the day of a time, whatever carries it.
std::optional<FieldMillionths> clock_field(DateField field, int64_t time) {
  const int64_t in_minute = time % kMicrosecondsPerMinute;
  switch (field) {
    case DateField::Microseconds: return whole(in_minute);
    case DateField::Milliseconds: return static_cast<FieldMillionths>(in_minute) * 1000;
    case DateField::Second: return in_minute;
    case DateField::Minute: return whole(time / kMicrosecondsPerMinute % 60);
    case DateField::Hour: return whole(time / kMicrosecondsPerHour);
    default: return std::nullopt;
  }
}

int64_t first_of(int64_t year, int32_t month) {
  return days_from_civil({static_cast<int32_t>(year), month, 1});
}

/// The first day of the period of `field` that contains the day.
std::optional<int64_t> truncate_days(DateField field, int64_t days) {
  const CivilDate date = civil_from_days(days);
  switch (field) {
    case DateField::Day: return days;
    case DateField::Week: return days - (day_of_week(days) + 6) % 7;
    case DateField::Month: return first_of(date.year, date.month);
    case DateField::Quarter: return first_of(date.year, (date.month - 1) / 3 * 3 + 1);
    case DateField::Year: return first_of(date.year, 1);
    case DateField::Decade: return first_of(decade_of(date.year) * 10, 1);
    case DateField::Century: return first_of(period_start(date.year, 100), 1);
    case DateField::Millennium: return first_of(period_start(date.year, 1000), 1);
    default: return std::nullopt;
  }
}

/// Microseconds of a field below the day, 0 for other fields.
int64_t clock_unit(DateField field) {
  switch (field) {
    case DateField::Microseconds: return 1;
    case DateField::Milliseconds: return 1000;
    case DateField::Second: return kMicrosecondsPerSecond;
    case DateField::Minute: return kMicrosecondsPerMinute;
    case DateField::Hour: return kMicrosecondsPerHour;
    default: return 0;
  }
}

/// Months of a field above the day, 0 for other fields.
int32_t month_unit(DateField field) {
  switch (field) {
    case DateField::Month: return 1;
    case DateField::Quarter: return 3;
    case DateField::Year: return 12;
    case DateField::Decade: return 120;
    case DateField::Century: return 1200;
    case DateField::Millennium: return 12000;
    default: return 0;
  }
}

}  // namespace

IsoWeek iso_week(int64_t days) {
  // A week belongs to the year of its Thursday.
  const int64_t thursday = days - (day_of_week(days) + 6) % 7 + 3;
  const int32_t year = civil_from_days(thursday).year;
  return {year, static_cast<int32_t>((thursday - first_of(year, 1)) / 7) + 1};
}

int32_t day_of_year(int64_t days) {
  return static_cast<int32_t>(days - first_of(civil_from_days(days).year, 1)) + 1;
}

std::optional<FieldMillionths> date_field(DateField field, int64_t days) {
  if (field == DateField::Epoch) return whole(days * 86400);
  if (field == DateField::Julian) return whole(days + kJulianOfEpoch);
  return calendar_field(field, days);
}

std::optional<FieldMillionths> time_field(DateField field, int64_t time) {
  return field == DateField::Epoch ? time : clock_field(field, time);
}

std::optional<FieldMillionths> timestamp_field(DateField field, int64_t timestamp) {
  const int64_t days = day_of(timestamp), time = time_of_day(timestamp);
  if (field == DateField::Epoch) return timestamp;
  if (field == DateField::Julian) return (days + kJulianOfEpoch) * kOne + time / 86400;
  const auto clock = clock_field(field, time);
  return clock ? clock : calendar_field(field, days);
}

std::optional<FieldMillionths> interval_field(DateField field, const Interval& interval) {
  const int32_t years = interval.months / 12, months = interval.months % 12;
  switch (field) {
    case DateField::Day: return whole(interval.days);
    case DateField::Month: return whole(months);
    case DateField::Quarter: return whole(months / 3 + 1);
    case DateField::Year: return whole(years);
    case DateField::Decade: return whole(years / 10);
    case DateField::Century: return whole(years / 100);
    case DateField::Millennium: return whole(years / 1000);
    case DateField::Epoch: {
      constexpr FieldMillionths kSecondsPerYear = 31557600;  // 365.25 days
      const FieldMillionths days = FieldMillionths{months} * 30 + interval.days;
      return (years * kSecondsPerYear + days * 86400) * kOne + interval.microseconds;
    }
    default: return clock_field(field, interval.microseconds);
  }
}

std::optional<int64_t> truncate_timestamp(DateField field, int64_t timestamp) {
  if (const int64_t unit = clock_unit(field)) return floor_divide(timestamp, unit) * unit;
  const auto days = truncate_days(field, day_of(timestamp));
  if (!days) return std::nullopt;
  return *days * kMicrosecondsPerDay;
}

std::optional<Interval> truncate_interval(DateField field, const Interval& interval) {
  if (const int64_t unit = clock_unit(field)) {
    return Interval{interval.months, interval.days, interval.microseconds / unit * unit};
  }
  if (field == DateField::Day) return Interval{interval.months, interval.days, 0};
  const int32_t unit = month_unit(field);
  if (unit == 0) return std::nullopt;
  return Interval{interval.months / unit * unit, 0, 0};
}

}  // namespace rowtine::expr
