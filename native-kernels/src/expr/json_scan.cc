#include "expr/json_scan.h"

#include <bit>
#include <cstring>

#include "expr/ascii.h"
#include "expr/utf8.h"

namespace rowtine::expr {
namespace {

using Bytes16 = int8_t __attribute__((vector_size(16)));

/// Index of the first byte set in a comparison's result, 16 when none is.
uint32_t first_set(Bytes16 mask) {
  uint64_t halves[2];
  std::memcpy(halves, &mask, sizeof halves);
  if (halves[0] != 0) return static_cast<uint32_t>(std::countr_zero(halves[0])) / 8;
  if (halves[1] != 0) return 8 + static_cast<uint32_t>(std::countr_zero(halves[1])) / 8;
  return 16;
}
static_assert(std::endian::native == std::endian::little,
              "first_set() reads the lowest byte first");

/// The first byte in [at, end) for which `matches16` (16 bytes at once) or `matches` holds, or end.
template <class Matches16, class Matches>
const char* find_byte(const char* at, const char* end, Matches16 matches16, Matches matches) {
  for (; end - at >= 16; at += 16) {
    Bytes16 bytes;
    std::memcpy(&bytes, at, sizeof bytes);
    const uint32_t hit = first_set(matches16(bytes));
    if (hit < 16) return at + hit;
  }
  while (at < end && !matches(*at)) ++at;
  return at;
}

const char* find_quote_or_escape(const char* at, const char* end) {
  return find_byte(
      at, end, [](Bytes16 b) -> Bytes16 { return (b == '"') | (b == '\\'); },
      [](char c) { return c == '"' || c == '\\'; });
}

/// A quote or a bracket: with bit 5 set, [ and ] are { and }.
const char* find_structure(const char* at, const char* end) {
  return find_byte(
      at, end,
      [](Bytes16 b) -> Bytes16 { return (b == '"') | ((b | 32) == '{') | ((b | 32) == '}'); },
      [](char c) { return c == '"' || (c | 32) == '{' || (c | 32) == '}'; });
}

/// A byte that a JSON string must escape.
const char* find_unsafe(const char* at, const char* end) {
  using Unsigned16 = uint8_t __attribute__((vector_size(16)));
  return find_byte(
      at, end,
      [](Bytes16 b) -> Bytes16 {
        return (b == '"') | (b == '\\') | (reinterpret_cast<Unsigned16>(b) < 32);
      },
      [](char c) { return c == '"' || c == '\\' || static_cast<uint8_t>(c) < 32; });
}

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

const char* skip_spaces(const char* at, const char* end) {
  while (at < end && is_space(*at)) ++at;
  return at;
}

/// `at` is behind the opening quote. Returns: the closing quote, or end.
const char* string_end(const char* at, const char* end) {
  for (;;) {
    at = find_quote_or_escape(at, end);
    if (at == end || *at == '"') return at;
    at = end - at >= 2 ? at + 2 : end;
  }
}

const char* behind(const char* at, const char* end) { return at < end ? at + 1 : end; }

/// `at` is the opening bracket. Returns: behind the closing one.
const char* container_end(const char* at, const char* end) {
  uint32_t depth = 0;
  for (;;) {
    at = find_structure(at, end);
    if (at == end) return end;
    if (*at == '"') {
      at = behind(string_end(at + 1, end), end);
    } else {
      depth += (*at | 32) == '{' ? 1U : -1U;
      ++at;
      if (depth == 0) return at;
    }
  }
}

/// Behind the value that starts at `at`.
const char* value_end(const char* at, const char* end) {
  if (at == end) return end;
  if (*at == '"') return behind(string_end(at + 1, end), end);
  if (*at == '{' || *at == '[') return container_end(at, end);
  while (at < end && *at != ',' && *at != '}' && *at != ']' && !is_space(*at)) ++at;
  return at;
}

std::string_view slice(const char* from, const char* to) {
  return {from, static_cast<size_t>(to - from)};
}

/// Four hexadecimal digits at `at`, -1 when they are none.
int32_t read_hex4(const char* at, const char* end) {
  if (end - at < 4) return -1;
  int32_t code = 0;
  for (int i = 0; i < 4; ++i) {
    const int digit = hex_value(at[i]);
    if (digit < 0) return -1;
    code = code << 4 | digit;
  }
  return code;
}

bool is_high_surrogate(int32_t code) { return code >= 0xd800 && code < 0xdc00; }
bool is_low_surrogate(int32_t code) { return code >= 0xdc00 && code < 0xe000; }

/// Reads the escape whose backslash is at `at`, and moves behind it. Returns: -1 when it is bad.
int32_t read_escape(const char*& at, const char* end) {
  if (end - at < 2) return -1;
  const char letter = at[1];
  constexpr std::string_view kLetters = "\"\\/bfnrt", kMeanings = "\"\\/\b\f\n\r\t";
  at += 2;
  if (letter != 'u') {
    const size_t found = kLetters.find(letter);
    return found == kLetters.npos ? -1 : kMeanings[found];
  }
  const int32_t code = read_hex4(at, end);
  if (code < 0 || is_low_surrogate(code)) return -1;
  at += 4;
  if (!is_high_surrogate(code)) return code;
  if (end - at < 6 || at[0] != '\\' || at[1] != 'u') return -1;
  const int32_t low = read_hex4(at + 2, end);
  if (!is_low_surrogate(low)) return -1;
  at += 6;
  return 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
}

/// A string's content, character by character with escapes undone.
class ContentReader {
 public:
  explicit ContentReader(std::string_view content)
      : at_(content.data()), end_(content.data() + content.size()) {}

