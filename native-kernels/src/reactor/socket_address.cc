#include "reactor/socket_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>

namespace rowtine::reactor {
namespace {

struct Address {
  sockaddr_storage storage{};
  socklen_t bytes = 0;
  bool is_any = false;  // "*": both families if possible

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  template <class T>
  T& as() {
    return reinterpret_cast<T&>(storage);
  }
};

bool parse_port(std::string_view text, uint16_t& port) {
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), port);
  return parsed.ec == std::errc{} && parsed.ptr == text.data() + text.size();
}

bool parse_ip(std::string host, uint16_t port, Address& address) {
  if (host == "localhost") host = "127.0.0.1";
  if (host == "*" || host.empty()) {
    address.is_any = true;
    host = "::";
  }
  auto& v4 = address.as<sockaddr_in>();
  if (inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    address.bytes = sizeof(v4);
    return true;
  }
  auto& v6 = address.as<sockaddr_in6>();
  if (inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) != 1) return false;
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  address.bytes = sizeof(v6);
  return true;
}

bool parse_address(std::string_view text, Address& address) {
  const size_t colon = text.rfind(':');
  uint16_t port = 0;
  if (colon == std::string_view::npos || !parse_port(text.substr(colon + 1), port)) return false;
  std::string_view host = text.substr(0, colon);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
    if (host.find(':') == std::string_view::npos) return false;
  } else if (host.find(':') != std::string_view::npos) {
    return false;
  }
  return parse_ip(std::string(host), port, address);
}

std::string describe(sockaddr_storage& storage) {
  char text[INET6_ADDRSTRLEN] = {};
  if (storage.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
    inet_ntop(AF_INET, &v4.sin_addr, text, sizeof(text));
    return std::string(text) + ":" + std::to_string(ntohs(v4.sin_port));
  }
  if (storage.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
    inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof(text));
    std::string address = "[";
    return address.append(text).append("]:").append(std::to_string(ntohs(v6.sin6_port)));
  }
  return "unix";
}

ListeningSocket failed(int fd, const char* what) {
  ListeningSocket socket;
  socket.error = std::string(what) + ": " + std::strerror(errno);
  if (fd >= 0) ::close(fd);
  return socket;
}

void set_option(int fd, int level, int option, int value) {
  ::setsockopt(fd, level, option, &value, sizeof(value));
}

/// A path that a process left behind when it died refuses connections; it may be taken over.
bool is_abandoned(Address& address) {
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (probe < 0) return false;
  const bool is_refused =
      ::connect(probe, address.get(), address.bytes) < 0 && errno == ECONNREFUSED;
  ::close(probe);
  return is_refused;
}

ListeningSocket open_unix(std::string_view path, const ListenOptions& options) {
  Address address;
  auto& local = address.as<sockaddr_un>();
  if (path.empty() || path.size() >= sizeof(local.sun_path)) {
    ListeningSocket socket;
    socket.is_bad_address = true;
    socket.error = "the path of a Unix socket has 1 to 107 bytes";
    return socket;
  }
  local.sun_family = AF_UNIX;
  std::memcpy(local.sun_path, path.data(), path.size());
  address.bytes = sizeof(local);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return failed(fd, "socket");
  if (::bind(fd, address.get(), address.bytes) < 0) {
    const bool is_retried = errno == EADDRINUSE && is_abandoned(address) &&
                            ::unlink(local.sun_path) == 0 &&
                            ::bind(fd, address.get(), address.bytes) == 0;
    if (!is_retried) return failed(fd, "bind");
  }
  if (::listen(fd, static_cast<int>(options.backlog)) < 0) return failed(fd, "listen");
  ListeningSocket socket;
  socket.fd = fd;
  socket.unix_path = path;
  socket.bound = "unix:" + socket.unix_path;
  return socket;
}

ListeningSocket open_tcp(Address address, const ListenOptions& options) {
  const int fd = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 && address.is_any && errno == EAFNOSUPPORT) {
    Address v4;
    parse_ip("0.0.0.0", ntohs(address.as<sockaddr_in6>().sin6_port), v4);
    return open_tcp(v4, options);
  }
  if (fd < 0) return failed(fd, "socket");
  set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  if (options.reuse_port) set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1);
  if (address.storage.ss_family == AF_INET6) {
    set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, address.is_any ? 0 : 1);
  }
  if (::bind(fd, address.get(), address.bytes) < 0) return failed(fd, "bind");
  if (::listen(fd, static_cast<int>(options.backlog)) < 0) return failed(fd, "listen");
  ListeningSocket socket;
  socket.fd = fd;
  socket.bound = bound_address(fd);
  return socket;
}

}  // namespace

ListeningSocket open_listening_socket(std::string_view text, const ListenOptions& options) {
  constexpr std::string_view kUnix = "unix:";
  if (text.starts_with(kUnix)) return open_unix(text.substr(kUnix.size()), options);
  Address address;
  if (!parse_address(text, address)) {
    ListeningSocket socket;
    socket.is_bad_address = true;
    socket.error = "an address is HOST:PORT, [IPV6]:PORT, *:PORT or unix:PATH";
    return socket;
  }
  return open_tcp(address, options);
}

std::string bound_address(int fd) {
  sockaddr_storage storage{};
  socklen_t bytes = sizeof(storage);
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &bytes) < 0) return {};
  if (storage.ss_family != AF_UNIX) return describe(storage);
  return std::string("unix:") + reinterpret_cast<sockaddr_un&>(storage).sun_path;
}

std::string peer_address(int fd) {
  sockaddr_storage storage{};
  socklen_t bytes = sizeof(storage);
  if (::getpeername(fd, reinterpret_cast<sockaddr*>(&storage), &bytes) < 0) return "unknown";
  return describe(storage);
}

void set_no_delay(int fd) { set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1); }

void set_reset_on_close(int fd) {
  const linger drop{1, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &drop, sizeof(drop));
}

}  // namespace rowtine::reactor
