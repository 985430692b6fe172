// How many checked events per second pass between two threads: SpscRing, a ring written by hand for
// exactly this (the limit), and two older designs: a ring that reads the other cursor at every
// event (as the first Disruptors did) and a one-slot mailbox.
#include "ring/spsc_ring.h"

#include <array>
#include <memory>

#include "ring/bench_pair.h"

using namespace rowtine::ring;
using namespace rowtine::ring::bench;
using rowtine::invariant;
using rowtine::kCacheLineBytes;

namespace {

constexpr uint32_t kBatch = 256;

/// 8 bytes: the ring fits the first-level cache, which beat every other size. 64 bytes: larger than
/// the second level, so that lines are written back before the reader asks for them: twice as fast
/// as small.
constexpr uint32_t capacity_for(size_t words) { return words == 1 ? 1024 : 16 * 1024; }

/// A reader that found little lets the writer run ahead for a moment; without it both fight for the
/// cursor's line (single pushes: 149 M/s near without, about 300 with).
void rest_if_few(uint64_t seen) {
  static constexpr uint64_t kFew = 512;
  static constexpr int kPauses = 16;
  if (seen >= kFew) return;
  for (int i = 0; i < kPauses; ++i) pause_briefly();
}

/// An event of 8 or 64 bytes; every word is checked at the receiver.
template <size_t kWords>
struct Event {
  std::array<uint64_t, kWords> words{};
};

template <size_t kWords>
void fill(Event<kWords>& event, uint64_t sequence) {
  for (size_t i = 0; i < kWords; ++i) event.words[i] = sequence + i;
}

/// Nonzero when an event is not what was sent. Without a branch, so that the check is vectorised.
template <size_t kWords>
uint64_t difference(const Event<kWords>& event, uint64_t sequence) {
  uint64_t bits = 0;
  for (size_t i = 0; i < kWords; ++i) bits |= event.words[i] ^ (sequence + i);
  return bits;
}

/// Runs a transport's two loops over `count` events. Returns: million events per second.
template <class Transport>
double rate(Pair& pair, uint64_t count) {
  const auto transport = std::make_unique<Transport>();
  uint64_t wrong = 1;
  const double ns = pair.run([&] { wrong = transport->receive(count); },
                             [&] { transport->send(count); });
  invariant(wrong == 0, "every event arrives whole and in order");
  return static_cast<double>(count) / ns * 1e3;
}

/// The limit: plain arrays and local variables. The reader takes all it sees and then says so once.
template <size_t kWords, uint32_t kSendBatch>
struct ByHand {
  static constexpr uint64_t kCapacity = capacity_for(kWords);
  alignas(kCacheLineBytes) std::atomic<uint64_t> sent{0};
  alignas(kCacheLineBytes) std::atomic<uint64_t> received{0};
  alignas(kCacheLineBytes) std::array<Event<kWords>, kCapacity> slots{};

  void send(uint64_t count) {
    uint64_t room_until = kCapacity;
    for (uint64_t next = 0; next < count;) {
      while (next + kSendBatch > room_until) {
        room_until = received.load(std::memory_order_acquire) + kCapacity;  // pairs with receive()
      }
      Event<kWords>* batch = &slots[next % kCapacity];
      for (uint32_t i = 0; i < kSendBatch; ++i) fill(batch[i], next + i);
      next += kSendBatch;
      sent.store(next, std::memory_order_release);  // pairs with receive()
    }
  }

  uint64_t receive(uint64_t count) {
    uint64_t wrong = 0;
    for (uint64_t next = 0; next < count;) {
      const uint64_t seen = sent.load(std::memory_order_acquire);  // pairs with send()
      if (seen == next) {
        rest_if_few(0);
        continue;
      }
      const uint64_t wrap = next - next % kCapacity + kCapacity;
      const uint64_t end = std::min(seen, wrap);
      const Event<kWords>* batch = &slots[next % kCapacity];
      const uint64_t batch_size = end - next;
      for (uint64_t i = 0; i < batch_size; ++i) wrong |= difference(batch[i], next + i);
      next = end;
      received.store(next, std::memory_order_release);  // pairs with send()
      rest_if_few(batch_size);
    }
    return wrong;
  }
};

template <size_t kWords>
uint64_t receive_batches(SpscRing<Event<kWords>>& ring, uint64_t count) {
  uint64_t wrong = 0;
  for (uint64_t next = 0; next < count;) {
    const auto seen = ring.peek();
    if (seen.empty()) {
      rest_if_few(0);
      continue;
    }
    for (size_t i = 0; i < seen.size(); ++i) wrong |= difference(seen[i], next + i);
    next += seen.size();
    ring.release(static_cast<uint32_t>(seen.size()));
    rest_if_few(seen.size());
  }
  return wrong;
}

template <size_t kWords>
struct RingPush {
  SpscRing<Event<kWords>> ring{capacity_for(kWords)};

