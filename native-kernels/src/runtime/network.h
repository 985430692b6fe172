// What the sequencer may ask of the sockets, wherever their reactor runs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "reactor/reactor.h"
#include "runtime/spec.h"

namespace rowtine::runtime {

class Network {
 public:
  virtual ~Network() = default;
  /// Returns: Ok, or why the response was refused. A response for another worker's request is on
  /// its way when this returns; its refusal comes back as a Network::Refused message.
  virtual reactor::SendResult respond(reactor::RequestId id, const reactor::Response& response) = 0;
  virtual reactor::SendResult send(reactor::ConnectionId id, std::string_view bytes) = 0;
  virtual void close(reactor::ConnectionId id) = 0;
  /// Returns: the bound address, or the reason in `error`.
  virtual Result<std::string> listen(const reactor::ListenerSpec& spec, std::string& error) = 0;
};

}  // namespace rowtine::runtime
