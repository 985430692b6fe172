// What does a request cost that does nothing? A hello-world server over the reactor alone; load it
// with wrk and compare its CPU time per request with nginx's.
//   reactor_bench [PORT] &  taskset -c 1 wrk -t1 -c256 -d5 http://127.0.0.1:PORT/   then SIGINT
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <sys/resource.h>

#include "reactor/backend.h"
#include "reactor/reactor.h"

using namespace rowtine::reactor;

namespace {

std::atomic<bool> is_stopped{false};
Reactor* woken = nullptr;

void stop(int) {
  is_stopped.store(true, std::memory_order_relaxed);
  woken->wake();
}

double cpu_us() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto micros = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
  };
  return micros(usage.ru_utime) + micros(usage.ru_stime);
}

void serve(Reactor& reactor) {
  Inbox inbox;
  while (!is_stopped.load(std::memory_order_relaxed)) {
    reactor.poll(inbox, -1);
    for (const HttpRequest& request : inbox.requests) {
      reactor.respond(request.id, {.body = "Hello, World!"});
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::string why;
  auto backend = make_uring_backend({}, why);
  if (backend == nullptr) {
    std::fprintf(stderr, "%s\n", why.c_str());
    return 1;
  }
  auto reactor = Reactor::make(std::move(backend), {});
  woken = reactor.get();
  std::signal(SIGINT, stop);
  std::signal(SIGTERM, stop);
  ListenerSpec spec;
  spec.address = std::string("127.0.0.1:") + (argc > 1 ? argv[1] : "0");
  const auto bound = reactor->listen(spec);
  if (!bound.ok()) {
    std::fprintf(stderr, "%s\n", std::string(reactor->listen_error()).c_str());
    return 1;
  }
  std::printf("listening http://%s\n", bound.value().c_str());
  std::fflush(stdout);
  const double before = cpu_us();
  serve(*reactor);
  const Stats stats = reactor->stats();
  const double spent = cpu_us() - before;
  std::printf("%llu requests, %.3f CPU us each, %.1f requests per poll, %.1f per send\n",
              static_cast<unsigned long long>(stats.requests),
              spent / static_cast<double>(stats.requests),
              static_cast<double>(stats.requests) / static_cast<double>(stats.polls),
              static_cast<double>(stats.requests) / static_cast<double>(stats.sends));
}
