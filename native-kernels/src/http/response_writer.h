// Formats responses: the only place where the bytes of a status line and of headers are made, so
// the only place that must make sure that no value can end a header and begin another message.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "http/header_memory.h"

namespace rowtine::http {

/// "Sun, 06 Nov 1994 08:49:37 GMT", formatted once per second.
class DateCache {
 public:
  /// Returns: the date of `unix_seconds`, valid until the next call.
  std::string_view at(int64_t unix_seconds);

 private:
  int64_t seconds_ = INT64_MIN;
  std::array<char, 30> text_{};
};

/// What decides how a response to one request is framed.
struct ResponseShape {
  int32_t status = 200;
  bool is_head = false;  // the request was HEAD: no body, the length it would have
  bool is_http10 = false;
  bool keep_alive = true;  // `Connection: close` in the headers turns it off
};

enum class WriteError : uint8_t {
  None,
  BadStatus,
  BadJson,
  BadName,
  BadValue,
  ReservedName,
  TooLong
};

const char* describe(WriteError error);

struct WriteResult {
  WriteError error = WriteError::None;
  bool keep_alive = true;  // what the response says
  uint64_t bytes = 0;      // written to `out`
};

/// What arrays of values may add to a response's head by repeating their names.
inline constexpr uint32_t kRepeatedHeaderBytesMax = 16 * 1024;

/// Bytes that write_response() needs at most.
uint64_t response_bytes_max(std::string_view headers_json, std::string_view body);

/// Writes status line, headers, Date, Content-Length and body to `out`, which has room for
/// response_bytes_max(). `headers_json` is empty or a JSON object {"name": "value" | number |
/// boolean | null (left out) | ["v1", "v2"] (a line each)}. A body without a Content-Type gets one:
/// HTML when it begins with '<', JSON when with '{' or '[', text otherwise.
///
/// Errors: when the result has one, nothing of `out` counts. Content-Length may be repeated by the
///         caller if it is right; Transfer-Encoding may not be given; status is 200..599.
/// Threads: `memory` is the caller's, for the headers of its next responses; nullptr: none.
WriteResult write_response(const ResponseShape& shape, std::string_view headers_json,
                           std::string_view body, std::string_view date, char* out,
                           HeaderMemory* memory = nullptr);

/// A response without body for a request that is refused; the connection closes after it.
uint32_t write_refusal(int32_t status, std::string_view date, char* out);
inline constexpr uint32_t kRefusalBytesMax = 256;

/// "HTTP/1.1 404 Not Found" without line end; unknown codes get an empty reason.
std::string_view reason_phrase(int32_t status);

inline constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace rowtine::http
