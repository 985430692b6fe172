// The phase barrier under every schedule within the bounds: nobody passes early, turns do not
// overlap, mailboxes are never written and read at a time.
#include <array>
#include <memory>

#include "barrier/mailboxes.h"
#include "barrier/phase_barrier.h"
#include "base/check.h"
#include "ring/schedule_explorer.h"

using namespace rowtine::ring::schedule;
using rowtine::barrier::Mailboxes;
using rowtine::barrier::PhaseBarrier;
using rowtine::check::expect;

namespace {

struct Shared {
  explicit Shared(uint32_t thread_count)
      : barrier(thread_count), boxes(thread_count), work(thread_count, 0) {}
  PhaseBarrier<Explored> barrier;
  Mailboxes<uint64_t> boxes;
  std::vector<uint64_t> work;  // phases each thread has done its part of
  Explored<uint32_t> inside;   // threads in the exclusive section
};

void take_turn(Shared& shared, uint32_t thread) {
  if (!shared.barrier.has_turn(thread)) return;
  expect_always(shared.inside.exchange(1, std::memory_order_seq_cst) == 0, "turns never overlap");
  shared.inside.exchange(0, std::memory_order_seq_cst);
}

void exchange_messages(Shared& shared, uint32_t thread) {
  const uint64_t phase = shared.barrier.phase(thread);
  uint32_t received = 0;
  shared.boxes.receive(phase, thread, [&](uint32_t, std::vector<uint64_t>& messages) {
    expect_always(messages.size() == 1 && messages[0] == phase, "sent one phase ago");
    ++received;
  });
  const uint32_t expected = phase == 0 ? 0 : shared.barrier.thread_count();
  expect_always(received == expected, "one message from everybody");
  for (uint32_t to = 0; to < shared.barrier.thread_count(); ++to) {
    shared.boxes.outbox(phase, thread, to).push_back(phase + 1);
  }
}

void run_thread(Shared& shared, uint32_t thread, uint64_t phases) {
  for (uint64_t phase = 0; phase < phases; ++phase) {
    exchange_messages(shared, thread);
    take_turn(shared, thread);
    shared.work[thread] = phase + 1;
    shared.barrier.arrive(thread);
    wait_until([&] { return shared.barrier.try_wait(thread); });
    for (const uint64_t done : shared.work) {
      expect_always(done >= phase + 1, "all have done their part before anybody passes");
    }
  }
}

void holds(uint32_t thread_count, uint64_t phases, const Bounds& bounds) {
  const Outcome outcome = explore(bounds, [&](Program& program) {
    auto shared = std::make_shared<Shared>(thread_count);
    for (uint32_t thread = 0; thread < thread_count; ++thread) {
      program.thread([shared, thread, phases] { run_thread(*shared, thread, phases); });
    }
  });
  std::printf("%u threads: %llu schedules\n", thread_count,
              static_cast<unsigned long long>(outcome.schedules));
  expect(outcome.failure == nullptr, outcome.failure != nullptr ? outcome.failure : "holds");
  expect(outcome.complete, "every schedule within the bounds was run");
}

// A thread that does not wait must be caught, else the test proves nothing.
void notices_a_thread_that_does_not_wait() {
  const Outcome outcome = explore({}, [](Program& program) {
    auto shared = std::make_shared<Shared>(2);
    program.thread([shared] { run_thread(*shared, 0, 1); });
    program.thread([shared] {
      shared->barrier.arrive(1);
      Explored<int> elsewhere;
      elsewhere.load(std::memory_order_relaxed);  // a place for the schedule to go on elsewhere
      shared->work[1] = 1;
    });
  });
  expect(outcome.failure != nullptr, "work after arriving is seen to be missing");
}

}  // namespace

int main() {
  if (skipped_in_this_build()) return 0;
  holds(2, 3, {.preemptions_max = 2, .late_stores_max = 1});
  holds(3, 2, {.preemptions_max = 1, .late_stores_max = 0});
  notices_a_thread_that_does_not_wait();
  return rowtine::check::summary();
}
