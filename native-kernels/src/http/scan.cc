#include "http/scan.h"

#include <bit>

#include "base/cpu.h"
#include "http/character.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace rowtine::http {
namespace {

/// Masks of one block of 64 bytes; bit i is byte i.
struct BlockMasks {
  uint64_t feeds;     // LF
  uint64_t returns;   // CR
  uint64_t controls;  // bytes that no line may hold (CR and LF are not among them)
};

template <uint8_t kClass>
uint32_t class_bytes_portable(const char* text) {
  uint32_t bytes = 0;
  while (is_byte(text[bytes], kClass)) ++bytes;
  return bytes;
}

BlockMasks block_masks_portable(const char* block) {
  BlockMasks masks{};
  for (uint32_t i = 0; i < 64; ++i) {
    const uint64_t bit = 1ULL << i;
    const char c = block[i];
    if (!is_byte(c, kControlByte)) continue;
    if (c == '\n') masks.feeds |= bit;
    else if (c == '\r') masks.returns |= bit;
    else masks.controls |= bit;
  }
  return masks;
}

struct Portable {
  static BlockMasks masks(const char* block) { return block_masks_portable(block); }
  static uint32_t token_bytes(const char* text) { return class_bytes_portable<kTokenByte>(text); }
};

/// The lines of one block. Returns: false when the scan is over (end, bad byte, no room).
template <class Isa>
[[gnu::always_inline]] inline bool take_block(const char* data, uint32_t base, uint32_t bytes,
                                              LineScan& scan) {
  const BlockMasks masks = Isa::masks(data + base);
  const uint64_t inside = bytes == 64 ? ~0ULL : (1ULL << bytes) - 1;
  const uint64_t carry = base > scan.line_begin && data[base - 1] == '\r' ? 1 : 0;
  // CR LF always and only together: bit i says that byte i - 1 is a CR.
  const uint64_t after_return = masks.returns << 1 | carry;
  const uint64_t bad = (masks.controls | (masks.feeds ^ after_return)) & inside;
  uint64_t feeds = masks.feeds & inside;
  if (bad != 0) feeds &= (bad & -bad) - 1;  // lines that end before the first bad byte
  while (feeds != 0) {
    const uint32_t feed = base + static_cast<uint32_t>(std::countr_zero(feeds));
    feeds &= feeds - 1;
    const uint32_t begin = scan.line_begin;
    scan.line_begin = feed + 1;
    scan.scanned = feed + 1;
    if (feed - 1 == begin) {
      scan.is_end = true;
      return false;
    }
    scan.lines[scan.line_count++] = {begin, feed - 1, Isa::token_bytes(data + begin)};
    if (scan.line_count == LineScan::kLinesPerCall) return false;
  }
  if (bad != 0) {
    scan.is_bad = true;
    scan.bad_at = base + static_cast<uint32_t>(std::countr_zero(bad));
    return false;
  }
  scan.scanned = base + bytes;
  return true;
}

template <class Isa>
[[gnu::always_inline]] inline void scan_all(const char* data, uint32_t size, LineScan& scan) {
  scan.line_count = 0;
  scan.is_end = false;
  scan.is_bad = false;
  uint32_t base = scan.scanned;
  while (base < size) {
    const uint32_t bytes = size - base < 64 ? size - base : 64;
    if (!take_block<Isa>(data, base, bytes, scan)) return;
    base += bytes;
  }
}

void scan_lines_portable(const char* data, uint32_t size, LineScan& scan) {
  scan_all<Portable>(data, size, scan);
}

#if defined(__x86_64__)
/// Row of a nibble table: bit h of entry l says that byte h * 16 + l is in the class. Bytes over
/// 127 are in no class that is looked up so.
constexpr std::array<uint8_t, 16> nibble_row(uint8_t byte_class) {
  std::array<uint8_t, 16> row{};
  for (unsigned c = 0; c < 128; ++c) {
    if ((kByteClasses[c] & byte_class) != 0) {
      row[c & 15] = static_cast<uint8_t>(row[c & 15] | 1U << (c >> 4));
    }
  }
  return row;
}
alignas(16) constexpr std::array<uint8_t, 16> kTokenRow = nibble_row(kTokenByte);
alignas(16) constexpr std::array<uint8_t, 16> kTargetRow = nibble_row(kTargetByte);
alignas(16) constexpr std::array<uint8_t, 16> kHostRow = nibble_row(kHostByte);
alignas(16) constexpr std::array<uint8_t, 16> kHighBits = {1, 2, 4, 8, 16, 32, 64, 128};

#define ROWTINE_AVX2 __attribute__((target("avx2,bmi,bmi2")))
#define ROWTINE_AVX512 __attribute__((target("avx512bw,avx2,bmi,bmi2")))

/// Bit i: byte i of the 16 is in the class of `row`.
ROWTINE_AVX2 inline uint32_t class_mask(__m128i bytes, __m128i row) {
  const __m128i high = _mm_and_si128(_mm_srli_epi16(bytes, 4), _mm_set1_epi8(15));
  const __m128i bits =
      _mm_shuffle_epi8(_mm_load_si128(reinterpret_cast<const __m128i*>(kHighBits.data())), high);
  const __m128i allowed = _mm_shuffle_epi8(row, bytes);
  const __m128i outside = _mm_cmpeq_epi8(_mm_and_si128(bits, allowed), _mm_setzero_si128());
  return static_cast<uint32_t>(_mm_movemask_epi8(outside)) ^ 0xffffU;
}

ROWTINE_AVX2 inline __m128i load_row(const std::array<uint8_t, 16>& row) {
  return _mm_load_si128(reinterpret_cast<const __m128i*>(row.data()));
}

ROWTINE_AVX2 inline uint64_t mask64(__m256i low, __m256i high) {
  return static_cast<uint32_t>(_mm256_movemask_epi8(low)) |
         static_cast<uint64_t>(static_cast<uint32_t>(_mm256_movemask_epi8(high))) << 32;
}

ROWTINE_AVX2 inline __m256i controls_of(__m256i bytes) {
  const __m256i low = _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, _mm256_set1_epi8(0x1f)), bytes);
  const __m256i allowed = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8('\t'));
  const __m256i del = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(0x7f));
  return _mm256_or_si256(_mm256_andnot_si256(allowed, low), del);
}

