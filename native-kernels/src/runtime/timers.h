// The `ticks` device: intervals that fire again and again, without drift.
#pragma once

#include <cstdint>
#include <queue>
#include <vector>

#include "vector/physical_type.h"

namespace rowtine::runtime {

/// A tick that fires more often than this would starve everything else.
inline constexpr int64_t kTickMinUs = 1'000;
/// Firings that are behind are skipped past this many, as a clock that stood still skips.
inline constexpr uint32_t kTicksPerTurnMax = 64;
inline constexpr size_t kTicksMax = 100'000;

struct Tick {
  int64_t id;
  vector::Interval every;
  int64_t every_us;
  int64_t due_us;
};

/// Threads: one owner. Time comes in as a parameter.
class Timers {
 public:
  /// Returns: false when the interval is too short or there are too many.
  bool add(int64_t id, vector::Interval every, int64_t now_us) {
    const int64_t every_us = microseconds(every);
    if (every_us < kTickMinUs || queue_.size() >= kTicksMax) return false;
    queue_.push({id, every, every_us, now_us + every_us});
    return true;
  }
  int64_t next_us() const { return queue_.empty() ? INT64_MAX : queue_.top().due_us; }

  /// Calls `fire(tick)` for every tick that is due, earliest first, and schedules it again.
  template <class Fire>
  void run(int64_t now_us, Fire fire) {
    for (uint32_t fired = 0; fired < kTicksPerTurnMax && next_us() <= now_us; ++fired) {
      Tick tick = queue_.top();
      queue_.pop();
      fire(tick);
      const int64_t missed = (now_us - tick.due_us) / tick.every_us;
      tick.due_us += tick.every_us * (missed > kTicksPerTurnMax ? missed : 1);
      queue_.push(tick);
    }
  }

 private:
  static int64_t microseconds(vector::Interval interval) {
    constexpr int64_t day = 86'400'000'000;
    return interval.microseconds + day * (interval.days + int64_t{30} * interval.months);
  }
  struct Later {
    bool operator()(const Tick& a, const Tick& b) const { return a.due_us > b.due_us; }
  };
  std::priority_queue<Tick, std::vector<Tick>, Later> queue_;
};

}  // namespace rowtine::runtime
