#include "http/header_json.h"

#include <algorithm>
#include <vector>

#include "http/character.h"
#include "http/json_text.h"

namespace rowtine::http {
namespace {

struct Header {
  std::string_view name;
  std::string_view value;
};

/// Cuts the first line off `head`. Returns: false at the end.
bool next_header(std::string_view& head, Header& header) {
  const size_t end = head.find("\r\n");
  if (end == std::string_view::npos) return false;
  const std::string_view line = head.substr(0, end);
  head.remove_prefix(end + 2);
  const size_t colon = std::min(line.find(':'), line.size());
  header = {line.substr(0, colon), trim(line.substr(std::min(colon + 1, line.size())))};
  return true;
}

bool is_same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return to_lower(x) == to_lower(y);
         });
}

void append_member(bool is_first, std::string_view name, std::string_view value, std::string& out) {
  if (!is_first) out += ',';
  append_json_string(name, out);
  out += ':';
  append_json_string(value, out);
}

}  // namespace

std::string_view find_header(std::string_view head, std::string_view lower_name) {
  Header header;
  while (next_header(head, header)) {
    if (equals_lower(header.name, lower_name)) return header.value;
  }
  return {};
}

void append_headers_json(std::string_view head, std::string& out) {
  std::vector<Header> headers;
  Header next;
  while (next_header(head, next)) headers.push_back(next);
  out += '{';
  std::string name, value;
  for (size_t i = 0; i < headers.size(); ++i) {
    if (headers[i].name.empty()) continue;  // joined to an earlier one
    name.assign(headers[i].name);
    std::transform(name.begin(), name.end(), name.begin(), to_lower);
    value.assign(headers[i].value);
    for (size_t k = i + 1; k < headers.size(); ++k) {
      if (!is_same_name(headers[k].name, headers[i].name)) continue;
      value.append(name == "cookie" ? "; " : ", ").append(headers[k].value);
      headers[k].name = {};
    }
    append_member(i == 0, name, value, out);
  }
  out += '}';
}

void append_cookies_json(std::string_view head, std::string& out) {
  std::vector<std::string_view> names;
  out += '{';
  Header header;
  while (next_header(head, header)) {
    if (!equals_lower(header.name, "cookie")) continue;
    for (std::string_view rest = header.value; !rest.empty();) {
      const size_t end = std::min(rest.find(';'), rest.size());
      const std::string_view pair = trim(rest.substr(0, end));
      rest.remove_prefix(std::min(end + 1, rest.size()));
      const size_t equal = pair.find('=');
      if (equal == std::string_view::npos || equal == 0) continue;
      const std::string_view name = trim(pair.substr(0, equal));
      std::string_view value = trim(pair.substr(equal + 1));
      if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
        value = value.substr(1, value.size() - 2);
      }
      if (std::find(names.begin(), names.end(), name) != names.end()) continue;
      append_member(names.empty(), name, value, out);
      names.push_back(name);
    }
  }
  out += '}';
}

}  // namespace rowtine::http
