// Finds the lines of a message head, a vector of bytes at a time: the only part of the codec that
// looks at every byte of a head, and the only one that knows instruction sets.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace rowtine::http {

/// One complete line, CRLF excluded.
struct Line {
  uint32_t begin;
  uint32_t end;
  uint32_t token_bytes;  // length of the token it starts with: a header's name, a method
};

/// Progress over one head. Offsets count from the start of the data; they survive its relocation.
struct LineScan {
  static constexpr uint32_t kLinesPerCall = 32;

  uint32_t scanned = 0;     // bytes that need no second look
  uint32_t line_begin = 0;  // of the first line that is not complete

  // Results of one call:
  uint32_t line_count = 0;
  bool is_end = false;  // the empty line was met; `line_begin` is what follows it
  bool is_bad = false;  // a control byte, bare CR or bare LF stands at `bad_at`, after `lines`
  uint32_t bad_at = 0;
  std::array<Line, kLinesPerCall> lines;
};

/// Scans data[scan.scanned .. size) until the head's end, a bad byte, the end of the data, or
/// kLinesPerCall lines, whichever is first.
///
/// Shapes: `data` readable for kParserPaddingBytes past `size`.
/// Order:  what is reported depends on the bytes alone, not on how they were split into calls.
void scan_lines(const char* data, uint32_t size, LineScan& scan);

/// Every version of scan_lines() that this machine can run, for tests; the portable one is first.
using ScanLines = void (*)(const char* data, uint32_t size, LineScan& scan);
std::vector<ScanLines> runnable_line_scanners();

/// Where a request target stops: the first byte that may not be in one.
struct TargetSpan {
  uint32_t bytes;       // of the whole target
  uint32_t path_bytes;  // up to its first '?'
};

/// Shapes: `data` readable for kParserPaddingBytes past a byte that ends the target.
TargetSpan scan_target(const char* data);
TargetSpan scan_target_portable(const char* data);

/// Length of the host name (RFC 3986 reg-name or IPv4 address) that `data` begins with.
/// Shapes: as scan_target().
uint32_t scan_host(const char* data);

}  // namespace rowtine::http