/// Length of the run of bytes in the class of `row` that `text` begins with.
ROWTINE_AVX2 inline uint32_t class_bytes(const char* text, const std::array<uint8_t, 16>& table) {
  const __m128i row = load_row(table);
  for (uint32_t at = 0;; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text + at));
    const uint32_t outside = ~class_mask(bytes, row) & 0xffffU;
    if (outside != 0) return at + static_cast<uint32_t>(std::countr_zero(outside));
  }
}

struct Avx2 {
  ROWTINE_AVX2 static inline BlockMasks masks(const char* block) {
    const __m256i a = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(block));
    const __m256i b = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(block + 32));
    const __m256i feed = _mm256_set1_epi8('\n');
    const __m256i ret = _mm256_set1_epi8('\r');
    BlockMasks masks;
    masks.feeds = mask64(_mm256_cmpeq_epi8(a, feed), _mm256_cmpeq_epi8(b, feed));
    masks.returns = mask64(_mm256_cmpeq_epi8(a, ret), _mm256_cmpeq_epi8(b, ret));
    masks.controls = mask64(controls_of(a), controls_of(b)) & ~(masks.feeds | masks.returns);
    return masks;
  }
  ROWTINE_AVX2 static inline uint32_t token_bytes(const char* text) {
    return class_bytes(text, kTokenRow);
  }
};

/// One load and a mask register per comparison: a block costs half of what it does with AVX2.
struct Avx512 {
  ROWTINE_AVX512 static inline BlockMasks masks(const char* block) {
    const __m512i bytes = _mm512_loadu_si512(block);
    BlockMasks masks;
    masks.feeds = _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('\n'));
    masks.returns = _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('\r'));
    const uint64_t tabs = _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('\t'));
    const uint64_t dels = _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(0x7f));
    const uint64_t low = _mm512_cmplt_epu8_mask(bytes, _mm512_set1_epi8(0x20));
    masks.controls = (low & ~(masks.feeds | masks.returns | tabs)) | dels;
    return masks;
  }
  ROWTINE_AVX512 static inline uint32_t token_bytes(const char* text) {
    return class_bytes(text, kTokenRow);
  }
};

ROWTINE_AVX512 void scan_lines_avx512(const char* data, uint32_t size, LineScan& scan) {
  scan_all<Avx512>(data, size, scan);
}

ROWTINE_AVX2 uint32_t scan_host_avx2(const char* data) { return class_bytes(data, kHostRow); }

ROWTINE_AVX2 void scan_lines_avx2(const char* data, uint32_t size, LineScan& scan) {
  scan_all<Avx2>(data, size, scan);
}

ROWTINE_AVX2 TargetSpan scan_target_avx2(const char* data) {
  const __m128i row = load_row(kTargetRow);
  uint32_t path_bytes = UINT32_MAX;
  for (uint32_t at = 0;; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(data + at));
    const uint32_t outside = ~class_mask(bytes, row) & 0xffffU;
    const uint32_t marks =
        static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('?'))));
    if (marks != 0 && path_bytes == UINT32_MAX) {
      path_bytes = at + static_cast<uint32_t>(std::countr_zero(marks));
    }
    if (outside != 0) {
      const uint32_t total = at + static_cast<uint32_t>(std::countr_zero(outside));
      return {total, path_bytes < total ? path_bytes : total};
    }
  }
}

bool has_avx2() { return cpu() >= Cpu::Avx2; }
bool has_avx512() { return cpu() >= Cpu::Avx512; }

const auto scan_lines_chosen = has_avx512() ? scan_lines_avx512
                               : has_avx2() ? scan_lines_avx2
                                            : scan_lines_portable;
const auto scan_target_chosen = has_avx2() ? scan_target_avx2 : scan_target_portable;
const auto scan_host_chosen = has_avx2() ? scan_host_avx2 : class_bytes_portable<kHostByte>;
#else
constexpr auto scan_lines_chosen = scan_lines_portable;
constexpr auto scan_target_chosen = scan_target_portable;
constexpr auto scan_host_chosen = class_bytes_portable<kHostByte>;
#endif

}  // namespace

TargetSpan scan_target_portable(const char* data) {
  TargetSpan span{0, UINT32_MAX};
  for (; is_byte(data[span.bytes], kTargetByte); ++span.bytes) {
    if (data[span.bytes] == '?' && span.path_bytes == UINT32_MAX) span.path_bytes = span.bytes;
  }
  if (span.path_bytes == UINT32_MAX) span.path_bytes = span.bytes;
  return span;
}

std::vector<ScanLines> runnable_line_scanners() {
  std::vector<ScanLines> scanners = {scan_lines_portable};
#if defined(__x86_64__)
  if (has_avx2()) scanners.push_back(scan_lines_avx2);
  if (has_avx512()) scanners.push_back(scan_lines_avx512);
#endif
  return scanners;
}

void scan_lines(const char* data, uint32_t size, LineScan& scan) {
  scan_lines_chosen(data, size, scan);
}

TargetSpan scan_target(const char* data) { return scan_target_chosen(data); }

uint32_t scan_host(const char* data) { return scan_host_chosen(data); }

}  // namespace rowtine::http
