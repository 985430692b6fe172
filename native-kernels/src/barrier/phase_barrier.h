// The barrier of parallel queries: threads work in phases, and no thread starts phase p + 1 before
// every thread has arrived at the end of phase p. Arriving and waiting are apart, so a thread that
// is done early can do something else until it must wait. There is no shared counter: a thread
// writes one line, its own, and reads the others'.
//
//   thread 0   | epoch 5 |      epoch = phases this thread has arrived at the end of
//   thread 1   | epoch 6 |      thread 1 has arrived at the end of phase 5 and may not pass before
//   thread 2   | epoch 5 |      threads 0 and 2 have as well; epochs differ by at most one
//
// | call             | who      | promise
// |------------------|----------|-----------------------------------------------------------------
// | arrive           | thread i | what it did before is visible to all who pass; never waits
// | try_wait, wait   | thread i | after arrive(); true: every thread has arrived, the phase is over
// | has_turn         | thread i | exactly one thread per phase; two turns never overlap in time
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "base/cache_line.h"
#include "base/invariant.h"
#include "ring/wait_strategy.h"

namespace rowtine::barrier {

/// Counts phases from 0; never wraps.
using Phase = uint64_t;

/// Threads: `thread_count` of them, each with its own index, which only it uses.
template <template <class> class Atomic = std::atomic>
class PhaseBarrier {
 public:
  explicit PhaseBarrier(uint32_t thread_count)
      : threads_(std::make_unique<Thread[]>(thread_count)), thread_count_(thread_count) {
    invariant(thread_count > 0, "a barrier has a thread");
  }

  uint32_t thread_count() const { return thread_count_; }

  /// The phase `thread` is in: it goes up when wait() or try_wait() lets the thread pass.
  Phase phase(uint32_t thread) const { return threads_[thread].phase; }

  /// Whether this phase's exclusive section is `thread`'s. To be left before arrive(): the next
  /// turn is another thread's, and it begins only after all have arrived.
  bool has_turn(uint32_t thread) const { return phase(thread) % thread_count() == thread; }

  /// Says that `thread` has done its part of the phase. Once per phase.
  void arrive(uint32_t thread) {
    Thread& own = threads_[thread];
    invariant(own.waiting_for == kNotArrived, "a thread arrives once per phase");
    own.waiting_for = 0;
    // Release: pairs with the acquire load in try_wait() of the other threads.
    own.epoch.store(own.phase + 1, std::memory_order_release);
  }

  /// After arrive(). Returns: true when all have arrived; `thread` is then in the next phase.
  bool try_wait(uint32_t thread) {
    Thread& own = threads_[thread];
    invariant(own.waiting_for != kNotArrived, "a thread waits after it has arrived");
    // Those seen to have arrived are not looked at again.
    for (; own.waiting_for < thread_count(); ++own.waiting_for) {
      // Not one's own: the others' polling takes that line away, and reading it back costs (near,
      // phase_barrier_bench: 74 ns a superstep with it, 60 without).
      if (own.waiting_for == thread) continue;
      // Acquire: pairs with the release store in arrive().
      const Phase epoch = threads_[own.waiting_for].epoch.load(std::memory_order_acquire);
      if (epoch <= own.phase) return false;
    }
    own.waiting_for = kNotArrived;
    ++own.phase;
    return true;
  }

  /// After arrive(). Polls until all have arrived, calling `idle()` after each look in vain.
  template <class Idle>
  void wait(uint32_t thread, Idle&& idle) {
    while (!try_wait(thread)) idle();
  }
  void wait(uint32_t thread) { wait(thread, ring::Backoff{}); }

  void arrive_and_wait(uint32_t thread) {
    arrive(thread);
    wait(thread);
  }

 private:
  static constexpr uint32_t kNotArrived = UINT32_MAX;

  struct Thread {
    alignas(kCacheLineBytes) Atomic<Phase> epoch{0};  // written by its thread, read by the others
    alignas(kCacheLineBytes) Phase phase = 0;         // the thread's alone
    uint32_t waiting_for = kNotArrived;               // the first not yet seen to have arrived
  };

  alignas(kCacheLineBytes) const std::unique_ptr<Thread[]> threads_;  // read by all: apart
  const uint32_t thread_count_;
};

}  // namespace rowtine::barrier
