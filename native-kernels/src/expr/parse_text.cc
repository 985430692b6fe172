// Text to values of every type, and bytes to text.
#include "expr/apply.h"
#include "expr/ascii.h"
#include "expr/calendar.h"
#include "expr/decimal.h"
#include "expr/families.h"
#include "expr/text_writer.h"
#include "expr/utf8.h"
#include "expr/value_parse.h"

namespace rowtine::expr {
namespace {

inline constexpr SqlState kStringDataRightTruncation = "22001";

SqlState state_of(NumberParse parsed) {
  switch (parsed) {
    case NumberParse::Ok: return kSuccess;
    case NumberParse::Invalid: return kInvalidTextRepresentation;
    case NumberParse::OutOfRange: break;
  }
  return kNumericValueOutOfRange;
}

SqlState state_of(DateTimeParse parsed) {
  switch (parsed) {
    case DateTimeParse::Ok: return kSuccess;
    case DateTimeParse::Invalid: return kInvalidDatetimeFormat;
    case DateTimeParse::OutOfRange: break;
  }
  return kDatetimeFieldOverflow;
}

/// A kernel whose rows are read by `parse(text, T& out)`, which returns a state.
template <class T, class Parse>
void parse_rows(KernelContext& context, std::span<const Vector> arguments, Vector& result,
                Parse parse) {
  T* out = result.as<T>();
  each_row(context, arguments, result, [&](uint32_t row) {
    out[row] = T{};
    const SqlState state = parse(trim_spaces(text_at(arguments[0], row)), out[row]);
    if (!state.ok()) fail(context, row, state);
  });
}

void to_bool(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  parse_rows<uint8_t>(context, arguments, result, [](std::string_view text, uint8_t& out) {
    bool value = false;
    const bool parsed = parse_bool(text, value);
    out = value;
    return parsed ? kSuccess : kInvalidTextRepresentation;
  });
}

template <class T>
void to_int(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  parse_rows<T>(context, arguments, result,
                [](std::string_view text, T& out) { return state_of(parse_int(text, out)); });
}

template <class T>
void to_float(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  parse_rows<T>(context, arguments, result,
                [](std::string_view text, T& out) { return state_of(parse_float(text, out)); });
}

void to_decimal(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  const auto scale = static_cast<int>(context.immediates[0]);
  const auto precision = static_cast<int>(context.immediates[1]);
  parse_rows<Decimal>(context, arguments, result, [=](std::string_view text, Decimal& out) {
    return state_of(parse_decimal(text, scale, precision, out));
  });
}

void to_date(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  parse_rows<int32_t>(context, arguments, result, [](std::string_view text, int32_t& out) {
    DateTimeText parts;
    const SqlState state = state_of(parse_datetime(text, parts));
    out = static_cast<int32_t>(parts.days);
    return state.ok() && !parts.has_date ? kInvalidDatetimeFormat : state;
  });
}

void to_time(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  parse_rows<int64_t>(context, arguments, result, [](std::string_view text, int64_t& out) {
    DateTimeText parts;
    const SqlState state = state_of(parse_datetime(text, parts));
    out = parts.time;
    return state.ok() && !parts.has_time ? kInvalidDatetimeFormat : state;
  });
}

template <bool kWithZone>
void to_timestamp(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  parse_rows<int64_t>(context, arguments, result, [](std::string_view text, int64_t& out) {
    DateTimeText parts;
    const SqlState state = state_of(parse_datetime(text, parts));
    if (!state.ok()) return state;
    if (!parts.has_date) return kInvalidDatetimeFormat;
    __int128 value = static_cast<__int128>(parts.days) * kMicrosecondsPerDay + parts.time;
    if (kWithZone) value -= parts.zone_seconds * kMicrosecondsPerSecond;
    if (!is_timestamp(value)) return kDatetimeFieldOverflow;
    out = static_cast<int64_t>(value);
    return kSuccess;
  });
}

void to_interval(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  parse_rows<vector::Interval>(context, arguments, result,
                               [](std::string_view text, vector::Interval& out) {
                                 return state_of(parse_interval(text, out));
                               });
}

void to_uuid(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  parse_rows<vector::Uuid>(context, arguments, result,
                           [](std::string_view text, vector::Uuid& out) {
                             return parse_uuid(text, out) ? kSuccess : kInvalidTextRepresentation;
                           });
}

void to_bytea(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  auto* out = result.as<StringView>();
  each_row(context, arguments, result,
           [&](uint32_t row) { out[row] = value_at<StringView>(arguments[0], row); });
}

/// \x followed by pairs of digits; spaces between pairs are allowed.
bool read_hex_bytes(std::string_view text, TextWriter& writer) {
  for (size_t i = 0; i < text.size();) {
    if (text[i] == ' ' || text[i] == '\n' || text[i] == '\t' || text[i] == '\r') {
      ++i;
      continue;
    }
    const int high = hex_value(text[i]), low = i + 1 < text.size() ? hex_value(text[i + 1]) : -1;
    if (high < 0 || low < 0) return false;
    writer.append(static_cast<char>(high << 4 | low));
    i += 2;
  }
  return true;
}

/// Bytes as they are, \\ for a backslash, \ooo for any byte.
bool read_escaped_bytes(std::string_view text, TextWriter& writer) {
  const auto octal = [&](size_t i, char most) {
    return i < text.size() && text[i] >= '0' && text[i] <= most;
  };
  for (size_t i = 0; i < text.size();) {
    if (text[i] != '\\') {
      writer.append(text[i++]);
    } else if (i + 1 < text.size() && text[i + 1] == '\\') {
      writer.append('\\');
      i += 2;
    } else if (octal(i + 1, '3') && octal(i + 2, '7') && octal(i + 3, '7')) {
      const int byte = (text[i + 1] - '0') << 6 | (text[i + 2] - '0') << 3 | (text[i + 3] - '0');
      writer.append(static_cast<char>(byte));
      i += 4;
    } else {
      return false;
    }
  }
  return true;
}

void bytea_input(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  TextWriter writer(context);
  auto* out = result.as<StringView>();
  each_row(context, arguments, result, [&](uint32_t row) {
    const std::string_view text = text_at(arguments[0], row);
    const bool read = text.starts_with("\\x") ? read_hex_bytes(text.substr(2), writer)
                                              : read_escaped_bytes(text, writer);
    if (!read) fail(context, row, kInvalidTextRepresentation);
    out[row] = writer.finish(row);
  });
}

void bytea_to_utf8(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  auto* out = result.as<StringView>();
  each_row(context, arguments, result, [&](uint32_t row) {
    const StringView& bytes = value_at<StringView>(arguments[0], row);
    const bool valid = is_utf8_text(bytes.text());
    out[row] = valid ? bytes : StringView{};
    if (!valid) fail(context, row, kCharacterNotInRepertoire);
  });
}

void check_length(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  const auto length = static_cast<size_t>(context.immediates[0]);
  auto* out = result.as<StringView>();
  each_row(context, arguments, result, [&](uint32_t row) {
    const StringView& value = value_at<StringView>(arguments[0], row);
    const std::string_view text = value.text();
    out[row] = value;
    if (text.size() <= length) return;
    const size_t end = offset_of_character(text, length);
    if (text.find_first_not_of(' ', end) != text.npos) {
      return fail(context, row, kStringDataRightTruncation);
    }
    out[row] = StringView::of(text.substr(0, end));
  });
}

}  // namespace

KernelFunction parse_text_kernel(Opcode opcode, Types) {
  switch (opcode) {
    case Opcode::TextToBool: return to_bool;
    case Opcode::TextToInt16: return to_int<int16_t>;
    case Opcode::TextToInt32: return to_int<int32_t>;
    case Opcode::TextToInt64: return to_int<int64_t>;
    case Opcode::TextToFloat32: return to_float<float>;
    case Opcode::TextToFloat64: return to_float<double>;
    case Opcode::TextToDecimal: return to_decimal;
    case Opcode::TextToDate: return to_date;
    case Opcode::TextToTime: return to_time;
    case Opcode::TextToTimestamp: return to_timestamp<false>;
    case Opcode::TextToTimestampTz: return to_timestamp<true>;
    case Opcode::TextToInterval: return to_interval;
    case Opcode::TextToUuid: return to_uuid;
    case Opcode::TextToBytea: return to_bytea;
    case Opcode::ByteaInput: return bytea_input;
    case Opcode::ByteaToUtf8: return bytea_to_utf8;
    case Opcode::CheckLength: return check_length;
    default: return nullptr;
  }
}

}  // namespace rowtine::expr
