// The broadcast ring under every schedule within the bounds: two readers, one that leaves early,
// and one that takes its place.
#include <memory>

#include "base/check.h"
#include "ring/broadcast_ring.h"
#include "ring/schedule_explorer.h"

using namespace rowtine::ring;
using namespace rowtine::ring::schedule;
using rowtine::check::expect;

using Ring = BroadcastRing<int, Explored>;

static void expect_holds(const Outcome& outcome, const char* what) {
  std::printf("%s: %llu schedules\n", what, static_cast<unsigned long long>(outcome.schedules));
  expect(outcome.failure == nullptr, outcome.failure != nullptr ? outcome.failure : what);
  expect(outcome.complete, "every schedule within the bounds was run");
}

// Reads events first .. end - 1, one at a time.
static void read_range(Ring& ring, ConsumerIndex consumer, int first, int end) {
  for (int i = first; i < end; ++i) {
    std::span<const int> seen;
    wait_until([&] {
      seen = ring.peek(consumer);
      return !seen.empty();
    });
    expect_always(seen[0] == i, "every event, in order, not overwritten");
    ring.release(consumer, 1);
  }
}

static void all_readers_see_all() {
  expect_holds(explore({.preemptions_max = 1, .late_stores_max = 1}, [](Program& program) {
    auto ring = std::make_shared<Ring>(2, 2);
    const ConsumerIndex patient = ring->add_consumer(0), leaving = ring->add_consumer(0);
    program.thread([ring] {
      for (int i = 0; i < 3; ++i) wait_until([&] { return ring->try_push(i); });
    });
    program.thread([ring, patient] { read_range(*ring, patient, 0, 3); });
    program.thread([ring, leaving] {
      read_range(*ring, leaving, 0, 1);
      ring->leave(leaving);
    });
  }), "two readers, one leaves");
}

static void a_place_is_used_again() {
  expect_holds(explore({.preemptions_max = 1, .late_stores_max = 1}, [](Program& program) {
    auto ring = std::make_shared<Ring>(2, 1);
    auto handed_over = std::make_shared<Explored<uint32_t>>(kNoConsumer);
    const ConsumerIndex first = ring->add_consumer(0);
    program.thread([ring, handed_over] {
      wait_until([&] { return ring->try_push(0); });
      ConsumerIndex next = kNoConsumer;
      wait_until([&] {
        next = ring->add_consumer(ring->next_sequence());
        return next != kNoConsumer;
      });
      handed_over->store(next, std::memory_order_release);
      for (int i = 1; i < 4; ++i) wait_until([&] { return ring->try_push(i); });
    });
    program.thread([ring, first] {
      read_range(*ring, first, 0, 1);
      ring->leave(first);
    });
    program.thread([ring, handed_over] {
      ConsumerIndex second = kNoConsumer;
      wait_until([&] {
        second = handed_over->load(std::memory_order_acquire);
        return second != kNoConsumer;
      });
      read_range(*ring, second, 1, 4);
    });
  }), "a reader in the place of another");
}

int main() {
  if (skipped_in_this_build()) return 0;
  all_readers_see_all();
  a_place_is_used_again();
  return rowtine::check::summary();
}
