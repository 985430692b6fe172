// The explorer finds what is wrong in programs known to be wrong, and runs all orders of right
// ones.
#include "ring/schedule_explorer.h"

#include <array>
#include <memory>

#include "base/check.h"
#include "ring/fence.h"

using namespace rowtine::ring;
using namespace rowtine::ring::schedule;
using rowtine::check::expect;

static constexpr auto kRelaxed = std::memory_order_relaxed;

struct Words {
  Explored<int> x, y;
  int seen_by_first = -1, seen_by_second = -1;
};

static void finds_a_lost_update() {
  const Outcome outcome = explore({}, [](Program& program) {
    auto words = std::make_shared<Words>();
    for (int i = 0; i < 2; ++i) {
      program.thread([words] { words->x.store(words->x.load(kRelaxed) + 1, kRelaxed); });
    }
    program.thread([words] {
      wait_until([&] { return words->x.load(kRelaxed) == 2; });
    });
  });
  expect(outcome.failure != nullptr, "one of two increments can be lost");
  expect(!outcome.choices.empty(), "and the schedule is known");
}

// Both threads write their own word, then read the other's: without fences both may read 0.
static Outcome store_buffering(bool fenced) {
  return explore({}, [fenced](Program& program) {
    auto words = std::make_shared<Words>();
    program.thread([words, fenced] {
      words->x.store(1, kRelaxed);
      if (fenced) store_load_fence<Explored>();
      words->seen_by_first = words->y.load(kRelaxed);
    });
    program.thread([words, fenced] {
      words->y.store(1, kRelaxed);
      if (fenced) store_load_fence<Explored>();
      words->seen_by_second = words->x.load(kRelaxed);
      if (words->seen_by_first == 0 && words->seen_by_second == 0) {
        expect_always(false, "both read 0");
      }
    });
  });
}

static void knows_store_buffers_and_fences() {
  expect(store_buffering(false).failure != nullptr, "stores arrive late");
  const Outcome outcome = store_buffering(true);
  expect(outcome.failure == nullptr && outcome.complete, "but not across a fence");
}

static void runs_every_order() {
  // Two threads of two steps each: 4 choose 2 orders, and no late stores.
  const Bounds bounds{.preemptions_max = 100, .late_stores_max = 0};
  const Outcome outcome = explore(bounds, [](Program& program) {
    auto words = std::make_shared<Words>();
    for (int i = 0; i < 2; ++i) {
      program.thread([words] {
        words->x.load(kRelaxed);
        words->y.load(kRelaxed);
      });
    }
  });
  // A thread's steps end before its accesses, so each has three parts: 6 choose 3.
  expect(outcome.complete && outcome.failure == nullptr, "nothing fails");
  expect(outcome.schedules == 20, "every order once");
}

static void finds_a_deadlock() {
  const Outcome outcome = explore({}, [](Program& program) {
    auto words = std::make_shared<Words>();
    program.thread([words] { wait_until([&] { return words->x.load(kRelaxed) != 0; }); });
    program.thread([words] { wait_until([&] { return words->y.load(kRelaxed) != 0; }); });
  });
  expect(outcome.failure != nullptr, "nobody can go on");
}

int main() {
  if (skipped_in_this_build()) return 0;
  finds_a_lost_update();
  knows_store_buffers_and_fences();
  runs_every_order();
  finds_a_deadlock();
  return rowtine::check::summary();
}
