// What strangers must not be able to guess: the seeds of hashes, random numbers and uuids.
#pragma once

#include <sys/random.h>

#include <cstdint>

#include "base/invariant.h"
#include "expr/kernel.h"

namespace rowtine::runtime {

/// Fills `out` with random bytes of the system.
template <class T>
void draw_seed(T& out) {
  const bool drawn = getrandom(&out, sizeof out, 0) == static_cast<ssize_t>(sizeof out);
  invariant(drawn, "the system gives random bytes");
}

/// Seeds for one thread that runs programs.
struct Seeds {
  expr::KernelState kernels;
  uint64_t hash = 0;

  Seeds() {
    draw_seed(kernels.random);
    draw_seed(hash);
  }
};

}  // namespace rowtine::runtime
