#include "reactor/io_thread.h"

namespace rowtine::reactor {

bool IoThread::start(const BackendFactory& make, const std::function<void()>& begin,
                     std::function<void()> body, std::string& why) {
  std::atomic<int> made{-1};
  // `make`, `begin`, `why` and `made` are used before the caller is told, which waits for that.
  thread_ = std::thread([this, &make, &begin, &why, &made, body = std::move(body)] {
    begin();
    backend_ = make(why);
    const bool is_made = backend_ != nullptr;
    if (is_made) awake_us_ = backend_->monotonic_us();
    // Release: pairs with the caller's acquire, which then sees the backend.
    made.store(is_made ? 1 : 0, std::memory_order_release);
    made.notify_one();
    if (is_made) body();
  });
  made.wait(-1, std::memory_order_acquire);
  if (made.load(std::memory_order_acquire) == 1) return true;
  thread_.join();
  return false;
}

void IoThread::stop() {
  if (!thread_.joinable()) return;
  is_stopping_.store(true, std::memory_order_release);
  notify();
  thread_.join();
}

}  // namespace rowtine::reactor
