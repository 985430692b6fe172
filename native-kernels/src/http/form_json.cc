#include "http/form_json.h"

#include <algorithm>
#include <unordered_map>
#include <vector>

#include "http/character.h"
#include "http/header_json.h"
#include "http/json_text.h"

namespace rowtine::http {
namespace {

/// Fields in order of first appearance, their values as JSON text.
class Fields {
 public:
  /// Returns: false when there are too many.
  bool add(std::string name, std::string_view json_value) {
    if (++count_ > kFieldsMax) return false;
    const auto [place, is_new] = index_.try_emplace(std::move(name), fields_.size());
    if (is_new) fields_.push_back({&place->first, {}, 0});
    Field& field = fields_[place->second];
    if (field.count++ > 0) field.values += ',';
    field.values += json_value;
    return true;
  }

  void append_to(std::string& out) const {
    out += '{';
    for (size_t i = 0; i < fields_.size(); ++i) {
      const Field& field = fields_[i];
      if (i > 0) out += ',';
      append_json_string(*field.name, out);
      out += field.count > 1 ? ":[" : ":";
      out += field.values;
      if (field.count > 1) out += ']';
    }
    out += '}';
  }

 private:
  struct Field {
    const std::string* name;  // the map's key, which stays where it is
    std::string values;
    uint32_t count;
  };
  std::unordered_map<std::string, size_t> index_;
  std::vector<Field> fields_;
  uint32_t count_ = 0;
};

int hex_digit(char c) {
  if (!is_byte(c, kHexByte)) return -1;
  return is_byte(c, kDigitByte) ? c - '0' : (c | 0x20) - 'a' + 10;
}

bool add_pairs(std::string_view text, Fields& fields) {
  while (!text.empty()) {
    const size_t end = std::min(text.find('&'), text.size());
    const std::string_view pair = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (pair.empty()) continue;
    const size_t equal = std::min(pair.find('='), pair.size());
    std::string name, value, json;
    append_percent_decoded(pair.substr(0, equal), true, name);
    append_percent_decoded(pair.substr(std::min(equal + 1, pair.size())), true, value);
    append_json_string(value, json);
    if (!fields.add(std::move(name), json)) return false;
  }
  return true;
}

/// The parameter `name` of a header value such as `form-data; name="a"`; quotes and their escapes
/// are taken out. Returns: whether there is one.
bool take_parameter(std::string_view value, std::string_view name, std::string& out) {
  size_t at = value.find(';');
  while (at < value.size()) {
    std::string_view rest = trim(value.substr(at + 1));
    const size_t equal = rest.find('=');
    if (equal == std::string_view::npos) return false;
    const bool is_it = equals_lower(trim(rest.substr(0, equal)), name);
    rest = trim(rest.substr(equal + 1));
    std::string text;
    size_t end = 0;
    if (!rest.empty() && rest.front() == '"') {
      for (end = 1; end < rest.size() && rest[end] != '"'; ++end) {
        // Browsers send a backslash as itself, and quotes as %22; only \" is an escape.
        if (rest[end] == '\\' && end + 1 < rest.size() && rest[end + 1] == '"') ++end;
        text += rest[end];
      }
    } else {
      end = std::min(rest.find(';'), rest.size());
      text.assign(trim(rest.substr(0, end)));
    }
    if (is_it) {
      out = std::move(text);
      return true;
    }
    value = rest;
    at = rest.find(';', end);
  }
  return false;
}

/// Adds one part: header lines, an empty line, content.
bool add_part(std::string_view part, Fields& fields) {
  const size_t head_end = part.starts_with("\r\n") ? 0 : part.find("\r\n\r\n");
  if (head_end == std::string_view::npos) return false;
  const std::string_view head = part.substr(0, head_end + 2);
  const std::string_view content = part.substr(head_end + (head_end == 0 ? 2 : 4));
  const std::string_view disposition = find_header(head, "content-disposition");
  std::string name, filename, json;
  if (!take_parameter(disposition, "name", name)) return false;
  if (!take_parameter(disposition, "filename", filename)) {
    append_json_string(content, json);
    return fields.add(std::move(name), json);
  }
  json = "{\"filename\":";
  append_json_string(filename, json);
  json += ",\"type\":";
  const std::string_view type = find_header(head, "content-type");
  append_json_string(type.empty() ? "application/octet-stream" : type, json);
  json += ",\"bytes\":" + std::to_string(content.size()) + "}";
  return fields.add(std::move(name), json);
}

/// RFC 2046 §5.1.1, as RFC 7578 uses it.
bool add_parts(std::string_view body, const std::string& boundary, Fields& fields) {
  const std::string delimiter = "\r\n--" + boundary;
  // The first delimiter needs no line end before it when nothing else does.
  size_t at = 0;
  if (body.starts_with(std::string_view(delimiter).substr(2))) {
    at = delimiter.size() - 2;
  } else {
    at = body.find(delimiter);
    if (at == std::string_view::npos) return false;
    at += delimiter.size();
  }
  while (!body.substr(at).starts_with("--")) {
    const size_t line_end = body.find("\r\n", at);
    if (line_end == std::string_view::npos) return false;
    if (!trim(body.substr(at, line_end - at)).empty()) return false;
    const size_t next = body.find(delimiter, line_end);
    if (next == std::string_view::npos) return false;
    const size_t begin = std::min(line_end + 2, next);
    if (!add_part(body.substr(begin, next - begin), fields)) return false;
    at = next + delimiter.size();
  }
  return true;
}

}  // namespace

void append_percent_decoded(std::string_view text, bool is_form, std::string& out) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      const int high = hex_digit(text[i + 1]);
      const int low = hex_digit(text[i + 2]);
      if (high >= 0 && low >= 0) {
        out += static_cast<char>(high << 4 | low);
        i += 2;
        continue;
      }
    }
    out += is_form && text[i] == '+' ? ' ' : text[i];
  }
}

bool append_query_json(std::string_view query, std::string& out) {
  Fields fields;
  if (!add_pairs(query, fields)) return false;
  fields.append_to(out);
  return true;
}

bool append_form_json(std::string_view head, std::string_view body, std::string& out) {
  const std::string_view type = find_header(head, "content-type");
  const std::string_view kind = trim(type.substr(0, type.find(';')));
  Fields fields;
  bool is_form = false;
  if (equals_lower(kind, "application/x-www-form-urlencoded")) {
    is_form = add_pairs(body, fields);
  } else if (equals_lower(kind, "multipart/form-data")) {
    std::string boundary;
    const bool has_boundary = take_parameter(type, "boundary", boundary);
    is_form = has_boundary && !boundary.empty() && boundary.size() <= 70 &&
              add_parts(body, boundary, fields);
  }
  if (is_form) fields.append_to(out);
  return is_form;
}

}  // namespace rowtine::http
