// How long one message takes: the round trip, one way at a pace that leaves the cores time, and the
// wake of a reader that sleeps. The limit of the first two is one cache line that is its own flag.
#include <sys/eventfd.h>
#include <unistd.h>

#include <memory>

#include "ring/bench_pair.h"
#include "ring/spsc_ring.h"

using namespace rowtine::ring;
using namespace rowtine::ring::bench;
using rowtine::invariant;
using rowtine::kCacheLineBytes;

namespace {

// Ticks: the cheapest clock both cores agree on, but for an offset that paced_ns() cancels.
uint64_t ticks() {
#if defined(__x86_64__)
  return __builtin_ia32_rdtsc();
#else
  return static_cast<uint64_t>(now_ns());
#endif
}

double measure_tick_ns() {
  const double start_ns = now_ns();
  const uint64_t start = ticks();
  while (now_ns() - start_ns < 2e7) {
  }
  return (now_ns() - start_ns) / static_cast<double>(ticks() - start);
}

double tick_ns() {
  static const double value = measure_tick_ns();
  return value;
}

/// One line: the word is message and flag at a time.
struct OneLine {
  Line line;
  uint64_t last = 0;

  // Release: pairs with receive().
  void send(uint64_t word) { line.word.store(word, std::memory_order_release); }
  uint64_t receive() {
    uint64_t word = last;
    while (word == last) word = line.word.load(std::memory_order_acquire);
    return last = word;
  }
};

/// The same with a second line by which the receiver allows the next message; it is off the path
/// that is timed, and without it a message is overwritten when the receiver loses its core.
struct OneLineAllowed : OneLine {
  Line allowed;
  uint64_t sent = 0, received = 0;

  void send(uint64_t word) {
    while (allowed.word.load(std::memory_order_acquire) != sent) {  // pairs with receive()
    }
    ++sent;
    OneLine::send(word);
  }
  uint64_t receive() {
    const uint64_t word = OneLine::receive();
    allowed.word.store(++received, std::memory_order_release);  // pairs with send()
    return word;
  }
};

struct Ring {
  SpscRing<uint64_t> ring{1024};

  void send(uint64_t word) {
    while (!ring.try_push(word)) {
    }
  }
  uint64_t receive() {
    uint64_t word = 0;
    while (!ring.try_pop(word)) {
    }
    return word;
  }
};

/// Reads the other cursor at every event, as the first Disruptors did.
struct UncachedRing {
  static constexpr uint64_t kCapacity = 1024;
  Line sent, received;
  alignas(kCacheLineBytes) std::array<uint64_t, kCapacity> slots{};

  void send(uint64_t word) {
    const uint64_t next = sent.word.load(std::memory_order_relaxed);
    // Acquire: pairs with receive().
    while (next - received.word.load(std::memory_order_acquire) == kCapacity) {
    }
    slots[next % kCapacity] = word;
    sent.word.store(next + 1, std::memory_order_release);  // pairs with receive()
  }
  uint64_t receive() {
    const uint64_t next = received.word.load(std::memory_order_relaxed);
    while (sent.word.load(std::memory_order_acquire) == next) {  // pairs with send()
    }
    const uint64_t word = slots[next % kCapacity];
    received.word.store(next + 1, std::memory_order_release);  // pairs with send()
    return word;
  }
};

template <class Channel>
double round_trip_ns(Pair& pair, uint64_t count) {
  const auto there = std::make_unique<Channel>(), back = std::make_unique<Channel>();
  bool right = true;
  const double ns = pair.run(
      [&] {
        for (uint64_t i = 1; i <= count; ++i) {
          there->send(i);
          right = right && back->receive() == i;
        }
      },
      [&] {
        for (uint64_t i = 1; i <= count; ++i) back->send(there->receive());
      });
  invariant(right, "every message comes back");
  return ns / static_cast<double>(count);
}

void wait_ticks(uint64_t count) {
  for (const uint64_t start = ticks(); ticks() - start < count;) pause_briefly();
}

/// Sends `count` time stamps, about a microsecond apart. Returns: the median age at the receiver,
/// in ticks. Stamps must ascend, which they do only when none is lost or torn.
template <class Channel>
struct OneWay {
  Channel channel;
  std::vector<double> ages;
  bool right = true;

