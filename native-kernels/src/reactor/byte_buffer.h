// Bytes of a connection: uninitialised memory that grows by doubling and is always followed by the
// parser's padding; a pool keeps the small ones, so that a request allocates nothing.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "base/invariant.h"
#include "http/limits.h"

namespace rowtine::reactor {

class ByteBuffer {
 public:
  ByteBuffer() = default;
  ByteBuffer(ByteBuffer&& other) noexcept { swap(other); }
  ByteBuffer& operator=(ByteBuffer&& other) noexcept {
    swap(other);
    return *this;
  }

  char* data() { return memory_.get(); }
  uint32_t size() const { return size_; }
  uint32_t capacity() const { return capacity_; }
  bool empty() const { return size_ == 0; }
  std::string_view view() const { return {memory_.get(), size_}; }

  /// Makes room for `bytes` more. Returns: where they go; follow it with grow().
  char* reserve(uint64_t bytes) {
    if (capacity_ - size_ < bytes) reallocate(size_ + bytes);
    return memory_.get() + size_;
  }
  void grow(uint64_t bytes) {
    invariant(bytes <= capacity_ - size_, "a buffer grows within what was reserved");
    size_ += static_cast<uint32_t>(bytes);
  }
  void append(std::string_view bytes) {
    if (bytes.empty()) return;
    std::memcpy(reserve(bytes.size()), bytes.data(), bytes.size());
    grow(bytes.size());
  }
  /// Drops the first `bytes`.
  void drop_front(uint32_t bytes) {
    if (bytes == 0) return;
    std::memmove(memory_.get(), memory_.get() + bytes, size_ - bytes);
    size_ -= bytes;
  }
  void set_size(uint32_t size) {
    invariant(size <= capacity_, "a buffer holds what it is said to");
    size_ = size;
  }
  void clear() { size_ = 0; }
  void swap(ByteBuffer& other) noexcept {
    std::swap(memory_, other.memory_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
  }

 private:
  void reallocate(uint64_t bytes_min);

  std::unique_ptr<char[]> memory_;
  uint32_t size_ = 0;
  uint32_t capacity_ = 0;  // without the padding
};

/// Keeps buffers of the smallest size, the last one given back first: it is in the cache.
class BufferPool {
 public:
  static constexpr uint32_t kPooledBytes = 16 * 1024;
  static constexpr uint32_t kPooledMax = 1024;

  ByteBuffer take() {
    if (free_.empty()) return {};
    ByteBuffer buffer = std::move(free_.back());
    free_.pop_back();
    return buffer;
  }
  void give(ByteBuffer& buffer) {
    ByteBuffer mine = std::move(buffer);
    if (mine.capacity() == 0 || mine.capacity() > kPooledBytes) return;
    if (free_.size() >= kPooledMax) return;
    mine.clear();
    free_.push_back(std::move(mine));
  }

 private:
  std::vector<ByteBuffer> free_;
};

}  // namespace rowtine::reactor
