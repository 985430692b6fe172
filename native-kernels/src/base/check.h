// A test's assertions: each failure prints its place; `check_summary` is the exit code of main().
#pragma once

#include <cstdio>

namespace rowtine::check {

struct Counts {
  int passed = 0;
  int failed = 0;
};
inline Counts counts;

/// Notes whether `condition` holds; a failure is printed and remembered, the test goes on.
inline bool expect(bool condition, const char* what, const char* file = __builtin_FILE(),
                   int line = __builtin_LINE()) {
  if (condition) {
    ++counts.passed;
    return true;
  }
  ++counts.failed;
  if (counts.failed <= 20) std::printf("FAILED %s [%s:%d]\n", what, file, line);
  return false;
}

/// Prints the totals. Returns: 0 when something was checked and nothing failed.
inline int summary() {
  std::printf("%d passed, %d failed\n", counts.passed, counts.failed);
  return counts.failed == 0 && counts.passed > 0 ? 0 : 1;
}

}  // namespace rowtine::check
