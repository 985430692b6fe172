// The bytes of an event block's long strings: taken one after the other, given back all at once, in
// pieces that are kept, so that the next block finds pages that were touched already.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

namespace rowtine::table {

/// Threads: one appender; readers follow pointers that the block has published.
class EventHeap {
 public:
  static constexpr size_t kPieceBytes = 64 * 1024;

  EventHeap() = default;
  /// The one moved from is empty.
  EventHeap(EventHeap&& other) noexcept;
  EventHeap& operator=(EventHeap&& other) noexcept;

  /// Returns: `size` bytes that stay until clear(), nullptr when the system has none.
  char* allocate(size_t size) {
    if (static_cast<size_t>(end_ - next_) < size) return allocate_elsewhere(size);
    used_ += size;
    char* start = next_;
    next_ += size;
    return start;
  }
  /// Forgets everything. Pieces stay, except for those of single large strings.
  void clear();
  size_t used_bytes() const { return used_; }

 private:
  char* allocate_elsewhere(size_t size);
  char* allocate_large(size_t size);

  std::vector<std::unique_ptr<char[]>> pieces_;  // kPieceBytes each
  std::vector<std::unique_ptr<char[]>> large_;   // one string each
  size_t pieces_open_ = 0;                       // of pieces_, the last of them has next_
  char* next_ = nullptr;
  char* end_ = nullptr;
  size_t used_ = 0;
};

}  // namespace rowtine::table
