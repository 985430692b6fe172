// What the stress tests share: how long they run, and a payload that shows when it was torn or
// mixed up.
#pragma once

#include <array>
#include <cstdint>

#include "ring/wait_strategy.h"

namespace rowtine::ring::stress {

inline constexpr int64_t kRunMicros = 700'000;

/// True until the test has run long enough; asks the clock once in 256 calls.
class Deadline {
 public:
  bool passed() {
    if (++calls_ % 256 == 0) passed_ = passed_ || monotonic_us() >= end_us_;
    return passed_;
  }

 private:
  int64_t end_us_ = monotonic_us() + kRunMicros;
  uint32_t calls_ = 0;
  bool passed_ = false;
};

/// 64 bytes that all follow from one number.
struct Payload {
  std::array<uint64_t, 8> words{};

  static uint64_t word(uint64_t sequence, uint64_t i) {
    return (sequence + 1) * 0x9e3779b97f4a7c15ULL + i;
  }
  void fill(uint64_t sequence) {
    for (uint64_t i = 0; i < words.size(); ++i) words[i] = word(sequence, i);
  }
  bool holds(uint64_t sequence) const {
    bool same = true;
    for (uint64_t i = 0; i < words.size(); ++i) same = same && words[i] == word(sequence, i);
    return same;
  }
};

/// Cheap numbers that vary the sizes of batches.
class Random {
 public:
  uint32_t below(uint32_t end) {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<uint32_t>(state_ >> 33) % end;
  }

 private:
  uint64_t state_ = 42;
};

}  // namespace rowtine::ring::stress
