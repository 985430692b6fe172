#include "reactor/backend.h"

#include <ctime>

namespace rowtine::reactor {
namespace {

int64_t microseconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<int64_t>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000;
}

}  // namespace

int64_t Backend::monotonic_us() const { return microseconds(CLOCK_MONOTONIC); }
int64_t Backend::wall_us() const { return microseconds(CLOCK_REALTIME); }

}  // namespace rowtine::reactor
