// The kernels over regular expressions: ~ ~*, regexp_replace, substring(text from pattern), and
// SIMILAR TO by translation. A pattern that stays the same is compiled once a batch.
#include "expr/regex.h"

#include <optional>

#include "expr/apply.h"
#include "expr/families.h"
#include "expr/text_writer.h"
#include "expr/unicode_case.h"
#include "expr/utf8.h"

namespace rowtine::expr {
namespace {

constexpr int64_t kIgnoreCase = 1;
constexpr int64_t kReplaceAll = 2;

/// The machine for the pattern of the row before, made anew when a row's pattern differs.
class PatternCache {
 public:
  explicit PatternCache(bool ignore_case) : ignore_case_(ignore_case) {}

  /// Errors: as compile_regex; the machine is then not to be used.
  SqlState prepare(std::string_view pattern) {
    if (machine_ && pattern == pattern_) return state_;
    pattern_ = pattern;
    machine_.reset();
    state_ = compile_regex(pattern, ignore_case_, program_);
    machine_.emplace(program_);
    return state_;
  }
  RegexMachine& machine() { return *machine_; }
  const RegexProgram& program() const { return program_; }

 private:
  bool ignore_case_;
  std::string pattern_;
  SqlState state_;
  RegexProgram program_;
  std::optional<RegexMachine> machine_;
};

void match(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  PatternCache cache((context.immediates[0] & kIgnoreCase) != 0);
  auto* out = result.as<uint8_t>();
  each_row(context, arguments, result, [&](uint32_t row) {
    out[row] = 0;
    const SqlState state = cache.prepare(text_at(arguments[1], row));
    if (!state.ok()) return fail(context, row, state);
    out[row] = cache.machine().search(text_at(arguments[0], row), 0, nullptr);
  });
}

std::string_view part_of(std::string_view text, const RegexMatch::Part& part) {
  if (part.begin == RegexMatch::npos || part.end == RegexMatch::npos) return {};
  return text.substr(part.begin, part.end - part.begin);
}

void substring(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  PatternCache cache(false);
  auto* out = result.as<StringView>();
  each_row(context, arguments, result, [&](uint32_t row) {
    const std::string_view text = text_at(arguments[0], row);
    out[row] = {};
    const SqlState state = cache.prepare(text_at(arguments[1], row));
    if (!state.ok()) return fail(context, row, state);
    RegexMatch found;
    if (!cache.machine().search(text, 0, &found)) return set_null(result, row);
    const RegexMatch::Part& part = found.parts[cache.program().group_count > 0 ? 1 : 0];
    if (part.begin == RegexMatch::npos) return set_null(result, row);
    out[row] = StringView::of(part_of(text, part));
  });
}

/// Appends the replacement: \1 to \9 are groups, \& the whole match, \\ a backslash.
void append_replacement(std::string_view replacement, std::string_view text,
                        const RegexMatch& found, TextWriter& writer) {
  for (size_t at = 0; at < replacement.size(); ++at) {
    const char next = at + 1 < replacement.size() ? replacement[at + 1] : '\0';
    if (replacement[at] != '\\') {
      writer.append(replacement[at]);
    } else if (next >= '1' && next <= '9') {
      writer.append(part_of(text, found.parts[static_cast<size_t>(next - '0')]));
      ++at;
    } else if (next == '&') {
      writer.append(part_of(text, found.parts[0]));
      ++at;
    } else {
      writer.append('\\');
      at += next == '\\';
    }
  }
}

void replace_in(std::string_view text, std::string_view replacement, bool all,
                RegexMachine& machine, TextWriter& writer) {
  size_t copied = 0;
  for (size_t from = 0; from <= text.size();) {
    RegexMatch found;
    if (!machine.search(text, from, &found)) break;
    const RegexMatch::Part whole = found.parts[0];
    writer.append(text.substr(copied, whole.begin - copied));
    append_replacement(replacement, text, found, writer);
    copied = whole.end;
    if (!all) break;
    from = whole.end;
    if (whole.end > whole.begin) continue;
    // An empty match: the next one begins a character further.
    if (from == text.size()) break;
    from += character_bytes(text, from);
  }
  writer.append(text.substr(copied));
}

void replace(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  PatternCache cache((context.immediates[0] & kIgnoreCase) != 0);
  const bool all = (context.immediates[0] & kReplaceAll) != 0;
  TextWriter writer(context);
  auto* out = result.as<StringView>();
  each_row(context, arguments, result, [&](uint32_t row) {
    out[row] = {};
    const SqlState state = cache.prepare(text_at(arguments[1], row));
    if (!state.ok()) return fail(context, row, state);
    replace_in(text_at(arguments[0], row), text_at(arguments[2], row), all, cache.machine(),
               writer);
    out[row] = writer.finish(row);
  });
}

/// One character of a SIMILAR TO pattern outside brackets.
void append_similar(char c, TextWriter& writer) {
  if (c == '%') return writer.append(".*");
  if (c == '_') return writer.append('.');
  if (c == '(') return writer.append("(?:");
  if (c == '.' || c == '^' || c == '$' || c == '\\') writer.append('\\');
  writer.append(c);
}

/// SIMILAR TO matches the whole text, and knows % and _ of LIKE beside the regular operators.
void translate_similar(std::string_view pattern, std::string_view escape, TextWriter& writer) {
  bool in_bracket = false;
  writer.append("^(?:");
  for (size_t at = 0; at < pattern.size();) {
    const std::string_view character = pattern.substr(at, character_bytes(pattern, at));
    at += character.size();
    if (!escape.empty() && character == escape && at < pattern.size()) {
      const std::string_view escaped = pattern.substr(at, character_bytes(pattern, at));
      at += escaped.size();
      if (escaped.size() == 1 && !is_word_character(static_cast<uint8_t>(escaped[0]))) {
        writer.append('\\');
      }
      writer.append(escaped);
    } else if (in_bracket || character.size() > 1) {
      in_bracket = in_bracket && character != "]";
      if (character == "\\") writer.append('\\');
      writer.append(character);
    } else {
      in_bracket = character == "[";
      append_similar(character[0], writer);
    }
  }
  writer.append(")$");
}

void similar_to_regex(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  TextWriter writer(context);
  auto* out = result.as<StringView>();
  each_row(context, arguments, result, [&](uint32_t row) {
    const std::string_view escape = arguments.size() == 2 ? text_at(arguments[1], row) : "\\";
    translate_similar(text_at(arguments[0], row), escape, writer);
    out[row] = writer.finish(row);
  });
}

}  // namespace

KernelFunction regex_kernel(Opcode opcode, Types) {
  switch (opcode) {
    case Opcode::RegexMatch: return match;
    case Opcode::RegexReplace: return replace;
    case Opcode::RegexSubstring: return substring;
    case Opcode::SimilarToRegex: return similar_to_regex;
    default: return nullptr;
  }
}

}  // namespace rowtine::expr
