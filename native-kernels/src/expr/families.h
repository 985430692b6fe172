// Each family's choice of kernel by opcode and argument types; nullptr where it has none. The types
// have been checked against opcodes.def, so a family need only tell apart what differs.
#pragma once

#include <span>

#include "expr/kernel.h"
#include "program/opcode.h"

namespace rowtine::expr {

using program::Opcode;
using Types = std::span<const PhysicalType>;

KernelFunction arithmetic_kernel(Opcode opcode, Types types);
KernelFunction mathematics_kernel(Opcode opcode, Types types);
KernelFunction decimal_kernel(Opcode opcode, Types types);
KernelFunction compare_kernel(Opcode opcode, Types types);
KernelFunction logic_kernel(Opcode opcode, Types types);
KernelFunction cast_kernel(Opcode opcode, Types types);
KernelFunction cast_text_kernel(Opcode opcode, Types types);
KernelFunction parse_text_kernel(Opcode opcode, Types types);
KernelFunction string_kernel(Opcode opcode, Types types);
KernelFunction string_case_kernel(Opcode opcode, Types types);
KernelFunction string_build_kernel(Opcode opcode, Types types);
KernelFunction string_encode_kernel(Opcode opcode, Types types);
KernelFunction like_kernel(Opcode opcode, Types types);
KernelFunction regex_kernel(Opcode opcode, Types types);
KernelFunction json_kernel(Opcode opcode, Types types);
KernelFunction json_build_kernel(Opcode opcode, Types types);
KernelFunction datetime_kernel(Opcode opcode, Types types);
KernelFunction interval_kernel(Opcode opcode, Types types);
KernelFunction extract_kernel(Opcode opcode, Types types);
KernelFunction to_char_kernel(Opcode opcode, Types types);
KernelFunction misc_kernel(Opcode opcode, Types types);
KernelFunction http_kernel(Opcode opcode, Types types);

}  // namespace rowtine::expr
