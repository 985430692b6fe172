#include "table/event_heap.h"

#include <new>
#include <utility>

namespace rowtine::table {

EventHeap::EventHeap(EventHeap&& other) noexcept { *this = std::move(other); }

EventHeap& EventHeap::operator=(EventHeap&& other) noexcept {
  pieces_ = std::exchange(other.pieces_, {});
  large_ = std::exchange(other.large_, {});
  pieces_open_ = std::exchange(other.pieces_open_, 0);
  next_ = std::exchange(other.next_, nullptr);
  end_ = std::exchange(other.end_, nullptr);
  used_ = std::exchange(other.used_, 0);
  return *this;
}

char* EventHeap::allocate_elsewhere(size_t size) {
  if (size > kPieceBytes / 4) return allocate_large(size);  // the open piece goes on
  if (pieces_open_ == pieces_.size()) {
    std::unique_ptr<char[]> piece(new (std::nothrow) char[kPieceBytes]);
    if (piece == nullptr) return nullptr;
    pieces_.push_back(std::move(piece));
  }
  next_ = pieces_[pieces_open_++].get();
  end_ = next_ + kPieceBytes;
  return allocate(size);
}

char* EventHeap::allocate_large(size_t size) {
  std::unique_ptr<char[]> piece(new (std::nothrow) char[size]);
  if (piece == nullptr) return nullptr;
  large_.push_back(std::move(piece));
  used_ += size;
  return large_.back().get();
}

void EventHeap::clear() {
  large_.clear();
  pieces_open_ = 0;
  next_ = end_ = nullptr;
  used_ = 0;
}

}  // namespace rowtine::table
