// The reactor over real loopback sockets, the same for every backend: order, limits, timeouts, and
// all the ways in which a peer may be rude.
#include "reactor/reactor.h"

#include <sys/resource.h>

#include <chrono>
#include <string>
#include <thread>

#include "reactor/reactor_fixture.h"

namespace rowtine::reactor {
// The libuv backend is linked where there is a libuv; elsewhere the tests run without it.
[[gnu::weak]] std::unique_ptr<Backend> make_uv_backend(const ReceiveBuffers&, std::string&);
}  // namespace rowtine::reactor

using namespace rowtine;
using namespace rowtine::reactor;

namespace {

std::string get(const std::string& path) { return "GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n"; }

Limits quick_limits() {
  Limits limits;
  limits.header_timeout_us = limits.body_timeout_us = limits.idle_timeout_us = 100'000;
  limits.write_timeout_us = limits.linger_timeout_us = 100'000;
  limits.half_close_grace_us = 50'000;
  return limits;
}

void keeps_alive(MakeBackend make) {
  Fixture server(make);
  server.listen();
  server.answer_all("hi");
  Client client = server.connect();
  for (int i = 0; i < 3; ++i) {
    client.text.clear();
    server.write(client, get("/a?b=" + std::to_string(i)));
    check::expect(server.read_until(client, "\r\n\r\nhi"), "a response per request");
  }
  check::expect(server.opened.size() == 1 && server.requests.size() == 3, "one connection");
  check::expect(server.opened[0].listener_id == 77, "the listener is named");
  check::expect(server.opened[0].peer.starts_with("127.0.0.1:"), "the peer is named");
  const SeenRequest& last = server.requests[2];
  check::expect(last.method == "GET" && last.path == "/a" && last.query == "b=2" &&
                    last.head == "Host: a\r\n" && last.body.empty(),
                "the parts of a request");
  check::expect(worker_of_request(last.id) == 3 && worker_of_connection(last.connection) == 3,
                "ids name the worker");
  check::expect(server.reactor->stats().requests_waiting == 0, "nothing waits");
  client.close();
  check::expect(server.until([&] { return server.closed.size() == 1; }), "the end is reported");
  check::expect(server.closed[0].id == last.connection, "of that connection");
  server.until([&] { return server.reactor->stats().connections_open == 0; });
  check::expect(server.reactor->stats().connections_open == 0, "nothing is left");
}

void keeps_order(MakeBackend make) {
  Fixture server(make);
  server.listen();
  Client client = server.connect();
  std::string text;
  for (const char* path : {"/0", "/1", "/2", "/3", "/4"}) text += get(path);
  server.write(client, text);
  server.until([&] { return server.requests.size() == 5; });
  const uint64_t sends_before = server.reactor->stats().sends;
  for (const size_t i : {2UL, 0UL, 4UL, 1UL, 3UL}) {
    const std::string body = "<" + server.requests[i].path + ">";
    check::expect(server.reactor->respond(server.requests[i].id, {.body = body}).ok(), "answered");
  }
  check::expect(server.read_until(client, "</4>"), "all are answered");
  size_t at = 0;
  for (const char* body : {"</0>", "</1>", "</2>", "</3>", "</4>"}) {
    const size_t found = client.text.find(body);
    check::expect(found != std::string::npos && found >= at, "in request order");
    at = found;
  }
  check::expect(server.reactor->stats().sends == sends_before + 1, "by one send");
}

void limits_requests_in_flight(MakeBackend make) {
  Limits limits;
  limits.requests_in_flight_max = 8;
  limits.input_bytes_pause = 1024;
  Fixture server(make, limits);
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

void serves_half_closed(MakeBackend make) {
  Fixture server(make);
  server.listen();
  Client client = server.connect();
  server.write(client, get("/a") + get("/b"));
  client.half_close();
  server.until([&] { return server.requests.size() == 2; });
  for (int i = 0; i < 5; ++i) server.turn();
  server.reactor->respond(server.requests[0].id, {.body = "first"});
  server.turn();
  server.reactor->respond(server.requests[1].id, {.body = "second"});
  check::expect(server.read_eof(client) && !client.is_reset, "the server ends after the answers");
  check::expect(
      client.text.find("first") < client.text.find("second") && client.text.ends_with("second"),
      "both answers came");
  check::expect(server.until([&] { return server.closed.size() == 1; }), "and reports the end");
}

void survives_resets(MakeBackend make) {
  Fixture server(make);
  server.listen();
  const std::string big(8 << 20, 'x');
  for (int i = 0; i < 5; ++i) {
    Client client = server.connect();
    server.write(client, get("/big") + get("/other"));
    server.until([&] { return server.requests.size() == 2; });
    check::expect(server.reactor->respond(server.requests[0].id, {.body = big}).ok(), "answered");
    for (int turn = 0; turn < i; ++turn) server.turn();
    client.read_some(1000);
    client.reset();
    check::expect(server.until([&] { return server.closed.size() == 1; }), "the reset is noticed");
    check::expect(server.reactor->respond(server.requests[1].id, {}).status == SendStatus::Stale,
                  "its other request is forgotten");
    server.until([&] { return server.reactor->stats().connections_open == 0; });
    check::expect(server.reactor->stats().connections_open == 0 &&
                      server.reactor->stats().requests_waiting == 0,
                  "nothing is left");
    server.requests.clear();
    server.closed.clear();
  }
}

void refuses_stale_ids(MakeBackend make) {
  Fixture server(make);
  server.listen();
  Client client = server.connect();
  server.write(client, get("/a"));
  server.until([&] { return server.requests.size() == 1; });
  Reactor& reactor = *server.reactor;
  const SeenRequest request = server.requests[0];
  check::expect(reactor.respond(request.id, {.status = 99}).status == SendStatus::InvalidStatus,
                "a bad status");
  const SendResult split = reactor.respond(request.id, {.headers_json = R"({"a":"b\r\nc: d"})"});
  check::expect(split.status == SendStatus::InvalidHeader && split.reason != nullptr,
                "a bad header");
  check::expect(reactor.respond(request.id, {.status = 500}).ok(), "which may still be answered");
  check::expect(reactor.respond(request.id, {}).status == SendStatus::Stale, "once");
  check::expect(server.read_until(client, "500 Internal"), "the answer");
  check::expect(count_of(client.text, "HTTP/1.1") == 1, "nothing else was written");
  for (const RequestId id : {RequestId{0}, RequestId{-1}, RequestId{1}, request.id + 1,
                             request.id ^ (RequestId{1} << kRequestOrdinalBits)}) {
    check::expect(reactor.respond(id, {}).status == SendStatus::Stale, "an id that is nobody's");
  }
  check::expect(reactor.send(request.connection, "x").status == SendStatus::Stale,
                "no raw bytes on http");
  check::expect(reactor.send(12345, "x").status == SendStatus::Stale, "nor on no connection");
  reactor.close(request.connection, true);
  check::expect(server.read_eof(client), "closed by the server");
  reactor.close(request.connection, true);
  Client next = server.connect();
  server.write(next, get("/b"));
  server.until([&] { return server.requests.size() == 2; });
  check::expect(server.requests[1].connection != request.connection, "ids are not reused");
}

void closes_when_told(MakeBackend make) {
  Fixture server(make);
  server.listen();
  Client client = server.connect();
  server.write(client, get("/a") + get("/b") + get("/c"));
  server.until([&] { return server.requests.size() == 3; });
  server.reactor->respond(server.requests[1].id, {.body = "second", .close = true, .tag = 5});
  server.reactor->respond(server.requests[0].id, {.body = "first", .tag = 4});
  check::expect(server.read_eof(client), "the connection ends");
  check::expect(
      client.text.find("Connection: close") != std::string::npos && client.text.ends_with("second"),
      "after the response that says so");
  check::expect(server.reactor->respond(server.requests[2].id, {}).status == SendStatus::Stale,
                "later requests are dropped");
  check::expect(server.until([&] { return server.sent.size() == 2; }), "tags come back");
  check::expect(server.sent[0].tag == 4 && server.sent[1].tag == 5 && !server.sent[1].error,
                "in order");

  Client old = server.connect();
  server.answer_all("old");
  server.write(old, "GET / HTTP/1.0\r\n\r\n" + get("/ignored"));
  check::expect(server.read_eof(old) && old.text.ends_with("old"), "1.0 closes by itself");
  check::expect(server.requests.size() == 4, "what follows is not looked at");
}

void refuses_in_turn(MakeBackend make) {
  Fixture server(make);
  server.listen();
  Client client = server.connect();
  server.write(client, get("/a") + "GET / HTTP/1.1\r\nHost : a\r\n\r\n" + get("/c"));
  server.until([&] { return server.requests.size() == 1; });
  for (int i = 0; i < 5; ++i) server.turn();
  client.read_some();
  check::expect(client.text.empty(), "the refusal waits for its turn");
  server.reactor->respond(server.requests[0].id, {.body = "fine"});
  check::expect(server.read_eof(client) && !client.is_reset, "then the connection ends");
  check::expect(client.text.find("fine") < client.text.find("HTTP/1.1 400 Bad Request"),
                "in order");
  check::expect(server.requests.size() == 1, "nothing after it is handed out");
  check::expect(server.reactor->stats().requests_refused == 1, "it is counted");
}

void refuses_large_bodies_early(MakeBackend make) {
  Fixture server(make);
  server.listen();
  Client client = server.connect();
  server.write(client, "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1073741824\r\n\r\n");
  const std::string some(1 << 20, 'x');
  for (int i = 0; i < 8; ++i) server.write(client, some);
  check::expect(server.read_until(client, "HTTP/1.1 413 "), "the refusal gets through");
  check::expect(server.reactor->stats().input_bytes_held == 0, "nothing of it is held");
}

void takes_bodies(MakeBackend make) {
  Fixture server(make);
  server.listen();
  server.on_request = [&](const SeenRequest& request) {
    server.reactor->respond(request.id, {.body = request.body});
  };
  Client client = server.connect();
  std::string body;
  for (int i = 0; body.size() < (10U << 20); ++i) body += std::to_string(i) + ",";
  const std::string head = "PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: ";
  std::string_view rest;
  const std::string text = head + std::to_string(body.size()) + "\r\n\r\n" + body + get("/next");
  rest = text;
  server.until([&] {
    rest.remove_prefix(client.write_some(rest));
    client.read_some();
    return rest.empty();
  });
  server.until([&] {
    client.read_some();
    return server.requests.size() == 2 && client.text.size() > body.size() + 150;
  });
  check::expect(server.requests[0].body == body, "a body of ten megabytes comes whole");
  check::expect(client.text.find(body) != std::string::npos, "and goes back");
  check::expect(server.until([&] { return server.reactor->stats().input_bytes_held == 0; }),
                "its memory is given back");

  client.text.clear();
  std::string chunks = "PUT /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 5000; ++i) chunks += "3\r\nabc\r\n";
  server.write(client, chunks + "0\r\n\r\n" + get("/after"));
  check::expect(server.until([&] { return server.requests.size() == 4; }), "a body in chunks");
  check::expect(server.requests[2].body.size() == 15000, "whole");
}

void says_continue(MakeBackend make) {
  Fixture server(make);
  server.listen();
  Client client = server.connect();
  server.write(
      client, get("/first") +
                  "PUT / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  server.until([&] { return server.requests.size() == 1; });
  server.reactor->respond(server.requests[0].id, {.body = "one"});
  check::expect(server.read_until(client, "100 Continue\r\n\r\n"), "told to go on");
  check::expect(client.text.find("one") < client.text.find("100 Continue"),
                "after the first answer");
  server.write(client, "ok");
  check::expect(server.until([&] { return server.requests.size() == 2; }), "the body comes");
  check::expect(server.requests[1].body == "ok", "whole");
}

void times_out(MakeBackend make) {
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
    Fixture server(make, quick_limits());
    server.listen();
    Client client = server.connect();
    server.write(client, test.text);
    check::expect(server.read_eof(client), test.name);
    check::expect(client.text.starts_with(test.answer), test.name);
    check::expect(server.until([&] { return server.closed.size() == 1; }), test.name);
  }
  Limits limits = quick_limits();
  limits.answer_timeout_us = 50'000;
  Fixture server(make, limits);
  server.listen();
  Client client = server.connect();
  server.write(client, get("/a") + get("/b"));
  check::expect(server.read_eof(client) && client.text.starts_with("HTTP/1.1 504 "), "no answer");
  check::expect(server.reactor->respond(server.requests[0].id, {}).status == SendStatus::Stale,
                "too late");
}

/// A trickle of bytes keeps neither a head nor a body alive for ever.
void times_out_trickles(MakeBackend make) {
  Limits limits = quick_limits();
  limits.body_bytes_per_second_min = 1'000'000'000;  // more than one byte per turn can ever be
  for (const char* head :
       {"GET / HTTP/1.1\r\n", "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n"}) {
    Fixture server(make, limits);
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

void drops_slow_readers(MakeBackend make) {
  Limits limits = quick_limits();
  limits.output_bytes_max = 64 << 20;
  Fixture server(make, limits);
  server.listen(Protocol::Tcp);
  Client client = server.connect();
  server.until([&] { return server.opened.size() == 1; });
  const ConnectionId id = server.opened[0].id;
  const std::string block(1 << 20, 'x');
  for (int i = 0; i < 64; ++i) check::expect(server.reactor->send(id, block, 9).ok(), "staged");
  check::expect(server.reactor->send(id, block).status == SendStatus::Overflow, "up to the limit");
  check::expect(server.until([&] { return server.closed.size() == 1; }), "then it is cut off");
  check::expect(std::string(server.closed[0].reason) == "the peer does not read",
                "for that reason");
  check::expect(server.sent.back().error != nullptr, "what did not leave is reported");
  check::expect(server.reactor->send(id, "x").status == SendStatus::Stale, "and it is gone");
}

void stops_reading_when_output_waits(MakeBackend make) {
  Limits limits;
  limits.output_bytes_pause = 256 * 1024;
  Fixture server(make, limits);
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

void speaks_lines(MakeBackend make) {
  Limits limits;
  limits.line_bytes_max = 100;
  limits.half_close_grace_us = 20'000;
  Fixture server(make, limits);
  server.listen(Protocol::Lines);
  Client client = server.connect();
  server.write(client, "one\r\ntwo\n\nth");
  server.until([&] { return server.lines.size() == 3; });
  server.write(client, "ree\xc3");
  server.turn();
  server.write(client, "\xa9\n" + std::string(100, 'x') + "\r\n");
  server.until([&] { return server.lines.size() == 5; });
  check::expect(server.lines == std::vector<std::string>{"one", "two", "", "three\xc3\xa9",
                                                         std::string(100, 'x')},
                "lines");
  server.reactor->send(server.opened[0].id, "reply\n");
  check::expect(server.read_until(client, "reply\n"), "a reply");
  client.half_close();
  check::expect(server.read_eof(client), "ended after the client's end");

  for (const std::string& bad :
       {std::string(101, 'x') + "\n", std::string(300, 'x'), std::string("\xff\n")}) {
    Client rude = server.connect();
    server.lines.clear();
    server.closed.clear();
    server.write(rude, "good\n" + bad);
    check::expect(server.read_eof(rude), "a bad line ends the connection");
    check::expect(server.lines == std::vector<std::string>{"good"}, "lines before it count");
    check::expect(server.until([&] { return server.closed.size() == 1; }) &&
                      std::string(server.closed[0].reason).starts_with("a line is "),
                  "with a reason");
  }
}

void speaks_many_lines(MakeBackend make) {
  Fixture server(make);
  server.listen(Protocol::Lines);
  Client client = server.connect();
  std::string text;
  for (int i = 0; i < 60'000; ++i) text += std::to_string(i) + "\n";
  server.write(client, text + std::string(40'000, '\n'));
  check::expect(server.until([&] { return server.lines.size() == 100'000; }), "all lines come");
  bool in_order = true;
  for (size_t i = 0; i < 60'000; ++i) in_order &= server.lines[i] == std::to_string(i);
  check::expect(in_order, "in order");
}

void speaks_tcp(MakeBackend make) {
  Fixture server(make, quick_limits());
  server.listen(Protocol::Tcp, "unix:/tmp/rowtine_reactor_test.sock");
  server.on_received = [&](const Received& event) {
    server.reactor->send(event.connection, event.data);
  };
  Client client = server.connect();
  server.write(client, "hello");
  client.half_close();
  check::expect(server.read_eof(client) && client.text == "hello", "echoed after the half-close");
  check::expect(server.opened[0].peer == "unix", "over a Unix socket");
  server.reactor->close_listener(77);
  server.until([] { return ::access("/tmp/rowtine_reactor_test.sock", F_OK) != 0; });
  check::expect(::access("/tmp/rowtine_reactor_test.sock", F_OK) != 0, "whose path is removed");
}

void holds_idle_connections(MakeBackend make) {
  constexpr size_t kCount = 2000;
  Fixture server(make);
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

void limits_connections(MakeBackend make) {
  Limits limits;
  limits.connections_max = 4;
  Fixture server(make, limits);
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

void survives_descriptor_exhaustion(MakeBackend make) {
  Fixture server(make);
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

void shuts_down(MakeBackend make) {
  Fixture server(make);
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

  Fixture forced(make);
  forced.listen();
  Client stuck = forced.connect();
  forced.write(stuck, get("/"));
  forced.until([&] { return forced.requests.size() == 1; });
  forced.reactor->shutdown(20'000);
  check::expect(forced.until([&] { return forced.reactor->shutdown_done(); }), "at the deadline");
  check::expect(forced.closed.size() == 1, "what is left is ended");
}

void frees_its_port(MakeBackend make) {
  std::string address;
  {
    Fixture server(make);
    address = server.listen();
    Client client = server.connect();
    server.write(client, get("/"));
    server.until([&] { return server.requests.size() == 1; });
  }
  Fixture next(make);
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

void shares_a_socket(MakeBackend make) {
  Fixture one(make), two(make);
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

void wakes(MakeBackend make) {
  Fixture server(make);
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

/// Many clients send random pieces of valid streams and answers come in random order.
void survives_random_traffic(MakeBackend make) {
  Limits limits;
  limits.requests_in_flight_max = 4;
  // Few and small buffers, so that running out of them is a part of the traffic.
  Fixture server(make, limits, {8, 256});
  server.listen();
  uint64_t seed = 99;
  const auto random = [&seed](size_t bound) {
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<size_t>(seed >> 33) % bound;
  };
  constexpr size_t kClients = 16;
  constexpr size_t kRequests = 60;
  std::vector<Client> clients;
  std::vector<std::string> texts(kClients);
  std::vector<std::string> expected(kClients);
  for (size_t c = 0; c < kClients; ++c) {
    clients.push_back(server.connect());
    for (size_t i = 0; i < kRequests; ++i) {
      const std::string body(random(600), static_cast<char>('a' + i % 26));
      const std::string path = "/" + std::to_string(c) + "/" + std::to_string(i);
      texts[c] += "PUT " + path + " HTTP/1.1\r\nHost: a\r\n";
      if (i % 2 == 0) {
        texts[c] += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
      } else {
        char size[16];
        std::snprintf(size, sizeof(size), "%zx", body.size());
        texts[c] += "Transfer-Encoding: chunked\r\n\r\n";
        if (!body.empty()) texts[c] += std::string(size) + "\r\n" + body + "\r\n";
        texts[c] += "0\r\n\r\n";
      }
      expected[c] += "<" + path + body + ">";
    }
  }
  std::vector<SeenRequest> waiting;
  server.on_request = [&](const SeenRequest& request) { waiting.push_back(request); };
  size_t answered = 0;
  server.until([&] {
    for (size_t c = 0; c < kClients; ++c) {
      const size_t bytes = std::min(texts[c].size(), random(700));
      texts[c].erase(0, clients[c].write_some(std::string_view(texts[c]).substr(0, bytes)));
      clients[c].read_some();
    }
    for (size_t i = random(8); i > 0 && !waiting.empty(); --i) {
      std::swap(waiting[random(waiting.size())], waiting.back());
      const SeenRequest request = waiting.back();
      waiting.pop_back();
      const std::string body = "<" + request.path + request.body + ">";
      check::expect(server.reactor->respond(request.id, {.body = body}).ok(), "answered");
      ++answered;
    }
    return answered == kClients * kRequests;
  });
  for (size_t c = 0; c < kClients; ++c) {
    std::string bodies;
    server.until([&] {
      clients[c].read_some();
      return count_of(clients[c].text, "HTTP/1.1 200") == kRequests &&
             clients[c].text.ends_with(">");
    });
    for (size_t at = clients[c].text.find("\r\n\r\n"); at != std::string::npos;) {
      const size_t end = std::min(clients[c].text.find("HTTP/1.1 200", at), clients[c].text.size());
      bodies += clients[c].text.substr(at + 4, end - at - 4);
      at = clients[c].text.find("\r\n\r\n", end);
    }
    check::expect(bodies == expected[c], "every client got its answers, whole and in order");
  }
}

void run_all(const char* name, MakeBackend make, std::string_view only) {
  struct Test {
    const char* name;
    void (*run)(MakeBackend);
  };
  const Test tests[] = {
      {"keeps_alive", keeps_alive},
      {"keeps_order", keeps_order},
      {"limits_requests_in_flight", limits_requests_in_flight},
      {"serves_half_closed", serves_half_closed},
      {"survives_resets", survives_resets},
      {"refuses_stale_ids", refuses_stale_ids},
      {"closes_when_told", closes_when_told},
      {"refuses_in_turn", refuses_in_turn},
      {"refuses_large_bodies_early", refuses_large_bodies_early},
      {"takes_bodies", takes_bodies},
      {"says_continue", says_continue},
      {"times_out", times_out},
      {"times_out_trickles", times_out_trickles},
      {"drops_slow_readers", drops_slow_readers},
      {"stops_reading_when_output_waits", stops_reading_when_output_waits},
      {"speaks_lines", speaks_lines},
      {"speaks_many_lines", speaks_many_lines},
      {"speaks_tcp", speaks_tcp},
      {"holds_idle_connections", holds_idle_connections},
      {"limits_connections", limits_connections},
      {"survives_descriptor_exhaustion", survives_descriptor_exhaustion},
      {"shuts_down", shuts_down},
      {"frees_its_port", frees_its_port},
      {"shares_a_socket", shares_a_socket},
      {"wakes", wakes},
      {"survives_random_traffic", survives_random_traffic},
  };
  for (const Test& test : tests) {
    if (std::string_view(test.name).find(only) == std::string_view::npos) continue;
    const int failed_before = check::counts.failed;
    const auto begin = std::chrono::steady_clock::now();
    test.run(make);
    const std::chrono::duration<double, std::milli> spent =
        std::chrono::steady_clock::now() - begin;
    const char* verdict = check::counts.failed == failed_before ? "ok" : "FAILED";
    std::printf("%-6s %-32s %6.0f ms  %s\n", name, test.name, spent.count(), verdict);
    std::fflush(stdout);
  }
}

}  // namespace

/// reactor_test [PART OF A NAME]
int main(int argc, char** argv) {
  const std::string_view only = argc > 1 ? argv[1] : "";
  std::string why;
  if (make_uring_backend({}, why) != nullptr) run_all("uring", make_uring_backend, only);
  else std::printf("uring is not tested: %s\n", why.c_str());
  if (make_uv_backend != nullptr) run_all("uv", make_uv_backend, only);
  return check::summary();
}
