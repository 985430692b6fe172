// Nulls of a kernel's result: a row is null when an argument is, unless the kernel says otherwise.
#pragma once

#include <span>

#include "expr/kernel.h"

namespace rowtine::expr {

/// Clears in `result.validity` the rows where any argument is null.
/// Returns: whether there is such a row.
bool combine_validity(std::span<const Vector> arguments, uint32_t row_count, Vector& result);

/// Drops the bitmap when no row is null, which spares later kernels from looking at it.
void settle_validity(uint32_t row_count, Vector& result);

inline void set_null(Vector& result, uint32_t row) { clear_bit(result.validity, row); }

/// Zeroes the value of every null row: what lies under a null must be initialised.
void clear_null_values(uint32_t row_count, Vector& result);

}  // namespace rowtine::expr
