// Addresses as users write them, and the sockets that listen on them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace rowtine::reactor {

struct ListenOptions {
  uint32_t backlog = 1024;
  bool reuse_port = false;
};

struct ListeningSocket {
  int fd = -1;
  std::string bound;      // the address with the port that was chosen
  std::string unix_path;  // to be removed when it is closed
  std::string error;      // when fd is -1
  bool is_bad_address = false;
};

/// Binds and listens on "127.0.0.1:8080", "[::1]:0", "*:80" (all addresses), "localhost:0" or
/// "unix:/path". Names other than localhost are not resolved: that would block.
ListeningSocket open_listening_socket(std::string_view address, const ListenOptions& options);

/// The address that a listening socket is bound to.
std::string bound_address(int fd);

/// Who is at the other end: "127.0.0.1:51234", "[::1]:51234" or "unix".
std::string peer_address(int fd);

/// Sends small writes at once; a socket that is not TCP is left alone.
void set_no_delay(int fd);

/// Makes close() drop unsent bytes and reset the connection.
void set_reset_on_close(int fd);

}  // namespace rowtine::reactor
