// Two threads over one small ring, single events and batches mixed at random: every payload whole,
// in order, once. To be run under ThreadSanitizer too.
#include "ring/spsc_ring.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include "base/check.h"
#include "ring/stress.h"

using rowtine::check::expect;
using namespace rowtine::ring;
using namespace rowtine::ring::stress;

using Ring = SpscRing<Payload>;

static uint64_t produce(Ring& ring) {
  uint64_t next = 0;
  Random random;
  Deadline deadline;
  Backoff backoff;
  while (!deadline.passed()) {
    const auto slots = ring.try_claim(1 + random.below(20));
    if (slots.empty()) {
      backoff();
      continue;
    }
    backoff = {};
    for (Payload& slot : slots) slot.fill(next++);
    ring.publish(static_cast<uint32_t>(slots.size()));
    Payload single;
    single.fill(next);
    if (ring.try_push(single)) ++next;
  }
  return next;
}

static uint64_t consume(Ring& ring, const std::atomic<bool>& ended) {
  uint64_t next = 0;
  Random random;
  Backoff backoff;
  bool right = true;
  for (;;) {
    // Acquire: pairs with the release store after the last publish; read before the ring is.
    const bool last_look = ended.load(std::memory_order_acquire);
    const auto seen = ring.peek();
    if (seen.empty()) {
      if (last_look) break;
      backoff();
      continue;
    }
    backoff = {};
    const uint32_t count = 1 + random.below(static_cast<uint32_t>(seen.size()));
    for (const Payload& event : seen.first(count)) right = right && event.holds(next++);
    ring.release(count);
    Payload single;
    if (ring.try_pop(single)) right = right && single.holds(next++);
  }
  expect(right, "every payload is whole and in order");
  return next;
}

int main() {
  Ring ring(64);
  std::atomic<bool> ended{false};
  uint64_t produced = 0;
  std::thread producer([&] {
    produced = produce(ring);
    ended.store(true, std::memory_order_release);  // pairs with the load in consume()
  });
  const uint64_t consumed = consume(ring, ended);
  producer.join();
  expect(consumed == produced, "none lost, none twice");
  expect(consumed > 1'000, "the threads got along");
  std::printf("%llu events\n", static_cast<unsigned long long>(consumed));
  return rowtine::check::summary();
}
