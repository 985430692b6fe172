// Small arithmetic on sizes and bitmaps that every layer needs.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace rowtine {

/// Rounds `value` up to a multiple of `step`, a power of two.
constexpr size_t round_up(size_t value, size_t step) { return (value + step - 1) & ~(step - 1); }

/// 64-bit words that a bitmap of `bit_count` bits takes.
constexpr size_t bitmap_words(size_t bit_count) { return (bit_count + 63) / 64; }

constexpr bool get_bit(const uint64_t* words, size_t index) {
  return (words[index / 64] >> (index % 64) & 1) != 0;
}
constexpr void set_bit(uint64_t* words, size_t index) { words[index / 64] |= 1ULL << (index % 64); }
constexpr void clear_bit(uint64_t* words, size_t index) {
  words[index / 64] &= ~(1ULL << (index % 64));
}

}  // namespace rowtine
