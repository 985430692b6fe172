// Two threads that park after every message and wake each other: a lost wake-up ends the test.
#include "ring/wait_strategy.h"

#include <array>
#include <thread>

#include "base/check.h"
#include "ring/spsc_ring.h"
#include "ring/stress.h"

using rowtine::check::expect;
using namespace rowtine::ring;
using namespace rowtine::ring::stress;

namespace {

constexpr int64_t kLostWakeMicros = 2'000'000;
constexpr uint64_t kLastMessage = UINT64_MAX;

struct Side {
  SpscRing<uint64_t> inbox{2};
  Parker parker{0};
};

bool receive(Side& own, uint64_t& message) {
  return own.parker.wait([&] { return own.inbox.try_pop(message); }, kLostWakeMicros);
}

bool send(Side& other, uint64_t message) {
  const bool sent = other.inbox.try_push(message);
  other.parker.notify();
  return sent;
}

void answer(Side& own, Side& other) {
  uint64_t message = 0;
  bool right = true;
  while (right && message != kLastMessage) {
    right = receive(own, message);
    right = right && send(other, message);
  }
  expect(right, "the answering side is always woken and has room");
}

}  // namespace

int main() {
  std::array<Side, 2> sides;
  std::thread answering([&] { answer(sides[1], sides[0]); });
  uint64_t rounds = 0;
  bool right = true;
  const int64_t end_us = monotonic_us() + kRunMicros;
  while (right && monotonic_us() < end_us) {
    uint64_t echo = 0;
    right = send(sides[1], rounds) && receive(sides[0], echo) && echo == rounds;
    ++rounds;
  }
  send(sides[1], kLastMessage);
  answering.join();
  expect(right, "every message comes back and no wake-up is lost");
  std::printf("%llu rounds\n", static_cast<unsigned long long>(rounds));
  return rowtine::check::summary();
}
