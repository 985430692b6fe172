// The one fence the fabric needs: a store before it is seen by others before any later load is
// made.
#pragma once

#include <atomic>
#include <cstdint>

namespace rowtine::ring {

/// Rules out store buffering between two threads that each write, fence, then read what the other
/// wrote. An `Atomic` of a test brings its own fence.
template <template <class> class Atomic>
inline void store_load_fence() {
  if constexpr (requires { Atomic<uint32_t>::thread_fence(); }) {
    Atomic<uint32_t>::thread_fence();
  } else {
    // ThreadSanitizer does not see fences. None of our data is ordered by one (the cursors' release
    // and acquire do that), so nothing is reported that should not be.
#pragma GCC diagnostic push
#if defined(__SANITIZE_THREAD__)
#pragma GCC diagnostic ignored "-Wtsan"
#endif
    std::atomic_thread_fence(std::memory_order_seq_cst);
#pragma GCC diagnostic pop
  }
}

}  // namespace rowtine::ring
