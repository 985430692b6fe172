// Aggregates over pairs of floats, how two columns vary together: covar_pop, covar_samp, corr.
#pragma once

#include "aggregate/accumulator.h"

namespace rowtine::aggregate {

/// Nulls: a pair with a null in it is left out.
bool resolve_pairs(Function function, std::span<const PhysicalType> arguments, PhysicalType result,
                   Accumulator& out);

}  // namespace rowtine::aggregate
