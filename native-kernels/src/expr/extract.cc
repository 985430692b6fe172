// extract(), date_trunc() and date_bin().
#include "expr/apply.h"
#include "expr/date_fields.h"
#include "expr/decimal.h"
#include "expr/families.h"

namespace rowtine::expr {
namespace {

DateField field_of(const KernelContext& context) {
  return static_cast<DateField>(context.immediates[0]);
}

bool is_zone_field(DateField field) { return field >= DateField::Timezone; }

/// UTC is the session's zone: its offset is zero.
std::optional<FieldMillionths> timestamptz_field(DateField field, int64_t timestamp) {
  if (is_zone_field(field)) return 0;
  return timestamp_field(field, timestamp);
}

template <class T, class Argument, std::optional<FieldMillionths> (*kField)(DateField, Argument)>
void extract(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  constexpr int kMillionthsScale = 6;
  const DateField field = field_of(context);
  const auto scale = static_cast<int>(context.immediates[1]);
  auto* out = result.as<Decimal>();
  each_row(context, arguments, result, [&](uint32_t row) {
    out[row] = 0;
    const auto value = kField(field, value_at<T>(arguments[0], row));
    if (!value) return fail(context, row, kFeatureNotSupported);
    if (!rescale(*value, kMillionthsScale, scale, kDecimalDigitsMax, out[row])) {
      fail(context, row, kNumericValueOutOfRange);
    }
  });
}

template <class T, class Argument, std::optional<T> (*kTruncate)(DateField, Argument)>
void truncate(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  const DateField field = field_of(context);
  T* out = result.as<T>();
  each_row(context, arguments, result, [&](uint32_t row) {
    const auto value = kTruncate(field, value_at<T>(arguments[0], row));
    out[row] = value.value_or(T{});
    if (!value) fail(context, row, kFeatureNotSupported);
  });
}

void date_bin(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  auto* out = result.as<int64_t>();
  each_row(context, arguments, result, [&](uint32_t row) {
    const auto& stride = value_at<Interval>(arguments[0], row);
    const int64_t origin = value_at<int64_t>(arguments[2], row);
    const __int128 width =
        static_cast<__int128>(stride.days) * kMicrosecondsPerDay + stride.microseconds;
    out[row] = 0;
    if (stride.months != 0) return fail(context, row, kFeatureNotSupported);
    if (width <= 0) return fail(context, row, kInvalidParameterValue);
    const __int128 since = static_cast<__int128>(value_at<int64_t>(arguments[1], row)) - origin;
    const __int128 bins = since / width - (since % width < 0);
    const __int128 start = bins * width + origin;
    if (!is_timestamp(start)) return fail(context, row, kDatetimeFieldOverflow);
    out[row] = static_cast<int64_t>(start);
  });
}

}  // namespace

KernelFunction extract_kernel(Opcode opcode, Types) {
  switch (opcode) {
    case Opcode::ExtractDate: return extract<int32_t, int64_t, date_field>;
    case Opcode::ExtractTime: return extract<int64_t, int64_t, time_field>;
    case Opcode::ExtractTimestamp: return extract<int64_t, int64_t, timestamp_field>;
    case Opcode::ExtractTimestampTz: return extract<int64_t, int64_t, timestamptz_field>;
    case Opcode::ExtractInterval: return extract<Interval, const Interval&, interval_field>;
    case Opcode::TruncateTimestamp: return truncate<int64_t, int64_t, truncate_timestamp>;
    case Opcode::TruncateInterval: return truncate<Interval, const Interval&, truncate_interval>;
    case Opcode::DateBin: return date_bin;
    default: return nullptr;
  }
}

}  // namespace rowtine::expr
