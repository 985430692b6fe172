// Parking on the kernel's eventfd: wakes, timeouts, the descriptor a reactor watches, and what
// idling costs.
#include "ring/wait_strategy.h"

#include <poll.h>
#include <time.h>

#include "base/check.h"

using rowtine::check::expect;
using rowtine::ring::monotonic_us;
using rowtine::ring::Parker;

static bool readable(int fd) {
  pollfd watched{fd, POLLIN, 0};
  return poll(&watched, 1, 0) == 1;
}

static int64_t thread_cpu_us() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * 1'000'000 + now.tv_nsec / 1000;
}

static void polls_first_and_parks_then() {
  Parker parker(1'000);
  const int64_t start_us = monotonic_us();
  int polls = 0;
  while (!parker.prepare_park()) ++polls;
  expect(polls > 10, "polls before it parks");
  expect(monotonic_us() - start_us >= 1'000, "for as long as it was told");
  parker.cancel_park();
  expect(!parker.prepare_park(), "work starts the polling anew");
}

static void without_spinning_it_parks_at_once() {
  Parker parker(0);
  expect(parker.prepare_park(), "announced at the first call");
  parker.notify();
  parker.park(-1);
  expect(true, "a wake before the sleep ends it");
}

static void rings_only_for_a_sleeper_and_only_once() {
  Parker parker(0);
  parker.notify();
  expect(!readable(parker.fd()), "awake: no system call");
  expect(parker.prepare_park(), "announced");
  parker.notify();
  parker.notify();
  expect(readable(parker.fd()), "a reactor that watches the descriptor sees it");
  parker.drain();
  expect(!readable(parker.fd()), "drained");
  parker.notify();
  expect(!readable(parker.fd()), "and awake again");
}

static void a_cancelled_park_leaves_no_bell_ringing() {
  Parker parker(0);
  expect(parker.prepare_park(), "announced");
  parker.notify();
  parker.cancel_park();
  expect(!readable(parker.fd()), "silenced");
}

static void waits_with_a_limit() {
  Parker parker(0);
  const int64_t start_us = monotonic_us();
  expect(!parker.wait([] { return false; }, 20'000), "never ready");
  expect(monotonic_us() - start_us >= 20'000, "the limit is kept");
  expect(parker.wait([] { return true; }, 0), "ready at once needs no time");
}

static void idling_costs_nothing() {
  Parker parker;
  const int64_t cpu_before_us = thread_cpu_us();
  parker.wait([] { return false; }, 300'000);
  const int64_t cpu_us = thread_cpu_us() - cpu_before_us;
  expect(cpu_us < 3'000, "less than one percent of a core");
}

int main() {
  polls_first_and_parks_then();
  without_spinning_it_parks_at_once();
  rings_only_for_a_sleeper_and_only_once();
  a_cancelled_park_leaves_no_bell_ringing();
  waits_with_a_limit();
  idling_costs_nothing();
  return rowtine::check::summary();
}
