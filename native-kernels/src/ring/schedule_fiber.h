// A stack to run a function on and to switch away from: what the schedule explorer has for threads.
#pragma once

#include <ucontext.h>

#include <cstddef>
#include <memory>

#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

namespace rowtine::ring::schedule {

inline constexpr size_t kFiberStackBytes = 128 * 1024;
using FiberStack = std::unique_ptr<std::byte[]>;

class Fiber {
 public:
  /// The fiber that runs already: the one to come home to.
  Fiber() = default;
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  /// Makes this fiber ready to run `body`, which never returns, on `stack`.
  void start(void (*body)(), FiberStack& stack) {
    getcontext(&context_);
    context_.uc_stack.ss_sp = stack.get();
    context_.uc_stack.ss_size = kFiberStackBytes;
    context_.uc_link = nullptr;
    makecontext(&context_, body, 0);
#if defined(__SANITIZE_THREAD__)
    sanitizer_ = __tsan_create_fiber(0);
    started_ = true;
#endif
  }

  /// Goes on in `to`; returns when somebody switches back.
  void switch_to(Fiber& to) {
#if defined(__SANITIZE_THREAD__)
    if (!started_) sanitizer_ = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(to.sanitizer_, 0);
#endif
    swapcontext(&context_, &to.context_);
  }

  ~Fiber() {
#if defined(__SANITIZE_THREAD__)
    if (started_) __tsan_destroy_fiber(sanitizer_);
#endif
  }

 private:
  ucontext_t context_{};
#if defined(__SANITIZE_THREAD__)
  void* sanitizer_ = nullptr;
  bool started_ = false;
#endif
};

}  // namespace rowtine::ring::schedule
