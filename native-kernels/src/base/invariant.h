// The one way native code says "this cannot happen": a broken invariant is a bug of Rowtine's own,
// never a user's mistake, and ends the process in every build before it can damage data.
#pragma once

namespace rowtine {

/// Prints `what` with its place to standard error and aborts.
[[noreturn]] void invariant_failed(const char* what, const char* file, int line);

constexpr void invariant(bool condition, const char* what, const char* file = __builtin_FILE(),
                         int line = __builtin_LINE()) {
  if (!condition) [[unlikely]] {
    invariant_failed(what, file, line);
  }
}

}  // namespace rowtine
