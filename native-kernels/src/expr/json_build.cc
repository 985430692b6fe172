// Making JSON from values and changing it. Output is compact: no spaces.
#include "expr/apply.h"
#include "expr/families.h"
#include "expr/json_edit.h"
#include "expr/json_scan.h"
#include "expr/text_rows.h"
#include "expr/text_writer.h"
#include "expr/value_text.h"

namespace rowtine::expr {
namespace {

inline constexpr SqlState kNullValueNotAllowed = "22004";

void text_to_json(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  write_texts(context, arguments, result, [&](uint32_t row, TextWriter& writer) {
    quote_json(text_at(arguments[0], row), writer);
  });
}

void append_value(const char* text, const char* end, TextWriter& writer) {
  writer.append({text, static_cast<size_t>(end - text)});
}

template <class T>
void float_to_json(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  write_texts(context, arguments, result, [&](uint32_t row, TextWriter& writer) {
    const T value = value_at<T>(arguments[0], row);
    char text[kValueTextMax];
    const char* end = write_float(value, text);
    const bool finite = value - value == 0;  // JSON has no NaN and no infinity
    if (!finite) writer.append('"');
    append_value(text, end, writer);
    if (!finite) writer.append('"');
  });
}

template <bool kWithZone>
void timestamp_to_json(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  write_texts(context, arguments, result, [&](uint32_t row, TextWriter& writer) {
    char text[kValueTextMax];
    const char* zone = kWithZone ? "+00:00" : "";
    const char* end = write_timestamp(value_at<int64_t>(arguments[0], row), 'T', zone, text);
    writer.append('"');
    append_value(text, end, writer);
    writer.append('"');
  });
}

std::string_view json_at(const Vector& argument, uint32_t row) {
  return argument.is_null(row) ? "null" : text_at(argument, row);
}

/// Null arguments are JSON nulls, so these two rows are never null themselves.
void object(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  TextWriter writer(context);
  auto* out = result.as<StringView>();
  for (uint32_t row = 0; row < context.row_count; ++row) {
    for (size_t i = 0; i + 1 < arguments.size(); i += 2) {
      if (arguments[i].is_null(row)) fail(context, row, kNullValueNotAllowed);
      writer.append(i == 0 ? '{' : ',');
      quote_json(text_at(arguments[i], row), writer);
      writer.append(':');
      writer.append(json_at(arguments[i + 1], row));
    }
    writer.append(arguments.empty() ? "{}" : "}");
    out[row] = writer.finish(row);
  }
  result.validity = nullptr;
}

void array(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  TextWriter writer(context);
  auto* out = result.as<StringView>();
  for (uint32_t row = 0; row < context.row_count; ++row) {
    writer.append('[');
    for (size_t i = 0; i < arguments.size(); ++i) {
      if (i > 0) writer.append(',');
      writer.append(json_at(arguments[i], row));
    }
    writer.append(']');
    out[row] = writer.finish(row);
  }
  result.validity = nullptr;
}

void strip_nulls(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  write_texts(context, arguments, result, [&](uint32_t row, TextWriter& writer) {
    strip_json_nulls(trim_json(text_at(arguments[0], row)), writer);
  });
}

void normalise(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  write_texts(context, arguments, result, [&](uint32_t row, TextWriter& writer) {
    if (!normalise_json(trim_json(text_at(arguments[0], row)), context.scratch, writer)) {
      fail(context, row, kOutOfMemory);
    }
  });
}

void set_at_path(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  std::string_view path[kJsonPathStepsMax];
  const size_t steps = arguments.size() - 2;
  write_texts(context, arguments, result, [&](uint32_t row, TextWriter& writer) {
    if (steps > kJsonPathStepsMax) return fail(context, row, kProgramLimitExceeded);
    for (size_t i = 0; i < steps; ++i) path[i] = text_at(arguments[i + 2], row);
    set_json(trim_json(text_at(arguments[0], row)), {path, steps},
             trim_json(text_at(arguments[1], row)), writer);
  });
}

void concat(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  write_texts(context, arguments, result, [&](uint32_t row, TextWriter& writer) {
    const bool joined = concat_json(trim_json(text_at(arguments[0], row)),
                                    trim_json(text_at(arguments[1], row)), writer);
    if (!joined) fail(context, row, kInvalidParameterValue);
  });
}

void remove(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  write_texts(context, arguments, result, [&](uint32_t row, TextWriter& writer) {
    const bool removed =
        remove_json(trim_json(text_at(arguments[0], row)), text_at(arguments[1], row), writer);
    if (!removed) fail(context, row, kInvalidParameterValue);
  });
}

}  // namespace

KernelFunction json_build_kernel(Opcode opcode, Types types) {
  switch (opcode) {
    case Opcode::TextToJson: return text_to_json;
    case Opcode::FloatToJson:
      return types[0] == PhysicalType::Float32 ? float_to_json<float> : float_to_json<double>;
    case Opcode::TimestampToJson: return timestamp_to_json<false>;
    case Opcode::TimestampTzToJson: return timestamp_to_json<true>;
    case Opcode::JsonObject: return types.size() % 2 == 0 ? object : nullptr;
    case Opcode::JsonArray: return array;
    case Opcode::JsonStripNulls: return strip_nulls;
    case Opcode::JsonNormalize: return normalise;
    case Opcode::JsonSet: return set_at_path;
    case Opcode::JsonConcat: return concat;
    case Opcode::JsonDelete: return remove;
    default: return nullptr;
  }
}

}  // namespace rowtine::expr
