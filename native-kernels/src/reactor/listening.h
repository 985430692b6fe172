// A socket that listens, on its way to the thread that accepts on it.
#pragma once

#include <string>

#include "base/status.h"
#include "reactor/reactor.h"

namespace rowtine::reactor {

struct Listening {
  ListenerSpec spec;
  int fd = -1;            // the receiver's to close
  std::string bound;      // the address with the port that was chosen
  std::string unix_path;  // to be removed when it is closed
};

/// Binds the address of `spec`, or takes a copy of its shared socket. Threads: any.
/// Errors: 22023 for an address that cannot be parsed, 58030 otherwise; `why` says more.
Result<Listening> start_listening(const ListenerSpec& spec, std::string& why);

}  // namespace rowtine::reactor
