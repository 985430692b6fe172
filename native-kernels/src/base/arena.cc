#include "base/arena.h"

#include <algorithm>
#include <new>

#include "base/bits.h"
#include "base/invariant.h"

namespace rowtine {

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
  const size_t size = std::max(bytes_min, kBlockBytes);
  if (bytes_reserved_ > bytes_max_ || size > bytes_max_ - bytes_reserved_) return false;
  std::unique_ptr<std::byte[]> memory(new (std::nothrow) std::byte[size]);
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
    bytes_reserved_ -= blocks_.back().size;
    blocks_.pop_back();
  }
  enter(0);
}

}  // namespace rowtine
