// Values of every type to text.
#include "expr/apply.h"
#include "expr/decimal.h"
#include "expr/families.h"
#include "expr/text_writer.h"
#include "expr/value_text.h"

namespace rowtine::expr {
namespace {

/// A kernel that writes each value of type T with `write(value, to)`, which returns the end.
template <class T, class Write>
void write_rows(KernelContext& context, std::span<const Vector> arguments, Vector& result,
                Write write) {
  TextWriter writer(context);
  auto* out = result.as<StringView>();
  each_row(context, arguments, result, [&](uint32_t row) {
    if (char* to = writer.reserve(kValueTextMax)) {
      const char* end = write(value_at<T>(arguments[0], row), to);
      writer.advance(static_cast<size_t>(end - to));
    }
    out[row] = writer.finish(row);
  });
}

void bool_to_text(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  const StringView names[2] = {StringView::of("false"), StringView::of("true")};
  auto* out = result.as<StringView>();
  each_row(context, arguments, result,
           [&](uint32_t row) { out[row] = names[value_at<uint8_t>(arguments[0], row) != 0]; });
}

template <class T>
void int_to_text(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  write_rows<T>(context, arguments, result, [](T value, char* to) { return write_int(value, to); });
}

template <class T>
void float_to_text(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  write_rows<T>(context, arguments, result,
                [](T value, char* to) { return write_float(value, to); });
}

void decimal_to_text(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  const auto scale = static_cast<int>(context.immediates[0]);
  write_rows<Decimal>(context, arguments, result, [scale](Decimal value, char* to) {
    char buffer[kDecimalTextMax];
    const std::string_view text = write_decimal(value, scale, buffer);
    std::memcpy(to, text.data(), text.size());
    return to + text.size();
  });
}

void date_to_text(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  write_rows<int32_t>(context, arguments, result,
                      [](int32_t value, char* to) { return write_date(value, to); });
}

void time_to_text(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  write_rows<int64_t>(context, arguments, result,
                      [](int64_t value, char* to) { return write_time(value, to); });
}

void timestamp_to_text(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  write_rows<int64_t>(context, arguments, result,
                      [](int64_t value, char* to) { return write_timestamp(value, ' ', "", to); });
}

void timestamptz_to_text(KernelContext& context, std::span<const Vector> arguments,
                         Vector& result) {
  write_rows<int64_t>(context, arguments, result, [](int64_t value, char* to) {
    return write_timestamp(value, ' ', "+00", to);
  });
}

void interval_to_text(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  write_rows<vector::Interval>(
      context, arguments, result,
      [](const vector::Interval& value, char* to) { return write_interval(value, to); });
}

void uuid_to_text(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  write_rows<vector::Uuid>(context, arguments, result, [](const vector::Uuid& value, char* to) {
    return write_uuid(value, to);
  });
}

void bytea_to_text(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  constexpr char kHex[] = "0123456789abcdef";
  TextWriter writer(context);
  auto* out = result.as<StringView>();
  each_row(context, arguments, result, [&](uint32_t row) {
    const std::string_view bytes = text_at(arguments[0], row);
    if (char* to = writer.reserve(2 + 2 * bytes.size())) {
      *to++ = '\\';
      *to++ = 'x';
      for (const char c : bytes) {
        *to++ = kHex[static_cast<uint8_t>(c) >> 4];
        *to++ = kHex[c & 15];
      }
      writer.advance(2 + 2 * bytes.size());
    }
    out[row] = writer.finish(row);
  });
}

KernelFunction integer_to_text(PhysicalType type) {
  switch (type) {
    case PhysicalType::Int16: return int_to_text<int16_t>;
    case PhysicalType::Int32: return int_to_text<int32_t>;
    default: return int_to_text<int64_t>;
  }
}

}  // namespace

KernelFunction cast_text_kernel(Opcode opcode, Types types) {
  switch (opcode) {
    case Opcode::BoolToText: return bool_to_text;
    case Opcode::IntToText: return integer_to_text(types[0]);
    case Opcode::FloatToText:
      return types[0] == PhysicalType::Float32 ? float_to_text<float> : float_to_text<double>;
    case Opcode::DecimalToText: return decimal_to_text;
    case Opcode::DateToText: return date_to_text;
    case Opcode::TimeToText: return time_to_text;
    case Opcode::TimestampToText: return timestamp_to_text;
    case Opcode::TimestampTzToText: return timestamptz_to_text;
    case Opcode::IntervalToText: return interval_to_text;
    case Opcode::UuidToText: return uuid_to_text;
    case Opcode::ByteaToText: return bytea_to_text;
    default: return nullptr;
  }
}

}  // namespace rowtine::expr
