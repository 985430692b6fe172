// How many versions a chunk and a block have, and how a chunk's arrays lie one after the other.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bits.h"
#include "base/cache_line.h"
#include "vector/vector.h"

namespace rowtine::table {

inline constexpr uint32_t kChunkRowBits = 16;
inline constexpr uint32_t kChunkRows = 1U << kChunkRowBits;
/// Versions that share one summary: a block where every version is plain is scanned without a look
/// at its versions.
inline constexpr uint32_t kBlockRows = 1024;
inline constexpr uint32_t kChunkBlocks = kChunkRows / kBlockRows;

/// Gives an array of `bytes` the place at `at`, a cache line of its own with padding to spare.
inline size_t place_array(size_t& at, size_t bytes) {
  const size_t offset = at;
  at = round_up(at + bytes + vector::kPaddingBytes, kCacheLineBytes);
  return offset;
}

}  // namespace rowtine::table
