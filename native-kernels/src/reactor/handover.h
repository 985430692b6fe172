// What the half of a reactor that receives tells the half that sends, and back. The halves share
// nothing else but one SendProgress per connection, so they run on one thread (shared_reactor.h) or
// on two (split_reactor.h) without knowing which.
//
//   receiver ── Open Request Continue Refuse Last Stop IfIdle WantRoom Dead ──▶ sender
//   receiver ◀── Stopped Finished Killed LetGo Paused Resumed Room ──────────── sender
//
// | memory                                  | one writer                    | readers
// |-----------------------------------------|-------------------------------|----------------------
// | listeners, slots and generations        | receiver                      | receiver
// | ReceivingConnection, received bytes     | receiver                      | receiver
// | ordinals of requests                    | receiver                      | (copied in messages)
// | SendingConnection, exchanges, responses | sender                        | sender
// | SendProgress                            | receiver until Open and after | both (atomic)
// |                                         | the let-go, sender in between |
// | the descriptor                          | opened and closed by receiver | sender, until let-go
//
// A connection's life: the receiver gives it a slot and sends Open before anything else about it.
// For each Open the sender says exactly once that it has let go (Finished or LetGo); only then may
// the receiver close the descriptor and use the slot again. Requests are told in arrival order and
// before anybody can answer them. Messages about a connection that is gone are ignored by both.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/cache_line.h"
#include "reactor/reactor.h"
#include "reactor/token.h"

namespace rowtine::reactor {

/// How far the sender is with a connection. All accesses are relaxed but for Open and the let-go,
/// whose hand-over orders the change of writer: each value counts by itself and may be old.
struct alignas(kCacheLineBytes) SendProgress {
  std::atomic<uint32_t> finished{0};   // exchanges that the receiver told of and that are over
  std::atomic<int64_t> active_us{0};  // bytes last left
};

/// Receiver to sender.
struct ToSender {
  enum class Kind : uint8_t {
    Open,      // a new connection: `number` is its descriptor
    Request,   // `ordinal` will be answered
    Continue,  // the client waits to be told to send its body
    Refuse,    // answer with status `number` in turn, then end
    Last,      // nothing follows: the connection ends with the answers that are due
    Stop,      // drop what is not answered, send what is staged, then end
    IfIdle,    // the same, but only if nothing is due and nothing left for idle_timeout
    WantRoom,  // say Room when half of the exchanges in flight are over
    Dead,      // the socket is of no use any more
  };
  Kind kind;
  Protocol protocol = Protocol::Http;
  bool is_head = false, is_http10 = false, keep_alive = true;  // of a Request
  uint32_t slot = 0, generation = 0;
  int32_t number = 0;
  uint64_t ordinal = 0;
  SendProgress* progress = nullptr;  // Open: outlives the sender
};

/// Sender to receiver.
struct ToReceiver {
  enum class Kind : uint8_t {
    Stopped,   // the answer that ends the connection is staged: take no more requests
    Finished,  // all output has left, our end is shut down, and the sender has let go
    Killed,    // the socket is of no use any more
    LetGo,     // of a connection that is dead
    Paused,    // too much output waits: do not read
    Resumed,
    Room,
  };
  Kind kind;
  bool is_reset = false;  // Killed: drop what is unsent
  uint32_t slot = 0, generation = 0;
  const char* reason = nullptr;  // static text, why the connection ends
};

constexpr ConnectionId connection_id(uint32_t worker, uint32_t generation, uint32_t slot) {
  return static_cast<ConnectionId>(uint64_t{worker} << (kSlotBits + kGenerationBits) |
                                   uint64_t{generation} << kSlotBits | slot);
}

/// The connection's part of an id. Returns: a token of slot 0 and generation 0, which no connection
/// has, when it is another worker's.
constexpr Token token_of(uint32_t worker, ConnectionId id) {
  if (id <= 0 || worker_of_connection(id) != worker) return Token::make(OpKind::None, 0, 0);
  const auto bits = static_cast<uint64_t>(id);
  return Token::make(OpKind::None, static_cast<uint32_t>(bits & ((1U << kSlotBits) - 1)),
                     static_cast<uint32_t>(bits >> kSlotBits & ((1U << kGenerationBits) - 1)));
}

}  // namespace rowtine::reactor
