// What a superstep of two threads costs: arrive and wait, with a value handed to the other thread
// in each phase and checked in the next. The limit is two flags by hand.
#include "barrier/phase_barrier.h"

#include <array>
#include <memory>

#include "ring/bench_pair.h"

using namespace rowtine::ring::bench;
using rowtine::barrier::PhaseBarrier;
using rowtine::invariant;
using rowtine::kCacheLineBytes;
using rowtine::ring::pause_briefly;

namespace {

struct FlagsByHand {
  std::array<Line, 2> flags;
  std::array<uint64_t, 2> phase{};

  void arrive_and_wait(uint32_t thread) {
    const uint64_t next = ++phase[thread];
    flags[thread].word.store(next, std::memory_order_release);  // pairs with the load below
    while (flags[1 - thread].word.load(std::memory_order_acquire) < next) {
    }
  }
};

struct Phases {
  PhaseBarrier<> barrier{2};

  void arrive_and_wait(uint32_t thread) { barrier.arrive_and_wait(thread); }
};

/// Two values per thread, by parity of the phase: written in one, read by the other in the next.
struct alignas(kCacheLineBytes) Value {
  uint64_t value = 0;
};

template <class Barrier, bool kWithValues>
struct Supersteps {
  Barrier barrier;
  std::array<std::array<Value, 2>, 2> values;

  // Returns: nonzero when a value was not the one of the phase before.
  uint64_t run(uint32_t thread, uint64_t count) {
    uint64_t wrong = 0;
    for (uint64_t phase = 0; phase < count; ++phase) {
      if constexpr (kWithValues) values[phase % 2][thread].value = phase;
      barrier.arrive_and_wait(thread);
      if constexpr (kWithValues) wrong |= values[phase % 2][1 - thread].value ^ phase;
    }
    return wrong;
  }
};

template <class Barrier, bool kWithValues>
double superstep_ns(Pair& pair, uint64_t count) {
  const auto steps = std::make_unique<Supersteps<Barrier, kWithValues>>();
  uint64_t here = 1, there = 1;
  const double ns = pair.run([&] { here = steps->run(0, count); },
                             [&] { there = steps->run(1, count); });
  invariant(here == 0 && there == 0, "each phase's value arrives in time");
  return ns / static_cast<double>(count);
}

template <bool kWithValues>
Question question(const char* name, uint64_t count) {
  return {name, "ns", {
    {"by hand, two flags",
     [=](Pair& p) { return superstep_ns<FlagsByHand, kWithValues>(p, count); }},
    {"PhaseBarrier", [=](Pair& p) { return superstep_ns<Phases, kWithValues>(p, count); }},
  }};
}

void ask_all(Pair& pair, const Settings& settings) {
  const uint64_t count = settings.events(1 << 15);
  ask(pair, settings, question<false>("barrier: superstep of two threads", count));
  ask(pair, settings, question<true>("barrier: superstep that exchanges a line", count));
}

}  // namespace

int main(int argc, char** argv) { return bench_main(argc, argv, ask_all); }
