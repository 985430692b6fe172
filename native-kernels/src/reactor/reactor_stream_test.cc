// Lines and bytes, the protocols without requests, over real sockets.
// The same for every backend and topology.
#include "reactor/reactor.h"

#include <string>

#include "reactor/reactor_test_main.h"

using namespace rowtine;
using namespace rowtine::reactor;

namespace {

/// A line that only the end of the connection ends is a line, and may be replied to.
void takes_last_lines(const Subject& subject) {
  Limits limits;
  limits.half_close_grace_us = 200'000;  // a reply is in time on a busy machine
  Fixture server(subject, limits);
  server.listen(Protocol::Lines);
  for (const char* sent : {"whole\nlast", "whole\nlast\r", "last", "last\n", ""}) {
    const std::string text = sent;
    Client client = server.connect();
    server.lines.clear();
    server.write(client, text);
    server.turn();
    client.half_close();
    const bool has_line = !text.empty();
    if (has_line) {
      server.until([&] { return !server.lines.empty() && server.lines.back() == "last"; });
      check::expect(!server.lines.empty() && server.lines.back() == "last", "the last line comes");
      server.reactor->send(server.opened.back().id, "reply\n");
      check::expect(server.read_until(client, "reply\n"), "a reply to the last line");
    }
    check::expect(server.read_eof(client), "and then the end");
    const size_t expected = text.starts_with("whole") ? 2 : has_line ? 1 : 0;
    check::expect(server.lines.size() == expected, "each line comes once");
  }
  Client rude = server.connect();
  server.lines.clear();
  server.write(rude, "good\n\xc3");
  rude.half_close();
  check::expect(server.read_eof(rude), "half a character ends the connection");
  server.until([&] { return !server.lines.empty(); });
  check::expect(server.lines == std::vector<std::string>{"good"}, "and is no line");
}

void speaks_lines(const Subject& subject) {
  Limits limits;
  limits.line_bytes_max = 100;
  limits.half_close_grace_us = 20'000;
  Fixture server(subject, limits);
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
  check::expect(server.until([&] { return server.closed.size() == 1; }), "which is reported");

  for (const std::string& bad :
       {std::string(101, 'x') + "\n", std::string(300, 'x'), std::string("\xff\n")}) {
    Client rude = server.connect();
    server.lines.clear();
    server.closed.clear();
    server.write(rude, "good\n" + bad);
    check::expect(server.read_eof(rude), "a bad line ends the connection");
    check::expect(server.until([&] { return server.closed.size() == 1; }) &&
                      std::string(server.closed[0].reason).starts_with("a line is "),
                  "with a reason");
    check::expect(server.lines == std::vector<std::string>{"good"}, "lines before it count");
  }
}

void speaks_many_lines(const Subject& subject) {
  Fixture server(subject);
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

void speaks_tcp(const Subject& subject) {
  Fixture server(subject, quick_limits());
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

}  // namespace

/// reactor_stream_test [PART OF A NAME]
int main(int argc, char** argv) {
  return run_all(argc > 1 ? argv[1] : "", {
      {"speaks_lines", speaks_lines},
      {"takes_last_lines", takes_last_lines},
      {"speaks_many_lines", speaks_many_lines},
      {"speaks_tcp", speaks_tcp},
  });
}
