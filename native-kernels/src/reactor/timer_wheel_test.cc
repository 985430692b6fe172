// Deadlines expire in the tick they belong to, whatever the distance and however time jumps.
#include "reactor/timer_wheel.h"

#include <algorithm>

#include "base/check.h"

using namespace rowtine;
using reactor::TimerWheel;

namespace {

constexpr int64_t kStart = 123'456'789;

/// Schedules `count` random deadlines and steps through time; each must come neither early nor
/// late.
void expires_on_time(int64_t range_us, int64_t step_us, uint32_t count) {
  TimerWheel wheel(kStart);
  std::vector<int64_t> deadlines(count);
  uint64_t seed = 42;
  for (uint32_t key = 0; key < count; ++key) {
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    deadlines[key] = kStart + static_cast<int64_t>((seed >> 16) % static_cast<uint64_t>(range_us));
    wheel.schedule(key, deadlines[key]);
  }
  std::vector<TimerWheel::Entry> expired;
  uint32_t seen = 0;
  for (int64_t now = kStart; now <= kStart + range_us + 2 * step_us; now += step_us) {
    expired.clear();
    wheel.advance(now, expired);
    for (const auto& entry : expired) {
      check::expect(entry.deadline_us == deadlines[entry.key], "the deadline comes back");
      check::expect(entry.deadline_us <= now, "not early");
      check::expect(entry.deadline_us + TimerWheel::kTickUs + step_us >= now, "not late");
      ++seen;
    }
  }
  check::expect(seen == count && wheel.size() == 0, "each exactly once");
}

void sleeps_until_the_next() {
  TimerWheel wheel(kStart);
  check::expect(wheel.next_us() == INT64_MAX, "nothing to wait for");
  for (const int64_t distance :
       {1'000L, 63'000L, 64'000L, 5'000'000L, 400'000'000L, 20'000'000'000L}) {
    int64_t now = kStart + distance;
    TimerWheel sleeper(kStart);
    sleeper.schedule(1, kStart + distance);
    std::vector<TimerWheel::Entry> expired;
    int wakes = 0;
    now = kStart;
    while (expired.empty() && wakes < 1000) {
      check::expect(sleeper.next_us() <= kStart + distance + TimerWheel::kTickUs, "never late");
      now = std::max(now + 1, sleeper.next_us());
      sleeper.advance(now, expired);
      ++wakes;
    }
    check::expect(wakes <= 8, "few wakes until the deadline");
    check::expect(now <= kStart + distance + 2 * TimerWheel::kTickUs, "woken in time");
  }
}

void takes_past_deadlines() {
  TimerWheel wheel(kStart);
  std::vector<TimerWheel::Entry> expired;
  wheel.schedule(1, kStart - 5'000'000);
  wheel.advance(kStart, expired);
  check::expect(expired.size() == 1, "a past deadline expires at once");
  wheel.advance(kStart + 10'000'000'000, expired);
  wheel.schedule(2, kStart);
  wheel.advance(kStart + 10'000'002'000, expired);
  check::expect(expired.size() == 2, "also after time has jumped");
}

}  // namespace

int main() {
  expires_on_time(200'000, 500, 2'000);
  expires_on_time(20'000'000, 7'000, 5'000);
  expires_on_time(600'000'000, 1'000'000, 5'000);
  expires_on_time(30'000'000'000, 40'000'000, 1'000);
  sleeps_until_the_next();
  takes_past_deadlines();
  return check::summary();
}
