// Messages between the threads of a phase barrier: what is sent in one phase is read in the next.
// Two sets of boxes change places at the boundary, so a box never has a writer and a reader at a
// time and needs no atomics: the barrier orders them.
//
//   phase p      box[p % 2][from][to]        written by `from`
//   phase p + 1  the same box                read, then emptied by `to`, which then arrives
//   phase p + 2  the same box                written by `from` again
#pragma once

#include <cstdint>
#include <vector>

#include "barrier/phase_barrier.h"
#include "base/cache_line.h"

namespace rowtine::barrier {

/// Threads: those of the barrier; each call between two of the caller's waits.
template <class Message>
class Mailboxes {
 public:
  explicit Mailboxes(uint32_t thread_count)
      : thread_count_(thread_count), boxes_(size_t{2} * thread_count * thread_count) {}

  /// Thread `from` only, in `phase`, before it arrives. The box to `to`: append to it.
  std::vector<Message>& outbox(Phase phase, uint32_t from, uint32_t to) {
    return boxes_[index(phase, from, to)].messages;
  }

  /// Thread `to` only, in `phase`, before it arrives. Calls `each(from, std::vector<Message>&)` for
  /// what was sent in the phase before, and empties the boxes, keeping their memory.
  template <class Each>
  void receive(Phase phase, uint32_t to, Each&& each) {
    for (uint32_t from = 0; from < thread_count_; ++from) {
      std::vector<Message>& messages = boxes_[index(phase + 1, from, to)].messages;
      if (messages.empty()) continue;
      each(from, messages);
      messages.clear();
    }
  }

 private:
  struct alignas(kCacheLineBytes) Box {
    std::vector<Message> messages;
  };

  size_t index(Phase phase, uint32_t from, uint32_t to) const {
    return ((phase % 2) * thread_count_ + from) * thread_count_ + to;
  }

  uint32_t thread_count_;
  std::vector<Box> boxes_;
};

}  // namespace rowtine::barrier
