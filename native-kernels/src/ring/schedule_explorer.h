// A test's replacement for threads and std::atomic: runs a small concurrent program under every
// order of its atomic accesses, up to a bound, and repeats any of them exactly. It knows store
// buffers, as x86 has them: a store weaker than seq_cst may reach the others late, so a missing
// fence is found too. What it does not know is weaker hardware; for that there are ThreadSanitizer
// and the models.
//
//   explore({}, [](Program& program) {
//     auto ring = std::make_shared<SpscRing<int, Explored>>(2);
//     program.thread([ring] { … wait_until([&] { return ring->try_push(1); }); … });
//     program.thread([ring] { … expect_always(out == 1, "in order"); … });
//   });
#pragma once

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <functional>
#include <type_traits>
#include <utility>
#include <vector>

#include "ring/schedule_program.h"

namespace rowtine::ring::schedule {

struct Outcome {
  uint64_t schedules = 0;
  bool complete = false;          // every order within the bounds was run
  const char* failure = nullptr;  // of the first schedule that failed
  std::vector<uint32_t> choices;  // that schedule
};

// Depth first over the tree of choices, without keeping states: a schedule is the list of its
// choices, and the next one is the last list with its last open choice moved on by one.
class Exploration {
 public:
  Exploration(const Bounds& bounds, const std::function<void(Program&)>& set_up)
      : bounds_(bounds), set_up_(set_up) {}

  Outcome run() {
    do {
      if (outcome_.schedules == bounds_.schedules_max) return outcome_;
      ++outcome_.schedules;
      if (!run_one()) return outcome_;
    } while (next());
    outcome_.complete = true;
    return outcome_;
  }

 private:
  bool run_one() {
    Program program(bounds_);
    set_up_(program);
    program.run(path_, stacks_);
    outcome_.failure = program.failure();
    if (program.failure() == nullptr) return true;
    for (const Choice& choice : path_) outcome_.choices.push_back(choice.chosen);
    return false;
  }

  bool next() {
    while (!path_.empty() && path_.back().chosen + 1 == path_.back().count) path_.pop_back();
    if (path_.empty()) return false;
    ++path_.back().chosen;
    return true;
  }

  Bounds bounds_;
  const std::function<void(Program&)>& set_up_;
  std::vector<Choice> path_;
  std::vector<FiberStack> stacks_;
  Outcome outcome_;
};

/// Says, and returns, whether this build cannot explore: ThreadSanitizer takes its time for every
/// fiber. The stress tests are what it is for.
inline bool skipped_in_this_build() {
#if defined(__SANITIZE_THREAD__)
  std::puts("not explored: fibers are too slow under ThreadSanitizer");
  return true;
#else
  return false;
#endif
}

/// Runs `set_up(Program&)` and the threads it makes once for every schedule within the bounds,
/// until one fails. Complexity: schedules grow with (accesses)^(preemptions + late stores).
inline Outcome explore(const Bounds& bounds, const std::function<void(Program&)>& set_up) {
  return Exploration(bounds, set_up).run();
}

/// Ends the exploration with a failure when `condition` does not hold.
inline void expect_always(bool condition, const char* what) {
  if (!condition) Program::active->fail(what);
}

/// Waits without polling: `ready()` is called again only after some store has arrived. When nobody
/// can go on any more, the exploration fails: a lost wake-up or a deadlock.
template <class Ready>
void wait_until(Ready&& ready) {
  for (;;) {
    const uint64_t version = Program::active->version();
    if (ready()) return;
    Program::active->block_while_unchanged(version);
  }
}

/// Stands in for std::atomic; every access is a point where the schedule may go on elsewhere.
template <class T>
class Explored {
  static_assert(sizeof(T) <= sizeof(uint64_t) && std::is_trivially_copyable_v<T>);

 public:
  Explored() = default;
  explicit Explored(T value) : value_(value) {}

  T load(std::memory_order) const {
    if (Program::active == nullptr) return value_;
    Program::active->step();
    return from_bits(Program::active->load(&value_, sizeof(T)));
  }

  void store(T value, std::memory_order order) {
    if (Program::active == nullptr) {
      value_ = value;
      return;
    }
    Program::active->step();
    const bool may_be_late = order != std::memory_order_seq_cst;
    Program::active->store(&value_, to_bits(value), sizeof(T), may_be_late);
  }

  /// A read-modify-write reaches memory at once, after all earlier stores of its thread.
  T exchange(T value, std::memory_order) {
    if (Program::active != nullptr) {
      Program::active->step();
      Program::active->drain_own();
      Program::active->changed();
    }
    return std::exchange(value_, value);
  }

  static void thread_fence() {
    if (Program::active == nullptr) return;
    Program::active->step();
    Program::active->drain_own();
  }

 private:
  static uint64_t to_bits(T value) {
    uint64_t bits = 0;
    std::memcpy(&bits, &value, sizeof value);
    return bits;
  }
  static T from_bits(uint64_t bits) {
    T value;
    std::memcpy(&value, &bits, sizeof value);
    return value;
  }

  T value_{};
};

}  // namespace rowtine::ring::schedule
