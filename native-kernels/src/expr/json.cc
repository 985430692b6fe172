// Reading JSON: checking, extraction by key, index and path, and containment. Results are slices of
// the argument wherever no escape has to be undone.
#include <charconv>

#include "expr/apply.h"
#include "expr/families.h"
#include "expr/json_compare.h"
#include "expr/json_scan.h"
#include "expr/text_writer.h"
#include "expr/utf8.h"

namespace rowtine::expr {
namespace {

inline constexpr SqlState kUntranslatableCharacter = "22P05";

/// What an extraction gives for one row.
using Found = bool;

/// The extracted value as json or as text, where there is one.
template <bool kAsText>
class Emitter {
 public:
  Emitter(KernelContext& context, Vector& result)
      : context_(context), result_(result), writer_(context) {}

  void operator()(uint32_t row, Found found, std::string_view value) {
    auto* out = result_.as<StringView>() + row;
    *out = {};
    if (!found || (kAsText && json_kind(value) == JsonKind::Null)) return set_null(result_, row);
    if (!kAsText || json_kind(value) != JsonKind::String) {
      *out = StringView::of(value);
      return;
    }
    const std::string_view content = json_string_content(value);
    if (content.find('\\') == content.npos) {
      *out = StringView::of(content);
      return;
    }
    if (!unescape_json(content, writer_)) fail(context_, row, kUntranslatableCharacter);
    *out = writer_.finish(row);
  }

 private:
  KernelContext& context_;
  Vector& result_;
  TextWriter writer_;
};

template <bool kAsText>
void get_key(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  Emitter<kAsText> emit(context, result);
  each_row(context, arguments, result, [&](uint32_t row) {
    std::string_view value;
    const bool found =
        find_member(trim_json(text_at(arguments[0], row)), text_at(arguments[1], row), value);
    emit(row, found, value);
  });
}

template <bool kAsText>
void get_index(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  Emitter<kAsText> emit(context, result);
  each_row(context, arguments, result, [&](uint32_t row) {
    std::string_view value;
    const bool found = find_element(trim_json(text_at(arguments[0], row)),
                                    value_at<int32_t>(arguments[1], row), value);
    emit(row, found, value);
  });
}

/// One step of a path: a key of an object, an index of an array.
Found follow(std::string_view step, std::string_view& value) {
  if (json_kind(value) == JsonKind::Object) return find_member(value, step, value);
  int32_t index = 0;
  const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), index);
  if (error != std::errc{} || end != step.data() + step.size()) return false;
  return find_element(value, index, value);
}

template <bool kAsText>
void get_path(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  Emitter<kAsText> emit(context, result);
  each_row(context, arguments, result, [&](uint32_t row) {
    std::string_view value = trim_json(text_at(arguments[0], row));
    bool found = true;
    for (size_t i = 1; found && i < arguments.size(); ++i) {
      found = follow(text_at(arguments[i], row), value);
    }
    emit(row, found, value);
  });
}

void parse(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  auto* out = result.as<StringView>();
  each_row(context, arguments, result, [&](uint32_t row) {
    const std::string_view text = text_at(arguments[0], row);
    out[row] = StringView::of("null");  // a failed row still holds valid JSON
    if (!is_utf8_text(text)) return fail(context, row, kCharacterNotInRepertoire);
    if (!validate_json(text)) return fail(context, row, kInvalidTextRepresentation);
    out[row] = StringView::of(trim_json(text));
  });
}

void type_of(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  constexpr std::string_view kNames[] = {"object", "array", "string", "number", "boolean", "null"};
  auto* out = result.as<StringView>();
  each_row(context, arguments, result, [&](uint32_t row) {
    const JsonKind kind = json_kind(trim_json(text_at(arguments[0], row)));
    out[row] = StringView::of(kNames[static_cast<size_t>(kind)]);
  });
}

void array_length(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  auto* out = result.as<int32_t>();
  each_row(context, arguments, result, [&](uint32_t row) {
    const std::string_view value = trim_json(text_at(arguments[0], row));
    out[row] = 0;
    if (json_kind(value) != JsonKind::Array) return fail(context, row, kInvalidParameterValue);
    for (JsonElements elements(value); elements.next();) ++out[row];
  });
}

bool has_string(std::string_view array, std::string_view text) {
  for (JsonElements elements(array); elements.next();) {
    if (is_json_string(elements.value, text)) return true;
  }
  return false;
}

void exists(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  auto* out = result.as<uint8_t>();
  each_row(context, arguments, result, [&](uint32_t row) {
    const std::string_view value = trim_json(text_at(arguments[0], row));
    const std::string_view text = text_at(arguments[1], row);
    std::string_view ignored;
    out[row] =
        find_member(value, text, ignored) || has_string(value, text) || is_json_string(value, text);
  });
}

void contains(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  auto* out = result.as<uint8_t>();
  each_row(context, arguments, result, [&](uint32_t row) {
    out[row] =
        json_contains(trim_json(text_at(arguments[0], row)), trim_json(text_at(arguments[1], row)));
  });
}

}  // namespace

KernelFunction json_kernel(Opcode opcode, Types) {
  switch (opcode) {
    case Opcode::JsonParse: return parse;
    case Opcode::JsonGet: return get_key<false>;
    case Opcode::JsonGetText: return get_key<true>;
    case Opcode::JsonGetIndex: return get_index<false>;
    case Opcode::JsonGetIndexText: return get_index<true>;
    case Opcode::JsonGetPath: return get_path<false>;
    case Opcode::JsonGetPathText: return get_path<true>;
    case Opcode::JsonTypeof: return type_of;
    case Opcode::JsonArrayLength: return array_length;
    case Opcode::JsonExists: return exists;
    case Opcode::JsonContains: return contains;
    default: return nullptr;
  }
}

}  // namespace rowtine::expr
