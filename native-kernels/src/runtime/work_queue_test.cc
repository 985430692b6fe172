// The order of work, and the ticks of the clock device.
#include "runtime/work_queue.h"

#include "base/check.h"
#include "runtime/timers.h"

using namespace rowtine;
using namespace rowtine::runtime;
using check::expect;

namespace {

void ranges_join_only_when_adjacent() {
  WorkQueue queue;
  queue.push(EventRange{1, 10, 5});
  queue.push(EventRange{1, 15, 5});
  expect(queue.size() == 1, "a range that continues the newest one joins it");
  queue.push(EventRange{1, 30, 5});
  queue.push(EventRange{2, 35, 5});
  queue.push(EventRange{2, 40, 0});
  expect(queue.size() == 3, "gaps and other relations start anew, nothing is no work");
}

void rows_are_taken_in_pieces() {
  WorkQueue queue;
  queue.push(EventRange{1, 10, 5});
  queue.push(ClosedConnections{{7}});
  queue.push(EventRange{1, 15, 1});
  const EventRange first = queue.take_rows(3);
  expect(first.first_seq == 10 && first.row_count == 3, "a batch at most");
  const EventRange second = queue.take_rows(3);
  expect(second.first_seq == 13 && second.row_count == 2, "the rest of it");
  expect(std::holds_alternative<ClosedConnections>(queue.front()), "then what came next");
  queue.pop();
  expect(queue.take_rows(3).first_seq == 15 && queue.empty(), "and what came after that");
}

void ticks_fire_without_drift() {
  Timers timers;
  expect(!timers.add(1, {0, 0, 10}, 0), "too short an interval is refused");
  expect(timers.add(1, {0, 0, 100'000}, 0), "a tenth of a second");
  std::vector<int64_t> due;
  for (int64_t now = 0; now <= 450'000; now += 30'000) {
    timers.run(now, [&](const Tick& tick) { due.push_back(tick.due_us); });
  }
  expect(due == std::vector<int64_t>{100'000, 200'000, 300'000, 400'000}, "each at its own time");
}

}  // namespace

int main() {
  ranges_join_only_when_adjacent();
  rows_are_taken_in_pieces();
  ticks_fire_without_drift();
  return check::summary();
}
