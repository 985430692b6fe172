// Lanes on one thread: the sum that says whether there is work, order within a lane, fairness.
#include "ring/lanes.h"

#include <vector>

#include "base/check.h"

using rowtine::check::expect;
using rowtine::ring::Lanes;

static void sums_arrivals() {
  Lanes<int> lanes(3, 4);
  expect(!lanes.has_work() && lanes.arrived() == 0, "empty");
  expect(lanes.lane(2).try_push(1), "room");
  expect(lanes.has_work() && lanes.arrived() == 1, "one event");
  expect(lanes.drain(100, [](uint32_t lane, auto events) {
    expect(lane == 2 && events.size() == 1 && events[0] == 1, "from its lane");
  }) == 1, "taken");
  expect(!lanes.has_work() && lanes.arrived() == 1, "taken, still counted");
}

static void keeps_each_lane_in_order_across_the_wrap() {
  Lanes<uint64_t> lanes(2, 4);
  std::vector<uint64_t> next_in(2, 0), next_out(2, 0);
  for (int round = 0; round < 50; ++round) {
    for (uint32_t lane = 0; lane < 2; ++lane) {
      for (uint32_t i = 0; i < 3 - lane; ++i) {
        expect(lanes.lane(lane).try_push(next_in[lane]++), "room");
      }
    }
    const uint64_t taken = lanes.drain(100, [&](uint32_t lane, auto events) {
      for (const uint64_t event : events) expect(event == next_out[lane]++, "in order");
    });
    expect(taken == 5, "all of it in one drain, wherever the memory wraps");
  }
}

static void a_full_lane_does_not_starve_the_others() {
  Lanes<int> lanes(2, 8);
  for (int i = 0; i < 8; ++i) expect(lanes.lane(0).try_push(i), "room");
  expect(lanes.lane(1).try_push(100), "room");
  bool seen = false;
  for (int turn = 0; turn < 2; ++turn) {
    const uint64_t taken = lanes.drain(3, [&](uint32_t lane, auto) { seen |= lane == 1; });
    expect(taken == 3, "as many as allowed");
  }
  expect(seen, "the second turn starts at the second lane");
  expect(lanes.has_work(), "the rest waits");
}

int main() {
  sums_arrivals();
  keeps_each_lane_in_order_across_the_wrap();
  a_full_lane_does_not_starve_the_others();
  return rowtine::check::summary();
}
