// The broadcast ring on one thread: everybody sees everything, the slowest holds the producer back,
// consumers come and go.
#include "ring/broadcast_ring.h"

#include "base/check.h"

using rowtine::check::expect;
using rowtine::ring::BroadcastRing;
using rowtine::ring::kNoConsumer;

static uint64_t read_all(BroadcastRing<int>& ring, uint32_t consumer, int& next) {
  uint64_t count = 0;
  for (auto seen = ring.peek(consumer); !seen.empty(); seen = ring.peek(consumer)) {
    for (const int event : seen) expect(event == next++, "in order");
    ring.release(consumer, static_cast<uint32_t>(seen.size()));
    count += seen.size();
  }
  return count;
}

static void everybody_sees_everything() {
  BroadcastRing<int> ring(8, 2);
  const uint32_t first = ring.add_consumer(0), second = ring.add_consumer(0);
  expect(ring.add_consumer(0) == kNoConsumer, "no third place");
  int next_in = 0, next_first = 0, next_second = 0;
  for (int lap = 0; lap < 20; ++lap) {
    while (ring.try_push(next_in)) ++next_in;
    expect(read_all(ring, first, next_first) == 8, "a whole ring");
    expect(!ring.try_push(next_in), "the slowest holds the producer back");
    expect(read_all(ring, second, next_second) == 8, "the same events");
  }
}

static void a_consumer_may_start_in_the_past() {
  BroadcastRing<int> ring(4, 1);
  for (int i = 0; i < 10; ++i) expect(ring.try_push(i), "nobody holds it back");
  expect(ring.oldest_sequence() == 6 && ring.next_sequence() == 10, "four events are left");
  const uint32_t late = ring.add_consumer(7);
  expect(ring.try_push(10), "one slot is free");
  expect(!ring.try_push(11), "the new consumer gates");
  int next = 7;
  expect(read_all(ring, late, next) == 4 && next == 11, "from its first sequence on");
}

static void a_consumer_that_left_gates_nobody() {
  BroadcastRing<int> ring(2, 1);
  const uint32_t consumer = ring.add_consumer(ring.next_sequence());
  expect(ring.try_push(0) && ring.try_push(1) && !ring.try_push(2), "full");
  ring.leave(consumer);
  expect(ring.try_push(2) && ring.try_push(3) && ring.try_push(4), "free");
  const uint32_t again = ring.add_consumer(ring.next_sequence());
  expect(again == consumer, "its place is used again");
  expect(ring.peek(again).empty(), "and starts where it was told to");
}

static void claims_stop_at_the_slowest() {
  BroadcastRing<int> ring(8, 1);
  const uint32_t consumer = ring.add_consumer(0);
  expect(ring.try_claim(100).size() == 8, "all free");
  ring.publish(6);
  expect(ring.try_claim(100).size() == 2, "the rest");
  expect(ring.peek(consumer).size() == 6, "published");
  ring.release(consumer, 3);
  ring.publish(2);
  expect(ring.try_claim(100).size() == 3, "what was released");
}

int main() {
  everybody_sees_everything();
  a_consumer_may_start_in_the_past();
  a_consumer_that_left_gates_nobody();
  claims_stop_at_the_slowest();
  return rowtine::check::summary();
}
