// Waiting for other threads: poll for a short while, then sleep on a descriptor that a reactor can
// watch too. An idle thread costs nothing, a busy one is never woken by a system call, and no
// wake-up is lost.
//
//   sleeper                                     notifier
//   announce:  sleeping = 1                     publish the work
//   fence                                       fence
//   look for work again; found: cancel          sleeping == 0: done (one load)
//   sleep on the bell                           sleeping.exchange(0) == 1: ring the bell, once
//
// Each side writes, fences, then reads what the other wrote: at least one of them sees the other
// (store buffering is what the fences rule out), so either the sleeper finds the work or the
// notifier finds the sleeper. model/wait_strategy.pml checks it.
//
// | call                     | who      | promise
// |--------------------------|----------|---------------------------------------------------------
// | prepare_park             | sleeper  | false: poll again; true: announced, look once more
// | cancel_park, park, drain | sleeper  | after one of them the thread counts as awake
// | notify                   | any      | work published before is seen, or the sleeper is woken
#pragma once

#include <atomic>
#include <cstdint>

#include "base/cache_line.h"
#include "ring/fence.h"

namespace rowtine::ring {

/// The protocol above without the bell: for a thread that sleeps in something of its own (a
/// reactor).
template <template <class> class Atomic = std::atomic>
class SleepFlag {
 public:
  /// Sleeper only. From here on notifiers ring; look for work once more before sleeping.
  void announce() {
    // Relaxed: the fence orders it before the look for work that follows. Pairs with take().
    sleeping_.store(1, std::memory_order_relaxed);
    store_load_fence<Atomic>();  // pairs with the fence in take()
  }

  /// Sleeper only. Counts as awake again. Returns: false when a notifier was faster and rings, or
  /// has rung, the bell: the next sleep may end at once.
  bool retire() {
    // Acquire and release: pairs with the exchange in take(); one of the two gets the 1.
    return sleeping_.exchange(0, std::memory_order_acq_rel) != 0;
  }

  /// Any thread, after publishing work. Returns: true when the caller must ring the bell.
  bool take() {
    store_load_fence<Atomic>();  // pairs with the fence in announce()
    // Relaxed: ordered after the published work by the fence; only the exchange decides.
    if (sleeping_.load(std::memory_order_relaxed) == 0) [[likely]] return false;
    // Acquire and release: pairs with retire() and with the same exchange of other notifiers.
    return sleeping_.exchange(0, std::memory_order_acq_rel) != 0;
  }

 private:
  alignas(kCacheLineBytes) Atomic<uint32_t> sleeping_{0};
};

/// A counter of the kernel (eventfd) that one thread sleeps on and any thread rings.
class EventBell {
 public:
  EventBell();
  EventBell(const EventBell&) = delete;
  EventBell& operator=(const EventBell&) = delete;
  ~EventBell();

  /// Threads: any; async-signal-safe.
  void ring();
  /// Sleeps until rung or for `timeout_us` (negative: without limit), then silences the bell.
  void sleep(int64_t timeout_us);
  /// Silences the bell; never blocks.
  void silence();
  /// Readable while the bell rings; to be watched, never read, by others.
  int fd() const { return fd_; }

 private:
  int fd_;
};

/// How long to poll before sleeping, in microseconds: the environment's ROWTINE_SPIN_US if set; 0
/// on a single core, where nobody else could make progress meanwhile, and in CI; else
/// kSpinMicrosDefault.
inline constexpr int64_t kSpinMicrosDefault = 20;  // a wake of a parked core costs about 25
int64_t default_spin_us();

/// Monotonic time and the processor's hint that a loop is waiting.
int64_t monotonic_us();
inline void pause_briefly() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

/// How to wait for something that comes soon and rings no bell, such as the end of a phase: one
/// call per look in vain polls (not where default_spin_us() says no), then gives the core to
/// others, then sleeps in short pieces.
class Backoff {
 public:
  void operator()() {
    if (looks_ == 0 && default_spin_us() == 0) looks_ = kPolls;
    if (++looks_ <= kPollsAtOnce) return;
    if (looks_ <= kPolls) {
      pause_briefly();
    } else {
      wait_longer();
    }
  }

