// Parking under every schedule within the bounds: no order of accesses, and no late store, loses a
// wake-up; without the fence one is lost, and the explorer says so.
#include <memory>

#include "base/check.h"
#include "ring/schedule_explorer.h"
#include "ring/spsc_ring.h"
#include "ring/wait_strategy.h"

using namespace rowtine::ring;
using namespace rowtine::ring::schedule;
using rowtine::check::expect;

namespace {

// An eventfd as far as the protocol can tell. Never times out: a lost wake-up becomes a deadlock.
class ModelBell {
 public:
  void ring() { rung_.store(1, std::memory_order_seq_cst); }
  void sleep(int64_t) {
    wait_until([&] { return rung_.load(std::memory_order_acquire) != 0; });
    silence();
  }
  void silence() { rung_.exchange(0, std::memory_order_acq_rel); }

 private:
  Explored<uint32_t> rung_;
};

// std::atomic's stand-in with the fence forgotten.
template <class T>
class Unfenced : public Explored<T> {
 public:
  using Explored<T>::Explored;
  static void thread_fence() {}
};

template <template <class> class Atomic>
struct Shared {
  SpscRing<int, Atomic> ring{2};
  SpscRing<int, Atomic> second_ring{2};
  BasicParker<Atomic, ModelBell> parker{0};
};

template <template <class> class Atomic>
Outcome park_and_notify(int events) {
  return explore({.preemptions_max = 2}, [events](Program& program) {
    auto shared = std::make_shared<Shared<Atomic>>();
    program.thread([shared, events] {
      for (int i = 0; i < events; ++i) {
        wait_until([&] { return shared->ring.try_push(i); });
        shared->parker.notify();
      }
    });
    program.thread([shared, events] {
      for (int next = 0; next < events;) {
        int out = -1;
        if (shared->ring.try_pop(out)) {
          expect_always(out == next++, "in order");
          continue;
        }
        if (!shared->parker.prepare_park()) continue;
        if (!shared->ring.empty()) {
          shared->parker.cancel_park();
        } else {
          shared->parker.park(-1);
        }
      }
    });
  });
}

void expect_holds(const Outcome& outcome, const char* what) {
  std::printf("%s: %llu schedules\n", what, static_cast<unsigned long long>(outcome.schedules));
  expect(outcome.failure == nullptr && outcome.complete, "every park ends");
}

void loses_no_wake_up() {
  const Outcome outcome = park_and_notify<Explored>(3);
  expect_holds(outcome, "one notifier");
}

void needs_its_fences() {
  const Outcome outcome = park_and_notify<Unfenced>(3);
  expect(outcome.failure != nullptr, "without the fences a wake-up is lost");
}

void two_notifiers_ring_for_one_sleeper() {
  const Bounds bounds{.preemptions_max = 2, .late_stores_max = 1};
  const Outcome outcome = explore(bounds, [](Program& program) {
    auto shared = std::make_shared<Shared<Explored>>();
    program.thread([shared] {
      wait_until([&] { return shared->ring.try_push(1); });
      shared->parker.notify();
    });
    program.thread([shared] {
      wait_until([&] { return shared->second_ring.try_push(2); });
      shared->parker.notify();
    });
    program.thread([shared] {
      int sum = 0, out = 0;
      while (sum < 3) {
        if (shared->ring.try_pop(out)) sum += out;
        if (shared->second_ring.try_pop(out)) sum += out;
        if (sum == 3 || !shared->parker.prepare_park()) continue;
        if (!shared->ring.empty() || !shared->second_ring.empty()) {
          shared->parker.cancel_park();
        } else {
          shared->parker.park(-1);
        }
      }
    });
  });
  expect_holds(outcome, "two notifiers");
}

}  // namespace

int main() {
  if (skipped_in_this_build()) return 0;
  loses_no_wake_up();
  needs_its_fences();
  two_notifiers_ring_for_one_sleeper();
  return rowtine::check::summary();
}
