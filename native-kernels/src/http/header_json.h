// The lazy columns of a request: computed from its raw head only when a query asks for them.
#pragma once

#include <string>
#include <string_view>

namespace rowtine::http {

/// Every function takes `head` as HttpRequest::head has it: lines "name: value", each ended by
/// CRLF, checked by the parser.

/// Returns: the value of the first header named `lower_name`, trimmed; data() is nullptr without
/// one.
std::string_view find_header(std::string_view head, std::string_view lower_name);

/// Appends {"name": "value", …}: names in lower case and in order of first appearance; the values
/// of a repeated header joined by ", " (RFC 9110 §5.3), of `cookie` by "; ".
void append_headers_json(std::string_view head, std::string& out);

/// Appends {"name": "value", …} of all `cookie` headers; the first of a repeated name counts, as it
/// is the most specific (RFC 6265 §5.4). Values lose their surrounding quotes; nothing is decoded.
void append_cookies_json(std::string_view head, std::string& out);

}  // namespace rowtine::http
