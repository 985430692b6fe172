#include "reactor/timer_wheel.h"

#include <algorithm>
#include <bit>

namespace rowtine::reactor {
namespace {

constexpr int64_t level_ticks(uint32_t level) {
  return int64_t{1} << (TimerWheel::kSlotBitsPerLevel * level);
}

}  // namespace

void TimerWheel::schedule(uint64_t key, int64_t deadline_us) {
  ++size_;
  place({key, deadline_us});
}

/// Rounds up to a tick, so that nothing expires early, and picks the finest wheel that reaches it.
void TimerWheel::place(const Entry& entry) {
  const int64_t horizon = tick_ + level_ticks(kLevels) - level_ticks(kLevels - 1) - 1;
  const int64_t wanted = entry.deadline_us / kTickUs + (entry.deadline_us % kTickUs > 0 ? 1 : 0);
  const int64_t tick = std::clamp(wanted, tick_, horizon);
  uint32_t level = 0;
  while (level + 1 < kLevels &&
         (tick >> (kSlotBitsPerLevel * level)) - (tick_ >> (kSlotBitsPerLevel * level)) >= kSlots) {
    ++level;
  }
  const auto slot = static_cast<uint32_t>(tick >> (kSlotBitsPerLevel * level)) % kSlots;
  wheels_[level][slot].push_back(entry);
  occupied_[level] |= 1ULL << slot;
}

/// Spreads a coarse slot that has become current over the finer wheels.
void TimerWheel::cascade(uint32_t level, uint32_t slot) {
  if ((occupied_[level] >> slot & 1) == 0) return;
  occupied_[level] &= ~(1ULL << slot);
  std::vector<Entry> entries;
  entries.swap(wheels_[level][slot]);
  for (const Entry& entry : entries) place(entry);
}

void TimerWheel::expire_current(std::vector<Entry>& expired) {
  const auto slot = static_cast<uint32_t>(tick_) % kSlots;
  if ((occupied_[0] >> slot & 1) == 0) return;
  occupied_[0] &= ~(1ULL << slot);
  std::vector<Entry>& entries = wheels_[0][slot];
  size_ -= entries.size();
  expired.insert(expired.end(), entries.begin(), entries.end());
  entries.clear();
}

void TimerWheel::advance(int64_t now_us, std::vector<Entry>& expired) {
  const int64_t end = now_us / kTickUs + 1;
  while (tick_ < end) {
    if (size_ == 0) {
      tick_ = end;
      return;
    }
    expire_current(expired);
    // With the finest wheel empty, nothing happens before its next turn begins.
    const int64_t next_turn = (tick_ / kSlots + 1) * kSlots;
    tick_ = occupied_[0] == 0 ? std::min(next_turn, end) : tick_ + 1;
    // A coarse slot is opened when its first tick becomes current.
    for (uint32_t level = 1; level < kLevels && tick_ % level_ticks(level) == 0; ++level) {
      cascade(level, static_cast<uint32_t>(tick_ >> (kSlotBitsPerLevel * level)) % kSlots);
    }
  }
}

int64_t TimerWheel::next_us() const {
  int64_t next = INT64_MAX;
  for (uint32_t level = 0; level < kLevels; ++level) {
    if (occupied_[level] == 0) continue;
    const uint32_t shift = kSlotBitsPerLevel * level;
    const auto current = static_cast<int>((tick_ >> shift) % kSlots);
    const int ahead = std::countr_zero(std::rotr(occupied_[level], current));
    next = std::min(next, (((tick_ >> shift) + ahead) << shift) * kTickUs);
  }
  return next;
}

}  // namespace rowtine::reactor
