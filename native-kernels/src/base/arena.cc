#include "base/arena.h"

#include <sys/mman.h>

#include <algorithm>
#include <new>

#include "base/bits.h"
#include "base/block_cache.h"
#include "base/invariant.h"

namespace rowtine {
namespace {

// Large blocks lie in pages of 2 MiB: a random read of 256 MiB takes 12 to 14 ns of CPU time there,
// 25 to 33 in small ones, even when asked for 32 rows ahead.
constexpr size_t kSmallPageBytes = 4096;
// An arena that grows takes a quarter of what it has, up to this much, so that it has few blocks.
constexpr size_t kGrowthBytesMax = 8U << 20;

// Advice: where it is not taken the block works as any other.
void advise_huge_pages([[maybe_unused]] std::byte* block, [[maybe_unused]] size_t bytes) {
#ifdef MADV_HUGEPAGE
  if (bytes < kKeptBlockBytesMin) return;
  const uintptr_t first = round_up(reinterpret_cast<uintptr_t>(block), kSmallPageBytes);
  const uintptr_t last = (reinterpret_cast<uintptr_t>(block) + bytes) & ~(kSmallPageBytes - 1);
  static_cast<void>(madvise(reinterpret_cast<void*>(first), last - first, MADV_HUGEPAGE));
#endif
}

/// A block of `bytes`, or a kept one of up to `bytes_max`.
std::unique_ptr<std::byte[]> new_block(size_t& bytes, size_t bytes_max) {
  if (bytes >= kKeptBlockBytesMin) {
    const LargeBlock block = take_large_block(bytes, bytes_max);
    if (block.memory != nullptr) {
      bytes = block.bytes;
      return std::unique_ptr<std::byte[]>(block.memory);
    }
  }
  std::unique_ptr<std::byte[]> memory(new (std::nothrow) std::byte[bytes]);
  if (memory != nullptr) advise_huge_pages(memory.get(), bytes);
  return memory;
}

}  // namespace

void* Arena::allocate_slow(size_t bytes, size_t alignment) {
  invariant(alignment <= 64 && std::has_single_bit(alignment), "alignment is a small power of two");
  if (bytes > SIZE_MAX / 2 || !next_block(bytes + alignment)) return nullptr;
  const uintptr_t start = round_up(reinterpret_cast<uintptr_t>(next_), alignment);
  next_ = reinterpret_cast<std::byte*>(start + bytes);
  return reinterpret_cast<void*>(start);
}

// Goes on in the first later block that is large enough, else in a new one. Smaller blocks that are
// passed over stay empty until the arena is rewound.
bool Arena::next_block(size_t bytes_min) {
  for (size_t i = next_ == nullptr ? 0 : current_ + 1; i < blocks_.size(); ++i) {
    if (blocks_[i].size >= bytes_min) {
      enter(i);
      return true;
    }
  }
  if (bytes_reserved_ > bytes_max_) return false;
  const size_t left = bytes_max_ - bytes_reserved_;
  size_t size = std::max({bytes_min, kBlockBytes, std::min(bytes_reserved_ / 4, kGrowthBytesMax)});
  if (size > left) size = std::max(bytes_min, kBlockBytes);
  if (size > left) return false;
  std::unique_ptr<std::byte[]> memory = new_block(size, std::min(left, size * 2));
  if (memory == nullptr) return false;
  bytes_reserved_ += size;
  blocks_.push_back({std::move(memory), size});
  enter(blocks_.size() - 1);
  return true;
}

void Arena::enter(size_t block) {
  current_ = block;
  next_ = blocks_[block].memory.get();
  end_ = next_ + blocks_[block].size;
}

void Arena::rewind(Mark mark) {
  if (mark.next == nullptr) {  // marked before the first allocation
    next_ = end_ = nullptr;
    current_ = 0;
    return;
  }
  enter(mark.block);
  next_ = mark.next;
}

void Arena::reset() {
  if (blocks_.empty()) return;
  const size_t first = blocks_.front().size;
  while (blocks_.size() > 1 && bytes_reserved_ - first > keep_bytes_) {
    Block& last = blocks_.back();
    bytes_reserved_ -= last.size;
    if (last.size >= kKeptBlockBytesMin) give_large_block({last.memory.release(), last.size});
    blocks_.pop_back();
  }
  enter(0);
}

}  // namespace rowtine
