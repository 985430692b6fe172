// The hash of join and group keys.
#pragma once

#include <cstdint>
#include <span>

#include "vector/vector.h"

namespace rowtine::join {

/// Writes one hash a row over all `keys`; values that compare equal hash equally, also -0.0 and 0.0,
/// NaNs, and intervals of the same length. A null hashes to a constant. No keys: one hash for all.
void hash_keys(std::span<const vector::Vector> keys, uint32_t count, uint64_t* hashes);

}  // namespace rowtine::join
