// A reactor and its clients on one thread, for tests: clients write and read without blocking, and
// every step of waiting turns the reactor, so that nothing depends on timing but timeouts do.
#pragma once

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/invariant.h"
#include "reactor/reactor.h"
#include "reactor/reactor_subject.h"

namespace rowtine::reactor {

/// One client socket. A descriptor is closed with its owner.
class Client {
 public:
  explicit Client(int fd) : fd_(fd) {}
  Client(Client&& other) noexcept
      : text(std::move(other.text)),
        is_eof(other.is_eof),
        is_reset(other.is_reset),
        fd_(other.fd_) {
    other.fd_ = -1;
  }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  ~Client() { close(); }

  int fd() const { return fd_; }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  void reset() {
    const linger drop{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &drop, sizeof(drop));
    close();
  }
  void half_close() { ::shutdown(fd_, SHUT_WR); }

  /// Returns: bytes taken by the kernel, possibly none.
  size_t write_some(std::string_view bytes) {
    const ssize_t written = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (written < 0 && errno != EAGAIN) is_reset = true;
    return written < 0 ? 0 : static_cast<size_t>(written);
  }
  void read_some(size_t bytes_max = SIZE_MAX) {
    char buffer[64 * 1024];
    while (bytes_max > 0 && !is_eof) {
      const ssize_t got = ::recv(fd_, buffer, std::min(sizeof(buffer), bytes_max), MSG_DONTWAIT);
      if (got > 0) {
        text.append(buffer, static_cast<size_t>(got));
        bytes_max -= static_cast<size_t>(got);
        continue;
      }
      if (got == 0) is_eof = true;
      if (got < 0 && errno != EAGAIN) is_eof = is_reset = true;
      return;
    }
  }

  std::string text;  // everything read
  bool is_eof = false;
  bool is_reset = false;

 private:
  int fd_;
};

struct SeenRequest {
  RequestId id;
  ConnectionId connection;
  std::string method, path, query, head, body;
};

class Fixture {
 public:
  explicit Fixture(const Subject& subject, const Limits& limits = {},
                   const ReceiveBuffers& buffers = {}) {
    std::string why;
    ReactorOptions options;
    options.worker = 3;
    options.limits = limits;
    reactor = subject.make(options, buffers, why);
    if (reactor == nullptr) std::printf("no reactor: %s\n", why.c_str());
    invariant(reactor != nullptr, "the reactor under test is there");
    is_split = subject.is_split;
  }

  std::string listen(Protocol protocol = Protocol::Http, const std::string& on = "127.0.0.1:0") {
    ListenerSpec spec;
    spec.protocol = protocol;
    spec.address = on;
    spec.listener_id = 77;
    const auto bound = reactor->listen(spec);
    check::expect(bound.ok(), "listening");
    address = bound.ok() ? bound.value() : "";
    return address;
  }

  /// Connects without waiting for the server to accept.
  Client connect() const {
    const int family = address.starts_with("unix:") ? AF_UNIX : AF_INET;
    Client client(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    join(client);
    return client;
  }
  void join(Client& client) const {
    sockaddr_un local{};
    sockaddr_in internet{};
    const auto* to = reinterpret_cast<const sockaddr*>(&internet);
    socklen_t bytes = sizeof(internet);
    if (address.starts_with("unix:")) {
      local.sun_family = AF_UNIX;
      std::memcpy(local.sun_path, address.data() + 5, address.size() - 5);
      to = reinterpret_cast<const sockaddr*>(&local);
      bytes = sizeof(local);
    } else {
      const auto port = std::atoi(address.substr(address.rfind(':') + 1).c_str());
      internet.sin_family = AF_INET;
      internet.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      internet.sin_port = htons(static_cast<uint16_t>(port));
    }
    if (::connect(client.fd(), to, bytes) < 0) client.is_reset = true;
  }

  /// One turn: polls, notes what came, lets `on_request` answer.
  void turn(int64_t timeout_us = 1000) {
    reactor->poll(inbox, timeout_us);
    for (const Opened& event : inbox.opened) opened.push_back(event);
    for (const HttpRequest& request : inbox.requests) {
      requests.push_back({request.id, request.connection, std::string(request.method),
                          std::string(request.path), std::string(request.query),
                          std::string(request.head), std::string(request.body)});
      if (on_request) on_request(requests.back());
    }
    for (const Received& event : inbox.received) {
      received.append(event.data);
      if (on_received) on_received(event);
    }
    for (const Received& event : inbox.lines) lines.emplace_back(event.data);
    for (const SendDone& event : inbox.sent) sent.push_back(event);
    for (const Closed& event : inbox.closed) closed.push_back(event);
    reactor->flush();
  }

  /// Turns until `done`, at most five seconds. Returns: whether it came true.
  bool until(const std::function<bool()>& done) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (std::chrono::steady_clock::now() < end) {
      if (done()) return true;
      turn();
    }
    return done();
  }

  /// Writes all of `bytes`, turning the reactor while the socket is full.
  void write(Client& client, std::string_view bytes) {
    until([&] {
      bytes.remove_prefix(client.write_some(bytes));
      return bytes.empty() || client.is_reset;
    });
  }

  /// Reads until the text contains `end`.
  bool read_until(Client& client, std::string_view end) {
    return until([&] {
             client.read_some();
             return client.text.find(end) != std::string::npos || client.is_eof;
           }) &&
           client.text.find(end) != std::string::npos;
  }
  bool read_eof(Client& client) {
    return until([&] {
      client.read_some();
      return client.is_eof;
    });
  }

  void answer_all(std::string body) {
    on_request = [this, body](const SeenRequest& request) {
      check::expect(reactor->respond(request.id, {.body = body}).ok(), "answered");
    };
  }

  /// Nobody waits for the request any more: said by respond() where it can know.
  void expect_stale(RequestId id, const char* what) {
    const SendStatus status = reactor->respond(id, {}).status;
    check::expect(status == SendStatus::Stale || (is_split && status == SendStatus::Ok), what);
  }

  void expect_stale_send(ConnectionId id, const char* what) {
    const SendStatus status = reactor->send(id, "x").status;
    check::expect(status == SendStatus::Stale || (is_split && status == SendStatus::Ok), what);
  }

  std::unique_ptr<Reactor> reactor;
  bool is_split = false;
  Inbox inbox;
  std::string address;
  std::function<void(const SeenRequest&)> on_request;
  std::function<void(const Received&)> on_received;
  std::vector<Opened> opened;
  std::vector<SeenRequest> requests;
  std::string received;
  std::vector<std::string> lines;
  std::vector<SendDone> sent;
  std::vector<Closed> closed;
};

/// How often `part` occurs in `text`.
inline size_t count_of(std::string_view text, std::string_view part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

}  // namespace rowtine::reactor
