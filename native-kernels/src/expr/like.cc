// LIKE and ILIKE. A constant pattern is looked at once a batch; the common forms (abc, abc%, %abc,
// %abc%) become a comparison or a search, the rest a matcher that goes back to the last % only.
#include <algorithm>
#include <string_view>

#include "expr/apply.h"
#include "expr/families.h"
#include "expr/text_writer.h"
#include "expr/unicode_case.h"
#include "expr/utf8.h"

namespace rowtine::expr {
namespace {

inline constexpr SqlState kInvalidEscapeSequence = "22025";

struct Pattern {
  enum class Form : uint8_t { Equal, Prefix, Suffix, Contains, General };
  Form form = Form::General;
  std::string_view text;    // General: the whole pattern, else the literal
  std::string_view escape;  // empty: nothing escapes
  SqlState state;
};

/// Does the pattern end in the middle of an escape?
bool ends_in_escape(const Pattern& pattern) {
  bool escaped = false;
  for (size_t at = 0; at < pattern.text.size(); at += character_bytes(pattern.text, at)) {
    const size_t bytes = character_bytes(pattern.text, at);
    escaped = !escaped && pattern.text.substr(at, bytes) == pattern.escape;
  }
  return escaped;
}

/// Finds the form of a pattern without _ and escapes, and with % at its ends only.
void simplify(Pattern& pattern) {
  std::string_view literal = pattern.text;
  const bool open_start = literal.starts_with('%');
  if (open_start) literal.remove_prefix(1);
  const bool open_end = literal.ends_with('%');
  if (open_end) literal.remove_suffix(1);
  if (literal.find_first_of("%_") != literal.npos) return;
  if (!pattern.escape.empty() && literal.find(pattern.escape) != literal.npos) return;
  using Form = Pattern::Form;
  pattern.form = open_start ? (open_end ? Form::Contains : Form::Suffix)
                            : (open_end ? Form::Prefix : Form::Equal);
  // A lone % is both ends at once.
  if (open_start && pattern.text.size() == 1) pattern.form = Form::Contains;
  pattern.text = literal;
}

Pattern prepare(std::string_view text, std::string_view escape, bool fold) {
  Pattern pattern{Pattern::Form::General, text, escape, kSuccess};
  if (!escape.empty() && character_bytes(escape, 0) != escape.size()) {
    pattern.state = kInvalidEscapeSequence;
  } else if (!escape.empty() && ends_in_escape(pattern)) {
    pattern.state = kInvalidEscapeSequence;
  } else if (!fold) {
    simplify(pattern);
  }
  return pattern;
}

/// Reads one character of the pattern: an escaped one means itself, % and _ are special.
struct PatternCharacter {
  enum class Kind : uint8_t { Literal, AnyOne, AnyMany } kind;
  std::string_view bytes;
  size_t next;
};

PatternCharacter pattern_character(const Pattern& pattern, size_t at) {
  using Kind = PatternCharacter::Kind;
  size_t bytes = character_bytes(pattern.text, at);
  std::string_view character = pattern.text.substr(at, bytes);
  if (!pattern.escape.empty() && character == pattern.escape && at + bytes < pattern.text.size()) {
    at += bytes;
    bytes = character_bytes(pattern.text, at);
    return {Kind::Literal, pattern.text.substr(at, bytes), at + bytes};
  }
  const Kind kind = character == "%" ? Kind::AnyMany : character == "_" ? Kind::AnyOne : Kind::Literal;
  return {kind, character, at + bytes};
}

bool same_character(std::string_view left, std::string_view right, bool fold) {
  if (left == right || !fold) return left == right;
  size_t l = 0, r = 0;
  return to_lower(read_character(left, l)) == to_lower(read_character(right, r));
}

/// Only the last % is ever returned to: what an earlier one took, the later can take as well.
bool match_general(std::string_view text, const Pattern& pattern, bool fold) {
  using Kind = PatternCharacter::Kind;
  size_t at = 0, in_pattern = 0;
  size_t retry_at = text.npos, retry_pattern = 0;
  while (at < text.size()) {
    if (in_pattern < pattern.text.size()) {
      const PatternCharacter wanted = pattern_character(pattern, in_pattern);
      if (wanted.kind == Kind::AnyMany) {
        in_pattern = wanted.next;
        retry_at = at;
        retry_pattern = in_pattern;
        continue;
      }
      const size_t bytes = character_bytes(text, at);
      if (wanted.kind == Kind::AnyOne || same_character(text.substr(at, bytes), wanted.bytes, fold)) {
        at += bytes;
        in_pattern = wanted.next;
        continue;
      }
    }
    if (retry_at == text.npos) return false;
    retry_at += character_bytes(text, retry_at);
    at = retry_at;
    in_pattern = retry_pattern;
  }
  while (in_pattern < pattern.text.size() && pattern.text[in_pattern] == '%') ++in_pattern;
  return in_pattern == pattern.text.size();
}

bool matches(std::string_view text, const Pattern& pattern, bool fold) {
  switch (pattern.form) {
    case Pattern::Form::Equal: return text == pattern.text;
    case Pattern::Form::Prefix: return text.starts_with(pattern.text);
    case Pattern::Form::Suffix: return text.ends_with(pattern.text);
    case Pattern::Form::Contains: return text.find(pattern.text) != text.npos;
    case Pattern::Form::General: break;
  }
  return match_general(text, pattern, fold);
}

template <bool kFold>
void like(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  const auto prepare_row = [&](uint32_t row) {
    const std::string_view escape = arguments.size() == 3 ? text_at(arguments[2], row) : "\\";
    return prepare(text_at(arguments[1], row), escape, kFold);
  };
  const bool once = arguments[1].constant && (arguments.size() == 2 || arguments[2].constant);
  Pattern pattern;
  if (once) pattern = prepare_row(0);
  auto* out = result.as<uint8_t>();
  each_row(context, arguments, result, [&](uint32_t row) {
    if (!once) pattern = prepare_row(row);
    out[row] = 0;
    if (!pattern.state.ok()) return fail(context, row, pattern.state);
    out[row] = matches(text_at(arguments[0], row), pattern, kFold);
  });
}

}  // namespace

KernelFunction like_kernel(Opcode opcode, Types) {
  return opcode == Opcode::Like ? like<false> : like<true>;
}

}  // namespace rowtine::expr
