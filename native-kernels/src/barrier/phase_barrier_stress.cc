// Three threads through many phases, with messages to everybody in each: nobody early, none lost,
// turns alone. To be run under ThreadSanitizer too: the mailboxes are plain memory.
#include "barrier/phase_barrier.h"

#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include "barrier/mailboxes.h"
#include "base/check.h"
#include "ring/stress.h"

using rowtine::check::expect;
using namespace rowtine::barrier;

namespace {

constexpr uint32_t kThreads = 3;

struct Shared {
  PhaseBarrier<> barrier{kThreads};
  Mailboxes<uint64_t> boxes{kThreads};
  uint64_t turns = 0;                      // written in exclusive sections only
  std::atomic<Phase> end_phase{UINT64_MAX};  // set in a turn, two phases ahead at least
  std::array<bool, kThreads> right{};
};

bool exchange_messages(Shared& shared, uint32_t thread, Phase phase) {
  uint32_t received = 0;
  bool right = true;
  shared.boxes.receive(phase, thread, [&](uint32_t from, std::vector<uint64_t>& messages) {
    right = right && messages.size() == 1 && messages[0] == (phase - 1) * kThreads + from;
    ++received;
  });
  for (uint32_t to = 0; to < kThreads; ++to) {
    shared.boxes.outbox(phase, thread, to).push_back(phase * kThreads + thread);
  }
  return right && received == (phase == 0 ? 0 : kThreads);
}

void take_turn(Shared& shared, Phase phase, bool time_is_up) {
  ++shared.turns;
  // Relaxed: the phases order it. Only the first that sees the end decides.
  const bool decided = shared.end_phase.load(std::memory_order_relaxed) != UINT64_MAX;
  if (time_is_up && !decided) {
    shared.end_phase.store(phase + kThreads, std::memory_order_relaxed);
  }
}

void run(Shared& shared, uint32_t thread) {
  rowtine::ring::stress::Deadline deadline;
  bool right = true;
  for (Phase phase = 0; phase < shared.end_phase.load(std::memory_order_relaxed); ++phase) {
    right = right && shared.barrier.phase(thread) == phase;
    right = exchange_messages(shared, thread, phase) && right;
    if (shared.barrier.has_turn(thread)) take_turn(shared, phase, deadline.passed());
    shared.barrier.arrive_and_wait(thread);
  }
  shared.right[thread] = right;
}

}  // namespace

int main() {
  Shared shared;
  std::vector<std::thread> threads;
  for (uint32_t i = 0; i < kThreads; ++i) threads.emplace_back([&, i] { run(shared, i); });
  for (std::thread& thread : threads) thread.join();
  for (const bool right : shared.right) {
    expect(right, "each thread gets everybody's message of the phase before");
  }
  expect(shared.turns == shared.end_phase.load(std::memory_order_relaxed), "one turn per phase");
  std::printf("%llu phases\n", static_cast<unsigned long long>(shared.turns));
  return rowtine::check::summary();
}
