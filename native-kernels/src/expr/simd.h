// How hot loops are compiled for the widest vectors that the machine has, chosen when it starts.
#pragma once

// The sanitizers' run-time is not up yet when the choice is made, so their builds have one version.
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define ROWTINE_SIMD \
  [[gnu::target_clones("arch=x86-64-v4", "avx2", "default"), gnu::optimize("O3")]]
#else
#define ROWTINE_SIMD
#endif
