// Plain words for the SQLSTATEs that kernels and operators raise.
#pragma once

#include <string_view>

#include "base/sql_state.h"

namespace rowtine::program {

/// Returns: the condition's message; a general one for states not in the table. The text is static.
std::string_view message_of(SqlState state);

}  // namespace rowtine::program
