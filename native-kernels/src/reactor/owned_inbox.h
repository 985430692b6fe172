// What another worker's sockets brought, on its way to the sequencer: an Inbox whose bytes it owns.
#pragma once

#include "base/arena.h"
#include "reactor/reactor.h"

namespace rowtine::reactor {

struct OwnedInbox {
  Inbox inbox;
  Arena bytes;

  /// Copies everything that `from` points to. Threads: the worker that polled.
  explicit OwnedInbox(const Inbox& from);
};

}  // namespace rowtine::reactor
