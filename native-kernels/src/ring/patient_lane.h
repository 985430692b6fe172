// A 1 → 1 lane whose producer never waits: what does not fit stays with the producer until it does.
// For threads that must not block; what bounds the rest is the producer's business.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>

#include "ring/spsc_ring.h"

namespace rowtine::ring {

/// Threads: one producer, one consumer.
template <class T>
class PatientLane {
 public:
  explicit PatientLane(uint32_t capacity) : ring_(capacity) {}

  // Producer.
  void push(T item) {
    flush();
    if (!late_.empty() || !ring_.try_push(std::move(item))) late_.push_back(std::move(item));
  }
  /// Moves on what did not fit. Returns: whether all of it fits now.
  bool flush() {
    while (!late_.empty() && ring_.try_push(std::move(late_.front()))) late_.pop_front();
    return late_.empty();
  }
  size_t depth() const { return late_.size() + ring_.size(); }

  // Consumer.
  bool pop(T& out) { return ring_.try_pop(out); }
  bool empty() const { return ring_.empty(); }

 private:
  SpscRing<T> ring_;
  std::deque<T> late_;
};

}  // namespace rowtine::ring
