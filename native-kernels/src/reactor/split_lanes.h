// What passes between the three threads of the topology `split_io`, batch by batch.
//
//   sockets ──▶ receiving ── OwnedInbox ──▶ computing ── Outgoing ──▶ sending ──▶ sockets
//                  │  ▲                     ▲ │   orders to receiving   │ ▲ │
//                  │  └──── ToReceiver ─────┼─┼─────────────────────────┘ │ │
//                  └─────── ToSender ───────┼─┼───────────────────────────┘ │
//                                           └─┼──── SendDone ───────────────┘
//
// | lane      | producer  | consumer  | full
// |-----------|-----------|-----------|------------------------------------------------------------
// | told      | receiving | sending   | the receiving thread stops taking from its sockets
// | inboxes   | receiving | computing | the same, also past kInboxBytesMax that are not taken
// | orders    | computing | receiving | waits with the producer: few and small
// | outgoing  | computing | sending   | waits with the producer; past kOutgoingBytesMax refused
// | verdicts  | sending   | receiving | waits with the producer: a few per connection
// | done      | sending   | computing | waits with the producer: one per tag
//
// Order: a request is told to the sending thread before its inbox is published, and the sending
// thread takes everything told after it has seen a batch of responses and before it looks at them.
// So no response arrives before its request (release and acquire of three lanes in a row).
// Nobody waits for a thread that waits for him: only the receiving thread ever waits for room, and
// the others never wait for it.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <memory>
#include <string>
#include <vector>

#include "reactor/handover.h"
#include "reactor/listening.h"
#include "reactor/owned_inbox.h"
#include "ring/patient_lane.h"
#include "ring/spsc_ring.h"
#include "ring/wait_strategy.h"

namespace rowtine::reactor {

/// Received and handed over, but not looked at by the computing thread yet: then reading pauses.
inline constexpr uint64_t kInboxBytesMax = 64ULL << 20;

/// Staged by the computing thread and not seen by the sending one: then send() refuses.
inline constexpr uint64_t kOutgoingBytesMax = 256ULL << 20;

inline constexpr uint32_t kSplitLane = 1'024;  // batches

/// What the computing thread wants to leave, with the bytes of all of it in one piece.
struct Outgoing {
  enum class Kind : uint8_t { Respond, Send, Close, Reset };
  struct Item {
    Kind kind;
    bool close = false;  // of a response
    int32_t status = 0;
    int64_t id;  // of the request or the connection
    uint64_t tag = 0;
    uint32_t headers_bytes = 0, body_bytes = 0;
  };
  std::vector<Item> items;
  std::string bytes;  // headers and body of each item, in order
};

/// For the receiving thread.
struct Order {
  enum class Kind : uint8_t { Listen, CloseListener, Shutdown };
  Kind kind = Kind::Listen;
  Listening listening;
  uint64_t listener_id = 0;
  int64_t deadline_us = 0;
};

/// Counters of one thread that others read; each value by itself, possibly old.
class PublishedStats {
 public:
  void publish(const Stats& stats) {
    const auto values = std::bit_cast<Values>(stats);
    for (size_t i = 0; i < values.size(); ++i) {
      values_[i].store(values[i], std::memory_order_relaxed);
    }
  }
  Stats read() const {
    Values values;
    for (size_t i = 0; i < values.size(); ++i) {
      values[i] = values_[i].load(std::memory_order_relaxed);
    }
    return std::bit_cast<Stats>(values);
  }

 private:
  using Values = std::array<uint64_t, sizeof(Stats) / sizeof(uint64_t)>;
  std::array<std::atomic<uint64_t>, std::tuple_size_v<Values>> values_{};
};

struct SplitLanes {
  ring::SpscRing<std::vector<ToSender>> told{kSplitLane};
  ring::SpscRing<std::unique_ptr<OwnedInbox>> inboxes{kSplitLane};
  ring::PatientLane<Order> orders{kSplitLane};
  ring::PatientLane<std::unique_ptr<Outgoing>> outgoing{kSplitLane};
  ring::PatientLane<std::vector<ToReceiver>> verdicts{kSplitLane};
  ring::PatientLane<std::vector<SendDone>> done{kSplitLane};

  // Bytes ever taken; release, so that who sees the number also sees the memory given back.
  alignas(kCacheLineBytes) std::atomic<uint64_t> inbox_bytes_taken{0};     // computing thread writes
  alignas(kCacheLineBytes) std::atomic<uint64_t> outgoing_bytes_taken{0};  // sending thread writes
  alignas(kCacheLineBytes) std::atomic<bool> is_done{false};  // receiving thread: shutdown is
  PublishedStats received, sent;

  /// Makes the computing thread look, or not sleep next time. Threads: any.
  void wake_computing() {
    // Release: pairs with the exchange in SplitReactor::poll().
    is_woken.store(true, std::memory_order_release);
    computing.notify();
  }
  alignas(kCacheLineBytes) std::atomic<bool> is_woken{false};
  ring::Parker computing;  // where the computing thread sleeps
};

}  // namespace rowtine::reactor
