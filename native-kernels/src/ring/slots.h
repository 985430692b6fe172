// The memory of a ring: a power of two of events, aligned so that no event of 2^n bytes straddles
// more cache lines than it must.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>

#include "base/bits.h"
#include "base/cache_line.h"
#include "base/invariant.h"

namespace rowtine::ring {

/// Events by sequence. All are value-initialised when made, which also touches their pages, so that
/// the first lap of the ring is as fast as the others.
template <class Event>
class Slots {
 public:
  explicit Slots(uint32_t capacity) : events_(make(capacity)), mask_(capacity - 1) {}
  Slots(const Slots&) = delete;
  Slots& operator=(const Slots&) = delete;
  ~Slots() {
    std::destroy_n(events_, capacity());
    std::free(events_);
  }

  uint64_t capacity() const { return mask_ + 1; }

  Event& operator[](uint64_t sequence) const { return events_[sequence & mask_]; }

  /// The first sequence after `sequence` whose slot is at the start of the memory again.
  uint64_t wrap_after(uint64_t sequence) const { return (sequence | mask_) + 1; }

  /// The slots from `sequence` on: `count`, or fewer where the memory wraps around.
  std::span<Event> contiguous(uint64_t sequence, uint64_t count) const {
    const uint64_t start = sequence & mask_;
    return {events_ + start, std::min(count, capacity() - start)};
  }

 private:
  static Event* make(uint32_t capacity) {
    invariant(std::has_single_bit(capacity), "a ring's capacity is a power of two");
    const size_t alignment = std::max(kCacheLineBytes, alignof(Event));
    const size_t bytes = round_up(capacity * sizeof(Event), alignment);
    auto* events = static_cast<Event*>(std::aligned_alloc(alignment, bytes));
    invariant(events != nullptr, "there is memory for a ring");
    std::uninitialized_value_construct_n(events, capacity);
    return events;
  }

  Event* events_;
  uint64_t mask_;
};

}  // namespace rowtine::ring
