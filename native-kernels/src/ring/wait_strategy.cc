#include "ring/wait_strategy.h"

#include <poll.h>
#include <sched.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "base/invariant.h"

namespace rowtine::ring {
namespace {

constexpr int64_t kMicrosPerSecond = 1'000'000;

// Processors this process may run on, which a container makes fewer than the machine has.
int usable_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return CPU_COUNT(&set);
}

int64_t spin_us_from_environment() {
  if (const char* text = std::getenv("ROWTINE_SPIN_US")) {
    const int64_t value = std::strtoll(text, nullptr, 10);
    return value < 0 ? 0 : value;
  }
  if (std::getenv("CI") != nullptr || usable_processors() < 2) return 0;
  return kSpinMicrosDefault;
}

// Asked when the program is loaded: a thread that is pinned to one core by the time it waits would
// find that there is only this one.
const int64_t kSpinMicros = spin_us_from_environment();

}  // namespace

EventBell::EventBell() : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  invariant(fd_ >= 0, "there is a descriptor for an eventfd");
}

EventBell::~EventBell() { close(fd_); }

void EventBell::ring() {
  const uint64_t one = 1;
  // EAGAIN means the counter is full: the bell rings already.
  while (write(fd_, &one, sizeof one) < 0 && errno == EINTR) {
  }
}

void EventBell::silence() {
  uint64_t count = 0;
  while (read(fd_, &count, sizeof count) < 0 && errno == EINTR) {
  }
}

void EventBell::sleep(int64_t timeout_us) {
  pollfd watched{fd_, POLLIN, 0};
  const timespec limit{timeout_us / kMicrosPerSecond, timeout_us % kMicrosPerSecond * 1000};
  // A signal ends the sleep early, which every caller of park() must expect anyway.
  if (ppoll(&watched, 1, timeout_us < 0 ? nullptr : &limit, nullptr) > 0) silence();
}

int64_t default_spin_us() { return kSpinMicros; }

int64_t monotonic_us() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * kMicrosPerSecond + now.tv_nsec / 1000;
}

void Backoff::wait_longer() {
  if (looks_ <= kPolls + kYields) {
    sched_yield();
    return;
  }
  looks_ = kPolls + kYields;
  const timespec piece{0, kSleepMicros * 1000};
  nanosleep(&piece, nullptr);
}

}  // namespace rowtine::ring
