// Values for the parameters of a prepared program: what a caller gives at each run, checked against
// the types that the program declares and copied, so that the caller's buffers may go.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/arena.h"
#include "base/status.h"
#include "program/verifier.h"
#include "vector/vector.h"

namespace rowtine::program {

/// One run's values, each a constant vector in `memory`. Threads: one owner at a time; may be moved.
struct Parameters {
  Arena memory;
  std::vector<vector::Vector> values;
};

/// Makes a constant vector of one value. Nulls: `bytes` is then not looked at.
/// Shapes: a String's bytes are pointed to, not copied; of other types they are one value.
/// Returns: false when the arena's limit is met.
bool make_constant(Arena& arena, PhysicalType type, bool is_null, std::span<const std::byte> bytes,
                   vector::Vector& out);

/// Words of one parameter: where its value starts in the bytes, and its length in bytes.
inline constexpr size_t kWordsPerParameter = 2;
/// The start of a null.
inline constexpr int32_t kNullStart = -1;

/// Reads values as planner/encode.ts encodeParameters() writes them.
/// Errors: RD001 (kInvalidProgram) when they are not as many, or not of the sizes, that the program's
///         parameters have; 53200.
Result<Parameters> read_parameters(const VerifiedProgram& program, std::span<const int32_t> words,
                                   std::span<const std::byte> bytes);

/// The same into `out`, whose memory is used again.
SqlState read_parameters(const VerifiedProgram& program, std::span<const int32_t> words,
                         std::span<const std::byte> bytes, Parameters& out);

}  // namespace rowtine::program
