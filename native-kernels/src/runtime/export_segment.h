// One block of memory for all columns of a large batch, so that it leaves as one buffer: a buffer a column
// costs JavaScript's garbage collector more than its rows.
#pragma once

#include <cstddef>

namespace rowtine::runtime {

/// Threads: one owner; may be handed over, and freed on another thread.
class ExportSegment {
 public:
  static constexpr size_t kBytes = 4U << 20;
  static constexpr size_t kAlignment = 64;

  /// Its contents are anything.
  ExportSegment();
  ~ExportSegment();
  ExportSegment(const ExportSegment&) = delete;
  ExportSegment& operator=(const ExportSegment&) = delete;

  std::byte* data() { return memory_; }
  /// The next `bytes`, at a multiple of kAlignment from data(). Returns: nullptr when there are not so many.
  std::byte* take(size_t bytes);

 private:
  std::byte* memory_;
  size_t used_ = 0;
};

}  // namespace rowtine::runtime
