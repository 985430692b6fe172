#include "expr/unicode_case.h"

#include <cstdint>

#include "expr/ascii.h"

namespace rowtine::expr {
namespace {

/// Upper-case letters first..last, every `step`th, whose lower case is `delta` further.
struct CaseRange {
  char32_t first, last;
  int32_t step, delta;
};

// Source: UnicodeData.txt, simple case mappings.
constexpr CaseRange kRanges[] = {
    {0x41, 0x5a, 1, 32},        {0xc0, 0xd6, 1, 32},       {0xd8, 0xde, 1, 32},
    {0x100, 0x12e, 2, 1},       {0x132, 0x136, 2, 1},      {0x139, 0x147, 2, 1},
    {0x14a, 0x176, 2, 1},       {0x178, 0x178, 1, -121},   {0x179, 0x17d, 2, 1},
    {0x1cd, 0x1db, 2, 1},       {0x1de, 0x1ee, 2, 1},      {0x1f8, 0x21e, 2, 1},
    {0x222, 0x232, 2, 1},       {0x246, 0x24e, 2, 1},      {0x370, 0x372, 2, 1},
    {0x376, 0x376, 1, 1},       {0x386, 0x386, 1, 38},     {0x388, 0x38a, 1, 37},
    {0x38c, 0x38c, 1, 64},      {0x38e, 0x38f, 1, 63},     {0x391, 0x3a1, 1, 32},
    {0x3a3, 0x3ab, 1, 32},      {0x3d8, 0x3ee, 2, 1},      {0x400, 0x40f, 1, 80},
    {0x410, 0x42f, 1, 32},      {0x460, 0x480, 2, 1},      {0x48a, 0x4be, 2, 1},
    {0x4c0, 0x4c0, 1, 15},      {0x4c1, 0x4cd, 2, 1},      {0x4d0, 0x52e, 2, 1},
    {0x531, 0x556, 1, 48},      {0x10a0, 0x10c5, 1, 7264}, {0x1e00, 0x1e94, 2, 1},
    {0x1e9e, 0x1e9e, 1, -7615}, {0x1ea0, 0x1efe, 2, 1},    {0x1f08, 0x1f0f, 1, -8},
    {0x1f18, 0x1f1d, 1, -8},    {0x1f28, 0x1f2f, 1, -8},   {0x1f38, 0x1f3f, 1, -8},
    {0x1f48, 0x1f4d, 1, -8},    {0x1f59, 0x1f5f, 2, -8},   {0x1f68, 0x1f6f, 1, -8},
    {0x2160, 0x216f, 1, 16},    {0x24b6, 0x24cf, 1, 26},   {0x2c00, 0x2c2f, 1, 48},
    {0x2c80, 0x2ce2, 2, 1},     {0xa640, 0xa66c, 2, 1},    {0xa680, 0xa69a, 2, 1},
    {0xa722, 0xa72e, 2, 1},     {0xa732, 0xa76e, 2, 1},    {0xff21, 0xff3a, 1, 32},
    {0x10400, 0x10427, 1, 40},
};

/// Lower-case letters whose upper case has another lower case.
constexpr struct {
  char32_t lower, upper;
} kOneWay[] = {{0xb5, 0x39c}, {0x131, 'I'}, {0x17f, 'S'}, {0x3c2, 0x3a3}};

bool is_in(const CaseRange& range, char32_t code) {
  return code >= range.first && code <= range.last &&
         (code - range.first) % static_cast<uint32_t>(range.step) == 0;
}

char32_t moved(char32_t code, int32_t delta) {
  return static_cast<char32_t>(static_cast<int32_t>(code) + delta);
}

}  // namespace

char32_t to_lower(char32_t code) {
  if (code < 0x80) return static_cast<char32_t>(ascii_lower(static_cast<char>(code)));
  if (code == 0x130) return 'i';
  for (const CaseRange& range : kRanges) {
    if (is_in(range, code)) return moved(code, range.delta);
  }
  return code;
}

char32_t to_upper(char32_t code) {
  if (code < 0x80) return static_cast<char32_t>(ascii_upper(static_cast<char>(code)));
  for (const auto& pair : kOneWay) {
    if (pair.lower == code) return pair.upper;
  }
  for (const CaseRange& range : kRanges) {
    // ẞ is the upper case of ß in one direction only.
    if (range.first != 0x1e9e && is_in(range, moved(code, -range.delta))) {
      return moved(code, -range.delta);
    }
  }
  return code;
}

bool is_word_character(char32_t code) {
  if (code < 0x80) {
    const auto c = static_cast<char>(code);
    return (c >= '0' && c <= '9') || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') || c == '_';
  }
  const bool latin_sign = code < 0xc0 && code != 0xaa && code != 0xb5 && code != 0xba;
  const bool arithmetic = code == 0xd7 || code == 0xf7;
  const bool punctuation = (code >= 0x2000 && code <= 0x206f) ||
                           (code >= 0x2190 && code <= 0x2bff) ||
                           (code >= 0x3000 && code <= 0x3004) || (code >= 0x3008 && code <= 0x3020);
  return !latin_sign && !arithmetic && !punctuation;
}

}  // namespace rowtine::expr
