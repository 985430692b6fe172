#include "http/request_parser.h"

#include <algorithm>
#include <charconv>

#include "base/invariant.h"
#include "http/character.h"

namespace rowtine::http {
namespace {

bool is_port(std::string_view text) {
  return text.empty() || (text.front() == ':' && all_bytes(text.substr(1), kDigitByte));
}

/// A host, optionally with a port (RFC 3986 §3.2.2). Empty is a valid host (RFC 9112 §3.2). What
/// follows `text` in memory ends a host: white space, a line end, or a target's slash.
bool is_host(std::string_view text) {
  if (text.empty()) return true;
  if (text.front() != '[') return is_port(text.substr(scan_host(text.data())));
  const size_t close = text.find(']');
  if (close == std::string_view::npos || close < 3) return false;  // "[::]" is the shortest
  const std::string_view inside = text.substr(1, close - 1);
  const bool is_address = std::all_of(inside.begin(), inside.end(), [](char c) {
    return is_byte(c, kHexByte) || c == ':' || c == '.';
  });
  return is_address && is_port(text.substr(close + 1));
}

bool starts_with_lower(std::string_view text, std::string_view lower) {
  return text.size() >= lower.size() && equals_lower(text.substr(0, lower.size()), lower);
}

/// Codings that exist (RFC 9112 §7) but are not decoded here.
bool is_known_coding(std::string_view coding) {
  constexpr std::string_view kKnown[] = {"gzip", "deflate", "compress", "x-gzip", "x-compress"};
  return std::any_of(std::begin(kKnown), std::end(kKnown),
                     [coding](std::string_view known) { return equals_lower(coding, known); });
}

}  // namespace

bool RequestParser::take_expects_continue() {
  const bool expects = in_body() && expects_continue_ && !is_http10_;
  if (in_body()) expects_continue_ = false;
  return expects;
}

ParseOutcome RequestParser::refuse(uint16_t status) {
  refusal_ = status;
  return ParseOutcome::Refused;
}

bool RequestParser::refuse_line(uint16_t status) {
  refusal_ = status;
  return false;
}

ParseOutcome RequestParser::parse(char* data, uint32_t& size, const Limits& limits,
                                  ParsedRequest& request) {
  invariant(limits.body_bytes_max <= kBodyBytesCeiling, "offsets of a body fit 32 bits");
  if (refusal_ != 0) return ParseOutcome::Refused;
  if (phase_ == Phase::Start && !skip_empty_lines(data, size, limits)) {
    return refusal_ != 0 ? ParseOutcome::Refused : ParseOutcome::Incomplete;
  }
  if (phase_ == Phase::Head) {
    const ParseOutcome outcome = take_head(data, size, limits);
    if (outcome != ParseOutcome::Complete) return outcome;
    if (!finish_head(limits)) return ParseOutcome::Refused;
  }
  return take_body(data, size, limits, request);
}

/// RFC 9112 §2.2: empty lines before a request line are ignored, within the head's limit.
bool RequestParser::skip_empty_lines(const char* data, uint32_t size, const Limits& limits) {
  while (start_ < size && data[start_] == '\r') {
    if (size - start_ < 2) return false;
    if (data[start_ + 1] != '\n') return refuse_line(400);
    start_ += 2;
    if (start_ >= limits.head_bytes_max) return refuse_line(431);
  }
  if (start_ >= size) return false;
  scanned_ = line_begin_ = start_;
  phase_ = Phase::Head;
  return true;
}

ParseOutcome RequestParser::take_head(const char* data, uint32_t size, const Limits& limits) {
  LineScan scan;
  scan.scanned = scanned_;
  scan.line_begin = line_begin_;
  const uint32_t visible = std::min(size, start_ + limits.head_bytes_max);
  const uint32_t line_end_max = start_ + limits.target_bytes_max + kRequestLineOverheadBytesMax;
  do {
    scan_lines(data, visible, scan);
    if (!take_lines(data, scan, limits)) return ParseOutcome::Refused;
  } while (scan.line_count == LineScan::kLinesPerCall && !scan.is_end && !scan.is_bad);

  if (line_count_ == 0) {  // not even a request line
    const bool is_long = scan.is_bad ? scan.bad_at >= line_end_max : visible >= line_end_max;
    if (is_long) return refuse(414);
  }
  if (scan.is_bad) return refuse(400);
  if (scan.is_end) {
    body_begin_ = scan.line_begin;
    return ParseOutcome::Complete;
  }
  if (visible == start_ + limits.head_bytes_max) return refuse(431);
  scanned_ = scan.scanned;
  line_begin_ = scan.line_begin;
  return ParseOutcome::Incomplete;
}

bool RequestParser::take_lines(const char* data, const LineScan& scan, const Limits& limits) {
  for (uint32_t i = 0; i < scan.line_count; ++i) {
    const Line& line = scan.lines[i];
    const uint32_t headers_before = line_count_++;  // the request line counted as one
    if (headers_before > limits.header_count_max) return refuse_line(431);
    const bool taken =
        headers_before == 0 ? take_request_line(data, line, limits) : take_header(data, line);
    if (!taken) return false;
  }
  return true;
}

bool RequestParser::take_request_line(const char* data, const Line& line, const Limits& limits) {
  const uint32_t line_end_max = start_ + limits.target_bytes_max + kRequestLineOverheadBytesMax;
  if (line.end + 2 > line_end_max) return refuse_line(414);
  headers_begin_ = line.end + 2;
  method_ = {line.begin, line.token_bytes};
  if (method_.bytes == 0 || data[line.begin + method_.bytes] != ' ') return refuse_line(400);
  if (method_.bytes > kMethodBytesMax) return refuse_line(501);

  const uint32_t target_begin = line.begin + method_.bytes + 1;
  const TargetSpan span = scan_target(data + target_begin);
  const uint32_t version_begin = target_begin + span.bytes + 1;
  if (span.bytes == 0 || data[version_begin - 1] != ' ') return refuse_line(400);
  if (span.bytes > limits.target_bytes_max) return refuse_line(414);
  if (!take_version({data + version_begin, line.end - version_begin})) return false;
  return take_target(data, {target_begin, span.bytes}, span.path_bytes);
}

bool RequestParser::take_version(std::string_view version) {
  const bool is_version = version.size() == 8 && version.starts_with("HTTP/") &&
                          is_byte(version[5], kDigitByte) && version[6] == '.' &&
                          is_byte(version[7], kDigitByte);
  if (!is_version) return refuse_line(400);
  // A higher minor version is spoken to as 1.1 (RFC 9110 §2.5).
  if (version[5] != '1') return refuse_line(505);
  is_http10_ = version[7] == '0';
  return true;
}

/// The four forms of RFC 9112 §3.2.
bool RequestParser::take_target(const char* data, Range target, uint32_t path_bytes) {
  const std::string_view method = method_.in(data);
  if (method == "CONNECT") return refuse_line(501);
  if (data[target.begin] == '/') {
    path_ = {target.begin, path_bytes};
    const uint32_t mark = path_bytes < target.bytes ? 1 : 0;
    query_ = {target.begin + path_bytes + mark, target.bytes - path_bytes - mark};
    return true;
  }
  if (data[target.begin] == '*') {
    path_ = target;
    if (target.bytes != 1 || method != "OPTIONS") return refuse_line(400);
    return true;
  }
  return take_absolute_target(data, target);
}

bool RequestParser::take_absolute_target(const char* data, Range target) {
  const std::string_view text = target.in(data);
  const uint32_t scheme_bytes = starts_with_lower(text, "http://")    ? 7
                                : starts_with_lower(text, "https://") ? 8
                                                                      : 0;
  if (scheme_bytes == 0) return refuse_line(400);
  const auto authority_end =
      static_cast<uint32_t>(std::min(text.find_first_of("/?", scheme_bytes), text.size()));
  const std::string_view authority = text.substr(scheme_bytes, authority_end - scheme_bytes);
  if (authority.empty() || authority.front() == ':' || !is_host(authority)) {
    return refuse_line(400);
  }
  const auto path_end = static_cast<uint32_t>(std::min(text.find('?', authority_end), text.size()));
  path_ = {target.begin + authority_end, path_end - authority_end};
  path_is_implied_ = path_.bytes == 0;
  const uint32_t query_begin = std::min(path_end + 1, target.bytes);
  query_ = {target.begin + query_begin, target.bytes - query_begin};
  return true;
}

bool RequestParser::take_header(const char* data, const Line& line) {
  const char* name = data + line.begin;
  // Covers an empty name, a space before the colon, and a folded line, which begins with a blank.
  if (line.token_bytes == 0 || name[line.token_bytes] != ':') return refuse_line(400);
  const auto value = [&] {
    return trim({name + line.token_bytes + 1, line.end - line.begin - line.token_bytes - 1});
  };
  // Only what frames the message is looked at; the length alone rules most headers out.
  switch (line.token_bytes) {
    case 4: return !is_name(name, "host") || take_host(value());
    case 6: return !is_name(name, "expect") || take_expect(value());
    case 10: return !is_name(name, "connection") || take_connection(value());
    case 14: return !is_name(name, "content-length") || take_content_length(value());
    case 17: return !is_name(name, "transfer-encoding") || take_transfer_encoding(value());
    default: return true;
  }
}

bool RequestParser::take_host(std::string_view value) {
  if (has_host_ || !is_host(value)) return refuse_line(400);
  has_host_ = true;
  return true;
}

bool RequestParser::take_content_length(std::string_view value) {
  if (has_content_length_ || value.empty() || !all_bytes(value, kDigitByte)) {
    return refuse_line(400);
  }
  has_content_length_ = true;
  const auto parsed = std::from_chars(value.data(), value.data() + value.size(), content_length_);
  if (parsed.ec != std::errc{}) return refuse_line(400);
  return true;
}

bool RequestParser::take_transfer_encoding(std::string_view value) {
  has_transfer_encoding_ = true;
  if (value.empty()) return refuse_line(400);
  while (!value.empty()) {
    const std::string_view coding = next_element(value);
    if (coding.empty()) continue;
    if (is_chunked_last_) return refuse_line(400);  // chunked must come last, and once
    if (equals_lower(coding, "chunked")) {
      is_chunked_last_ = true;
      continue;
    }
    if (!is_token(coding.substr(0, coding.find(';')))) return refuse_line(400);
    has_other_coding_ = true;
    has_unknown_coding_ |= !is_known_coding(coding);
  }
  return true;
}

bool RequestParser::take_connection(std::string_view value) {
  // The two that nearly every request has need no walk through a list.
  if (value.size() == 10 && is_name(value.data(), "keep-alive")) {
    says_keep_alive_ = true;
    return true;
  }
  while (!value.empty()) {
    const std::string_view option = next_element(value);
    if (equals_lower(option, "close")) says_close_ = true;
    if (equals_lower(option, "keep-alive")) says_keep_alive_ = true;
  }
  return true;
}

bool RequestParser::take_expect(std::string_view value) {
  if (is_http10_) return true;  // RFC 9110 §10.1.1: ignored from 1.0
  if (!equals_lower(value, "100-continue")) return refuse_line(417);
  expects_continue_ = true;
  return true;
}

/// What only the whole head can tell: RFC 9112 §3.2 (Host) and §6.3 (length of the body).
bool RequestParser::finish_head(const Limits& limits) {
  if (!has_host_ && !is_http10_) return refuse_line(400);
  if (has_transfer_encoding_) {
    if (has_content_length_ || is_http10_) return refuse_line(400);
    if (!is_chunked_last_) return refuse_line(has_unknown_coding_ ? 501 : 400);
    if (has_other_coding_) return refuse_line(501);
    chunks_.start(body_begin_);
    phase_ = Phase::Chunks;
    return true;
  }
  if (content_length_ > limits.body_bytes_max) return refuse_line(413);
  phase_ = Phase::Body;
  return true;
}

ParseOutcome RequestParser::take_body(char* data, uint32_t& size, const Limits& limits,
                                      ParsedRequest& request) {
  if (phase_ == Phase::Body) {
    if (size - body_begin_ < content_length_) return ParseOutcome::Incomplete;
    const uint32_t end = body_begin_ + static_cast<uint32_t>(content_length_);
    return complete(data, end, end, request);
  }
  switch (chunks_.decode(data, size, limits)) {
    case ChunkedDecoder::Outcome::Incomplete: return ParseOutcome::Incomplete;
    case ChunkedDecoder::Outcome::Malformed: return refuse(400);
    case ChunkedDecoder::Outcome::BodyTooLarge: return refuse(413);
    case ChunkedDecoder::Outcome::TrailersTooLarge: return refuse(431);
    case ChunkedDecoder::Outcome::Complete: break;
  }
  return complete(data, chunks_.body_end(), chunks_.consumed(), request);
}

ParseOutcome RequestParser::complete(const char* data, uint32_t body_end, uint32_t consumed,
                                     ParsedRequest& request) {
  request.method = method_.in(data);
  request.path = path_.in(data);
  request.query = query_.in(data);
  if (path_is_implied_) request.path = request.method == "OPTIONS" ? "*" : "/";
  request.head = {data + headers_begin_, body_begin_ - 2 - headers_begin_};
  request.body = {data + body_begin_, body_end - body_begin_};
  request.consumed = consumed;
  request.is_http10 = is_http10_;
  request.is_head = request.method == "HEAD";
  request.keep_alive = !says_close_ && (!is_http10_ || says_keep_alive_);
  *this = RequestParser{};
  return ParseOutcome::Complete;
}

}  // namespace rowtine::http
