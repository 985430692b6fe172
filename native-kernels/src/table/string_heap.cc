#include "table/string_heap.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <new>

#include "base/bits.h"

namespace rowtine::table {

StringHeap::~StringHeap() {
  while (large_.next != &large_) free_large(reinterpret_cast<char*>(large_.next + 1));
}

uint32_t StringHeap::class_of(size_t size) {
  if (size <= kSmallBytesMax) return static_cast<uint32_t>((size + 15) / 16 - 1);
  const auto doubling = static_cast<uint32_t>(std::bit_width(size - 1)) - 9;  // 257..512 is 0
  const size_t step = size_t{64} << doubling;
  const size_t base = kSmallBytesMax << doubling;
  return kSmallClasses + 4 * doubling + static_cast<uint32_t>((size - base + step - 1) / step - 1);
}

size_t StringHeap::class_bytes(uint32_t size_class) {
  if (size_class < kSmallClasses) return (size_class + 1) * 16;
  const uint32_t doubling = (size_class - kSmallClasses) / 4;
  const uint32_t quarter = (size_class - kSmallClasses) % 4;
  return (kSmallBytesMax << doubling) + (quarter + 1) * (size_t{64} << doubling);
}

size_t StringHeap::rounded(size_t size) {
  return size > kPooledBytesMax ? size + sizeof(Large) : class_bytes(class_of(size));
}

char* StringHeap::allocate(size_t size) {
  char* piece = nullptr;
  if (size > kPooledBytesMax) {
    piece = allocate_large(size);
  } else {
    const uint32_t size_class = class_of(size);
    const size_t bytes = class_bytes(size_class);
    if (Piece* reused = free_[size_class]; reused != nullptr) {
      free_[size_class] = reused->next;
      piece = reinterpret_cast<char*>(reused);
    } else if (static_cast<size_t>(end_ - next_) >= bytes || add_slab()) {
      piece = next_;
      next_ += bytes;
    }
  }
  if (piece != nullptr) bytes_in_use_ += rounded(size);
  return piece;
}

void StringHeap::free(char* piece, size_t size) {
  bytes_in_use_ -= rounded(size);
  if (size > kPooledBytesMax) return free_large(piece);
  const uint32_t size_class = class_of(size);
  free_[size_class] = new (piece) Piece{free_[size_class]};
}

char* StringHeap::allocate_large(size_t size) {
  void* memory = std::malloc(sizeof(Large) + size);
  if (memory == nullptr) return nullptr;
  auto* large = new (memory) Large{&large_, large_.next};
  large->next->previous = large;
  large_.next = large;
  return reinterpret_cast<char*>(large + 1);
}

void StringHeap::free_large(char* piece) {
  Large* large = reinterpret_cast<Large*>(piece) - 1;
  large->previous->next = large->next;
  large->next->previous = large->previous;
  std::free(large);
}

bool StringHeap::add_slab() {
  auto* memory = new (std::nothrow) char[slab_bytes_];
  if (memory == nullptr) return false;
  slabs_.emplace_back(memory);
  next_ = memory;
  end_ = memory + slab_bytes_;
  slab_bytes_ = std::min(slab_bytes_ * 2, kSlabBytesMax);
  return true;
}

}  // namespace rowtine::table
