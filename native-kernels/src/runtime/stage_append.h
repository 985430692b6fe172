// From an Append operator to the staging area: the same for steps and statements.
#pragma once

#include "program/run.h"
#include "runtime/config.h"
#include "runtime/staged_effects.h"

namespace rowtine::runtime {

/// Stages the rows; requests to devices get their ids now, so that `returning id` can say them.
/// `event_rows`: per row the event it descends from, nullptr for statements.
/// Returns: false when memory is out; every row's state is then 53200.
bool stage_append(const Config& config, StagedEffects& staged,
                  const program::AppendRequest& request, const uint32_t* event_rows, uint32_t run);

}  // namespace rowtine::runtime
