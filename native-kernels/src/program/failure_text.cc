#include "program/failure_text.h"

#include "expr/utf8.h"

namespace rowtine::program {
namespace {

using vector::PhysicalType;
using vector::StringView;

/// The type that an opcode reads from text; empty: it reads none.
std::string_view type_read_by(Opcode opcode) {
  switch (opcode) {
    case Opcode::TextToBool: return "boolean";
    case Opcode::TextToInt16: return "smallint";
    case Opcode::TextToInt32: return "integer";
    case Opcode::TextToInt64: return "bigint";
    case Opcode::TextToFloat32: return "real";
    case Opcode::TextToFloat64: return "double precision";
    case Opcode::TextToDecimal: return "numeric";
    case Opcode::TextToDate: return "date";
    case Opcode::TextToTime: return "time";
    case Opcode::TextToTimestamp: return "timestamp";
    case Opcode::TextToTimestampTz: return "timestamp with time zone";
    case Opcode::TextToInterval: return "interval";
    case Opcode::TextToUuid: return "uuid";
    case Opcode::ByteaInput: return "bytea";
    case Opcode::JsonParse: return "json";
    default: return {};
  }
}

/// At most kValueShownMax bytes, cut between characters.
std::string shown(std::string_view value) {
  if (value.size() <= kValueShownMax) return std::string(value);
  size_t end = kValueShownMax;
  while (end > 0 && expr::is_continuation(value[end])) --end;
  return std::string(value.substr(0, end)) + "…";
}

std::string unreadable(SqlState state, std::string_view type, std::string_view value) {
  std::string quoted(1, '"');
  quoted.append(shown(value)).push_back('"');
  if (state == kInvalidTextRepresentation || state == kInvalidDatetimeFormat) {
    return "invalid input syntax for type " + std::string(type) + ": " + quoted;
  }
  if (state == kDatetimeFieldOverflow) return "date/time field value out of range: " + quoted;
  if (state == kNumericValueOutOfRange) {
    return "value " + quoted + " is out of range for type " + std::string(type);
  }
  return {};
}

std::string_view too_large_for(PhysicalType type) {
  switch (type) {
    case PhysicalType::Int16: return "smallint out of range";
    case PhysicalType::Int32: return "integer out of range";
    case PhysicalType::Int64: return "bigint out of range";
    case PhysicalType::Decimal: return "numeric field overflow";
    default: return {};
  }
}

}  // namespace

std::string failure_text(SqlState state, Opcode opcode, PhysicalType result,
                         std::span<const vector::Vector> arguments, uint32_t row) {
  const std::string_view type = type_read_by(opcode);
  const bool reads_text = !type.empty() && !arguments.empty() &&
                          arguments[0].type == PhysicalType::String && !arguments[0].is_null(row);
  if (reads_text) {
    const StringView& value = arguments[0].as<StringView>()[arguments[0].index_of(row)];
    return unreadable(state, type, value.text());
  }
  return std::string(state == kNumericValueOutOfRange ? too_large_for(result) : "");
}

}  // namespace rowtine::program
