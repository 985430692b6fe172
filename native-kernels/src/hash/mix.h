// How words are mixed into hashes. Source: Wang Yi, wyhash; the constants are its own.
#pragma once

#include <cstdint>

namespace rowtine::hash {

inline constexpr uint64_t kSeed = 0xa0761d6478bd642f;
inline constexpr uint64_t kStep = 0xe7037ed1a0b428db;

/// Folds the 128-bit product: one multiplication mixes all bits of both.
inline uint64_t mix(uint64_t left, uint64_t right) {
  const auto product = static_cast<unsigned __int128>(left) * right;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

}  // namespace rowtine::hash
