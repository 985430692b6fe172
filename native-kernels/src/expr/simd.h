// Hot loops compiled for each width of vectors, chosen when they run (base/cpu.h).
#pragma once

#include "base/cpu.h"

namespace rowtine::simd {

// A loop is a struct with a static run(); its body is inlined into each of the versions below.

#if defined(__x86_64__)
template <class Loop, class... Arguments>
[[gnu::target("arch=x86-64-v4"), gnu::optimize("O3"), gnu::flatten]] auto run_avx512(
    Arguments... arguments) {
  return Loop::run(arguments...);
}

template <class Loop, class... Arguments>
[[gnu::target("avx2"), gnu::optimize("O3"), gnu::flatten]] auto run_avx2(Arguments... arguments) {
  return Loop::run(arguments...);
}
#endif

template <class Loop, class... Arguments>
[[gnu::optimize("O3"), gnu::flatten]] auto run_baseline(Arguments... arguments) {
  return Loop::run(arguments...);
}

/// Runs a loop with the widest vectors that cpu() allows. Arguments are passed by value.
template <class Loop, class... Arguments>
auto run(Arguments... arguments) {
#if defined(__x86_64__)
  switch (cpu()) {
    case Cpu::Avx512: return run_avx512<Loop>(arguments...);
    case Cpu::Avx2: return run_avx2<Loop>(arguments...);
    case Cpu::Baseline: break;
  }
#endif
  return run_baseline<Loop>(arguments...);
}

}  // namespace rowtine::simd
