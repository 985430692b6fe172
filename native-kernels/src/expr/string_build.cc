// Texts made out of others: replaced, repeated, padded, translated, formatted. The writer refuses
// what would pass kTextBytesMax (54000), so no kernel here needs to foresee its size.
#include <charconv>

#include "expr/apply.h"
#include "expr/families.h"
#include "expr/quote.h"
#include "expr/text_rows.h"
#include "expr/text_writer.h"
#include "expr/utf8.h"

namespace rowtine::expr {
namespace {

void replace(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  write_texts(context, arguments, result, [&](uint32_t row, TextWriter& writer) {
    std::string_view text = text_at(arguments[0], row);
    const std::string_view from = text_at(arguments[1], row), to = text_at(arguments[2], row);
    for (size_t at = 0; !from.empty() && (at = text.find(from)) != text.npos;) {
      writer.append(text.substr(0, at));
      writer.append(to);
      text.remove_prefix(at + from.size());
    }
    writer.append(text);
  });
}

void repeat(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  write_texts(context, arguments, result, [&](uint32_t row, TextWriter& writer) {
    const std::string_view text = text_at(arguments[0], row);
    const int64_t count = value_at<int32_t>(arguments[1], row);
    if (count <= 0 || text.empty()) return;
    // Reserved at once, so that an absurd count is refused before anything is copied.
    const size_t bytes = text.size() * static_cast<size_t>(count);
    char* to = writer.reserve(bytes);
    if (to == nullptr) return;
    for (int64_t i = 0; i < count; ++i) {
      std::memcpy(to + static_cast<size_t>(i) * text.size(), text.data(), text.size());
    }
    writer.advance(bytes);
  });
}

void reverse(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  write_texts(context, arguments, result, [&](uint32_t row, TextWriter& writer) {
    const std::string_view text = text_at(arguments[0], row);
    char* to = writer.reserve(text.size());
    if (to == nullptr) return;
    size_t end = text.size();
    for (size_t at = 0; at < text.size();) {
      const size_t bytes = character_bytes(text, at);
      end -= bytes;
      std::memcpy(to + end, text.data() + at, bytes);
      at += bytes;
    }
    writer.advance(text.size());
  });
}

/// Appends `count` characters of `fill`, begun again as often as needed.
void append_fill(std::string_view fill, int64_t count, TextWriter& writer) {
  if (count > static_cast<int64_t>(kTextBytesMax)) {
    writer.reserve(kTextBytesMax + 1);  // refuses the row
    return;
  }
  for (size_t at = 0; count > 0; --count) {
    const size_t bytes = character_bytes(fill, at);
    writer.append(fill.substr(at, bytes));
    at = at + bytes == fill.size() ? 0 : at + bytes;
  }
}

template <bool kAtLeft>
void pad(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  write_texts(context, arguments, result, [&](uint32_t row, TextWriter& writer) {
    const std::string_view text = text_at(arguments[0], row), fill = text_at(arguments[2], row);
    const int64_t wanted = value_at<int32_t>(arguments[1], row);
    if (wanted <= 0) return;
    const int64_t missing = wanted - static_cast<int64_t>(count_characters(text));
    if (missing <= 0) {
      return writer.append(text.substr(0, offset_of_character(text, static_cast<size_t>(wanted))));
    }
    if (!kAtLeft) writer.append(text);
    if (!fill.empty()) append_fill(fill, missing, writer);
    if (kAtLeft) writer.append(text);
  });
}

/// Index of `character` among the characters of `set`, -1 when it is none of them.
int64_t index_in(std::string_view set, std::string_view character) {
  int64_t index = 0;
  for (size_t at = 0; at < set.size(); at += character_bytes(set, at), ++index) {
    if (set.substr(at, character_bytes(set, at)) == character) return index;
  }
  return -1;
}

void translate(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  write_texts(context, arguments, result, [&](uint32_t row, TextWriter& writer) {
    const std::string_view text = text_at(arguments[0], row);
    const std::string_view from = text_at(arguments[1], row), to = text_at(arguments[2], row);
    for (size_t at = 0; at < text.size(); at += character_bytes(text, at)) {
      const std::string_view character = text.substr(at, character_bytes(text, at));
      const int64_t index = index_in(from, character);
      if (index < 0) {
        writer.append(character);
        continue;
      }
      const size_t target = offset_of_character(to, static_cast<size_t>(index));
      if (target < to.size()) writer.append(to.substr(target, character_bytes(to, target)));
    }
  });
}

/// One call of format(): walks the pattern and takes arguments in order or by position.
class Formatter {
 public:
  Formatter(std::span<const Vector> arguments, uint32_t row, TextWriter& writer)
      : arguments_(arguments), row_(row), writer_(writer) {}

  SqlState run(std::string_view pattern) {
    while (!pattern.empty()) {
      const size_t mark = pattern.find('%');
      writer_.append(pattern.substr(0, mark));
      if (mark == pattern.npos) return kSuccess;
      pattern.remove_prefix(mark + 1);
      const SqlState state = specifier(pattern);
      if (!state.ok()) return state;
    }
    return kSuccess;
  }

 private:
  /// Reads `[n$]type` off the front of `pattern`.
  SqlState specifier(std::string_view& pattern) {
    if (pattern.starts_with('%')) {
      writer_.append('%');
      pattern.remove_prefix(1);
      return kSuccess;
    }
    size_t position = 0;
    const char* const end = pattern.data() + pattern.size();
    const auto [stop, error] = std::from_chars(pattern.data(), end, position);
    if (error == std::errc{} && stop < end && *stop == '$') {
      if (position == 0) return kInvalidParameterValue;
      next_ = position;
      pattern.remove_prefix(static_cast<size_t>(stop - pattern.data()) + 1);
    }
    if (pattern.empty() || next_ >= arguments_.size()) return kInvalidParameterValue;
    const char type = pattern[0];
    pattern.remove_prefix(1);
    return value(type, arguments_[next_++]);
  }

  SqlState value(char type, const Vector& argument) {
    const bool null = argument.is_null(row_);
    const std::string_view text = null ? std::string_view{} : text_at(argument, row_);
    switch (type) {
      case 's': writer_.append(text); return kSuccess;
      case 'L':
        if (null) {
          writer_.append("NULL");
        } else {
          quote_literal(text, writer_);
        }
        return kSuccess;
      case 'I':
        if (null) return "22004";
        quote_ident(text, writer_);
        return kSuccess;
      default: return kInvalidParameterValue;
    }
  }

  std::span<const Vector> arguments_;
  uint32_t row_;
  TextWriter& writer_;
  size_t next_ = 1;  // arguments_[0] is the pattern
};

void format(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  TextWriter writer(context);
  auto* out = result.as<StringView>();
  each_row(context, arguments.first(1), result, [&](uint32_t row) {
    const SqlState state = Formatter(arguments, row, writer).run(text_at(arguments[0], row));
    if (!state.ok()) fail(context, row, state);
    out[row] = writer.finish(row);
  });
}

}  // namespace

KernelFunction string_build_kernel(Opcode opcode, Types) {
  switch (opcode) {
    case Opcode::Replace: return replace;
    case Opcode::Repeat: return repeat;
    case Opcode::Reverse: return reverse;
    case Opcode::LPad: return pad<true>;
    case Opcode::RPad: return pad<false>;
    case Opcode::Translate: return translate;
    case Opcode::Format: return format;
    default: return nullptr;
  }
}

}  // namespace rowtine::expr