 private:
  static constexpr uint32_t kPollsAtOnce = 64;  // the shortest waits: without a pause
  static constexpr uint32_t kPolls = 2'000;     // about 20 us
  static constexpr uint32_t kYields = 1'000;    // after the polls
  static constexpr int64_t kSleepMicros = 50;   // after the yields: what a late start costs at most

  void wait_longer();

  uint32_t looks_ = 0;
};

/// Threads: one sleeper; notify() from any.
///
///   for (;;) {
///     if (work()) { parker.awake(); continue; }
///     if (!parker.prepare_park()) continue;          // still worth polling
///     if (has_work()) { parker.cancel_park(); continue; }
///     parker.park(timeout_us);
///   }
template <template <class> class Atomic = std::atomic, class Bell = EventBell>
class BasicParker {
 public:
  explicit BasicParker(int64_t spin_us = default_spin_us()) : spin_us_(spin_us) {}

  /// Sleeper only. Polling found something: the next idle stretch may poll in full again.
  void awake() { idle_polls_ = 0; }

  /// Sleeper only. Returns: false while polling again is cheaper than sleeping; true when the
  /// thread is announced as sleeping and must look for work once more, then cancel_park() or
  /// park().
  bool prepare_park() {
    if (spin_us_ > 0 && may_poll()) return false;
    flag_.announce();
    return true;
  }

  /// Sleeper only, after prepare_park() returned true and work was found after all.
  void cancel_park() {
    idle_polls_ = 0;
    if (!flag_.retire()) bell_.silence();
  }

  /// Sleeper only, after prepare_park() returned true. Sleeps until notified, for at most
  /// `timeout_us` (negative: without limit); may also return early for no reason.
  void park(int64_t timeout_us) {
    bell_.sleep(timeout_us);
    idle_polls_ = 0;
    flag_.retire();
  }

  /// Sleeper only, instead of park() when something else watched fd() and slept.
  void drain() {
    idle_polls_ = 0;
    flag_.retire();
    bell_.silence();
  }

  /// Sleeper only. Polls `ready` and then sleeps until it holds or `timeout_us` has passed
  /// (negative: without limit). Returns: whether it holds.
  template <class Ready>
  bool wait(Ready&& ready, int64_t timeout_us) {
    const int64_t deadline_us = timeout_us < 0 ? INT64_MAX : monotonic_us() + timeout_us;
    awake();
    while (!ready()) {
      if (!prepare_park()) continue;
      if (ready()) {
        cancel_park();
        return true;
      }
      const int64_t left_us = timeout_us < 0 ? -1 : deadline_us - monotonic_us();
      if (timeout_us >= 0 && left_us <= 0) {
        cancel_park();
        return false;
      }
      park(left_us);
    }
    return true;
  }

  /// Any thread, once per batch of published work. One fence and one load while the other is awake.
  void notify() {
    if (flag_.take()) bell_.ring();
  }

  int fd() const { return bell_.fd(); }

 private:
  // The clock is read once in 16 polls: it costs as much as a poll.
  bool may_poll() {
    if (idle_polls_ == 0) polling_until_us_ = monotonic_us() + spin_us_;
    pause_briefly();
    return ++idle_polls_ % 16 != 0 || monotonic_us() < polling_until_us_;
  }

  SleepFlag<Atomic> flag_;
  alignas(kCacheLineBytes) Bell bell_;
  int64_t spin_us_;
  int64_t polling_until_us_ = 0;
  uint32_t idle_polls_ = 0;  // 0: not polling
};

using Parker = BasicParker<>;

}  // namespace rowtine::ring
