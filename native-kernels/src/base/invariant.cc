#include "base/invariant.h"

#include <cstdio>
#include <cstdlib>

namespace rowtine {

void invariant_failed(const char* what, const char* file, int line) {
  std::fprintf(stderr, "rowtine: internal error (XX000): %s [%s:%d]\n", what, file, line);
  std::fputs("This is a bug in Rowtine; please report it with what led to it.\n", stderr);
  std::abort();
}

}  // namespace rowtine
