// One run of a small concurrent program under one schedule: its threads are fibers, its atomic
// accesses the points where another may go on. The parts of schedule_explorer.h that a test does
// not call.
#pragma once

#include <cstdint>
#include <cstring>
#include <deque>
#include <functional>
#include <utility>
#include <vector>

#include "base/invariant.h"
#include "ring/schedule_fiber.h"

namespace rowtine::ring::schedule {

/// What to explore: orders with at most so many switches away from a thread that could have gone
/// on, and at most so many stores that reach the others late.
struct Bounds {
  uint32_t preemptions_max = 3;
  uint32_t late_stores_max = 2;
  uint64_t schedules_max = 2'000'000;
  uint32_t steps_max = 10'000;  // of one schedule: more is a livelock
};

/// Which of `count` possibilities a schedule took at one point.
struct Choice {
  uint32_t chosen;
  uint32_t count;
};

/// One run of the program: its threads, and the choices that make up the schedule.
class Program {
 public:
  explicit Program(const Bounds& bounds) : bounds_(bounds) {}

  void thread(std::function<void()> body) { bodies_.push_back(std::move(body)); }
  /// Runs after all threads have ended and every store has arrived.
  void at_end(std::function<void()> body) { at_end_ = std::move(body); }

  /// Follows `path` as far as it goes and takes the first possibility from there on, noting all in
  /// it. `stacks` are kept from run to run.
  void run(std::vector<Choice>& path, std::vector<FiberStack>& stacks);
  const char* failure() const { return failure_; }

  // For Explored and the free functions below, on a thread of the program -------------------------

  void step();
  void block_while_unchanged(uint64_t version);
  void store(void* address, uint64_t bits, uint32_t bytes, bool may_be_late);
  uint64_t load(const void* address, uint32_t bytes) const;
  void drain_own() {
    while (flush(current_)) {
    }
  }
  void changed() { ++version_; }
  uint64_t version() const { return version_; }
  void fail(const char* what);

  /// The program that runs now; nullptr while one is set up or checked: then all accesses are
  /// direct.
  static inline Program* active = nullptr;

 private:
  struct LateStore {
    void* address;
    uint64_t bits;
    uint32_t bytes;
  };
  struct Thread {
    Fiber fiber;
    std::vector<LateStore> late;
    bool done = false;
    bool blocked = false;
    uint64_t blocked_version = 0;
  };
  static void thread_main();
  void pick_and_switch();
  bool pick(uint32_t& next);
  uint32_t choose(uint32_t count);
  bool runnable(uint32_t index) const;
  bool flush(uint32_t index);
  void switch_to(uint32_t index);
  void leave();

