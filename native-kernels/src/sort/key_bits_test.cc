// Random keys that differ in random bits: their numbers order as their bytes do.
#include "sort/key_bits.h"

#include <algorithm>
#include <random>
#include <vector>

#include "base/check.h"

namespace rowtine::sort {
namespace {

using check::expect;

/// Keys of `bytes` bytes in rows of whole groups of eight; bits outside of the mask agree.
struct Keys {
  uint32_t bytes, stride;
  std::vector<uint8_t> memory, differing;

  Keys(uint32_t key_bytes, uint32_t count, uint32_t sparsity, std::mt19937& random)
      : bytes(key_bytes), stride((key_bytes + 7) / 8 * 8), memory(size_t{count} * stride),
        differing(key_bytes) {
    std::vector<uint8_t> shared(bytes), mask(bytes);
    for (uint32_t i = 0; i < bytes; ++i) {
      shared[i] = static_cast<uint8_t>(random());
      mask[i] = static_cast<uint8_t>(random());
      for (uint32_t turn = 0; turn < sparsity; ++turn) mask[i] &= static_cast<uint8_t>(random());
    }
    for (uint32_t row = 0; row < count; ++row) {
      for (uint32_t i = 0; i < bytes; ++i) {
        const auto noise = static_cast<uint8_t>(random());
        at(row)[i] = static_cast<uint8_t>((shared[i] & ~mask[i]) | (noise & mask[i]));
        differing[i] = static_cast<uint8_t>(differing[i] | (at(row)[i] ^ at(0)[i]));
      }
      // What lies behind a key is no part of it.
      for (uint32_t i = bytes; i < stride; ++i) at(row)[i] = static_cast<uint8_t>(random());
    }
  }
  uint8_t* at(uint32_t row) { return memory.data() + size_t{row} * stride; }
};

int compare(const KeyBits& bits, const uint8_t* a, const uint8_t* b) {
  for (uint32_t i = 0; i < bits.number_count(); ++i) {
    const uint64_t left = bits.number(a, i), right = bits.number(b, i);
    if (left != right) return left < right ? -1 : 1;
  }
  return 0;
}

/// Is each key made again of its number and of what all have in common?
bool comes_back(const KeyBits& bits, Keys& keys) {
  bool same = true;
  for (uint32_t row = 0; row < 20; ++row) {
    std::vector<uint8_t> key(keys.at(0), keys.at(0) + keys.stride);
    bits.spread(bits.number(keys.at(row), 0), key.data());
    same = same && std::memcmp(key.data(), keys.at(row), keys.bytes) == 0;
  }
  return same;
}

void numbers_order_as_bytes_do(std::mt19937& random) {
  KeyBits bits;
  for (int turn = 0; turn < 2000; ++turn) {
    const auto bytes = static_cast<uint32_t>(1 + random() % 40);
    Keys keys(bytes, 20, static_cast<uint32_t>(turn % 5), random);
    bits.set(keys.differing);
    bool same = true;
    for (uint32_t a = 0; a < 20; ++a) {
      for (uint32_t b = 0; b < 20; ++b) {
        const int order = std::memcmp(keys.at(a), keys.at(b), bytes);
        const int wanted = order < 0 ? -1 : order > 0 ? 1 : 0;
        same &= compare(bits, keys.at(a), keys.at(b)) == wanted;
      }
    }
    expect(same, "the same order");
    if (bits.number_count() == 1) expect(comes_back(bits, keys), "keys come back");
    uint32_t set = 0;
    for (const uint8_t byte : keys.differing) set += static_cast<uint32_t>(std::popcount(byte));
    expect(bits.number_count() == std::max(1U, (set + 63) / 64), "no more numbers than needed");
  }
}

void keys_that_agree_need_nothing() {
  KeyBits bits;
  const uint8_t key[8] = {1, 2, 3};
  expect(bits.number_count() == 1 && bits.number(key, 0) == 0, "before anything is set");
  bits.set(std::vector<uint8_t>(18, 0));
  expect(bits.number_count() == 1 && bits.number(key, 0) == 0, "of equal keys");
}

void eight_whole_bytes_are_one_number() {
  KeyBits bits;
  bits.set(std::vector<uint8_t>(8, 0xff));
  const uint8_t key[8] = {1, 2, 3, 4, 5, 6, 7, 8};
  expect(bits.number_count() == 1 && bits.number(key, 0) == 0x0102030405060708, "as they stand");
}

}  // namespace
}  // namespace rowtine::sort

int main() {
  std::mt19937 random(20);
  rowtine::sort::numbers_order_as_bytes_do(random);
  rowtine::sort::keys_that_agree_need_nothing();
  rowtine::sort::eight_whole_bytes_are_one_number();
  return rowtine::check::summary();
}
