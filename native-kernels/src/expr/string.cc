// Text: joining, measuring, cutting and searching. Pieces of a text are views into it, so cutting
// copies nothing. Positions count characters; ASCII text takes the short way.
#include <algorithm>
#include <string_view>

#include "expr/apply.h"
#include "expr/families.h"
#include "expr/text_writer.h"
#include "expr/utf8.h"

namespace rowtine::expr {
namespace {

inline constexpr SqlState kSubstringError = "22011";

/// A kernel whose row is a part of its first argument, or any text that lives as long.
template <class Piece>
void pieces(KernelContext& context, std::span<const Vector> arguments, Vector& result,
            Piece piece) {
  auto* out = result.as<StringView>();
  each_row(context, arguments, result,
           [&](uint32_t row) { out[row] = StringView::of(piece(row)); });
}

void concat(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  TextWriter writer(context);
  auto* out = result.as<StringView>();
  each_row(context, arguments, result, [&](uint32_t row) {
    writer.append(text_at(arguments[0], row));
    writer.append(text_at(arguments[1], row));
    out[row] = writer.finish(row);
  });
}

void concat_all(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  TextWriter writer(context);
  auto* out = result.as<StringView>();
  for (uint32_t row = 0; row < context.row_count; ++row) {
    for (const Vector& argument : arguments) {
      if (!argument.is_null(row)) writer.append(text_at(argument, row));
    }
    out[row] = writer.finish(row);
  }
  result.validity = nullptr;
}

void concat_with_separator(KernelContext& context, std::span<const Vector> arguments,
                           Vector& result) {
  TextWriter writer(context);
  auto* out = result.as<StringView>();
  each_row(context, arguments.first(1), result, [&](uint32_t row) {
    bool any = false;
    for (const Vector& argument : arguments.subspan(1)) {
      if (argument.is_null(row)) continue;
      if (any) writer.append(text_at(arguments[0], row));
      writer.append(text_at(argument, row));
      any = true;
    }
    out[row] = writer.finish(row);
  });
}

void length(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  auto* out = result.as<int32_t>();
  each_row(context, arguments, result, [&](uint32_t row) {
    out[row] = static_cast<int32_t>(count_characters(text_at(arguments[0], row)));
  });
}

template <int32_t kBitsPerUnit>
void byte_length(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  auto* out = result.as<int32_t>();
  each_row(context, arguments, result, [&](uint32_t row) {
    const int64_t units = static_cast<int64_t>(text_at(arguments[0], row).size()) * kBitsPerUnit;
    out[row] = static_cast<int32_t>(units);
    if (units != out[row]) fail(context, row, kNumericValueOutOfRange);
  });
}

/// Characters [first, first + count) of `text`, counted from 0; both may reach outside.
std::string_view characters(std::string_view text, int64_t first, int64_t count) {
  const int64_t end = first + count;
  first = std::max<int64_t>(first, 0);
  if (end <= first) return {};
  const size_t start = is_ascii(text) ? std::min(static_cast<size_t>(first), text.size())
                                      : offset_of_character(text, static_cast<size_t>(first));
  const std::string_view rest = text.substr(start);
  const auto wanted = static_cast<size_t>(end - first);
  return rest.substr(0, is_ascii(rest) ? wanted : offset_of_character(rest, wanted));
}

void substring(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  pieces(context, arguments, result, [&](uint32_t row) -> std::string_view {
    const int64_t start = value_at<int32_t>(arguments[1], row);
    const int64_t count = value_at<int32_t>(arguments[2], row);
    if (count < 0) {
      fail(context, row, kSubstringError);
      return {};
    }
    return characters(text_at(arguments[0], row), start - 1, count);
  });
}

void left(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  pieces(context, arguments, result, [&](uint32_t row) {
    const std::string_view text = text_at(arguments[0], row);
    const int64_t count = value_at<int32_t>(arguments[1], row);
    if (count >= 0) return characters(text, 0, count);
    return characters(text, 0, static_cast<int64_t>(count_characters(text)) + count);
  });
}

void right(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  pieces(context, arguments, result, [&](uint32_t row) {
    const std::string_view text = text_at(arguments[0], row);
    const int64_t count = value_at<int32_t>(arguments[1], row);
    const auto total = static_cast<int64_t>(count_characters(text));
    const int64_t first = count >= 0 ? std::max<int64_t>(total - count, 0) : -count;
    return characters(text, first, total);
  });
}

void position(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  auto* out = result.as<int32_t>();
  each_row(context, arguments, result, [&](uint32_t row) {
    const std::string_view text = text_at(arguments[0], row);
    const size_t found = text.find(text_at(arguments[1], row));
    out[row] =
        found == text.npos ? 0 : static_cast<int32_t>(count_characters(text.substr(0, found))) + 1;
  });
}

void starts_with(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  auto* out = result.as<uint8_t>();
  each_row(context, arguments, result, [&](uint32_t row) {
    out[row] = text_at(arguments[0], row).starts_with(text_at(arguments[1], row));
  });
}

/// Field `wanted` (from 1) of `text` between separators, empty when there is none.
std::string_view field_from_start(std::string_view text, std::string_view separator,
                                  int64_t wanted) {
  for (;;) {
    const size_t end = text.find(separator);
    if (--wanted == 0) return text.substr(0, end);
    if (end == text.npos) return {};
    text.remove_prefix(end + separator.size());
  }
}

std::string_view field_from_end(std::string_view text, std::string_view separator, int64_t wanted) {
  for (;;) {
    const size_t start = text.rfind(separator);
    if (--wanted == 0) return start == text.npos ? text : text.substr(start + separator.size());
    if (start == text.npos) return {};
    text = text.substr(0, start);
  }
}

void split_part(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  pieces(context, arguments, result, [&](uint32_t row) -> std::string_view {
    const std::string_view text = text_at(arguments[0], row);
    const std::string_view separator = text_at(arguments[1], row);
    const int64_t wanted = value_at<int32_t>(arguments[2], row);
    if (wanted == 0) fail(context, row, kInvalidParameterValue);
    if (separator.empty()) return wanted == 1 || wanted == -1 ? text : std::string_view{};
    if (wanted > 0) return field_from_start(text, separator, wanted);
    return wanted < 0 ? field_from_end(text, separator, -wanted) : std::string_view{};
  });
}

/// Is the character at `at` of `text` one of `set`?
bool is_member(std::string_view text, size_t at, std::string_view set) {
  const std::string_view character = text.substr(at, character_bytes(text, at));
  for (size_t i = 0; i < set.size(); i += character_bytes(set, i)) {
    if (set.substr(i, character_bytes(set, i)) == character) return true;
  }
  return false;
}

std::string_view trim_start(std::string_view text, std::string_view set) {
  while (!text.empty() && is_member(text, 0, set)) text.remove_prefix(character_bytes(text, 0));
  return text;
}

std::string_view trim_end(std::string_view text, std::string_view set) {
  while (!text.empty()) {
    size_t last = text.size() - 1;
    while (last > 0 && is_continuation(text[last])) --last;
    if (!is_member(text, last, set)) break;
    text = text.substr(0, last);
  }
  return text;
}

template <bool kStart, bool kEnd>
void trim(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  pieces(context, arguments, result, [&](uint32_t row) {
    std::string_view text = text_at(arguments[0], row);
    const std::string_view set = text_at(arguments[1], row);
    if (kStart) text = trim_start(text, set);
    if (kEnd) text = trim_end(text, set);
    return text;
  });
}

}  // namespace

KernelFunction string_kernel(Opcode opcode, Types) {
  switch (opcode) {
    case Opcode::Concat: return concat;
    case Opcode::ConcatAll: return concat_all;
    case Opcode::ConcatWs: return concat_with_separator;
    case Opcode::Length: return length;
    case Opcode::OctetLength: return byte_length<1>;
    case Opcode::BitLength: return byte_length<8>;
    case Opcode::Substring: return substring;
    case Opcode::Position: return position;
    case Opcode::Left: return left;
    case Opcode::Right: return right;
    case Opcode::SplitPart: return split_part;
    case Opcode::StartsWith: return starts_with;
    case Opcode::BTrim: return trim<true, true>;
    case Opcode::LTrim: return trim<true, false>;
    case Opcode::RTrim: return trim<false, true>;
    default: return nullptr;
  }
}

}  // namespace rowtine::expr
