// What a failed instruction says beyond its SQLSTATE: the text that it could not read, the type that its
// result does not fit.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/sql_state.h"
#include "base/status.h"
#include "program/opcode.h"
#include "vector/vector.h"

namespace rowtine::program {

/// Bytes of a value that a message shows at most.
inline constexpr size_t kValueShownMax = 100;

/// `arguments` are those of the instruction, `result` its type. Empty: the SQLSTATE says it all.
std::string failure_text(SqlState state, Opcode opcode, vector::PhysicalType result,
                         std::span<const vector::Vector> arguments, uint32_t row);

/// The text of the last failure that has one.
struct FailureText {
  uint32_t instruction = UINT32_MAX;
  std::string text;

  /// Returns: its text if it is the failure of the same instruction, else none.
  std::string of(const DataError& error) const {
    return error.instruction == instruction ? text : std::string();
  }
};

}  // namespace rowtine::program
