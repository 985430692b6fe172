// Listening, waking and ending: addresses, shared sockets, shutdown.
// The same for every backend and topology.
#include "reactor/reactor.h"

#include <chrono>
#include <string>
#include <thread>

#include "reactor/reactor_test_main.h"

using namespace rowtine;
using namespace rowtine::reactor;

namespace {

void shuts_down(const Subject& subject) {
  Fixture server(subject);
  server.listen();
  Client idle = server.connect();
  Client busy = server.connect();
  server.write(idle, get("/idle"));
  server.write(busy, get("/busy"));
  server.until([&] { return server.requests.size() == 2; });
  for (const SeenRequest& request : server.requests) {
    if (request.path == "/idle") server.reactor->respond(request.id, {.body = "done"});
  }
  check::expect(server.read_until(idle, "done"), "answered before");
  server.reactor->shutdown(2'000'000);
  check::expect(server.read_eof(idle), "an idle connection ends");
  Client late = server.connect();
  late.write_some(get("/late"));
  server.turn();
  for (const SeenRequest& request : server.requests) {
    if (request.path == "/busy") server.reactor->respond(request.id, {.body = "last"});
  }
  check::expect(server.read_eof(busy) && busy.text.ends_with("last"),
                "a busy one after its answer");
  check::expect(busy.text.find("Connection: close") != std::string::npos, "which says so");
  idle.close();
  busy.close();
  check::expect(server.until([&] { return server.reactor->shutdown_done(); }), "then all is done");
  check::expect(server.requests.size() == 2, "nobody else was let in");

  Fixture forced(subject);
  forced.listen();
  Client stuck = forced.connect();
  forced.write(stuck, get("/"));
  forced.until([&] { return forced.requests.size() == 1; });
  forced.reactor->shutdown(20'000);
  check::expect(forced.until([&] { return forced.reactor->shutdown_done(); }), "at the deadline");
  check::expect(forced.closed.size() == 1, "what is left is ended");
}

void frees_its_port(const Subject& subject) {
  std::string address;
  {
    Fixture server(subject);
    address = server.listen();
    Client client = server.connect();
    server.write(client, get("/"));
    server.until([&] { return server.requests.size() == 1; });
  }
  Fixture next(subject);
  check::expect(next.listen(Protocol::Http, address) == address, "the port is free at once");
  ListenerSpec again;
  again.address = address;
  check::expect(!next.reactor->listen(again).ok(), "and then taken");
  check::expect(next.reactor->listen_error().find("in use") != std::string::npos, "with a reason");
  for (const char* bad : {"", "a", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:70000", "::1:80", "[a]:1",
                          "example.org:80", "unix:"}) {
    again.address = bad;
    const auto result = next.reactor->listen(again);
    check::expect(!result.ok() && result.error().state == kInvalidParameterValue, "no address");
  }
}

void shares_a_socket(const Subject& subject) {
  Fixture one(subject), two(subject);
  one.listen();
  ListenerSpec spec;
  spec.listener_id = 78;
  spec.shared_fd = one.reactor->listener_fd(77);
  const auto bound = two.reactor->listen(spec);
  check::expect(bound.ok() && bound.value() == one.address, "two reactors accept on one socket");
  one.reactor->close_listener(77);
  for (int i = 0; i < 5; ++i) one.turn();
  two.address = one.address;
  two.answer_all("two");
  Client client = two.connect();
  two.write(client, get("/"));
  check::expect(two.read_until(client, "two"), "the second goes on without the first");
}

void wakes(const Subject& subject) {
  Fixture server(subject);
  server.listen();
  server.turn(0);
  const auto begin = std::chrono::steady_clock::now();
  std::thread waker([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    for (int i = 0; i < 100; ++i) server.reactor->wake();
  });
  server.turn(5'000'000);
  const auto spent = std::chrono::steady_clock::now() - begin;
  waker.join();
  check::expect(spent < std::chrono::seconds(2), "another thread ends the wait");
  for (int i = 0; i < 3; ++i) server.turn(0);
  server.reactor->wake();
  const auto again = std::chrono::steady_clock::now();
  server.turn(5'000'000);
  check::expect(std::chrono::steady_clock::now() - again < std::chrono::seconds(2),
                "also beforehand");
}

}  // namespace

/// reactor_listen_test [PART OF A NAME]
int main(int argc, char** argv) {
  return run_all(argc > 1 ? argv[1] : "", {
      {"shuts_down", shuts_down},
      {"frees_its_port", frees_its_port},
      {"shares_a_socket", shares_a_socket},
      {"wakes", wakes},
  });
}
