// The bounds of what one HTTP/1.1 request may cost; every one of them has a status that says so.
#pragma once

#include <cstddef>
#include <cstdint>

namespace rowtine::http {

/// Readable bytes that must follow every buffer given to the parser, so that whole-vector loads
/// past the end are legal. Their contents never matter.
inline constexpr size_t kParserPaddingBytes = 64;

/// A method is a token; longer ones than any registered are refused with 501.
inline constexpr uint32_t kMethodBytesMax = 32;

/// What a request line may have beside its target: method, two spaces, version.
inline constexpr uint32_t kRequestLineOverheadBytesMax = kMethodBytesMax + 16;

/// A chunk-size line with its extensions (RFC 9112 §7.1.1 asks for a limit).
inline constexpr uint32_t kChunkLineBytesMax = 256;

/// Configurable limits of one listener's requests.
struct Limits {
  uint32_t head_bytes_max = 64 * 1024;    // request line and headers; also trailers: 431
  uint32_t header_count_max = 100;        // 431
  uint32_t target_bytes_max = 8 * 1024;   // 414
  uint64_t body_bytes_max = 16ULL << 20;  // 413, before the body is read
};

/// Offsets into a request's buffer are 32 bits wide; no configuration may exceed what they hold.
inline constexpr uint64_t kBodyBytesCeiling = 1ULL << 31;
inline constexpr uint32_t kHeadBytesCeiling = 1U << 20;

}  // namespace rowtine::http
