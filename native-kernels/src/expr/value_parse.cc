#include "expr/value_parse.h"

#include <charconv>

#include "expr/ascii.h"

namespace rowtine::expr {
namespace {

bool equals_ignoring_case(std::string_view text, std::string_view lower_case) {
  if (text.size() != lower_case.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (ascii_lower(text[i]) != lower_case[i]) return false;
  }
  return true;
}

/// Is `text` at least `least` letters of the start of `word`?
bool abbreviates(std::string_view text, std::string_view word, size_t least) {
  return text.size() >= least && text.size() <= word.size() &&
         equals_ignoring_case(text, word.substr(0, text.size()));
}

/// std::from_chars knows no plus sign; a sign may stand only once.
bool drop_plus(std::string_view& text) {
  if (text.empty() || text[0] != '+') return true;
  text.remove_prefix(1);
  return !text.empty() && text[0] != '-' && text[0] != '+';
}

NumberParse parse_special(std::string_view text, double& out) {
  const bool negative = !text.empty() && text[0] == '-';
  const std::string_view word = text.substr(negative ? 1 : 0);
  if (equals_ignoring_case(text, "nan")) {
    out = __builtin_nan("");
    return NumberParse::Ok;
  }
  if (!equals_ignoring_case(word, "infinity") && !equals_ignoring_case(word, "inf")) {
    return NumberParse::Invalid;
  }
  out = negative ? -__builtin_inf() : __builtin_inf();
  return NumberParse::Ok;
}

}  // namespace

std::string_view trim_spaces(std::string_view text) {
  constexpr std::string_view kSpaces = " \t\n\v\f\r";
  const size_t first = text.find_first_not_of(kSpaces);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kSpaces) - first + 1);
}

template <class T>
NumberParse parse_int(std::string_view text, T& out) {
  out = 0;
  if (!drop_plus(text)) return NumberParse::Invalid;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, out);
  if (stop != end || error == std::errc::invalid_argument) return NumberParse::Invalid;
  return error == std::errc{} ? NumberParse::Ok : NumberParse::OutOfRange;
}
template NumberParse parse_int(std::string_view, int16_t&);
template NumberParse parse_int(std::string_view, int32_t&);
template NumberParse parse_int(std::string_view, int64_t&);

template <class T>
NumberParse parse_float(std::string_view text, T& out) {
  out = 0;
  if (!drop_plus(text)) return NumberParse::Invalid;
  const char last = text.empty() ? '\0' : text.back();
  if ((last >= '0' && last <= '9') || last == '.') {
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, out);
    if (stop != end || error == std::errc::invalid_argument) return NumberParse::Invalid;
    return error == std::errc{} ? NumberParse::Ok : NumberParse::OutOfRange;
  }
  double special = 0;
  const NumberParse parsed = parse_special(text, special);
  out = static_cast<T>(special);
  return parsed;
}
template NumberParse parse_float(std::string_view, float&);
template NumberParse parse_float(std::string_view, double&);

bool parse_bool(std::string_view text, bool& out) {
  if (abbreviates(text, "true", 1) || abbreviates(text, "yes", 1) ||
      equals_ignoring_case(text, "on") || text == "1") {
    out = true;
    return true;
  }
  out = false;
  return abbreviates(text, "false", 1) || abbreviates(text, "no", 1) ||
         abbreviates(text, "off", 2) || text == "0";
}

bool parse_uuid(std::string_view text, vector::Uuid& out) {
  if (text.starts_with('{')) {
    if (!text.ends_with('}')) return false;
    text = text.substr(1, text.size() - 2);
  }
  int nibbles = 0;
  bool after_hyphen = true;
  uint64_t halves[2] = {0, 0};
  for (const char c : text) {
    // A hyphen may follow each group of four digits.
    if (c == '-' && !after_hyphen && nibbles % 4 == 0 && nibbles < 32) {
      after_hyphen = true;
      continue;
    }
    const int digit = hex_value(c);
    if (digit < 0 || nibbles == 32) return false;
    uint64_t& half = halves[nibbles++ / 16];
    half = half << 4 | static_cast<uint64_t>(digit);
    after_hyphen = false;
  }
  out = {halves[0], halves[1]};
  return nibbles == 32;
}

}  // namespace rowtine::expr
