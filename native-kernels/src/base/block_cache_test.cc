// Large blocks come back to whoever asks next, by size, and no more are kept than the limit says.
#include "base/block_cache.h"

#include <memory>
#include <thread>
#include <vector>

#include "base/arena.h"
#include "base/check.h"

namespace rowtine {
namespace {

constexpr size_t kMegabyte = 1U << 20;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kKeeps = false;
#else
constexpr bool kKeeps = true;
#endif

void give(size_t bytes) {
  give_large_block({std::make_unique<std::byte[]>(bytes).release(), bytes});
}

size_t drain() {
  size_t bytes = 0;
  for (;;) {
    const LargeBlock block = take_large_block(0, SIZE_MAX);
    const std::unique_ptr<std::byte[]> owner(block.memory);
    if (owner == nullptr) return bytes;
    bytes += block.bytes;
  }
}

void check_sizes() {
  check::expect(take_large_block(1, SIZE_MAX).memory == nullptr, "nothing is kept at first");
  for (const size_t megabytes : {16U, 5U, 9U}) give(megabytes * kMegabyte);
  const LargeBlock block = take_large_block(6 * kMegabyte, 12 * kMegabyte);
  check::expect(block.bytes == (kKeeps ? 9 * kMegabyte : 0), "the block that fits");
  check::expect(take_large_block(6 * kMegabyte, 12 * kMegabyte).memory == nullptr, "it is gone");
  const std::unique_ptr<std::byte[]> owner(block.memory);
  check::expect(drain() == (kKeeps ? 21 * kMegabyte : 0), "the others wait");
}

void check_limit() {
  // The system gives no memory for what is not touched.
  const size_t bytes = kept_bytes_max() / 5 * 2 + 1;
  for (int i = 0; i < 4; ++i) give_large_block({new std::byte[bytes], bytes});
  check::expect(drain() == (kKeeps ? 2 * bytes : 0), "the limit is kept");
}

void check_arenas() {
  const auto work = [] {
    for (int round = 0; round < 20; ++round) {
      Arena arena;
      arena.allocate(100);
      auto* bytes = static_cast<std::byte*>(arena.allocate(6 * kMegabyte));
      if (bytes == nullptr) return;
      bytes[0] = bytes[6 * kMegabyte - 1] = std::byte{1};
      arena.reset();
    }
  };
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
  const size_t kept = drain();
  check::expect(kept <= 3 * 13 * kMegabyte && (kept > 0) == kKeeps, "arenas share a few blocks");
}

}  // namespace
}  // namespace rowtine

int main() {
  rowtine::check_sizes();
  rowtine::check_limit();
  rowtine::check_arenas();
  return rowtine::check::summary();
}
