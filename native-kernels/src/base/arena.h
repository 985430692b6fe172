// Bump allocation with a byte limit: the memory of one run, freed or reset all at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace rowtine {

/// Hands out 64-byte-aligned or byte-aligned memory that lives until `reset()` or destruction.
/// Threads: one owner.
class Arena {
 public:
  static constexpr size_t kBlockBytes = 64 * 1024;

  explicit Arena(size_t bytes_max = SIZE_MAX) : bytes_max_(bytes_max) {}
  Arena(Arena&&) = default;
  Arena& operator=(Arena&&) = default;

  /// Returns `bytes` bytes at `alignment` (a power of two, at most 64), or nullptr past the limit
  /// (the caller reports 53200). The contents are not initialised.
  void* allocate(size_t bytes, size_t alignment = 64);

  template <class T>
  T* allocate_array(size_t count) {
    return static_cast<T*>(allocate(count * sizeof(T), alignof(T)));
  }

  /// Frees everything but one block, so that a run that repeats does not allocate.
  void reset();

  /// Bytes obtained from the system by this arena.
  size_t bytes_reserved() const { return bytes_reserved_; }

 private:
  struct Block {
    std::unique_ptr<std::byte[]> memory;
    size_t size = 0;
  };
  bool add_block(size_t bytes_min);

  std::vector<Block> blocks_;
  std::byte* next_ = nullptr;
  std::byte* end_ = nullptr;
  size_t bytes_reserved_ = 0;
  size_t bytes_max_;
};

}  // namespace rowtine
