// How many events per second a broadcast delivers to a reader that must see every one of them: none
// is lost, each is checked. The limit is a ring by hand for exactly one reader.
#include "ring/broadcast_ring.h"

#include <array>
#include <memory>

#include "ring/bench_pair.h"

using namespace rowtine::ring;
using namespace rowtine::ring::bench;
using rowtine::invariant;
using rowtine::kCacheLineBytes;

namespace {

constexpr uint32_t kCapacity = 1024;
constexpr uint32_t kReadersMax = 4;

// As in spsc_ring_bench.cc: a reader that found little lets the writer run ahead for a moment.
void rest_if_few(uint64_t seen) {
  static constexpr uint64_t kFew = 512;
  static constexpr int kPauses = 16;
  if (seen >= kFew) return;
  for (int i = 0; i < kPauses; ++i) pause_briefly();
}

struct ByHand {
  Line sent, received;
  alignas(kCacheLineBytes) std::array<uint64_t, kCapacity> slots{};

  void send(uint64_t count) {
    uint64_t room_until = kCapacity;
    for (uint64_t next = 0; next < count;) {
      while (next == room_until) {
        // Acquire: pairs with receive().
        room_until = received.word.load(std::memory_order_acquire) + kCapacity;
      }
      slots[next % kCapacity] = next;
      sent.word.store(++next, std::memory_order_release);  // pairs with receive()
    }
  }
  uint64_t receive(uint64_t count) {
    uint64_t wrong = 0;
    for (uint64_t next = 0; next < count;) {
      const uint64_t seen = sent.word.load(std::memory_order_acquire);  // pairs with send()
      const uint64_t end = std::min(seen, next - next % kCapacity + kCapacity);
      const uint64_t batch_size = end - next;
      const uint64_t* batch = &slots[next % kCapacity];
      for (uint64_t i = 0; i < batch_size; ++i) wrong |= batch[i] ^ (next + i);
      next = end;
      received.word.store(next, std::memory_order_release);  // pairs with send()
      rest_if_few(batch_size);
    }
    return wrong;
  }
};

struct Broadcast {
  BroadcastRing<uint64_t> ring{kCapacity, kReadersMax};
  ConsumerIndex reader = ring.add_consumer(0);

  void send(uint64_t count) {
    for (uint64_t next = 0; next < count; ++next) {
      while (!ring.try_push(next)) {
      }
    }
  }
  uint64_t receive(uint64_t count) {
    uint64_t wrong = 0;
    for (uint64_t next = 0; next < count;) {
      const auto seen = ring.peek(reader);
      for (size_t i = 0; i < seen.size(); ++i) wrong |= seen[i] ^ (next + i);
      next += seen.size();
      if (!seen.empty()) ring.release(reader, static_cast<uint32_t>(seen.size()));
      rest_if_few(seen.size());
    }
    return wrong;
  }
};

struct BroadcastBatches : Broadcast {
  static constexpr uint32_t kBatch = 256;

  void send(uint64_t count) {
    for (uint64_t next = 0; next < count;) {
      const auto slots = ring.try_claim(kBatch);
      for (size_t i = 0; i < slots.size(); ++i) slots[i] = next + i;
      next += slots.size();
      if (!slots.empty()) ring.publish(static_cast<uint32_t>(slots.size()));
    }
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
  const uint64_t count = settings.events(1 << 18);
  ask(pair, settings, {"broadcast: 8 bytes to 1 reader, none lost", "M/s", {
    {"by hand, single push", [=](Pair& p) { return rate<ByHand>(p, count); }},
    {"BroadcastRing, single push", [=](Pair& p) { return rate<Broadcast>(p, count); }},
    {"BroadcastRing, batches of 256",
     [=](Pair& p) { return rate<BroadcastBatches>(p, 4 * count); }},
  }});
}

}  // namespace

int main(int argc, char** argv) { return bench_main(argc, argv, ask_all); }
