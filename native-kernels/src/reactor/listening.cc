#include "reactor/listening.h"

#include <unistd.h>

#include "reactor/socket_address.h"

namespace rowtine::reactor {

Result<Listening> start_listening(const ListenerSpec& spec, std::string& why) {
  Listening listening;
  listening.spec = spec;
  if (spec.shared_fd >= 0) {
    listening.fd = ::dup(spec.shared_fd);
    listening.bound = bound_address(spec.shared_fd);
    if (listening.fd < 0) why = "the shared socket cannot be duplicated";
  } else {
    ListeningSocket socket = open_listening_socket(spec.address, {spec.backlog, spec.reuse_port});
    listening.fd = socket.fd;
    listening.unix_path = std::move(socket.unix_path);
    listening.bound = std::move(socket.bound);
    if (socket.fd < 0) why = std::move(socket.error);
    if (socket.is_bad_address) return kInvalidParameterValue;
  }
  if (listening.fd < 0) return kIoError;
  return listening;
}

}  // namespace rowtine::reactor
