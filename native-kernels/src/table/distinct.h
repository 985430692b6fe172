// How many different values a column has, about: what the planner needs to guess how many rows a join
// gives.
#pragma once

#include <cstdint>

#include "table/relation.h"

namespace rowtine::table {

/// Rows that an estimate looks at.
inline constexpr uint32_t kDistinctSampleRows = 2'048;

/// Looks at rows spread over the table, and takes what was seen once for a sign of what was not seen
/// (the estimator of Haas and Stokes that PostgreSQL uses). Small tables are counted. Nulls are no value.
/// Returns: at least 1; 0 where nobody knows: no table.
/// Threads: any reader's; the caller holds the snapshot.
uint64_t estimate_distinct(Relation& relation, Snapshot snapshot, uint32_t column);

}  // namespace rowtine::table
