// Runs tests of a reactor over every backend that is there and in both topologies.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "reactor/reactor_fixture.h"

namespace rowtine::reactor {

// The libuv backend is linked where there is a libuv; elsewhere the tests run without it.
[[gnu::weak]] std::unique_ptr<Backend> make_uv_backend(const ReceiveBuffers&, std::string&);

inline std::string get(const std::string& path) { return "GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n"; }

inline Limits quick_limits() {
  Limits limits;
  limits.header_timeout_us = limits.body_timeout_us = limits.idle_timeout_us = 100'000;
  limits.write_timeout_us = limits.linger_timeout_us = 100'000;
  limits.half_close_grace_us = 50'000;
  return limits;
}

struct ReactorTest {
  const char* name;
  void (*run)(const Subject&);
};

inline void run_on(const char* name, const Subject& subject, std::string_view only,
                   const std::vector<ReactorTest>& tests) {
  for (const ReactorTest& test : tests) {
    if (std::string_view(test.name).find(only) == std::string_view::npos) continue;
    const int failed_before = check::counts.failed;
    const auto begin = std::chrono::steady_clock::now();
    test.run(subject);
    const std::chrono::duration<double, std::milli> spent =
        std::chrono::steady_clock::now() - begin;
    const char* verdict = check::counts.failed == failed_before ? "ok" : "FAILED";
    std::printf("%-14s %-32s %6.0f ms  %s\n", name, test.name, spent.count(), verdict);
    std::fflush(stdout);
  }
}

/// Runs the tests whose names contain `only`. Returns: the exit code of main().
inline int run_all(std::string_view only, const std::vector<ReactorTest>& tests) {
  std::string why;
  if (make_uring_backend({}, why) != nullptr) {
    run_on("uring", {make_uring_backend}, only, tests);
    run_on("uring split_io", {make_uring_backend, true}, only, tests);
  } else {
    std::printf("uring is not tested: %s\n", why.c_str());
  }
  if (make_uv_backend != nullptr) {
    run_on("uv", {make_uv_backend}, only, tests);
    run_on("uv split_io", {make_uv_backend, true}, only, tests);
  }
  return check::summary();
}

}  // namespace rowtine::reactor
