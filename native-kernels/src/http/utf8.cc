#include "http/utf8.h"

#include <cstdint>
#include <cstring>

namespace rowtine::http {
namespace {

/// Bytes of the sequence that begins `text`, 0 when it is not a valid one (RFC 3629 §4).
size_t sequence_bytes(std::string_view text) {
  const auto byte = [text](size_t i) { return static_cast<uint8_t>(text[i]); };
  const auto is_tail = [&](size_t i) { return i < text.size() && (byte(i) & 0xc0) == 0x80; };
  const uint8_t lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4 || !is_tail(1)) return 0;
  if (lead < 0xe0) return 2;
  if (!is_tail(2)) return 0;
  const uint8_t second = byte(1);
  if (lead < 0xf0) {
    const bool is_long = lead == 0xe0 && second < 0xa0;
    const bool is_surrogate = lead == 0xed && second >= 0xa0;
    return is_long || is_surrogate ? 0 : 3;
  }
  if (!is_tail(3)) return 0;
  const bool is_long = lead == 0xf0 && second < 0x90;
  const bool is_too_large = lead == 0xf4 && second >= 0x90;
  return is_long || is_too_large ? 0 : 4;
}

}  // namespace

size_t valid_utf8_bytes(std::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    uint64_t word = 0;
    if (text.size() - at >= sizeof(word)) {
      std::memcpy(&word, text.data() + at, sizeof(word));
      if ((word & 0x8080808080808080ULL) == 0) {
        at += sizeof(word);
        continue;
      }
    }
    const size_t bytes = sequence_bytes(text.substr(at));
    if (bytes == 0) return at;
    at += bytes;
  }
  return at;
}

}  // namespace rowtine::http
