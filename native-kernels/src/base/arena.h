// Bump allocation with a byte limit: the memory of one run, freed or reset all at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace rowtine {

/// Hands out 64-byte-aligned or byte-aligned memory that lives until `rewind()` past it, `reset()` or
/// destruction. Threads: one owner.
class Arena {
 public:
  static constexpr size_t kBlockBytes = 64 * 1024;

  /// `keep_bytes` is how much memory reset() may hold on to, beyond one block.
  explicit Arena(size_t bytes_max = SIZE_MAX, size_t keep_bytes = 0)
      : bytes_max_(bytes_max), keep_bytes_(keep_bytes) {}
  Arena(Arena&&) = default;
  Arena& operator=(Arena&&) = default;

  /// Returns `bytes` bytes at `alignment` (a power of two, at most 64), or nullptr past the limit
  /// (the caller reports 53200). The contents are not initialised.
  void* allocate(size_t bytes, size_t alignment = 64) {
    const auto next = reinterpret_cast<uintptr_t>(next_);
    const uintptr_t start = (next + alignment - 1) & ~(alignment - 1);
    const auto end = reinterpret_cast<uintptr_t>(end_);
    if (next_ == nullptr || start > end || bytes > end - start) [[unlikely]] {
      return allocate_slow(bytes, alignment);
    }
    next_ = reinterpret_cast<std::byte*>(start + bytes);
    return reinterpret_cast<void*>(start);
  }

  template <class T>
  T* allocate_array(size_t count) {
    return static_cast<T*>(allocate(count * sizeof(T), alignof(T)));
  }

  /// A position to come back to.
  struct Mark {
    size_t block = 0;
    std::byte* next = nullptr;
  };
  Mark mark() const { return {current_, next_}; }

  /// Takes back everything allocated since `mark`, keeping the memory for what comes next.
  void rewind(Mark mark);

  /// Takes back everything and frees what is beyond one block and keep_bytes, so that a run that
  /// repeats does not allocate.
  void reset();

  /// Bytes obtained from the system by this arena.
  size_t bytes_reserved() const { return bytes_reserved_; }

  /// Changes the limit; memory already reserved stays.
  void set_bytes_max(size_t bytes_max) { bytes_max_ = bytes_max; }

 private:
  struct Block {
    std::unique_ptr<std::byte[]> memory;
    size_t size = 0;
  };
  void* allocate_slow(size_t bytes, size_t alignment);
  bool next_block(size_t bytes_min);
  void enter(size_t block);

  std::vector<Block> blocks_;
  size_t current_ = 0;  // blocks after it are empty
  std::byte* next_ = nullptr;
  std::byte* end_ = nullptr;
  size_t bytes_reserved_ = 0;
  size_t bytes_max_;
  size_t keep_bytes_;
};

}  // namespace rowtine
