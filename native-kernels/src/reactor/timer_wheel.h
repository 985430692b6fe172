// Deadlines by the millisecond in four wheels of 64 slots: scheduling and expiring cost the same
// for ten deadlines and for a million.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace rowtine::reactor {

/// Deadlines cannot be cancelled: whoever gets a key asks its owner whether the time has really
/// come, and schedules again if not. So moving a deadline later, which connections do with every
/// request, costs nothing at all.
/// Threads: one owner.
class TimerWheel {
 public:
  static constexpr int64_t kTickUs = 1000;
  static constexpr uint32_t kSlotBitsPerLevel = 6;
  static constexpr uint32_t kSlots = 1U << kSlotBitsPerLevel;
  static constexpr uint32_t kLevels =
      4;  // 64^4 ms = 4.6 h; later deadlines are moved on from there

  struct Entry {
    uint64_t key;
    int64_t deadline_us;
  };

  explicit TimerWheel(int64_t now_us) : tick_(now_us / kTickUs) {}

  /// Past deadlines expire at the next advance().
  void schedule(uint64_t key, int64_t deadline_us);

  /// Appends every entry whose deadline is not after `now_us` to `expired`.
  void advance(int64_t now_us, std::vector<Entry>& expired);

  /// When advance() should be called next: never late by more than a tick, possibly early.
  /// Returns: INT64_MAX when nothing is scheduled.
  int64_t next_us() const;

  size_t size() const { return size_; }

 private:
  void place(const Entry& entry);
  void cascade(uint32_t level, uint32_t slot);
  void expire_current(std::vector<Entry>& expired);

  int64_t tick_;  // everything before it has expired
  size_t size_ = 0;
  std::array<uint64_t, kLevels> occupied_{};  // bit per slot
  std::array<std::array<std::vector<Entry>, kSlots>, kLevels> wheels_;
};

}  // namespace rowtine::reactor
