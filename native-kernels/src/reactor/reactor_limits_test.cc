// What a peer may take: time, memory, connections, descriptors; each ends or waits at its limit.
// The same for every backend and topology.
#include "reactor/reactor.h"

#include <sys/resource.h>

#include <string>

#include "reactor/reactor_test_main.h"

using namespace rowtine;
using namespace rowtine::reactor;

namespace {

void limits_requests_in_flight(const Subject& subject) {
  Limits limits;
  limits.requests_in_flight_max = 8;
  limits.input_bytes_pause = 1024;
  Fixture server(subject, limits);
  server.listen();
  size_t waiting_max = 0;
  Client client = server.connect();
  std::string text;
  for (int i = 0; i < 1000; ++i) text += get("/" + std::to_string(i));
  size_t answered = 0;
  std::string_view rest = text;
  server.until([&] {
    rest.remove_prefix(client.write_some(rest));
    client.read_some();
    waiting_max = std::max(waiting_max, server.requests.size() - answered);
    // One answer per turn, so that the queue is always as full as it may be.
    if (answered < server.requests.size()) {
      const SeenRequest& request = server.requests[answered++];
      server.reactor->respond(request.id, {.body = "<" + request.path + ">"});
    }
    return answered == 1000;
  });
  check::expect(server.read_until(client, "</999>"), "all are answered in the end");
  check::expect(waiting_max == 8, "never more than the limit at once");
  bool in_order = true;
  for (size_t i = 0; i < server.requests.size(); ++i) {
    in_order &= server.requests[i].path == "/" + std::to_string(i);
  }
  check::expect(in_order && count_of(client.text, "HTTP/1.1 200") == 1000, "each once, in order");
}

void times_out(const Subject& subject) {
  struct Case {
    const char* name;
    std::string text;
    const char* answer;
  };
  const Case cases[] = {
      {"an idle connection", "", ""},
      {"a head that does not end", "GET / HTTP/1.1\r\nHost: a\r\n", "HTTP/1.1 408 "},
      {"a body that does not end", "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab",
       "HTTP/1.1 408 "},
      {"chunks that do not end",
       "PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", "HTTP/1.1 408 "},
  };
  for (const Case& test : cases) {
    Fixture server(subject, quick_limits());
    server.listen();
    Client client = server.connect();
    server.write(client, test.text);
    check::expect(server.read_eof(client), test.name);
    check::expect(client.text.starts_with(test.answer), test.name);
    check::expect(server.until([&] { return server.closed.size() == 1; }), test.name);
  }
  Limits limits = quick_limits();
  limits.answer_timeout_us = 50'000;
  Fixture server(subject, limits);
  server.listen();
  Client client = server.connect();
  server.write(client, get("/a") + get("/b"));
  check::expect(server.read_eof(client) && client.text.starts_with("HTTP/1.1 504 "), "no answer");
  server.expect_stale(server.requests[0].id, "too late");
}

/// A trickle of bytes keeps neither a head nor a body alive for ever.
void times_out_trickles(const Subject& subject) {
  Limits limits = quick_limits();
  limits.body_bytes_per_second_min = 1'000'000'000;  // more than one byte per turn can ever be
  for (const char* head :
       {"GET / HTTP/1.1\r\n", "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n"}) {
    Fixture server(subject, limits);
    server.listen();
    Client client = server.connect();
    server.write(client, head);
    const bool is_cut = server.until([&] {
      client.write_some("a");
      client.read_some();
      return client.text.starts_with("HTTP/1.1 408 ");
    });
    check::expect(is_cut, "a trickle is cut off");
  }
}

void drops_slow_readers(const Subject& subject) {
  Limits limits = quick_limits();
  limits.output_bytes_max = 64 << 20;
  Fixture server(subject, limits);
  server.listen(Protocol::Tcp);
  Client client = server.connect();
  server.until([&] { return server.opened.size() == 1; });
  const ConnectionId id = server.opened[0].id;
  const std::string block(1 << 20, 'x');
  for (int i = 0; i < 64; ++i) check::expect(server.reactor->send(id, block, 9).ok(), "staged");
  if (!server.is_split) {
    check::expect(server.reactor->send(id, block).status == SendStatus::Overflow,
                  "up to the limit");
  }
  check::expect(server.until([&] { return server.closed.size() == 1; }), "then it is cut off");
  check::expect(std::string(server.closed[0].reason) == "the peer does not read",
                "for that reason");
  check::expect(server.until([&] { return server.sent.size() == 64; }) &&
                    server.sent.back().error != nullptr,
                "what did not leave is reported");
  server.expect_stale_send(id, "and it is gone");
}

void stops_reading_when_output_waits(const Subject& subject) {
  Limits limits;
  limits.output_bytes_pause = 256 * 1024;
  Fixture server(subject, limits);
  server.listen(Protocol::Tcp);
  server.on_received = [&](const Received& event) {
    server.reactor->send(event.connection, event.data);
  };
  Client client = server.connect();
  const std::string block(64 * 1024, 'x');
  size_t written = 0;
  for (int i = 0; i < 3000; ++i) {
    written += client.write_some(block);
    server.turn(0);
  }
  const uint64_t taken = server.reactor->stats().bytes_received;
  check::expect(taken < 24ULL << 20, "a client that does not read is not read from");
  server.until([&] {
    client.read_some();
    return client.text.size() == written;
  });
  check::expect(client.text.size() == written, "when it reads, everything comes");
}

void holds_idle_connections(const Subject& subject) {
  constexpr size_t kCount = 2000;
  Fixture server(subject);
  server.listen();
  server.answer_all("ok");
  std::vector<Client> clients;
  for (size_t i = 0; i < kCount; ++i) {
    clients.push_back(server.connect());
    if (i % 100 == 0) server.turn(0);
  }
  check::expect(server.until([&] { return server.opened.size() == kCount; }), "all are accepted");
  for (size_t i = 0; i < kCount; i += 499) {
    server.write(clients[i], get("/"));
    check::expect(server.read_until(clients[i], "ok"), "and served");
  }
  clients.clear();
  check::expect(server.until([&] { return server.reactor->stats().connections_open == 0; }),
                "all are noticed to end");
}

void limits_connections(const Subject& subject) {
  Limits limits;
  limits.connections_max = 4;
  Fixture server(subject, limits);
  server.listen();
  server.answer_all("ok");
  std::vector<Client> clients;
  for (int i = 0; i < 4; ++i) clients.push_back(server.connect());
  server.until([&] { return server.opened.size() == 4; });
  for (int i = 0; i < 5; ++i) server.turn();
  Client late = server.connect();
  server.write(late, get("/"));
  for (int i = 0; i < 20; ++i) server.turn();
  check::expect(server.opened.size() == 4, "the fifth waits in the backlog");
  clients.pop_back();
  check::expect(server.read_until(late, "ok"), "until one ends");
}

void survives_descriptor_exhaustion(const Subject& subject) {
  Fixture server(subject);
  server.answer_all("ok");
  std::vector<Client> clients;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  }
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  const int next = ::dup(0);
  ::close(next);
  // Room for the listener and three connections. Set before listening: io_uring's accept keeps to
  // the limit that it began with.
  const rlimit tight{static_cast<rlim_t>(next + 4), before.rlim_max};
  setrlimit(RLIMIT_NOFILE, &tight);
  server.listen();
  for (Client& client : clients) {
    server.join(client);
    client.write_some(get("/"));
  }
  server.until([&] { return server.reactor->stats().accept_pauses > 0; });
  for (int i = 0; i < 20; ++i) server.turn();
  check::expect(server.opened.size() == 3, "three are accepted, then no descriptor is left");
  check::expect(server.read_until(clients[0], "ok"), "they are served");
  clients[0].text.clear();
  server.write(clients[0], get("/"));
  check::expect(server.read_until(clients[0], "ok"), "and live on");
  setrlimit(RLIMIT_NOFILE, &before);
  for (Client& client : clients) {
    check::expect(server.read_until(client, "ok"), "the others are served later");
  }
}

}  // namespace

/// reactor_limits_test [PART OF A NAME]
int main(int argc, char** argv) {
  return run_all(argc > 1 ? argv[1] : "", {
      {"limits_requests_in_flight", limits_requests_in_flight},
      {"times_out", times_out},
      {"times_out_trickles", times_out_trickles},
      {"drops_slow_readers", drops_slow_readers},
      {"stops_reading_when_output_waits", stops_reading_when_output_waits},
      {"holds_idle_connections", holds_idle_connections},
      {"limits_connections", limits_connections},
      {"survives_descriptor_exhaustion", survives_descriptor_exhaustion},
  });
}