  Bounds bounds_;
  std::vector<std::function<void()>> bodies_;
  std::function<void()> at_end_;
  std::deque<Thread> threads_;  // a deque: fibers are never moved
  Fiber home_;
  uint32_t current_ = 0;
  std::vector<Choice>* path_ = nullptr;
  size_t depth_ = 0;
  uint32_t preemptions_ = 0, late_stores_ = 0, steps_ = 0;
  uint64_t version_ = 1;
  const char* failure_ = nullptr;
};

inline void Program::run(std::vector<Choice>& path, std::vector<FiberStack>& stacks) {
  invariant(!bodies_.empty(), "a program has a thread");
  path_ = &path;
  threads_.resize(bodies_.size());
  while (stacks.size() < threads_.size()) {
    stacks.push_back(std::make_unique<std::byte[]>(kFiberStackBytes));
  }
  for (size_t i = 0; i < threads_.size(); ++i) {
    threads_[i].fiber.start(&Program::thread_main, stacks[i]);
  }
  active = this;
  current_ = choose(static_cast<uint32_t>(threads_.size()));
  home_.switch_to(threads_[current_].fiber);
  active = nullptr;
  for (uint32_t i = 0; i < threads_.size(); ++i) {
    while (flush(i)) {
    }
  }
  if (failure_ == nullptr && at_end_) at_end_();
}

inline void Program::thread_main() {
  Program& program = *active;
  program.bodies_[program.current_]();
  program.threads_[program.current_].done = true;
  program.pick_and_switch();
}

inline void Program::step() {
  if (++steps_ > bounds_.steps_max) fail("the threads keep running without end");
  pick_and_switch();
}

inline void Program::block_while_unchanged(uint64_t version) {
  Thread& thread = threads_[current_];
  thread.blocked = true;
  thread.blocked_version = version;
  pick_and_switch();
  thread.blocked = false;
}

inline bool Program::runnable(uint32_t index) const {
  const Thread& thread = threads_[index];
  return !thread.done && !(thread.blocked && thread.blocked_version == version_);
}

inline void Program::pick_and_switch() {
  uint32_t next = 0;
  if (!pick(next)) leave();
  if (next != current_) switch_to(next);
}

// Chooses among: go on here; go on in another thread; let a late store arrive and choose again.
inline bool Program::pick(uint32_t& next) {
  for (;;) {
    const bool here = runnable(current_);
    std::vector<uint32_t> threads, stores;
    if (here) threads.push_back(current_);
    bool all_done = true;
    for (uint32_t i = 0; i < threads_.size(); ++i) {
      all_done = all_done && threads_[i].done;
      if (!threads_[i].late.empty()) stores.push_back(i);
      const bool allowed = !here || preemptions_ < bounds_.preemptions_max;
      if (i != current_ && runnable(i) && allowed) threads.push_back(i);
    }
    if (all_done) return false;
    if (threads.empty() && stores.empty()) {
      failure_ = "nobody can go on: a lost wake-up or a deadlock";
      return false;
    }
    const uint32_t chosen = choose(static_cast<uint32_t>(threads.size() + stores.size()));
    if (chosen < threads.size()) {
      next = threads[chosen];
      if (here && next != current_) ++preemptions_;
      return true;
    }
    flush(stores[chosen - threads.size()]);
  }
}

inline uint32_t Program::choose(uint32_t count) {
  if (count == 1) return 0;
  if (depth_ == path_->size()) path_->push_back({0, count});
  const Choice& choice = (*path_)[depth_++];
  invariant(choice.count == count, "a program does the same under the same schedule");
  return choice.chosen;
}

inline void Program::store(void* address, uint64_t bits, uint32_t bytes, bool may_be_late) {
  std::vector<LateStore>& late = threads_[current_].late;
  late.push_back({address, bits, bytes});
  const bool allowed = may_be_late && late_stores_ < bounds_.late_stores_max;
  if (allowed && choose(2) == 1) {
    ++late_stores_;
    return;
  }
  drain_own();
}

// A thread sees its own stores at once, the newest first.
inline uint64_t Program::load(const void* address, uint32_t bytes) const {
  const std::vector<LateStore>& late = threads_[current_].late;
  for (size_t i = late.size(); i > 0; --i) {
    if (late[i - 1].address == address) return late[i - 1].bits;
  }
  uint64_t bits = 0;
  std::memcpy(&bits, address, bytes);
  return bits;
}

// Lets the oldest late store of a thread arrive: stores of one thread never overtake each other.
inline bool Program::flush(uint32_t index) {
  std::vector<LateStore>& late = threads_[index].late;
  if (late.empty()) return false;
  std::memcpy(late.front().address, &late.front().bits, late.front().bytes);
  late.erase(late.begin());
  changed();
  return true;
}

inline void Program::switch_to(uint32_t index) {
  Thread& from = threads_[std::exchange(current_, index)];
  from.fiber.switch_to(threads_[index].fiber);
}

inline void Program::fail(const char* what) {
  failure_ = what;
  leave();
}

// Ends the run from inside a thread, which is never continued.
inline void Program::leave() { threads_[current_].fiber.switch_to(home_); }

}  // namespace rowtine::ring::schedule
