// What another thread's sockets brought, on its way to the sequencer: an Inbox whose bytes it owns.
#pragma once

#include <cstdint>
#include <memory>

#include "reactor/reactor.h"

namespace rowtine::reactor {

struct OwnedInbox {
  Inbox inbox;
  std::unique_ptr<char[]> bytes;  // all of them, in one piece
  uint64_t byte_count = 0;

  /// Copies everything that `from` points to. Threads: the one that polled.
  explicit OwnedInbox(const Inbox& from);
};

}  // namespace rowtine::reactor
