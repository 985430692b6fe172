// How many events per second a foreign thread can hand in: batches of 256 through a lane, with one
// notify() per batch, to a reader that has several lanes and could sleep.
#include "ring/lanes.h"

#include <array>
#include <memory>

#include "ring/bench_pair.h"
#include "ring/wait_strategy.h"

using namespace rowtine::ring;
using namespace rowtine::ring::bench;
using rowtine::invariant;
using rowtine::kCacheLineBytes;

namespace {

constexpr uint32_t kCapacity = 4096;
constexpr uint32_t kBatch = 256;
constexpr uint32_t kLanes = 4;  // one is busy

struct ByHand {
  Line sent, received;
  alignas(kCacheLineBytes) std::array<uint64_t, kCapacity> slots{};

  void send(uint64_t count) {
    uint64_t room_until = kCapacity;
    for (uint64_t next = 0; next < count; next += kBatch) {
      while (next + kBatch > room_until) {
        // Acquire: pairs with receive().
        room_until = received.word.load(std::memory_order_acquire) + kCapacity;
      }
      uint64_t* batch = &slots[next % kCapacity];
      for (uint32_t i = 0; i < kBatch; ++i) batch[i] = next + i;
      sent.word.store(next + kBatch, std::memory_order_release);  // pairs with receive()
    }
  }
  uint64_t receive(uint64_t count) {
    uint64_t wrong = 0;
    for (uint64_t next = 0; next < count; next += kBatch) {
      while (sent.word.load(std::memory_order_acquire) == next) {  // pairs with send()
      }
      const uint64_t* batch = &slots[next % kCapacity];
      for (uint32_t i = 0; i < kBatch; ++i) wrong |= batch[i] ^ (next + i);
      received.word.store(next + kBatch, std::memory_order_release);  // pairs with send()
    }
    return wrong;
  }
};

struct Ingest {
  Lanes<uint64_t> lanes{kLanes, kCapacity};
  Parker reader{20};

  void send(uint64_t count) {
    auto& lane = lanes.lane(kLanes - 1);
    for (uint64_t next = 0; next < count;) {
      const auto slots = lane.try_claim(kBatch);
      if (slots.empty()) continue;
      for (size_t i = 0; i < slots.size(); ++i) slots[i] = next + i;
      lane.publish(static_cast<uint32_t>(slots.size()));
      reader.notify();
      next += slots.size();
    }
  }
  uint64_t receive(uint64_t count) {
    uint64_t wrong = 0;
    for (uint64_t next = 0; next < count;) {
      const uint64_t taken = lanes.drain(UINT64_MAX, [&](uint32_t, std::span<uint64_t> events) {
        for (size_t i = 0; i < events.size(); ++i) wrong |= events[i] ^ (next + i);
        next += events.size();
      });
      if (taken == 0) reader.wait([&] { return lanes.has_work(); }, -1);
    }
    return wrong;
  }
};

template <class Transport>
double rate(Pair& pair, uint64_t count) {
  const auto transport = std::make_unique<Transport>();
  uint64_t wrong = 1;
  const double ns = pair.run([&] { wrong = transport->receive(count); },
                             [&] { transport->send(count); });
  invariant(wrong == 0, "every event arrives whole and in order");
  return static_cast<double>(count) / ns * 1e3;
}

void ask_all(Pair& pair, const Settings& settings) {
  const uint64_t count = settings.events(1 << 20);
  ask(pair, settings, {"ingest: 8 bytes from a foreign thread, batches of 256", "M/s", {
    {"by hand, one lane", [=](Pair& p) { return rate<ByHand>(p, count); }},
    {"Lanes and Parker", [=](Pair& p) { return rate<Ingest>(p, count); }},
  }});
}

}  // namespace

int main(int argc, char** argv) { return bench_main(argc, argv, ask_all); }
