// The ring on one thread: what is claimed, published, seen and released, and where memory wraps.
#include "ring/spsc_ring.h"

#include <memory>

#include "base/check.h"

using rowtine::check::expect;
using rowtine::ring::SpscRing;

static void keeps_order_over_many_laps() {
  SpscRing<uint64_t> ring(4);
  uint64_t next_in = 0, next_out = 0;
  for (int lap = 0; lap < 100; ++lap) {
    while (ring.try_push(next_in)) ++next_in;
    uint64_t out = 0;
    const int pops = 1 + lap % 4;
    for (int i = 0; i < pops && ring.try_pop(out); ++i) expect(out == next_out++, "in order");
  }
  uint64_t out = 0;
  while (ring.try_pop(out)) expect(out == next_out++, "in order");
  expect(next_out == next_in, "nothing lost");
}

static void refuses_when_full_and_leaves_the_event_alone() {
  SpscRing<std::unique_ptr<int>> ring(2);
  expect(ring.try_push(std::make_unique<int>(1)), "first");
  expect(ring.try_push(std::make_unique<int>(2)), "second");
  auto third = std::make_unique<int>(3);
  expect(!ring.try_push(std::move(third)), "full");
  expect(third != nullptr && *third == 3, "a refused event stays with the caller");
  std::unique_ptr<int> out;
  expect(ring.try_pop(out) && *out == 1, "oldest first");
  expect(ring.try_push(std::move(third)), "room again");
}

static void claims_are_contiguous_and_end_at_the_wrap() {
  SpscRing<int> ring(8);
  expect(ring.try_claim(100).size() == 8, "never more than the capacity");
  ring.publish(6);
  expect(ring.try_claim(100).size() == 2, "what is left");
  expect(ring.peek().size() == 6, "all that was published");
  ring.release(5);
  expect(ring.try_claim(100).size() == 2, "up to the end of the memory");
  ring.publish(2);
  expect(ring.try_claim(100).size() == 5, "then from its start");
  ring.publish(1);
  expect(ring.peek().size() == 3, "up to the end of the memory, what came since included");
  ring.release(3);
  expect(ring.peek().size() == 1, "then from its start");
}

static void a_claim_is_invisible_until_published() {
  SpscRing<int> ring(4);
  ring.try_claim(3)[0] = 7;
  expect(ring.empty() && ring.peek().empty(), "claimed is not published");
  ring.publish(1);
  expect(ring.size() == 1 && ring.published() == 1, "one event");
  expect(ring.peek()[0] == 7, "the event");
  ring.release(1);
  expect(ring.empty(), "released");
}

static void capacity_one_works() {
  SpscRing<int> ring(1);
  int out = 0;
  for (int i = 0; i < 5; ++i) {
    expect(ring.try_push(i) && !ring.try_push(i), "one fits");
    expect(ring.try_pop(out) && out == i && !ring.try_pop(out), "one comes out");
  }
}

int main() {
  keeps_order_over_many_laps();
  refuses_when_full_and_leaves_the_event_alone();
  claims_are_contiguous_and_end_at_the_wrap();
  a_claim_is_invisible_until_published();
  capacity_one_works();
  return rowtine::check::summary();
}
