// Hashes of one or more columns, a 64-bit number a row: what joins, groups and indexes agree on.
// Values that compare equal hash equally: -0 and 0, all NaNs, intervals of the same length.
#pragma once

#include <cstdint>
#include <span>

#include "vector/vector.h"

namespace rowtine::hash {

/// The hash of a null, whatever its type.
inline constexpr uint64_t kNullHash = 0x9ae16a3b2f90404f;

/// Writes the hash of each row over all columns. `seed` is secret where strangers choose values:
/// without it nobody can make values that meet in one place.
/// Shapes: columns of row_count rows or constant; hashes[row_count].
void hash_columns(std::span<const vector::Vector> columns, uint32_t row_count, uint64_t* hashes,
                  uint64_t seed = 0);

/// The same number for one row.
uint64_t hash_row(std::span<const vector::Vector> columns, uint32_t row, uint64_t seed = 0);

/// The hash of bytes, as a String value has it.
uint64_t hash_bytes(const char* bytes, size_t size, uint64_t seed = 0);

}  // namespace rowtine::hash
