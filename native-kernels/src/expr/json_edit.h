// Changed copies of JSON values. All take values without spaces around them and write compact JSON.
#pragma once

#include <span>
#include <string_view>

#include "base/arena.h"
#include "expr/text_writer.h"

namespace rowtine::expr {

/// Steps of a path that JsonSet follows, at most.
inline constexpr size_t kJsonPathStepsMax = 64;

/// Appends `value` without the object members that are null, at every depth.
void strip_json_nulls(std::string_view value, TextWriter& writer);

/// Appends the form that equal values share: no spaces, keys sorted by bytes, the last of equal
/// keys kept, strings and numbers in their shortest form. Returns: false when the arena is full.
bool normalise_json(std::string_view value, Arena& arena, TextWriter& writer);

/// Appends `value` with `replacement` at `path`; a missing last key is added, a missing earlier
/// step changes nothing.
void set_json(std::string_view value, std::span<const std::string_view> path,
              std::string_view replacement, TextWriter& writer);

/// Appends left || right. Returns: false for an object and a scalar, which have no union.
bool concat_json(std::string_view left, std::string_view right, TextWriter& writer);

/// Appends `value` without the member named `key`, or the elements that are that string.
/// Returns: false for a scalar.
bool remove_json(std::string_view value, std::string_view key, TextWriter& writer);

}  // namespace rowtine::expr
