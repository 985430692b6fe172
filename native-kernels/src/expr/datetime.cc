// Dates, times and timestamps: conversions, differences, shifts by intervals, making from fields.
#include <cmath>

#include "expr/apply.h"
#include "expr/families.h"
#include "expr/time_math.h"

namespace rowtine::expr {
namespace {

/// A kernel from A to R by `convert(a, R& out)`, false being 22008.
template <class A, class R, class Convert>
void convert_rows(KernelContext& context, std::span<const Vector> arguments, Vector& result,
                  Convert convert) {
  R* out = result.as<R>();
  each_row(context, arguments, result, [&](uint32_t row) {
    out[row] = R{};
    if (!convert(value_at<A>(arguments[0], row), out[row])) {
      fail(context, row, kDatetimeFieldOverflow);
    }
  });
}

/// A kernel from A and B to R by `combine(a, b, R& out)`, false being 22008.
template <class A, class B, class R, class Combine>
void combine_rows(KernelContext& context, std::span<const Vector> arguments, Vector& result,
                  Combine combine) {
  R* out = result.as<R>();
  each_row(context, arguments, result, [&](uint32_t row) {
    out[row] = R{};
    if (!combine(value_at<A>(arguments[0], row), value_at<B>(arguments[1], row), out[row])) {
      fail(context, row, kDatetimeFieldOverflow);
    }
  });
}

void date_to_timestamp(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  convert_rows<int32_t, int64_t>(context, arguments, result, [](int32_t days, int64_t& out) {
    const __int128 value = static_cast<__int128>(days) * kMicrosecondsPerDay;
    out = is_timestamp(value) ? static_cast<int64_t>(value) : 0;
    return is_timestamp(value);
  });
}

void timestamp_to_date(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  convert_rows<int64_t, int32_t>(context, arguments, result, [](int64_t value, int32_t& out) {
    out = static_cast<int32_t>(day_of(value));
    return true;
  });
}

void timestamp_to_time(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  convert_rows<int64_t, int64_t>(context, arguments, result, [](int64_t value, int64_t& out) {
    out = time_of_day(value);
    return true;
  });
}

void time_to_interval(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  convert_rows<int64_t, Interval>(context, arguments, result, [](int64_t value, Interval& out) {
    out = {0, 0, value};
    return true;
  });
}

void interval_to_time(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  convert_rows<Interval, int64_t>(context, arguments, result,
                                  [](const Interval& value, int64_t& out) {
                                    out = time_of_day(value.microseconds);
                                    return true;
                                  });
}

template <int kSign>
void date_shift(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  combine_rows<int32_t, int32_t, int32_t>(
      context, arguments, result, [](int32_t date, int32_t days, int32_t& out) {
        const int64_t moved = int64_t{date} + int64_t{days} * kSign;
        if (!is_date(moved)) return false;
        out = static_cast<int32_t>(moved);
        return true;
      });
}

void date_difference(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  combine_rows<int32_t, int32_t, int32_t>(context, arguments, result,
                                          [](int32_t left, int32_t right, int32_t& out) {
                                            return !__builtin_sub_overflow(left, right, &out);
                                          });
}

template <int kSign>
void timestamp_shift(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  combine_rows<int64_t, Interval, int64_t>(
      context, arguments, result, [](int64_t value, const Interval& interval, int64_t& out) {
        return add_interval(value, interval, kSign, out);
      });
}

template <Interval (*kDifference)(int64_t, int64_t)>
void difference(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  combine_rows<int64_t, int64_t, Interval>(context, arguments, result,
                                           [](int64_t left, int64_t right, Interval& out) {
                                             out = kDifference(left, right);
                                             return true;
                                           });
}

Interval time_difference(int64_t left, int64_t right) { return {0, 0, left - right}; }

template <int kSign>
void time_shift(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  combine_rows<int64_t, Interval, int64_t>(
      context, arguments, result, [](int64_t time, const Interval& interval, int64_t& out) {
        const int64_t shift = interval.microseconds % kMicrosecondsPerDay;
        out = time_of_day(time + kSign * shift);
        return true;
      });
}

/// Years count from 1 and backwards from -1 (1 BC); false for no such date.
bool date_from_fields(int32_t year, int32_t month, int32_t day, int64_t& out) {
  out = 0;
  if (year == 0 || year == INT32_MIN) return false;
  const CivilDate date{year < 0 ? year + 1 : year, month, day};
  if (year > 6'000'000 || year < -10'000 || !is_valid_date(date)) return false;
  out = days_from_civil(date);
  return is_date(out);
}

bool time_from_fields(int32_t hour, int32_t minute, double second, int64_t& out) {
  out = 0;
  const bool valid =
      hour >= 0 && hour <= 24 && minute >= 0 && minute <= 59 && second >= 0 && second <= 60;
  if (!valid) return false;
  out = hour * kMicrosecondsPerHour + minute * kMicrosecondsPerMinute +
        static_cast<int64_t>(std::rint(second * 1e6));
  return out <= kMicrosecondsPerDay;
}

void make_date(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  auto* out = result.as<int32_t>();
  const auto field = [&](size_t i, uint32_t row) { return value_at<int32_t>(arguments[i], row); };
  each_row(context, arguments, result, [&](uint32_t row) {
    int64_t days = 0;
    if (!date_from_fields(field(0, row), field(1, row), field(2, row), days)) {
      fail(context, row, kDatetimeFieldOverflow);
    }
    out[row] = static_cast<int32_t>(days);
  });
}

void make_time(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  auto* out = result.as<int64_t>();
  const auto field = [&](size_t i, uint32_t row) { return value_at<int32_t>(arguments[i], row); };
  each_row(context, arguments, result, [&](uint32_t row) {
    if (!time_from_fields(field(0, row), field(1, row), value_at<double>(arguments[2], row),
                          out[row])) {
      fail(context, row, kDatetimeFieldOverflow);
    }
  });
}

void make_timestamp(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  auto* out = result.as<int64_t>();
  const auto field = [&](size_t i, uint32_t row) { return value_at<int32_t>(arguments[i], row); };
  each_row(context, arguments, result, [&](uint32_t row) {
    int64_t days = 0, time = 0;
    const bool valid =
        date_from_fields(field(0, row), field(1, row), field(2, row), days) &&
        time_from_fields(field(3, row), field(4, row), value_at<double>(arguments[5], row), time);
    const __int128 value = static_cast<__int128>(days) * kMicrosecondsPerDay + time;
    const bool fits = valid && is_timestamp(value);
    out[row] = fits ? static_cast<int64_t>(value) : 0;
    if (!fits) fail(context, row, kDatetimeFieldOverflow);
  });
}

void to_timestamp(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  convert_rows<double, int64_t>(context, arguments, result, [](double seconds, int64_t& out) {
    const double value = std::rint(seconds * 1e6);
    const bool fits =
        value >= static_cast<double>(kTimestampMin) && value < static_cast<double>(kTimestampMax);
    if (fits) out = static_cast<int64_t>(value);
    return fits;
  });
}

}  // namespace

KernelFunction datetime_kernel(Opcode opcode, Types) {
  switch (opcode) {
    case Opcode::DateToTimestamp: return date_to_timestamp;
    case Opcode::TimestampToDate: return timestamp_to_date;
    case Opcode::TimestampToTime: return timestamp_to_time;
    case Opcode::TimeToInterval: return time_to_interval;
    case Opcode::IntervalToTime: return interval_to_time;
    case Opcode::DateAddDays: return date_shift<1>;
    case Opcode::DateSubtractDays: return date_shift<-1>;
    case Opcode::DateDifference: return date_difference;
    case Opcode::TimestampAdd: return timestamp_shift<1>;
    case Opcode::TimestampSubtract: return timestamp_shift<-1>;
    case Opcode::TimestampDifference: return difference<timestamp_difference>;
    case Opcode::TimeAdd: return time_shift<1>;
    case Opcode::TimeSubtract: return time_shift<-1>;
    case Opcode::TimeDifference: return difference<time_difference>;
    case Opcode::Age: return difference<age>;
    case Opcode::MakeDate: return make_date;
    case Opcode::MakeTime: return make_time;
    case Opcode::MakeTimestamp: return make_timestamp;
    case Opcode::ToTimestamp: return to_timestamp;
    default: return nullptr;
  }
}

}  // namespace rowtine::expr
