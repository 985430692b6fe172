// Runs one kernel outside of a program: for the binding's oracle tests and for native unit tests.
#pragma once

#include <span>
#include <vector>

#include "expr/kernel.h"
#include "expr/signature.h"

namespace rowtine::expr {

struct KernelCall {
  Opcode opcode;
  std::span<const Vector> arguments;  // of row_count rows (padded) or constant
  std::span<const int64_t> immediates;
  uint32_t row_count = 0;
  const uint8_t* active = nullptr;  // row_count Bool bytes, nullptr: all rows
  int64_t now_us = 0;
};

struct KernelOutcome {
  Vector result;                 // lives in the arena and in the arguments' strings
  std::vector<uint32_t> states;  // packed SqlState per row, 0 = fine
};

/// Resolves and runs `call`, results in `arena`.
/// Errors: RD001 when the verifier would refuse the call, 53200 when the arena is full.
SqlState run_kernel(const KernelCall& call, Arena& arena, KernelState& state, KernelOutcome& out);

}  // namespace rowtine::expr