  /// The next code point, -1 at the end (and behind an escape that is none).
  int32_t next_code() {
    if (at_ == end_) return -1;
    if (*at_ == '\\') {
      const int32_t code = read_escape(at_, end_);
      if (code < 0) at_ = end_;
      return code;
    }
    size_t used = 0;
    const char32_t code = read_character(slice(at_, end_), used);
    at_ += used;
    return static_cast<int32_t>(code);
  }

  /// The next character's UTF-8. Returns: its size, 0 at the end.
  size_t next(char (&bytes)[4]) {
    const int32_t code = next_code();
    if (code < 0) return 0;
    return static_cast<size_t>(write_character(static_cast<char32_t>(code), bytes) - bytes);
  }

 private:
  const char* at_;
  const char* end_;
};

void escape_json(std::string_view text, TextWriter& writer) {
  constexpr char kHex[] = "0123456789abcdef";
  constexpr std::string_view kShort = "\"\\\b\f\n\r\t", kLetters = "\"\\bfnrt";
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end) {
    const char* plain = find_unsafe(at, end);
    writer.append(slice(at, plain));
    at = plain;
    if (at == end) return;
    const char c = *at++;
    if (const size_t known = kShort.find(c); known != kShort.npos) {
      const char escape[2] = {'\\', kLetters[known]};
      writer.append({escape, 2});
    } else {
      const char escape[6] = {'\\', 'u', '0', '0', kHex[c >> 4 & 15], kHex[c & 15]};
      writer.append({escape, 6});
    }
  }
}

/// Checks the grammar in one pass; the stack is one bit a level: is it an object?
class Validator {
 public:
  explicit Validator(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  bool run() {
    do {
      if (!value()) return false;
    } while (!after_value());
    return !failed_ && at_ == end_;
  }

 private:
  char peek() {
    at_ = skip_spaces(at_, end_);
    return at_ < end_ ? *at_ : '\0';
  }

  bool in_object() const { return get_bit(objects_, depth_ - 1); }

  /// A scalar, or a container up to its first value or its end (when empty).
  bool value() {
    for (;;) {
      const char first = peek();
      if (first != '{' && first != '[') return scalar(first);
      ++at_;
      if (depth_ == kJsonDepthMax) return false;
      const bool object = first == '{';
      if (object) {
        set_bit(objects_, depth_++);
      } else {
        clear_bit(objects_, depth_++);
      }
      if (peek() == (object ? '}' : ']')) {
        ++at_;
        --depth_;
        return true;
      }
      if (object && !key()) return false;
    }
  }

  /// Closes containers and passes a comma. Returns: is the text over (or wrong)?
  bool after_value() {
    while (depth_ > 0) {
      const char next = peek();
      if (next == ',') {
        ++at_;
        failed_ = in_object() && !key();
        return failed_;
      }
      if (next != (in_object() ? '}' : ']')) {
        failed_ = true;
        return true;
      }
      ++at_;
      --depth_;
    }
    at_ = skip_spaces(at_, end_);
    return true;
  }

  bool key() {
    if (peek() != '"' || !string()) return false;
    if (peek() != ':') return false;
    ++at_;
    return true;
  }

  bool scalar(char first) {
    switch (first) {
      case '"': return string();
      case 't': return word("true");
      case 'f': return word("false");
      case 'n': return word("null");
      default: return number();
    }
  }

  bool word(std::string_view text) {
    if (slice(at_, end_).substr(0, text.size()) != text) return false;
    at_ += text.size();
    return true;
  }

  bool string() {
    for (++at_;;) {
      at_ = find_unsafe(at_, end_);
      if (at_ == end_) return false;
      if (*at_ == '"') break;
      if (*at_ != '\\' || read_escape(at_, end_) < 0) return false;
    }
    ++at_;
    return true;
  }

  bool digits() {
    const char* start = at_;
    while (at_ < end_ && is_digit(*at_)) ++at_;
    return at_ > start;
  }

  bool number() {
    if (at_ < end_ && *at_ == '-') ++at_;
    if (at_ < end_ && *at_ == '0') {
      ++at_;
    } else if (!digits()) {
      return false;
    }
    if (at_ < end_ && *at_ == '.') {
      ++at_;
      if (!digits()) return false;
    }
    if (at_ < end_ && (*at_ | 32) == 'e') {
      ++at_;
      if (at_ < end_ && (*at_ == '+' || *at_ == '-')) ++at_;
      return digits();
    }
    return true;
  }

  const char* at_;
  const char* end_;
  uint32_t depth_ = 0;
  bool failed_ = false;
  uint64_t objects_[bitmap_words(kJsonDepthMax)] = {};
};

}  // namespace

bool validate_json(std::string_view text) { return Validator(text).run(); }

std::string_view trim_json(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

JsonKind json_kind(std::string_view value) {
  if (value.empty()) return JsonKind::Null;
  switch (value[0]) {
    case '{': return JsonKind::Object;
    case '[': return JsonKind::Array;
    case '"': return JsonKind::String;
    case 't':
    case 'f': return JsonKind::Bool;
    case 'n': return JsonKind::Null;
    default: return JsonKind::Number;
  }
}

std::string_view json_string_content(std::string_view value) {
  return value.size() < 2 ? std::string_view{} : value.substr(1, value.size() - 2);
}

bool json_content_equals(std::string_view content, std::string_view text) {
  // Escapes only shorten: so most keys are told apart by their size.
  if (content.size() < text.size()) return false;
  if (content.find('\\') == content.npos) return content == text;
  ContentReader reader(content);
  char bytes[4];
  while (const size_t size = reader.next(bytes)) {
    if (text.substr(0, size) != std::string_view(bytes, size)) return false;
    text.remove_prefix(size);
  }
  return text.empty();
}

int compare_json_contents(std::string_view left, std::string_view right) {
  ContentReader left_reader(left), right_reader(right);
  for (;;) {
    const int32_t l = left_reader.next_code(), r = right_reader.next_code();
    if (l != r) return l < r ? -1 : 1;
    if (l < 0) return 0;
  }
}

bool unescape_json(std::string_view content, TextWriter& writer) {
  const char* at = content.data();
  const char* const end = at + content.size();
  while (at < end) {
    const char* plain = find_quote_or_escape(at, end);
    writer.append(slice(at, plain));
    at = plain;
    if (at == end) break;
    if (*at == '"') {
      writer.append(*at++);
      continue;
    }
    const int32_t code = read_escape(at, end);
    if (code <= 0) return false;
    if (char* to = writer.reserve(4)) {
      writer.advance(static_cast<size_t>(write_character(static_cast<char32_t>(code), to) - to));
    }
  }
  return true;
}

void quote_json(std::string_view text, TextWriter& writer) {
  writer.append('"');
  escape_json(text, writer);
  writer.append('"');
}

void requote_json(std::string_view content, TextWriter& writer) {
  ContentReader reader(content);
  char bytes[4];
  writer.append('"');
  while (const size_t size = reader.next(bytes)) escape_json({bytes, size}, writer);
  writer.append('"');
}

JsonMembers::JsonMembers(std::string_view object)
    : at_(object.data()), end_(object.data() + object.size()) {
  if (json_kind(object) == JsonKind::Object) {
    ++at_;
  } else {
    at_ = end_;
  }
}

bool JsonMembers::next() {
  while (at_ < end_ && (is_space(*at_) || *at_ == ',')) ++at_;
  if (at_ == end_ || *at_ != '"') return false;
  const char* key_end = string_end(at_ + 1, end_);
  key = slice(at_ + 1, key_end);
  at_ = behind(key_end, end_);
  while (at_ < end_ && (is_space(*at_) || *at_ == ':')) ++at_;
  const char* after = value_end(at_, end_);
  value = slice(at_, after);
  at_ = after;
  return true;
}

JsonElements::JsonElements(std::string_view array)
    : at_(array.data()), end_(array.data() + array.size()) {
  if (json_kind(array) == JsonKind::Array) {
    ++at_;
  } else {
    at_ = end_;
  }
}

bool JsonElements::next() {
  while (at_ < end_ && (is_space(*at_) || *at_ == ',')) ++at_;
  if (at_ == end_ || *at_ == ']') return false;
  const char* after = value_end(at_, end_);
  value = slice(at_, after);
  const bool moved = after > at_;  // a stray bracket in what is no JSON must not hold us up
  at_ = after;
  return moved;
}

bool find_member(std::string_view object, std::string_view key, std::string_view& value) {
  bool found = false;
  for (JsonMembers members(object); members.next();) {
    if (!json_content_equals(members.key, key)) continue;
    value = members.value;
    found = true;
  }
  return found;
}

bool find_element(std::string_view array, int64_t index, std::string_view& value) {
  if (index < 0) {
    for (JsonElements elements(array); elements.next();) ++index;
    if (index < 0) return false;
  }
  for (JsonElements elements(array); elements.next(); --index) {
    if (index > 0) continue;
    value = elements.value;
    return true;
  }
  return false;
}

}  // namespace rowtine::expr
