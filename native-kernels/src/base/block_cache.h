// Large blocks that one run gave back, for the next that asks: the first touch of memory costs the
// system more than most queries do with it.
#pragma once

#include <cstddef>

namespace rowtine {

/// Blocks from here on are kept; smaller ones are the allocator's business.
inline constexpr size_t kKeptBlockBytesMin = 4U << 20;
/// What is kept in all, at most: this part of the machine's memory. The system may take its pages
/// back meanwhile (MADV_FREE).
inline constexpr size_t kKeptPart = 16;
size_t kept_bytes_max();

struct LargeBlock {
  std::byte* memory = nullptr;  // from new[]
  size_t bytes = 0;
};

/// Takes a kept block of bytes_min to bytes_max bytes; none: {nullptr, 0}.
/// Its contents are anything. Threads: any.
LargeBlock take_large_block(size_t bytes_min, size_t bytes_max);

/// Keeps a block for later, or deletes it where there is no room. Threads: any.
void give_large_block(LargeBlock block);

}  // namespace rowtine
