// Registers and what is loaded into them. Internal to the folder; program.h is the interface.
#pragma once

#include <cstdint>

namespace rowtine::program {

/// Position in a pipeline's `registers`; kNone where the field is optional and left out.
using Register = int32_t;
inline constexpr int32_t kNone = -1;

struct Load {
  uint32_t column = 0;
  Register target = kNone;
};

}  // namespace rowtine::program
