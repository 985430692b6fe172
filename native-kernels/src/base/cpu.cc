#include "base/cpu.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace rowtine {
namespace {

Cpu machine() {
#if defined(__x86_64__)
  __builtin_cpu_init();  // this may run before constructors have
  if (__builtin_cpu_supports("x86-64-v4")) return Cpu::Avx512;
  const bool has_bmi = __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
  if (__builtin_cpu_supports("avx2") && has_bmi) return Cpu::Avx2;
#endif
  return Cpu::Baseline;
}

Cpu choose() {
  const Cpu has = machine();
  const char* wanted = std::getenv("ROWTINE_CPU");
  if (wanted == nullptr) return has;
  for (const Cpu each : {Cpu::Baseline, Cpu::Avx2, Cpu::Avx512}) {
    if (std::strcmp(wanted, name_of(each)) == 0) return std::min(each, has);
  }
  return has;
}

}  // namespace

Cpu cpu() {
  static const Cpu chosen = choose();
  return chosen;
}

const char* name_of(Cpu cpu) {
  switch (cpu) {
    case Cpu::Baseline: return "baseline";
    case Cpu::Avx2: return "avx2";
    case Cpu::Avx512: return "avx512";
  }
  return "";
}

}  // namespace rowtine
