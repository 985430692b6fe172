// Three producers, one reader that drains a bounded number per turn and parks when there is
// nothing: every lane in order, none lost, no wake-up lost.
#include "ring/lanes.h"

#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include "base/check.h"
#include "ring/stress.h"
#include "ring/wait_strategy.h"

using rowtine::check::expect;
using namespace rowtine::ring;
using namespace rowtine::ring::stress;

static constexpr uint32_t kProducers = 3;
static constexpr int64_t kLostWakeMicros = 2'000'000;

static void produce(Lanes<Payload>& lanes, Parker& reader, uint32_t producer, uint64_t& produced) {
  Deadline deadline;
  Backoff backoff;
  Random random;
  while (!deadline.passed()) {
    const auto slots = lanes.lane(producer).try_claim(1 + random.below(8));
    if (slots.empty()) {
      backoff();
      continue;
    }
    backoff = {};
    for (Payload& slot : slots) slot.fill(produced++);
    lanes.lane(producer).publish(static_cast<uint32_t>(slots.size()));
    reader.notify();
    if (random.below(64) == 0) std::this_thread::yield();
  }
}

int main() {
  Lanes<Payload> lanes(kProducers, 32);
  Parker parker(5);
  std::array<uint64_t, kProducers> produced{}, consumed{};
  std::atomic<uint32_t> running{kProducers};
  std::vector<std::thread> threads;
  for (uint32_t i = 0; i < kProducers; ++i) {
    threads.emplace_back([&, i] {
      produce(lanes, parker, i, produced[i]);
      running.fetch_sub(1, std::memory_order_release);  // pairs with the load below
      parker.notify();
    });
  }
  bool right = true, woken = true;
  for (;;) {
    const bool last_look = running.load(std::memory_order_acquire) == 0;
    const uint64_t taken = lanes.drain(40, [&](uint32_t lane, std::span<Payload> events) {
      for (const Payload& event : events) right = right && event.holds(consumed[lane]++);
    });
    if (taken == 0 && last_look) break;
    if (taken > 0) continue;
    woken = woken && parker.wait([&] {
      return lanes.has_work() || running.load(std::memory_order_acquire) == 0;
    }, kLostWakeMicros);
  }
  for (std::thread& thread : threads) thread.join();
  expect(right, "each lane whole and in order");
  expect(woken, "no wake-up lost");
  expect(produced == consumed, "none lost, none twice");
  std::printf("%llu %llu %llu events\n", static_cast<unsigned long long>(consumed[0]),
              static_cast<unsigned long long>(consumed[1]),
              static_cast<unsigned long long>(consumed[2]));
  return rowtine::check::summary();
}
