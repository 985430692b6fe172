// The * → 1 buffer: every producer has a lane of its own, one reader polls them all. Also the way
// in for foreign threads (JavaScript, the store), and half of * → *: every worker reads its own set
// of lanes.
//
//   producer 0 ──▶ lane 0 ──┐
//   producer 1 ──▶ lane 1 ──┼──▶ reader       arrived = Σ published(lane)   work = arrived − taken
//   producer n ──▶ lane n ──┘                 events of one lane keep their order; lanes have none
//
// | call             | who                  | promise
// |------------------|----------------------|-----------------------------------------------------
// | lane(i)          | producer i           | an SpscRing's producer side, shared with nobody
// | has_work         | reader               | true: drain() finds something
// | drain            | reader               | every lane gets its turn; at most `events_max` taken
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <deque>
#include <span>

#include "base/invariant.h"
#include "ring/spsc_ring.h"

namespace rowtine::ring {

/// Threads: one producer per lane, one reader.
template <class Event, template <class> class Atomic = std::atomic>
class Lanes {
 public:
  using Lane = SpscRing<Event, Atomic>;

  /// `lane_capacity` is a power of two, of each lane.
  Lanes(uint32_t lane_count, uint32_t lane_capacity) {
    invariant(lane_count > 0, "there is a lane");
    for (uint32_t i = 0; i < lane_count; ++i) lanes_.emplace_back(lane_capacity);
  }

  uint32_t lane_count() const { return static_cast<uint32_t>(lanes_.size()); }

  /// The lane of `producer`; its consumer side is the reader's and used by drain() alone.
  Lane& lane(uint32_t producer) {
    invariant(producer < lanes_.size(), "the producer has a lane");
    return lanes_[producer];
  }

  /// Any thread. Events ever published, over all lanes: one load per lane. Each count only grows,
  /// so a sum that differs from what was taken means work, whatever the moments of the loads.
  Sequence arrived() const {
    Sequence sum = 0;
    for (const Lane& lane : lanes_) sum += lane.published();
    return sum;
  }

  /// Reader only.
  bool has_work() const { return arrived() != taken_; }

  /// Reader only. Calls `each(lane index, std::span<Event>)` for what has arrived, lane by lane,
  /// and releases it. Takes at most `events_max`, and starts one lane further every time, so that a
  /// busy lane cannot starve the others. Returns: how many events it took.
  template <class Each>
  uint64_t drain(uint64_t events_max, Each&& each) {
    uint64_t left = events_max;
    for (uint32_t i = 0; i < lane_count() && left > 0; ++i) {
      left -= drain_lane((first_lane_ + i) % lane_count(), left, each);
    }
    first_lane_ = (first_lane_ + 1) % lane_count();
    taken_ += events_max - left;
    return events_max - left;
  }

 private:
  // Two looks at most: up to the end of the lane's memory, then from its start.
  template <class Each>
  uint64_t drain_lane(uint32_t index, uint64_t events_max, Each& each) {
    Lane& lane = lanes_[index];
    uint64_t count = 0;
    for (int look = 0; look < 2 && count < events_max; ++look) {
      const std::span<Event> seen = lane.peek();
      if (seen.empty()) break;
      const auto batch = seen.first(std::min<uint64_t>(seen.size(), events_max - count));
      each(index, batch);
      lane.release(static_cast<uint32_t>(batch.size()));
      count += batch.size();
    }
    return count;
  }

  std::deque<Lane> lanes_;  // a deque: lanes are never moved
  alignas(kCacheLineBytes) Sequence taken_ = 0;
  uint32_t first_lane_ = 0;
};

}  // namespace rowtine::ring
