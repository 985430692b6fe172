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
  if (pattern.escape == "%" || pattern.escape == "_") return;
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
  const Kind kind = character == "%"   ? Kind::AnyMany
                    : character == "_" ? Kind::AnyOne
                                       : Kind::Literal;
  return {kind, character, at + bytes};
}

bool same_character(std::string_view left, std::string_view right, bool fold) {
  if (left == right || !fold) return left == right;
  size_t l = 0, r = 0;
  return to_lower(read_character(left, l)) == to_lower(read_character(right, r));
}

/// The characters from `at` on that only stand for themselves: searched for and compared at once.
std::string_view literal_run(const Pattern& pattern, size_t at) {
  const std::string_view rest = pattern.text.substr(at);
  const char escape = pattern.escape.empty() ? '%' : pattern.escape[0];
  size_t size = 0;
  while (size < rest.size() && rest[size] != '%' && rest[size] != '_' && rest[size] != escape)
    ++size;
  return rest.substr(0, size);
}

/// Matches a text against a pattern of any form. Only the last % is ever returned to: what an
/// earlier one took, the later can take as well.
class Matcher {
 public:
  Matcher(std::string_view text, const Pattern& pattern, bool fold)
      : text_(text), pattern_(pattern), fold_(fold) {}

  bool run() {
    for (;;) {
      if (in_pattern_ == pattern_.text.size() ? at_ == text_.size() : advance()) {
        if (in_pattern_ == pattern_.text.size() && at_ == text_.size()) return true;
      } else if (!retry()) {
        return false;
      }
    }
  }

 private:
  using Kind = PatternCharacter::Kind;

  /// Passes one part of the pattern. Returns: did the text agree?
  bool advance() {
    const std::string_view run = fold_ ? std::string_view{} : literal_run(pattern_, in_pattern_);
    if (!run.empty()) {
      if (!text_.substr(at_).starts_with(run)) return false;
      at_ += run.size();
      in_pattern_ += run.size();
      return true;
    }
    const PatternCharacter wanted = pattern_character(pattern_, in_pattern_);
    if (wanted.kind == Kind::AnyMany) {
      in_pattern_ = wanted.next;
      retry_pattern_ = in_pattern_;
      retry_at_ = at_;
      return find_run();
    }
    if (at_ == text_.size()) return false;
    const std::string_view character = text_.substr(at_, character_bytes(text_, at_));
    if (wanted.kind == Kind::Literal && !same_character(character, wanted.bytes, fold_))
      return false;
    at_ += character.size();
    in_pattern_ = wanted.next;
    return true;
  }

  /// Lets the last % take one character more.
  bool retry() {
    if (retry_at_ == text_.npos || retry_at_ >= text_.size()) return false;
    retry_at_ += character_bytes(text_, retry_at_);
    in_pattern_ = retry_pattern_;
    return find_run();
  }

  /// Moves to where what follows the last % can begin. Returns: is there such a place?
  bool find_run() {
    const std::string_view run = fold_ ? std::string_view{} : literal_run(pattern_, in_pattern_);
    if (!run.empty()) retry_at_ = text_.find(run, retry_at_);
    if (in_pattern_ == pattern_.text.size()) retry_at_ = text_.size();
    at_ = retry_at_;
    return retry_at_ != text_.npos;
  }

  std::string_view text_;
  const Pattern& pattern_;
  bool fold_;
  size_t at_ = 0, in_pattern_ = 0;
  size_t retry_at_ = std::string_view::npos, retry_pattern_ = 0;
};

bool matches(std::string_view text, const Pattern& pattern, bool fold) {
  switch (pattern.form) {
    case Pattern::Form::Equal: return text == pattern.text;
    case Pattern::Form::Prefix: return text.starts_with(pattern.text);
    case Pattern::Form::Suffix: return text.ends_with(pattern.text);
    case Pattern::Form::Contains: return text.find(pattern.text) != text.npos;
    case Pattern::Form::General: break;
  }
  return Matcher(text, pattern, fold).run();
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
