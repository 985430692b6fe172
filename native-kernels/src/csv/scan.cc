#include "csv/scan.h"

#include <bit>
#include <cstring>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace rowtine::csv {
namespace {

constexpr size_t kBlockBytes = 64;

/// Bit i: byte i of the block is `wanted`.
uint64_t equal_mask(const char* block, char wanted) {
#if defined(__SSE2__)
  const __m128i pattern = _mm_set1_epi8(wanted);
  uint64_t mask = 0;
  for (size_t part = 0; part < 4; ++part) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(block + part * 16));
    const auto bits = static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, pattern)));
    mask |= static_cast<uint64_t>(bits) << (part * 16);
  }
  return mask;
#else
  uint64_t mask = 0;
  for (size_t i = 0; i < kBlockBytes; ++i) mask |= static_cast<uint64_t>(block[i] == wanted) << i;
  return mask;
#endif
}

/// Bit i: an odd number of bits of `mask` are set up to and with i.
uint64_t prefix_xor(uint64_t mask) {
  for (uint32_t shift = 1; shift < 64; shift *= 2) mask ^= mask << shift;
  return mask;
}

void push_bits(uint64_t mask, uint32_t offset, std::vector<uint32_t>& after) {
  for (; mask != 0; mask &= mask - 1) {
    after.push_back(offset + static_cast<uint32_t>(std::countr_zero(mask)) + 1);
  }
}

/// With the quote as its own escape, two quotes in a row leave the state as it was: parity decides.
void find_by_parity(std::span<const char> text, const Syntax& syntax, Ends& out) {
  uint64_t inside = 0;  // all ones within quotes
  for (size_t at = 0; at < text.size(); at += kBlockBytes) {
    char last[kBlockBytes];
    const char* block = text.data() + at;
    const size_t size = text.size() - at;
    if (size < kBlockBytes) {
      std::memset(last, 0, sizeof last);
      std::memcpy(last, block, size);
      block = last;
    }
    const uint64_t whole = size < kBlockBytes ? (uint64_t{1} << size) - 1 : ~uint64_t{0};
    const uint64_t quotes = syntax.quote == 0 ? 0 : equal_mask(block, syntax.quote) & whole;
    uint64_t ends = (equal_mask(block, syntax.delimiter) | equal_mask(block, '\n')) & whole;
    if ((quotes | inside) != 0) {
      out.has_quotes = true;
      const uint64_t quoted = prefix_xor(quotes) ^ inside;
      ends &= ~quoted;
      inside = static_cast<uint64_t>(static_cast<int64_t>(quoted) >> 63);
    }
    push_bits(ends, static_cast<uint32_t>(at), out.after);
  }
  out.is_open = inside != 0;
}

/// Where another character escapes, bytes are looked at one by one.
void find_by_state(std::span<const char> text, const Syntax& syntax, Ends& out) {
  bool inside = false;
  for (size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (inside && c == syntax.escape && at + 1 < text.size() &&
        (text[at + 1] == syntax.quote || text[at + 1] == syntax.escape)) {
      ++at;
    } else if (c == syntax.quote) {
      inside = !inside;
      out.has_quotes = true;
    } else if (!inside && (c == syntax.delimiter || c == '\n')) {
      out.after.push_back(static_cast<uint32_t>(at + 1));
    }
  }
  out.is_open = inside;
}

}  // namespace

void find_ends(std::span<const char> text, const Syntax& syntax, Ends& out) {
  out.after.clear();
  out.has_quotes = false;
  if (syntax.quote == 0 || syntax.quote == syntax.escape) return find_by_parity(text, syntax, out);
  find_by_state(text, syntax, out);
}

}  // namespace rowtine::csv
