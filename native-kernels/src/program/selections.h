// Which rows of a register's vector are still there. A column of which a filter or a join kept some rows is
// copied when somebody looks at it, or never (docs/decisions/0026-copy-what-is-looked-at.md).
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace rowtine::program {

struct Selections {
  /// Per register; nullptr: all rows are there. The lists live as long as the batch.
  std::vector<const uint32_t*> rows;
  /// False: all of `rows` are nullptr.
  bool any = false;

  void forget() {
    if (any) std::ranges::fill(rows, nullptr);
    any = false;
  }
};

}  // namespace rowtine::program
