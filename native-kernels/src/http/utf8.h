// Checks UTF-8: what leaves the codec as text or JSON is valid, whatever came in.
#pragma once

#include <cstddef>
#include <string_view>

namespace rowtine::http {

/// Length of the longest valid UTF-8 prefix of `text`: shortest forms only, no surrogates, at most
/// U+10FFFF.
size_t valid_utf8_bytes(std::string_view text);

inline bool is_utf8(std::string_view text) { return valid_utf8_bytes(text) == text.size(); }

}  // namespace rowtine::http
