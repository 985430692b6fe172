// Intervals: sums, multiples, justification, making from fields.
#include <cmath>

#include "expr/apply.h"
#include "expr/families.h"
#include "expr/time_math.h"

namespace rowtine::expr {
namespace {

template <int kSign>
void sum(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  auto* out = result.as<Interval>();
  each_row(context, arguments, result, [&](uint32_t row) {
    const auto &left = value_at<Interval>(arguments[0], row),
               &right = value_at<Interval>(arguments[1], row);
    if (!interval_sum(left, right, kSign, out[row])) fail(context, row, kDatetimeFieldOverflow);
  });
}

void negate(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  auto* out = result.as<Interval>();
  each_row(context, arguments, result, [&](uint32_t row) {
    if (!interval_sum({}, value_at<Interval>(arguments[0], row), -1, out[row])) {
      fail(context, row, kDatetimeFieldOverflow);
    }
  });
}

template <bool kDivide>
void scale(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  auto* out = result.as<Interval>();
  each_row(context, arguments, result, [&](uint32_t row) {
    const double by = value_at<double>(arguments[1], row);
    out[row] = {};
    if (kDivide && by == 0) return fail(context, row, kDivisionByZero);
    if (!scale_interval(value_at<Interval>(arguments[0], row), kDivide ? 1 / by : by, out[row])) {
      fail(context, row, kDatetimeFieldOverflow);
    }
  });
}

template <bool (*kJustify)(Interval&)>
void justify(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  auto* out = result.as<Interval>();
  each_row(context, arguments, result, [&](uint32_t row) {
    out[row] = value_at<Interval>(arguments[0], row);
    if (!kJustify(out[row])) fail(context, row, kDatetimeFieldOverflow);
  });
}

void make(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  auto* out = result.as<Interval>();
  const auto field = [&](size_t i, uint32_t row) {
    return int64_t{value_at<int32_t>(arguments[i], row)};
  };
  each_row(context, arguments, result, [&](uint32_t row) {
    const double seconds = value_at<double>(arguments[6], row);
    const int64_t months = field(0, row) * 12 + field(1, row);
    const int64_t days = field(2, row) * 7 + field(3, row);
    // Hours and minutes of 32 bits stay below 2^63 microseconds; the seconds are bounded by it too.
    const double time = static_cast<double>(field(4, row) * kMicrosecondsPerHour +
                                            field(5, row) * kMicrosecondsPerMinute) +
                        std::rint(seconds * 1e6);
    const bool fits = months == static_cast<int32_t>(months) &&
                      days == static_cast<int32_t>(days) && std::abs(time) < 9.2e18;
    out[row] = {};
    if (!fits) return fail(context, row, kDatetimeFieldOverflow);
    out[row] = {static_cast<int32_t>(months), static_cast<int32_t>(days),
                field(4, row) * kMicrosecondsPerHour + field(5, row) * kMicrosecondsPerMinute +
                    static_cast<int64_t>(std::rint(seconds * 1e6))};
  });
}

}  // namespace

KernelFunction interval_kernel(Opcode opcode, Types) {
  switch (opcode) {
    case Opcode::IntervalAdd: return sum<1>;
    case Opcode::IntervalSubtract: return sum<-1>;
    case Opcode::IntervalNegate: return negate;
    case Opcode::IntervalMultiply: return scale<false>;
    case Opcode::IntervalDivide: return scale<true>;
    case Opcode::JustifyDays: return justify<justify_days>;
    case Opcode::JustifyHours: return justify<justify_hours>;
    case Opcode::JustifyInterval: return justify<justify_interval>;
    case Opcode::MakeInterval: return make;
    default: return nullptr;
  }
}

}  // namespace rowtine::expr
