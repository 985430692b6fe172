// Aggregates that build a string: string_agg, json_agg, json_object_agg.
#pragma once

#include "aggregate/accumulator.h"

namespace rowtine::aggregate {

bool resolve_text(Function function, std::span<const PhysicalType> arguments, PhysicalType result,
                  Accumulator& out);

}  // namespace rowtine::aggregate
