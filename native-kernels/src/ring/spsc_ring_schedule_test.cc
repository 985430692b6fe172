// The 1 → 1 ring and the lanes made of it under every schedule within the bounds: a small ring that
// wraps, fills up and runs empty.
#include <array>
#include <memory>

#include "base/check.h"
#include "ring/lanes.h"
#include "ring/schedule_explorer.h"
#include "ring/spsc_ring.h"

using namespace rowtine::ring;
using namespace rowtine::ring::schedule;
using rowtine::check::expect;

static void expect_holds(const Outcome& outcome, const char* what) {
  std::printf("%s: %llu schedules\n", what, static_cast<unsigned long long>(outcome.schedules));
  expect(outcome.failure == nullptr, outcome.failure != nullptr ? outcome.failure : what);
  expect(outcome.complete, "every schedule within the bounds was run");
}

static void single_events() {
  static constexpr int kEvents = 3;
  expect_holds(explore({.preemptions_max = 2}, [](Program& program) {
    auto ring = std::make_shared<SpscRing<int, Explored>>(2);
    program.thread([ring] {
      for (int i = 0; i < kEvents; ++i) wait_until([&] { return ring->try_push(i); });
    });
    program.thread([ring] {
      for (int i = 0; i < kEvents; ++i) {
        int out = -1;
        wait_until([&] { return ring->try_pop(out); });
        expect_always(out == i, "in order, none lost, none twice");
      }
    });
    program.at_end([ring] { expect(ring->empty(), "nothing left"); });
  }), "single events");
}

static void batches() {
  static constexpr int kEvents = 5;
  expect_holds(explore({.preemptions_max = 2}, [](Program& program) {
    auto ring = std::make_shared<SpscRing<int, Explored>>(4);
    program.thread([ring] {
      for (int next = 0; next < kEvents;) {
        std::span<int> slots;
        wait_until([&] {
          slots = ring->try_claim(static_cast<uint32_t>(std::min(3, kEvents - next)));
          return !slots.empty();
        });
        for (int& slot : slots) slot = next++;
        ring->publish(static_cast<uint32_t>(slots.size()));
      }
    });
    program.thread([ring] {
      for (int next = 0; next < kEvents;) {
        std::span<int> seen;
        wait_until([&] {
          seen = ring->peek();
          return !seen.empty();
        });
        for (int& event : seen) {
          expect_always(event == next++, "in order, none lost, none twice");
          event = -1;  // a slot released too early would be seen by the producer's check
        }
        ring->release(static_cast<uint32_t>(seen.size()));
      }
    });
  }), "batches");
}

// A ring that shows the slot before it is written must be caught, else the tests above prove
// nothing.
static void notices_a_slot_shown_too_early() {
  const Outcome outcome = explore({}, [](Program& program) {
    auto ring = std::make_shared<SpscRing<int, Explored>>(2);
    program.thread([ring] {
      const std::span<int> slots = ring->try_claim(1);
      ring->publish(1);
      Explored<int> elsewhere;
      elsewhere.load(std::memory_order_relaxed);  // a place for the schedule to go on elsewhere
      slots[0] = 7;
    });
    program.thread([ring] {
      int out = 0;
      wait_until([&] { return ring->try_pop(out); });
      expect_always(out == 7, "an event is whole when it is seen");
    });
  });
  expect(outcome.failure != nullptr, "the mistake is found");
}

static void lanes_to_one_reader() {
  expect_holds(explore({.preemptions_max = 1, .late_stores_max = 1}, [](Program& program) {
    auto lanes = std::make_shared<Lanes<int, Explored>>(2, 2);
    for (uint32_t lane = 0; lane < 2; ++lane) {
      program.thread([lanes, lane] {
        for (int i = 0; i < 2; ++i) wait_until([&] { return lanes->lane(lane).try_push(i); });
      });
    }
    program.thread([lanes] {
      std::array<int, 2> next{};
      for (uint64_t taken = 0; taken < 4;) {
        wait_until([&] { return lanes->has_work(); });
        const uint64_t count = lanes->drain(3, [&](uint32_t lane, auto events) {
          for (const int event : events) expect_always(event == next[lane]++, "each lane in order");
        });
        expect_always(count > 0, "work that was announced is found");
        taken += count;
      }
      expect_always(!lanes->has_work(), "none twice");
    });
  }), "lanes");
}

int main() {
  if (skipped_in_this_build()) return 0;
  single_events();
  batches();
  notices_a_slot_shown_too_early();
  lanes_to_one_reader();
  return rowtine::check::summary();
}
