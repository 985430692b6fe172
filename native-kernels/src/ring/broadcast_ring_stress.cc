// One producer, one reader that stays and readers that come and go in one place: everybody sees
// every event from its first sequence on, whole and in order.
#include "ring/broadcast_ring.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include "base/check.h"
#include "ring/spsc_ring.h"
#include "ring/stress.h"

using rowtine::check::expect;
using namespace rowtine::ring;
using namespace rowtine::ring::stress;

namespace {

struct Guest {
  ConsumerIndex place;
  Sequence first;
};

struct Shared {
  BroadcastRing<Payload> ring{64, 2};
  SpscRing<Guest> invitations{1};  // how a place gets from the producer to the guests' thread
  std::atomic<bool> ended{false};
  uint64_t produced = 0;
};

void invite_a_guest(Shared& shared) {
  if (!shared.invitations.empty()) return;
  const Sequence first = std::max(shared.ring.oldest_sequence(), shared.ring.next_sequence() / 2);
  const ConsumerIndex place = shared.ring.add_consumer(first);
  if (place != kNoConsumer) shared.invitations.try_push(Guest{place, first});
}

void produce(Shared& shared) {
  Deadline deadline;
  Backoff backoff;
  Random random;
  while (!deadline.passed()) {
    invite_a_guest(shared);
    const auto slots = shared.ring.try_claim(1 + random.below(20));
    if (slots.empty()) {
      backoff();
      continue;
    }
    backoff = {};
    for (Payload& slot : slots) slot.fill(shared.produced++);
    shared.ring.publish(static_cast<uint32_t>(slots.size()));
  }
  shared.ended.store(true, std::memory_order_release);  // pairs with the loads of the readers
}

// Reads from `next` on, up to `count_max` events or the end; `right` becomes false when one is not
// what it should be. Returns: the sequence after the last.
Sequence read(Shared& shared, const Guest& guest, uint64_t count_max, bool& right) {
  Sequence next = guest.first;
  const Sequence end = count_max > UINT64_MAX - next ? UINT64_MAX : next + count_max;
  Backoff backoff;
  while (next < end) {
    const bool last_look = shared.ended.load(std::memory_order_acquire);
    const auto seen = shared.ring.peek(guest.place);
    if (seen.empty()) {
      if (last_look) break;
      backoff();
      continue;
    }
    backoff = {};
    for (const Payload& event : seen) right = right && event.holds(next++);
    shared.ring.release(guest.place, static_cast<uint32_t>(seen.size()));
  }
  return next;
}

uint64_t receive_guests(Shared& shared, bool& right) {
  uint64_t guests = 0;
  Backoff backoff;
  Guest guest{};
  while (!shared.ended.load(std::memory_order_acquire)) {
    if (!shared.invitations.try_pop(guest)) {
      backoff();
      continue;
    }
    backoff = {};
    read(shared, guest, 100, right);
    shared.ring.leave(guest.place);
    ++guests;
  }
  // One that was invited at the last moment still holds a place, which gates nobody any more.
  return guests;
}

}  // namespace

int main() {
  Shared shared;
  const Guest resident{shared.ring.add_consumer(0), 0};
  uint64_t guests = 0;
  bool resident_right = true, guests_right = true;
  std::thread producer([&] { produce(shared); });
  std::thread visiting([&] { guests = receive_guests(shared, guests_right); });
  const Sequence seen = read(shared, resident, UINT64_MAX, resident_right);
  producer.join();
  visiting.join();
  expect(resident_right && guests_right, "every payload is whole and in order");
  expect(seen == shared.produced, "the resident saw everything");
  expect(guests > 10, "guests came and went");
  std::printf("%llu events, %llu guests\n", static_cast<unsigned long long>(seen),
              static_cast<unsigned long long>(guests));
  return rowtine::check::summary();
}
