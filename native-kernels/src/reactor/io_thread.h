// A thread that sleeps in a backend of its own and is woken, when it sleeps, by its neighbours.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <thread>

#include "reactor/backend.h"
#include "ring/wait_strategy.h"

namespace rowtine::reactor {

/// Makes a backend on the thread that will use it, or says why not.
using BackendFactory = std::function<std::unique_ptr<Backend>(std::string& why)>;

/// Threads: start(), stop() and the destructor are its owner's; wait() and backend() its own;
/// notify(), is_stopping() and the meters anybody's.
class IoThread {
 public:
  ~IoThread() { stop(); }

  /// Runs `body` on a new thread once its backend is there. `begin` is called there first.
  /// Returns: false and why not when there is no backend.
  bool start(const BackendFactory& make, const std::function<void()>& begin,
             std::function<void()> body, std::string& why);
  /// Asks the body to end and waits until it has. The backend stays until destruction, because
  /// neighbours may still wake it.
  void stop();
  bool is_stopping() const { return is_stopping_.load(std::memory_order_acquire); }

  Backend& backend() { return *backend_; }
  /// Ends the thread's sleep; what was published before is seen. Costs a fence while it is awake.
  void notify() {
    if (sleep_.take()) backend_->wake();
  }
  /// Waits for completions as Backend::wait() does, but not when `has_input` holds.
  template <class HasInput>
  uint32_t wait(std::span<Completion> out, int64_t timeout_us, HasInput&& has_input) {
    const int64_t start_us = backend_->monotonic_us();
    add(busy_us_, start_us - awake_us_);
    if (timeout_us != 0) {
      sleep_.announce();
      if (has_input() || is_stopping()) timeout_us = 0;
    }
    const uint32_t count = backend_->wait(out, timeout_us);
    sleep_.retire();
    awake_us_ = backend_->monotonic_us();
    add(idle_us_, awake_us_ - start_us);
    return count;
  }
  int64_t now_us() const { return awake_us_; }

  int64_t busy_us() const { return busy_us_.load(std::memory_order_relaxed); }
  int64_t idle_us() const { return idle_us_.load(std::memory_order_relaxed); }

 private:
  /// One writer, so no read-modify-write.
  static void add(std::atomic<int64_t>& sum, int64_t value) {
    sum.store(sum.load(std::memory_order_relaxed) + value, std::memory_order_relaxed);
  }

  std::unique_ptr<Backend> backend_;
  ring::SleepFlag<> sleep_;
  std::atomic<bool> is_stopping_{false};
  std::atomic<int64_t> busy_us_{0}, idle_us_{0};
  int64_t awake_us_ = 0;  // since when it has not waited
  std::thread thread_;
};

}  // namespace rowtine::reactor
