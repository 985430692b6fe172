// Which vector instructions the hot loops use: the widest that the machine has, or fewer, for tests.
#pragma once

#include <cstdint>

namespace rowtine {

/// Baseline: what every machine of its architecture has. Avx2: with BMI. Avx512: all of x86-64-v4.
enum class Cpu : uint8_t { Baseline, Avx2, Avx512 };

/// Chosen once per process: ROWTINE_CPU=baseline|avx2|avx512 in the environment limits it; other words, and more
/// than the machine has, change nothing. Threads: any.
Cpu cpu();

/// `baseline`, `avx2`, `avx512`.
const char* name_of(Cpu cpu);

}  // namespace rowtine
