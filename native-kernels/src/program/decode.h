// From the words and bytes of planner/encode.ts to a Program. Input may be hostile: every count is
// bounded by what is left to read, every position by its list.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/status.h"
#include "program/program.h"

namespace rowtine::program {

/// Decodes one program, which must take all the words.
/// Errors: RD001 (kInvalidProgram) when the words are no program; meaning is left to verify().
Result<Program> decode(std::span<const int32_t> words, std::span<const std::byte> bytes);

}  // namespace rowtine::program
