// Zeroed memory straight from the system, whose pages cost nothing until they are touched: a chunk
// for 64 K rows or a large hash table may be laid out whole and filled as rows come.
#pragma once

#include <cstddef>
#include <utility>

namespace rowtine::table {

/// Threads: one owner; what lies in it has its own rules.
class MappedMemory {
 public:
  MappedMemory() = default;
  /// data() is nullptr when the system refuses.
  explicit MappedMemory(size_t bytes);
  ~MappedMemory();
  MappedMemory(MappedMemory&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  MappedMemory& operator=(MappedMemory&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }

  /// Asks for pages of 2 MiB, which cost less when all of it will be used.
  void advise_huge_pages();

  std::byte* data() const { return data_; }
  size_t bytes() const { return bytes_; }

 private:
  std::byte* data_ = nullptr;
  size_t bytes_ = 0;
};

}  // namespace rowtine::table
