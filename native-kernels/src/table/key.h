// Index keys as cells: hashing and SQL equality of values wherever they lie (a vector, a row).
#pragma once

#include <cstdint>
#include <span>

#include "vector/physical_type.h"

namespace rowtine::table {

/// Points to one value of a known type; nullptr is null.
using Cell = const void*;

inline constexpr uint32_t kIndexColumnsMax = 32;

/// A well-mixed hash. `seed` is secret where strangers choose keys: without it nobody can make keys
/// that meet. Values that cells_equal() calls equal hash alike (0.0 and -0.0, all NaNs,
/// intervals of the same length).
uint64_t hash_cell(vector::PhysicalType type, Cell cell, uint64_t seed);

/// SQL equality of two values that are not null. Text is compared by bytes, NaN equals NaN.
bool cells_equal(vector::PhysicalType type, Cell a, Cell b);

}  // namespace rowtine::table
