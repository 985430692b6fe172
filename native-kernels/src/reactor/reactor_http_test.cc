// Requests and responses over real loopback sockets: order, bodies, refusals, ends.
// The same for every backend and topology.
#include "reactor/reactor.h"

#include <string>

#include "reactor/reactor_test_main.h"

using namespace rowtine;
using namespace rowtine::reactor;

namespace {

void keeps_alive(const Subject& subject) {
  Fixture server(subject);
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

void keeps_order(const Subject& subject) {
  Fixture server(subject);
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
  check::expect(server.until([&] { return server.reactor->stats().sends > sends_before; }) &&
                    server.reactor->stats().sends == sends_before + 1,
                "by one send");
}

void serves_half_closed(const Subject& subject) {
  Fixture server(subject);
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

void survives_resets(const Subject& subject) {
  Fixture server(subject);
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
    server.expect_stale(server.requests[1].id, "its other request is forgotten");
    server.until([&] { return server.reactor->stats().connections_open == 0; });
    check::expect(server.reactor->stats().connections_open == 0 &&
                      server.reactor->stats().requests_waiting == 0,
                  "nothing is left");
    server.requests.clear();
    server.closed.clear();
  }
}

void refuses_stale_ids(const Subject& subject) {
  Fixture server(subject);
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
  server.expect_stale(request.id, "once");
  check::expect(server.read_until(client, "500 Internal"), "the answer");
  check::expect(count_of(client.text, "HTTP/1.1") == 1, "nothing else was written");
  for (const RequestId id : {RequestId{0}, RequestId{-1}, RequestId{1}, request.id + 1,
                             request.id ^ (RequestId{1} << kRequestOrdinalBits)}) {
    server.expect_stale(id, "an id that is nobody's");
  }
  server.expect_stale_send(request.connection, "no raw bytes on http");
  check::expect(reactor.send(12345, "x").status == SendStatus::Stale, "nor on no connection");
  reactor.close(request.connection, true);
  check::expect(server.read_eof(client), "closed by the server");
  reactor.close(request.connection, true);
  Client next = server.connect();
  server.write(next, get("/b"));
  server.until([&] { return server.requests.size() == 2; });
  check::expect(server.requests[1].connection != request.connection, "ids are not reused");
}

void closes_when_told(const Subject& subject) {
  Fixture server(subject);
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
  server.expect_stale(server.requests[2].id, "later requests are dropped");
  check::expect(server.until([&] { return server.sent.size() == 2; }), "tags come back");
  check::expect(server.sent[0].tag == 4 && server.sent[1].tag == 5 && !server.sent[1].error,
                "in order");

  Client old = server.connect();
  server.answer_all("old");
  server.write(old, "GET / HTTP/1.0\r\n\r\n" + get("/ignored"));
  check::expect(server.read_eof(old) && old.text.ends_with("old"), "1.0 closes by itself");
  check::expect(server.requests.size() == 4, "what follows is not looked at");
}

void refuses_in_turn(const Subject& subject) {
  Fixture server(subject);
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

void refuses_large_bodies_early(const Subject& subject) {
  Fixture server(subject);
  server.listen();
  Client client = server.connect();
  server.write(client, "PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1073741824\r\n\r\n");
  const std::string some(1 << 20, 'x');
  for (int i = 0; i < 8; ++i) server.write(client, some);
  check::expect(server.read_until(client, "HTTP/1.1 413 "), "the refusal gets through");
  check::expect(server.reactor->stats().input_bytes_held == 0, "nothing of it is held");
}

void takes_bodies(const Subject& subject) {
  Fixture server(subject);
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

void says_continue(const Subject& subject) {
  Fixture server(subject);
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

/// Many clients send random pieces of valid streams and answers come in random order.
void survives_random_traffic(const Subject& subject) {
  Limits limits;
  limits.requests_in_flight_max = 4;
  // Few and small buffers, so that running out of them is a part of the traffic.
  Fixture server(subject, limits, {8, 256});
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

}  // namespace

/// reactor_http_test [PART OF A NAME]
int main(int argc, char** argv) {
  return run_all(argc > 1 ? argv[1] : "", {
      {"keeps_alive", keeps_alive},
      {"keeps_order", keeps_order},
      {"serves_half_closed", serves_half_closed},
      {"survives_resets", survives_resets},
      {"refuses_stale_ids", refuses_stale_ids},
      {"closes_when_told", closes_when_told},
      {"refuses_in_turn", refuses_in_turn},
      {"refuses_large_bodies_early", refuses_large_bodies_early},
      {"takes_bodies", takes_bodies},
      {"says_continue", says_continue},
      {"survives_random_traffic", survives_random_traffic},
  });
}
