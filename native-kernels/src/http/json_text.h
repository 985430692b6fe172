// Writes JSON out of bytes from the network: whatever they are, the text is valid JSON and UTF-8.
#pragma once

#include <string>
#include <string_view>

namespace rowtine::http {

/// Appends `bytes` as a JSON string. Each byte that is not part of valid UTF-8 becomes U+FFFD.
void append_json_string(std::string_view bytes, std::string& out);

}  // namespace rowtine::http
