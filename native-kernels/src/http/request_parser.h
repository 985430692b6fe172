// Parses HTTP/1.1 requests out of a growing buffer, by RFC 9110 and 9112 to the letter: framing
// that two readers could understand differently is refused, never guessed at.
#pragma once

#include <cstdint>
#include <string_view>

#include "http/chunked.h"
#include "http/limits.h"
#include "http/scan.h"

namespace rowtine::http {

/// One whole request; its views point into the buffer that it was parsed from.
struct ParsedRequest {
  std::string_view method;
  std::string_view path;
  std::string_view query;
  std::string_view head;  // the header lines, each ended by CRLF, without the empty line
  std::string_view body;
  uint32_t consumed = 0;  // bytes of the buffer, from its start to the next request
  bool keep_alive = true;
  bool is_http10 = false;
  bool is_head = false;
};

enum class ParseOutcome : uint8_t { Incomplete, Complete, Refused };

/// The state of one connection's current request; a value, about 100 bytes, without memory of its
/// own.
///
/// Feeding: give the buffer from the first byte of the request to the last one received; on
/// Incomplete give the same bytes again, wherever they lie by then, with more behind them. On
/// Complete call again with the buffer from `consumed` on: pipelined requests take one loop over
/// one buffer.
class RequestParser {
 public:
  /// Shapes:  `data` readable for kParserPaddingBytes past `size`; `size` at most 2^32 - 1.
  ///          `size` comes back smaller when chunk framing was taken out (see ChunkedDecoder).
  /// Returns: Complete and a request; Incomplete; or Refused, with refusal() saying why.
  ///          The same for every way of cutting the bytes into calls.
  ParseOutcome parse(char* data, uint32_t& size, const Limits& limits, ParsedRequest& request);

  /// The status to refuse with: 400, 413, 414, 417, 431, 501 or 505. The connection must be closed.
  uint16_t refusal() const { return refusal_; }

  /// Whether the head is complete, so that what is missing is body.
  bool in_body() const { return phase_ == Phase::Body || phase_ == Phase::Chunks; }
  /// Whether the client waits for `100 Continue` before it sends the body; true once per request.
  bool take_expects_continue();
  /// Body bytes that are known to follow: Content-Length, 0 for chunks. For sizing buffers.
  uint64_t content_length() const { return content_length_; }

 private:
  enum class Phase : uint8_t { Start, Head, Body, Chunks };

  struct Range {
    uint32_t begin = 0;
    uint32_t bytes = 0;
    std::string_view in(const char* data) const { return {data + begin, bytes}; }
  };

  ParseOutcome refuse(uint16_t status);
  bool refuse_line(uint16_t status);  // false, for the take_ functions
  bool skip_empty_lines(const char* data, uint32_t size, const Limits& limits);
  ParseOutcome take_head(const char* data, uint32_t size, const Limits& limits);
  bool take_lines(const char* data, const LineScan& scan, const Limits& limits);
  bool take_request_line(const char* data, const Line& line, const Limits& limits);
  bool take_version(std::string_view version);
  bool take_target(const char* data, Range target, uint32_t path_bytes);
  bool take_absolute_target(const char* data, Range target);
  bool take_header(const char* data, const Line& line);
  bool take_host(std::string_view value);
  bool take_content_length(std::string_view value);
  bool take_transfer_encoding(std::string_view value);
  bool take_connection(std::string_view value);
  bool take_expect(std::string_view value);
  bool finish_head(const Limits& limits);
  ParseOutcome take_body(char* data, uint32_t& size, const Limits& limits, ParsedRequest& request);
  ParseOutcome complete(const char* data, uint32_t body_end, uint32_t consumed,
                        ParsedRequest& request);

  Phase phase_ = Phase::Start;
  uint16_t refusal_ = 0;
  bool is_http10_ = false;
  bool has_host_ = false;
  bool has_content_length_ = false;
  bool has_transfer_encoding_ = false;
  bool is_chunked_last_ = false;
  bool has_other_coding_ = false;
  bool has_unknown_coding_ = false;
  bool says_close_ = false;
  bool says_keep_alive_ = false;
  bool expects_continue_ = false;
  bool path_is_implied_ = false;  // absolute form without one: "/", or "*" for OPTIONS

  uint32_t scanned_ = 0;
  uint32_t line_begin_ = 0;
  uint32_t line_count_ = 0;
  uint32_t start_ = 0;  // of the request line, after empty lines
  Range method_, path_, query_;
  uint32_t headers_begin_ = 0;
  uint32_t body_begin_ = 0;
  uint64_t content_length_ = 0;
  ChunkedDecoder chunks_;
};

}  // namespace rowtine::http
