#include "expr/md5.h"

#include <bit>
#include <cmath>
#include <cstring>

namespace rowtine::expr {
namespace {

/// RFC 1321, 3.4: floor(2^32 * |sin(i + 1)|).
const std::array<uint32_t, 64> kSines = [] {
  std::array<uint32_t, 64> table{};
  for (size_t i = 0; i < 64; ++i) {
    const double sine = std::abs(std::sin(static_cast<double>(i + 1)));
    table[i] = static_cast<uint32_t>(sine * 4294967296.0);
  }
  return table;
}();

constexpr int kShifts[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};

using State = std::array<uint32_t, 4>;

struct Step {
  uint32_t mixed;
  size_t word;
};

Step step_of(size_t i, const State& s) {
  switch (i / 16) {
    case 0: return {(s[1] & s[2]) | (~s[1] & s[3]), i};
    case 1: return {(s[3] & s[1]) | (~s[3] & s[2]), (5 * i + 1) % 16};
    case 2: return {s[1] ^ s[2] ^ s[3], (3 * i + 5) % 16};
    default: return {s[2] ^ (s[1] | ~s[3]), (7 * i) % 16};
  }
}

void add_block(const char* block, State& state) {
  uint32_t words[16];
  std::memcpy(words, block, sizeof words);
  static_assert(std::endian::native == std::endian::little, "MD5 words are little-endian");
  State s = state;
  for (size_t i = 0; i < 64; ++i) {
    const Step step = step_of(i, s);
    const uint32_t sum = s[0] + step.mixed + kSines[i] + words[step.word];
    s = {s[3], s[1] + std::rotl(sum, kShifts[i / 16][i % 4]), s[1], s[2]};
  }
  for (size_t i = 0; i < 4; ++i) state[i] += s[i];
}

}  // namespace

std::array<uint8_t, 16> md5(std::string_view bytes) {
  State state = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
  const uint64_t bits = bytes.size() * 8;
  for (; bytes.size() >= 64; bytes.remove_prefix(64)) add_block(bytes.data(), state);
  char tail[128] = {};
  if (!bytes.empty()) std::memcpy(tail, bytes.data(), bytes.size());
  tail[bytes.size()] = static_cast<char>(0x80);
  const size_t padded = bytes.size() < 56 ? 64 : 128;
  std::memcpy(tail + padded - 8, &bits, sizeof bits);
  for (size_t at = 0; at < padded; at += 64) add_block(tail + at, state);
  std::array<uint8_t, 16> digest;
  std::memcpy(digest.data(), state.data(), digest.size());
  return digest;
}

}  // namespace rowtine::expr
