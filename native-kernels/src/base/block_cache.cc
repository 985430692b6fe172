#include "base/block_cache.h"

#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>

#include "base/bits.h"

namespace rowtine {
namespace {

constexpr size_t kBlocksMax = 512;
constexpr size_t kPageBytes = 4096;

// An address that stays unused after it was freed is how AddressSanitizer finds mistakes.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool kKeeps = false;
#else
constexpr bool kKeeps = true;
#endif

size_t bytes_of_machine() {
  const long pages = sysconf(_SC_PHYS_PAGES), page_bytes = sysconf(_SC_PAGESIZE);
  if (pages <= 0 || page_bytes <= 0) return 0;
  return static_cast<size_t>(pages) * static_cast<size_t>(page_bytes);
}

// Whoever exchanges a place for nullptr owns the block that lay there; its size is written in its
// first bytes. Never destroyed: threads may give blocks back while the process ends.
constinit std::array<std::atomic<std::byte*>, kBlocksMax> places;
constinit std::atomic<size_t> kept_bytes{0};

size_t size_of(const std::byte* block) {
  size_t bytes;
  std::memcpy(&bytes, block, sizeof bytes);
  return bytes;
}

// Release: pairs with the acquire of take_large_block(), so that the size is seen.
bool put(std::byte* block) {
  for (std::atomic<std::byte*>& place : places) {
    std::byte* nothing = nullptr;
    if (place.load(std::memory_order_relaxed) == nullptr &&
        place.compare_exchange_strong(nothing, block, std::memory_order_release,
                                      std::memory_order_relaxed)) {
      return true;
    }
  }
  return false;
}

void put_or_delete(std::byte* block, size_t bytes) {
  if (put(block)) return;
  kept_bytes.fetch_sub(bytes, std::memory_order_relaxed);
  delete[] block;
}

// All pages but the first may go while nobody needs them; until the system wants them they cost no
// fault.
void release_pages([[maybe_unused]] const LargeBlock& block) {
#ifdef MADV_FREE
  const auto begin = reinterpret_cast<uintptr_t>(block.memory);
  const uintptr_t first = round_up(begin + sizeof(size_t), kPageBytes);
  const uintptr_t last = (begin + block.bytes) & ~(kPageBytes - 1);
  static_cast<void>(madvise(reinterpret_cast<void*>(first), last - first, MADV_FREE));
#endif
}

}  // namespace

size_t kept_bytes_max() {
  static const size_t bytes = kKeeps ? bytes_of_machine() / kKeptPart : 0;
  return bytes;
}

LargeBlock take_large_block(size_t bytes_min, size_t bytes_max) {
  for (std::atomic<std::byte*>& place : places) {
    if (place.load(std::memory_order_relaxed) == nullptr) continue;
    std::byte* block = place.exchange(nullptr, std::memory_order_acquire);
    if (block == nullptr) continue;
    const size_t bytes = size_of(block);
    if (bytes_min <= bytes && bytes <= bytes_max) {
      kept_bytes.fetch_sub(bytes, std::memory_order_relaxed);
      return {block, bytes};
    }
    put_or_delete(block, bytes);
  }
  return {};
}

void give_large_block(LargeBlock block) {
  const size_t before = kept_bytes.fetch_add(block.bytes, std::memory_order_relaxed);
  if (before + block.bytes > kept_bytes_max()) {
    kept_bytes.fetch_sub(block.bytes, std::memory_order_relaxed);
    delete[] block.memory;
    return;
  }
  release_pages(block);
  std::memcpy(block.memory, &block.bytes, sizeof block.bytes);
  put_or_delete(block.memory, block.bytes);
}

}  // namespace rowtine
