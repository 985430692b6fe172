// What normalised keys have in common: one of them, and the bits in which others differ from it.
#pragma once

#include <cstdint>
#include <vector>

namespace rowtine::sort {

struct KeyDifferences {
  std::vector<uint8_t> first;  // a key's decisive bytes; empty before there is one
  std::vector<uint8_t> bits;   // set where some key differs from it

  void clear() {
    first.clear();
    bits.clear();
  }
  /// Takes `count` keys of `bytes` decisive bytes, `stride` apart, into account. The last may be
  /// read eight bytes beyond its end.
  void note(const uint8_t* keys, uint32_t bytes, uint32_t stride, uint32_t count);
  /// Takes the keys of another thread into account.
  void note(const KeyDifferences& other);
  uint32_t bit_count() const;
};

}  // namespace rowtine::sort
