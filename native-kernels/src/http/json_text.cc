#include "http/json_text.h"

#include "http/utf8.h"

namespace rowtine::http {
namespace {

bool is_plain(char c) { return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\'; }

void append_escaped(char c, std::string& out) {
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: break;
  }
  constexpr char kHex[] = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  out += "\\u00";
  out += kHex[byte >> 4];
  out += kHex[byte & 15];
}

/// `text` is valid UTF-8.
void append_text(std::string_view text, std::string& out) {
  size_t at = 0;
  while (at < text.size()) {
    size_t end = at;
    while (end < text.size() && is_plain(text[end])) ++end;
    out.append(text.substr(at, end - at));
    if (end < text.size()) append_escaped(text[end], out);
    at = end + 1;
  }
}

}  // namespace

void append_json_string(std::string_view bytes, std::string& out) {
  out += '"';
  while (true) {
    const size_t valid = valid_utf8_bytes(bytes);
    append_text(bytes.substr(0, valid), out);
    if (valid == bytes.size()) break;
    out += "\xef\xbf\xbd";
    bytes.remove_prefix(valid + 1);
  }
  out += '"';
}

}  // namespace rowtine::http
