// Messages for errors in coroutines, in PostgreSQL's words: what sys.errors says of them.
#pragma once

#include <string>

#include "runtime/config.h"

namespace rowtine::runtime {

/// The message of a failure. `detail` is program::InstanceFailure::detail: which index, or which
/// column + 0x10000, of the relation that the program writes refused the row.
std::string error_text(const Config& config, const program::VerifiedProgram& program,
                       SqlState state, uint32_t detail);

}  // namespace rowtine::runtime
