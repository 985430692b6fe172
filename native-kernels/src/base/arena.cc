#include "base/arena.h"

#include <algorithm>
#include <new>

#include "base/bits.h"
#include "base/invariant.h"

namespace rowtine {

void* Arena::allocate(size_t bytes, size_t alignment) {
  invariant(alignment <= 64 && std::has_single_bit(alignment), "alignment is a small power of two");
  auto start = round_up(reinterpret_cast<uintptr_t>(next_), alignment);
  if (next_ == nullptr || start + bytes > reinterpret_cast<uintptr_t>(end_)) {
    if (!add_block(bytes + alignment)) return nullptr;
    start = round_up(reinterpret_cast<uintptr_t>(next_), alignment);
  }
  next_ = reinterpret_cast<std::byte*>(start + bytes);
  return reinterpret_cast<void*>(start);
}

bool Arena::add_block(size_t bytes_min) {
  const size_t size = std::max(bytes_min, kBlockBytes);
  if (size < bytes_min || bytes_reserved_ + size > bytes_max_) return false;
  std::unique_ptr<std::byte[]> memory(new (std::nothrow) std::byte[size]);
  if (memory == nullptr) return false;
  next_ = memory.get();
  end_ = next_ + size;
  bytes_reserved_ += size;
  blocks_.push_back({std::move(memory), size});
  return true;
}

void Arena::reset() {
  if (blocks_.empty()) return;
  if (blocks_.size() > 1) blocks_.erase(blocks_.begin() + 1, blocks_.end());
  next_ = blocks_.front().memory.get();
  end_ = next_ + blocks_.front().size;
  bytes_reserved_ = blocks_.front().size;
}

}  // namespace rowtine
