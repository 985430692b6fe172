// A growing array on its way out of native code. Unlike std::vector it does not set what it is about to
// copy over, and whoever takes it may free it much later, on another thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <utility>

#include "base/invariant.h"

namespace rowtine::runtime {

/// Threads: one owner; may be handed over.
template <class T>
class ExportBuffer {
 public:
  ExportBuffer() = default;
  ExportBuffer(const ExportBuffer& other) { append(other.data(), other.size()); }
  ExportBuffer& operator=(const ExportBuffer& other) { return *this = ExportBuffer(other); }
  ExportBuffer(ExportBuffer&& other) noexcept
      : own_(std::move(other.own_)),
        data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  ExportBuffer& operator=(ExportBuffer&& other) noexcept {
    std::swap(own_, other.own_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    return *this;
  }
  bool operator==(const ExportBuffer& other) const {
    return std::equal(begin(), end(), other.begin(), other.end());
  }

  size_t size() const { return size_; }
  size_t bytes() const { return size_ * sizeof(T); }
  size_t capacity() const { return capacity_; }
  bool empty() const { return size_ == 0; }
  T* data() { return data_; }
  const T* data() const { return data_; }
  T& operator[](size_t index) { return data_[index]; }
  const T& operator[](size_t index) const { return data_[index]; }
  const T* begin() const { return data(); }
  const T* end() const { return data() + size_; }

  /// Fills memory of somebody else, who keeps it, until it is full. Before the first extend().
  void borrow(T* memory, size_t capacity) {
    invariant(capacity_ == 0, "a buffer borrows before it has anything");
    data_ = memory;
    capacity_ = capacity;
  }
  bool is_borrowed() const { return data_ != own_.get(); }

  /// Makes room for `count` more, whose contents are anything. Returns: where they start.
  T* extend(size_t count) {
    if (count > capacity_ - size_) grow(size_ + count);
    T* start = data() + size_;
    size_ += count;
    return start;
  }
  /// The same with zeroes.
  void extend_zeroed(size_t count) {
    T* start = extend(count);
    if (count > 0) std::memset(start, 0, count * sizeof(T));
  }
  void append(const T* from, size_t count) {
    T* start = extend(count);
    if (count > 0) std::memcpy(start, from, count * sizeof(T));
  }
  /// Takes the last `count` back.
  void shrink(size_t count) { size_ -= count; }
  void clear() { size_ = 0; }

 private:
  /// From here on a buffer has outgrown small results, and takes much more than it needs at the moment:
  /// memory that is not touched costs nothing, and copying it does.
  static constexpr size_t kLargeBytesMin = 64 << 10;

  void grow(size_t needed) {
    const size_t factor = capacity_ * sizeof(T) < kLargeBytesMin ? 2 : 4;
    const size_t capacity = std::max(needed, capacity_ * factor);
    std::unique_ptr<T[]> grown(new (std::nothrow) T[capacity]);
    invariant(grown != nullptr, "there is memory for the rows of a result");
    if (size_ > 0) std::memcpy(grown.get(), data(), bytes());
    own_ = std::move(grown);
    data_ = own_.get();
    capacity_ = capacity;
  }

  std::unique_ptr<T[]> own_;  // empty while it is borrowed
  T* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace rowtine::runtime
