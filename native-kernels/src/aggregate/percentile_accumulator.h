// percentile_cont: keeps a group's values until all are there, then looks for the two around the
// place that is asked for.
#pragma once

#include "aggregate/accumulator.h"

namespace rowtine::aggregate {

/// Arguments: the value, and which part of the values lies before the result, 0 to 1, taken from
/// the group's first row. Nulls: values that are null are left out; a fraction of null gives null.
/// Errors: 22003 a fraction outside 0 to 1; 53200.
bool resolve_percentile(std::span<const PhysicalType> arguments, PhysicalType result,
                        Accumulator& out);

}  // namespace rowtine::aggregate
