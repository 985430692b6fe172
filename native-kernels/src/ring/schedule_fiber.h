// A stack to run a function on and to switch away from: what the schedule explorer has for threads.
#pragma once

#include <ucontext.h>

#include <cstddef>
#include <memory>

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
  }

  /// Goes on in `to`; returns when somebody switches back.
  void switch_to(Fiber& to) { swapcontext(&context_, &to.context_); }

 private:
  ucontext_t context_{};
};

}  // namespace rowtine::ring::schedule
