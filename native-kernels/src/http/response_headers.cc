#include "http/response_headers.h"

#include <charconv>

namespace rowtine::http {
namespace {

uint32_t encode_utf8(uint32_t code_point, char* out) {
  const auto byte = [](uint32_t bits) { return static_cast<char>(bits); };
  if (code_point < 0x80) {
    out[0] = byte(code_point);
    return 1;
  }
  if (code_point < 0x800) {
    out[0] = byte(0xc0 | code_point >> 6);
    out[1] = byte(0x80 | (code_point & 0x3f));
    return 2;
  }
  if (code_point < 0x10000) {
    out[0] = byte(0xe0 | code_point >> 12);
    out[1] = byte(0x80 | (code_point >> 6 & 0x3f));
    out[2] = byte(0x80 | (code_point & 0x3f));
    return 3;
  }
  out[0] = byte(0xf0 | code_point >> 18);
  out[1] = byte(0x80 | (code_point >> 12 & 0x3f));
  out[2] = byte(0x80 | (code_point >> 6 & 0x3f));
  out[3] = byte(0x80 | (code_point & 0x3f));
  return 4;
}

}  // namespace

void HeaderJsonReader::skip_blanks() {
  const size_t at = rest_.find_first_not_of(" \t\r\n");
  rest_ = at == std::string_view::npos ? std::string_view{} : rest_.substr(at);
}

bool HeaderJsonReader::take(char c) {
  skip_blanks();
  if (rest_.empty() || rest_.front() != c) return false;
  rest_.remove_prefix(1);
  return true;
}

HeaderJsonReader::Step HeaderJsonReader::next(char* out) {
  while (true) {
    if (!is_begun_) {
      if (!take('{')) return Step::Malformed;
    }
    if (!in_array_) {
      const bool is_first = !is_begun_;
      is_begun_ = true;
      if (take('}')) {
        skip_blanks();
        return rest_.empty() ? Step::End : Step::Malformed;
      }
      if (!is_first && !take(',')) return Step::Malformed;
      skip_blanks();
      name_source_ = rest_;
    } else if (take(']')) {
      in_array_ = false;
      continue;
    } else if (!take(',')) {
      return Step::Malformed;
    }
    bool has_value = false;
    const Step step = take_value(out, has_value);
    if (step != Step::Header || has_value) return step;
  }
}

/// Decodes the name, then the value that follows it or, inside an array, the array's next element.
HeaderJsonReader::Step HeaderJsonReader::take_value(char* out, bool& has_value) {
  const std::string_view after = rest_;
  uint32_t name_bytes = 0;
  rest_ = name_source_;
  if (!take_string(out, name_bytes)) return Step::Malformed;
  name_ = {out, name_bytes};
  if (in_array_) {
    rest_ = after;
  } else {
    if (!take(':')) return Step::Malformed;
    if (take('[')) {
      in_array_ = true;
      if (take(']')) {
        in_array_ = false;
        return Step::Header;
      }
    }
  }
  skip_blanks();
  if (!rest_.empty() && rest_.front() == '"') {
    uint32_t bytes = 0;
    if (!take_string(out + name_bytes, bytes)) return Step::Malformed;
    value_ = {out + name_bytes, bytes};
    has_value = true;
    return Step::Header;
  }
  if (!take_literal(value_)) return Step::Malformed;
  has_value = value_ != "null";
  return Step::Header;
}

bool HeaderJsonReader::take_literal(std::string_view& literal) {
  const size_t end = rest_.find_first_of(",]} \t\r\n");
  if (end == std::string_view::npos || end == 0) return false;
  literal = rest_.substr(0, end);
  rest_.remove_prefix(end);
  if (literal == "null" || literal == "true" || literal == "false") return true;
  double number = 0;
  const auto parsed = std::from_chars(literal.data(), literal.data() + literal.size(), number);
  const bool is_digit_first = literal[0] == '-' || (literal[0] >= '0' && literal[0] <= '9');
  return is_digit_first && parsed.ec == std::errc{} &&
         parsed.ptr == literal.data() + literal.size();
}

bool HeaderJsonReader::take_string(char* out, uint32_t& bytes) {
  if (rest_.empty() || rest_.front() != '"') return false;
  rest_.remove_prefix(1);
  while (!rest_.empty()) {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    if (c == '"') return true;
    if (static_cast<unsigned char>(c) < 0x20) return false;
    if (c != '\\') out[bytes++] = c;
    else if (!take_escape(out, bytes)) return false;
  }
  return false;
}

bool HeaderJsonReader::take_escape(char* out, uint32_t& bytes) {
  if (rest_.empty()) return false;
  const char c = rest_.front();
  rest_.remove_prefix(1);
  constexpr std::string_view kFrom = "\"\\/bfnrt";
  constexpr std::string_view kTo = "\"\\/\b\f\n\r\t";
  if (const size_t at = kFrom.find(c); at != std::string_view::npos) {
    out[bytes++] = kTo[at];
    return true;
  }
  uint32_t code_point = 0;
  if (c != 'u' || !take_code_point(code_point)) return false;
  if (code_point >= 0xdc00 && code_point < 0xe000) return false;
  if (code_point >= 0xd800 && code_point < 0xdc00) {
    uint32_t low = 0;
    if (!rest_.starts_with("\\u")) return false;
    rest_.remove_prefix(2);
    if (!take_code_point(low) || low < 0xdc00 || low > 0xdfff) return false;
    code_point = 0x10000 + ((code_point & 0x3ff) << 10 | (low & 0x3ff));
  }
  bytes += encode_utf8(code_point, out + bytes);
  return true;
}

bool HeaderJsonReader::take_code_point(uint32_t& code_point) {
  if (rest_.size() < 4) return false;
  const auto parsed = std::from_chars(rest_.data(), rest_.data() + 4, code_point, 16);
  rest_.remove_prefix(4);
  return parsed.ec == std::errc{} && parsed.ptr == rest_.data();
}

}  // namespace rowtine::http
