// The barrier and the mailboxes with the threads' steps interleaved by hand on one thread.
#include "barrier/phase_barrier.h"

#include "barrier/mailboxes.h"
#include "base/check.h"

using rowtine::barrier::Mailboxes;
using rowtine::barrier::PhaseBarrier;
using rowtine::check::expect;

static void nobody_passes_before_all_have_arrived() {
  PhaseBarrier<> barrier(3);
  barrier.arrive(0);
  barrier.arrive(2);
  expect(!barrier.try_wait(0) && !barrier.try_wait(2), "thread 1 lacks");
  barrier.arrive(1);
  expect(barrier.try_wait(2) && barrier.phase(2) == 1, "all are there");
  barrier.arrive(2);
  expect(!barrier.try_wait(2), "one phase ahead at most");
  expect(barrier.try_wait(0) && barrier.try_wait(1), "the others pass the first boundary");
  expect(barrier.phase(0) == 1 && barrier.phase(1) == 1, "into the same phase");
}

static void one_thread_never_waits() {
  PhaseBarrier<> barrier(1);
  for (uint64_t i = 0; i < 3; ++i) {
    expect(barrier.phase(0) == i && barrier.has_turn(0), "always its turn");
    barrier.arrive_and_wait(0);
  }
}

static void turns_go_round() {
  PhaseBarrier<> barrier(2);
  for (int phase = 0; phase < 4; ++phase) {
    expect(barrier.has_turn(0) == (phase % 2 == 0), "even phases");
    expect(barrier.has_turn(1) == (phase % 2 == 1), "odd phases");
    barrier.arrive(0);
    barrier.arrive(1);
    expect(barrier.try_wait(0) && barrier.try_wait(1), "pass");
  }
}

static void messages_arrive_one_phase_later() {
  Mailboxes<int> boxes(2);
  boxes.outbox(0, 0, 1).push_back(7);
  int seen = 0;
  boxes.receive(0, 1, [&](uint32_t, auto&) { ++seen; });
  expect(seen == 0, "not in the phase they are sent in");
  boxes.outbox(1, 0, 1).push_back(8);
  boxes.receive(1, 1, [&](uint32_t from, auto& messages) {
    expect(from == 0 && messages.size() == 1 && messages[0] == 7, "the message of phase 0");
    ++seen;
  });
  boxes.receive(1, 1, [&](uint32_t, auto&) { ++seen; });
  boxes.receive(2, 1, [&](uint32_t, auto& messages) {
    expect(messages[0] == 8, "the message of phase 1");
    ++seen;
  });
  expect(seen == 2, "each once");
}

int main() {
  nobody_passes_before_all_have_arrived();
  one_thread_never_waits();
  turns_go_round();
  messages_arrive_one_phase_later();
  return rowtine::check::summary();
}
