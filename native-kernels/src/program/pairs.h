// Pairs of rows that a join may have to bring together. Internal to this folder.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/arena.h"

namespace rowtine::program {

/// The other row of a pair: a packed row's address or a row id.
using Reference = uint64_t;

/// Pairs of a probing row and what it may match, ascending by row.
struct Pairs {
  uint32_t* rows = nullptr;
  Reference* references = nullptr;

  bool allocate(Arena& arena, size_t capacity) {
    rows = arena.allocate_array<uint32_t>(capacity);
    references = arena.allocate_array<Reference>(capacity);
    return rows != nullptr && references != nullptr;
  }
};

}  // namespace rowtine::program
