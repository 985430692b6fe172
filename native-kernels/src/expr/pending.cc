// Families that are not written yet: their opcodes are refused by resolve().
#include "expr/families.h"

namespace rowtine::expr {

KernelFunction string_case_kernel(Opcode, Types) { return nullptr; }
KernelFunction string_build_kernel(Opcode, Types) { return nullptr; }
KernelFunction string_encode_kernel(Opcode, Types) { return nullptr; }
KernelFunction like_kernel(Opcode, Types) { return nullptr; }
KernelFunction regex_kernel(Opcode, Types) { return nullptr; }
KernelFunction datetime_kernel(Opcode, Types) { return nullptr; }
KernelFunction interval_kernel(Opcode, Types) { return nullptr; }
KernelFunction extract_kernel(Opcode, Types) { return nullptr; }
KernelFunction to_char_kernel(Opcode, Types) { return nullptr; }
KernelFunction http_kernel(Opcode, Types) { return nullptr; }

}  // namespace rowtine::expr