  void send(uint64_t count) {
    const auto pace = static_cast<uint64_t>(1'000 / tick_ns());
    for (uint64_t i = 0; i < count; ++i) {
      wait_ticks(pace);
      channel.send(ticks());
    }
  }
  void receive(uint64_t count) {
    ages.reserve(count);
    uint64_t last = 0;
    for (uint64_t i = 0; i < count; ++i) {
      const uint64_t stamp = channel.receive();
      ages.push_back(static_cast<double>(static_cast<int64_t>(ticks() - stamp)));
      right = right && stamp > last;
      last = stamp;
    }
  }
};

/// The mean of both directions: an offset between the cores' clocks adds to one and subtracts from
/// the other.
template <class Channel>
double paced_ns(Pair& pair, uint64_t count) {
  const auto there = std::make_unique<OneWay<Channel>>();
  const auto back = std::make_unique<OneWay<Channel>>();
  pair.run(
      [&] {
        there->send(count);
        back->receive(count);
      },
      [&] {
        there->receive(count);
        back->send(count);
      });
  invariant(there->right && back->right, "stamps arrive whole and in order");
  return (median(there->ages) + median(back->ages)) / 2 * tick_ns();
}

/// A reader that sleeps until it is woken, by hand and by Parker.
struct SleepingByHand {
  Line word;
  int fd = eventfd(0, EFD_CLOEXEC | EFD_SEMAPHORE);
  ~SleepingByHand() { close(fd); }

  void send(uint64_t stamp) {
    word.word.store(stamp, std::memory_order_release);  // pairs with receive()
    const uint64_t one = 1;
    invariant(write(fd, &one, sizeof one) == sizeof one, "the bell rings");
  }
  uint64_t receive() {
    uint64_t count = 0;
    invariant(read(fd, &count, sizeof count) == sizeof count, "the bell was rung");
    return word.word.load(std::memory_order_acquire);  // pairs with send()
  }
};

struct SleepingInParker {
  SpscRing<uint64_t> ring{64};
  Parker parker{0};

  void send(uint64_t stamp) {
    ring.try_push(stamp);
    parker.notify();
  }
  uint64_t receive() {
    uint64_t stamp = 0;
    parker.wait([&] { return ring.try_pop(stamp); }, -1);
    return stamp;
  }
};

template <class Channel>
double wake_ns(Pair& pair, uint64_t count) {
  const auto channel = std::make_unique<Channel>();
  std::vector<double> ages;
  const auto pace = static_cast<uint64_t>(200'000 / tick_ns());
  pair.run(
      [&] {
        for (uint64_t i = 0; i < count; ++i) {
          wait_ticks(pace);
          channel->send(ticks());
        }
      },
      [&] {
        for (uint64_t i = 0; i < count; ++i) {
          const uint64_t stamp = channel->receive();
          ages.push_back(static_cast<double>(ticks() - stamp) * tick_ns());
        }
      });
  return median(ages);
}

/// What notify() costs a writer whose reader is awake.
double notify_ns(Pair&, uint64_t count, bool with_parker) {
  Parker parker{0};
  Line sleeping, published;
  const double start = now_ns();
  for (uint64_t i = 0; i < count; ++i) {
    published.word.store(i, std::memory_order_release);
    if (with_parker) {
      parker.notify();
    } else {
      store_load_fence<std::atomic>();
      invariant(sleeping.word.load(std::memory_order_relaxed) == 0, "awake");
    }
  }
  return (now_ns() - start) / static_cast<double>(count);
}

void ask_all(Pair& pair, const Settings& settings) {
  const uint64_t rounds = settings.events(8'000), paced = settings.events(1'600);
  ask(pair, settings, {"latency: round trip", "ns", {
    {"by hand, one line", [=](Pair& p) { return round_trip_ns<OneLine>(p, rounds); }},
    {"SpscRing", [=](Pair& p) { return round_trip_ns<Ring>(p, rounds); }},
    {"ring without cached cursors",
     [=](Pair& p) { return round_trip_ns<UncachedRing>(p, rounds); }},
  }});
  ask(pair, settings, {"latency: one way, paced, p50", "ns", {
    {"by hand, one line", [=](Pair& p) { return paced_ns<OneLineAllowed>(p, paced); }},
    {"SpscRing", [=](Pair& p) { return paced_ns<Ring>(p, paced); }},
    {"ring without cached cursors", [=](Pair& p) { return paced_ns<UncachedRing>(p, paced); }},
  }});
  ask(pair, settings, {"latency: wake of a sleeping reader, p50", "ns", {
    {"by hand, eventfd", [=](Pair& p) { return wake_ns<SleepingByHand>(p, 32); }},
    {"SpscRing and Parker", [=](Pair& p) { return wake_ns<SleepingInParker>(p, 32); }},
  }});
  ask(pair, settings, {"latency: notify() while the reader is awake", "ns", {
    {"by hand, fence and load", [=](Pair& p) { return notify_ns(p, 16 * rounds, false); }},
    {"Parker", [=](Pair& p) { return notify_ns(p, 16 * rounds, true); }},
  }});
}

}  // namespace

int main(int argc, char** argv) { return bench_main(argc, argv, ask_all); }
