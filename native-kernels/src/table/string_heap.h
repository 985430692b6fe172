// Where a table's long strings live: pieces by size class, reused when the version that owns them
// is reclaimed. Freed memory is the next piece of its class, so nothing is kept beside the strings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace rowtine::table {

/// Threads: one writer. Readers follow pointers that the table publishes and keeps alive.
class StringHeap {
 public:
  StringHeap() = default;
  ~StringHeap();
  StringHeap(const StringHeap&) = delete;
  StringHeap& operator=(const StringHeap&) = delete;

  /// Returns: memory for `size` bytes (more than 0), nullptr when the system has none.
  char* allocate(size_t size);
  /// Takes back what allocate(size) gave.
  void free(char* piece, size_t size);

  /// Bytes that a string of `size` takes here.
  static size_t rounded(size_t size);
  size_t bytes_in_use() const { return bytes_in_use_; }

 private:
  static constexpr size_t kPooledBytesMax = 32 * 1024;  // larger strings are the system's
  static constexpr size_t kSlabBytesMin = 64 * 1024;
  static constexpr size_t kSlabBytesMax = 1024 * 1024;
  // Steps of 16 bytes up to 256, then four classes per doubling.
  static constexpr size_t kSmallBytesMax = 256;
  static constexpr uint32_t kSmallClasses = kSmallBytesMax / 16;
  static constexpr uint32_t kClassCount = kSmallClasses + 4 * 7;
  struct Piece {
    Piece* next;
  };
  /// Stands before a large string, so that those left at the end are found.
  struct Large {
    Large* previous;
    Large* next;
  };

  static uint32_t class_of(size_t size);
  static size_t class_bytes(uint32_t size_class);
  char* allocate_large(size_t size);
  void free_large(char* piece);
  bool add_slab();

  std::vector<std::unique_ptr<char[]>> slabs_;
  char* next_ = nullptr;
  char* end_ = nullptr;
  size_t slab_bytes_ = kSlabBytesMin;
  Piece* free_[kClassCount] = {};
  Large large_{&large_, &large_};  // a ring
  size_t bytes_in_use_ = 0;
};

}  // namespace rowtine::table
