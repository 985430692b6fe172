#include "sort/key_differences.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace rowtine::sort {

void KeyDifferences::note(const uint8_t* keys, uint32_t bytes, uint32_t stride, uint32_t count) {
  if (count == 0) return;
  if (first.empty()) {
    first.assign(keys, keys + bytes);
    bits.assign(bytes, 0);
  }
  for (uint32_t offset = 0; offset < bytes; offset += 8) {
    const uint32_t width = std::min(8U, bytes - offset);
    uint64_t batch_first = 0, word = 0, differing = 0;
    std::memcpy(&batch_first, keys + offset, sizeof batch_first);
    for (uint32_t row = 1; row < count; ++row) {
      std::memcpy(&word, keys + size_t{row} * stride + offset, sizeof word);
      differing |= word ^ batch_first;
    }
    uint64_t before = 0, known = 0;
    std::memcpy(&before, first.data() + offset, width);
    std::memcpy(&known, bits.data() + offset, width);
    known |= differing | (batch_first ^ before);
    std::memcpy(bits.data() + offset, &known, width);
  }
}

void KeyDifferences::note(const KeyDifferences& other) {
  if (other.first.empty()) return;
  if (first.empty()) {
    *this = other;
    return;
  }
  for (size_t i = 0; i < bits.size(); ++i) {
    bits[i] = static_cast<uint8_t>(bits[i] | other.bits[i] | (first[i] ^ other.first[i]));
  }
}

uint32_t KeyDifferences::bit_count() const {
  uint32_t count = 0;
  for (const uint8_t byte : bits) count += static_cast<uint32_t>(std::popcount(byte));
  return count;
}

}  // namespace rowtine::sort