  void send(uint64_t count) {
    for (uint64_t next = 0; next < count; ++next) {
      Event<kWords> event;
      fill(event, next);
      while (!ring.try_push(event)) {
      }
    }
  }
  uint64_t receive(uint64_t count) { return receive_batches(ring, count); }
};

template <size_t kWords>
struct RingPushPop : RingPush<kWords> {
  uint64_t receive(uint64_t count) {
    uint64_t wrong = 0;
    Event<kWords> event;
    for (uint64_t next = 0; next < count; ++next) {
      while (!this->ring.try_pop(event)) {
      }
      wrong |= difference(event, next);
    }
    return wrong;
  }
};

template <size_t kWords>
struct RingBatches {
  SpscRing<Event<kWords>> ring{capacity_for(kWords)};

  void send(uint64_t count) {
    for (uint64_t next = 0; next < count;) {
      const auto slots = ring.try_claim(kBatch);
      if (slots.size() < kBatch) continue;
      for (size_t i = 0; i < slots.size(); ++i) fill(slots[i], next + i);
      ring.publish(kBatch);
      next += kBatch;
    }
  }
  uint64_t receive(uint64_t count) { return receive_batches(ring, count); }
};

/// Both sides read the other's cursor at every event.
struct UncachedRing {
  static constexpr uint64_t kCapacity = capacity_for(1);
  alignas(kCacheLineBytes) std::atomic<uint64_t> sent{0};
  alignas(kCacheLineBytes) std::atomic<uint64_t> received{0};
  alignas(kCacheLineBytes) std::array<Event<1>, kCapacity> slots{};

  void send(uint64_t count) {
    for (uint64_t next = 0; next < count; ++next) {
      // Acquire: pairs with receive().
      while (next - received.load(std::memory_order_acquire) == kCapacity) {
      }
      fill(slots[next % kCapacity], next);
      sent.store(next + 1, std::memory_order_release);  // pairs with receive()
    }
  }
  uint64_t receive(uint64_t count) {
    uint64_t wrong = 0;
    for (uint64_t next = 0; next < count; ++next) {
      while (sent.load(std::memory_order_acquire) == next) {  // pairs with send()
      }
      wrong |= difference(slots[next % kCapacity], next);
      received.store(next + 1, std::memory_order_release);  // pairs with send()
    }
    return wrong;
  }
};

/// One slot that is full or empty.
struct Mailbox {
  alignas(kCacheLineBytes) std::atomic<uint64_t> full{0};
  Event<1> event;

  void send(uint64_t count) {
    for (uint64_t next = 0; next < count; ++next) {
      while (full.load(std::memory_order_acquire) != 0) {  // pairs with receive()
      }
      fill(event, next);
      full.store(1, std::memory_order_release);  // pairs with receive()
    }
  }
  uint64_t receive(uint64_t count) {
    uint64_t wrong = 0;
    for (uint64_t next = 0; next < count; ++next) {
      while (full.load(std::memory_order_acquire) == 0) {  // pairs with send()
      }
      wrong |= difference(event, next);
      full.store(0, std::memory_order_release);  // pairs with send()
    }
    return wrong;
  }
};

template <class Transport>
Candidate candidate(const char* name, uint64_t count) {
  return {name, [count](Pair& pair) { return rate<Transport>(pair, count); }};
}

void ask_all(Pair& pair, const Settings& settings) {
  const uint64_t few = settings.events(1 << 16), many = settings.events(1 << 18);
  ask(pair, settings, {"spsc: 8 bytes, single push", "M/s", {
    candidate<ByHand<1, 1>>("by hand", many),
    candidate<RingPush<1>>("SpscRing try_push, peek", many),
    candidate<RingPushPop<1>>("SpscRing try_push, try_pop", many),
    candidate<UncachedRing>("ring without cached cursors", few),
    candidate<Mailbox>("one-slot mailbox", few),
  }});
  ask(pair, settings, {"spsc: 8 bytes, batches of 256", "M/s", {
    candidate<ByHand<1, kBatch>>("by hand", 4 * many),
    candidate<RingBatches<1>>("SpscRing", 4 * many),
  }});
  ask(pair, settings, {"spsc: 64 bytes, batches of 256", "M/s", {
    candidate<ByHand<8, kBatch>>("by hand", many / 2),
    candidate<RingBatches<8>>("SpscRing", many / 2),
  }});
}

}  // namespace

int main(int argc, char** argv) { return bench_main(argc, argv, ask_all); }
