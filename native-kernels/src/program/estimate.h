// How much work a program will be, roughly, before it runs: to choose the thread that runs it.
#pragma once

#include <cstdint>

#include "program/verifier.h"

namespace rowtine::program {

/// Rows that all pipelines together will push, from the sizes of the relations now. Filters and
/// equality joins are taken to keep the number of rows; a series is taken to be long.
uint64_t estimated_rows(const VerifiedProgram& program, const RelationLookup& relations);

/// Does the program fill a state (sort, group, build) before it changes the first table?
bool gathers_before_writing(const VerifiedProgram& program);

}  // namespace rowtine::program
