#include "expr/utf8.h"

#include <cstring>

#include "expr/simd.h"

namespace rowtine::expr {
namespace {

/// Bytes of the valid character at `at`, 0 when it is none.
/// Source: the Unicode Standard, table 3-7, "Well-Formed UTF-8 Byte Sequences".
size_t valid_character(std::string_view bytes, size_t at) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(bytes[at + i]); };
  const size_t left = bytes.size() - at;
  const uint8_t lead = byte(0);
  if (lead < 0x80) return lead != 0;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  if (left < 2) return 0;
  const uint8_t least = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const uint8_t most = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (byte(1) < least || byte(1) > most) return 0;
  const size_t size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (left < size) return 0;
  for (size_t i = 2; i < size; ++i) {
    if (!is_continuation(bytes[at + i])) return 0;
  }
  return size;
}

/// Are these eight bytes all in 1..127?
bool eight_plain(const char* bytes) {
  uint64_t word;
  std::memcpy(&word, bytes, sizeof word);
  constexpr uint64_t kOnes = 0x0101010101010101, kHigh = 0x8080808080808080;
  return ((word | (word - kOnes)) & kHigh) == 0;
}

struct CountLeads {
  static size_t run(const char* bytes, size_t count) {
    size_t leads = 0;
    for (size_t i = 0; i < count; ++i) leads += !is_continuation(bytes[i]);
    return leads;
  }
};

}  // namespace

bool is_utf8_text(std::string_view bytes) {
  size_t at = 0;
  while (at < bytes.size()) {
    if (bytes.size() - at >= 8 && eight_plain(bytes.data() + at)) {
      at += 8;
      continue;
    }
    const size_t size = valid_character(bytes, at);
    if (size == 0) return false;
    at += size;
  }
  return true;
}

bool is_ascii(std::string_view bytes) {
  size_t at = 0;
  for (; bytes.size() - at >= 8; at += 8) {
    uint64_t word;
    std::memcpy(&word, bytes.data() + at, sizeof word);
    if ((word & 0x8080808080808080) != 0) return false;
  }
  for (; at < bytes.size(); ++at) {
    if (static_cast<uint8_t>(bytes[at]) >= 0x80) return false;
  }
  return true;
}

size_t count_characters(std::string_view text) { return simd::run<CountLeads>(text.data(), text.size()); }

size_t offset_of_character(std::string_view text, size_t index) {
  size_t at = 0;
  for (; index > 0 && at < text.size(); --index) at += character_bytes(text, at);
  return at;
}

char32_t read_character(std::string_view text, size_t& at) {
  const size_t size = character_bytes(text, at);
  const auto lead = static_cast<uint8_t>(text[at]);
  char32_t code = size == 1 ? lead : lead & (0xffU >> (size + 1));
  for (size_t i = 1; i < size; ++i) {
    code = code << 6 | (static_cast<uint8_t>(text[at + i]) & 0x3f);
  }
  at += size;
  return code;
}

char* write_character(char32_t code, char* to) {
  const auto put = [&to](char32_t byte) { *to++ = static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0 | code >> 6);
    put(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    put(0xe0 | code >> 12);
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  } else {
    put(0xf0 | code >> 18);
    put(0x80 | (code >> 12 & 0x3f));
    put(0x80 | (code >> 6 & 0x3f));
    put(0x80 | (code & 0x3f));
  }
  return to;
}

}  // namespace rowtine::expr
