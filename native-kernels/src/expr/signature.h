// Which kernel an instruction is: the one place where opcodes, argument types and immediates are
// checked. What resolve() accepts is safe to call with vectors of those types.
#pragma once

#include <span>

#include "expr/kernel.h"
#include "program/opcode.h"

namespace rowtine::expr {

using program::Opcode;

struct Resolved {
  KernelFunction function = nullptr;
  PhysicalType result = PhysicalType::Bool;
  /// Same arguments, same result: may be folded, and called once for constant arguments.
  bool immutable = true;
};

/// Arguments of one instruction at most; bounds variadic kernels.
inline constexpr uint32_t kArgumentCountMax = 256;

/// Finds the kernel for an opcode and argument types. Returns: false when opcodes.def has no such
/// form, an immediate is missing or outside its kernel's range, or there are too many arguments.
bool resolve(Opcode opcode, std::span<const PhysicalType> arguments,
             std::span<const int64_t> immediates, Resolved& out);

}  // namespace rowtine::expr
