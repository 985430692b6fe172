// Sizes of the machine that layouts depend on.
#pragma once

#include <cstddef>

namespace rowtine {

inline constexpr size_t kCacheLineBytes = 64;

}  // namespace rowtine
