// The opcodes of opcodes.def as numbers, and their names for explain and errors.
#pragma once

#include <cstdint>
#include <string_view>

namespace rowtine::program {

enum class Opcode : uint16_t {
#define OPCODE(Name, family, signature, summary) Name,
#include "program/opcodes.def"
#undef OPCODE
};

inline constexpr std::string_view kOpcodeNames[] = {
#define OPCODE(Name, family, signature, summary) #Name,
#include "program/opcodes.def"
#undef OPCODE
};
inline constexpr uint16_t kOpcodeCount = sizeof(kOpcodeNames) / sizeof(kOpcodeNames[0]);

/// Fields that Extract* and Truncate* name by number.
enum class DateField : uint8_t {
#define OPCODE(Name, family, signature, summary)
#define DATE_FIELD(Name, text) Name,
#include "program/opcodes.def"
#undef OPCODE
};

}  // namespace rowtine::program
