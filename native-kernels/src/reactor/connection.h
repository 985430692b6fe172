// The state of one connection, in two halves that share nothing but the descriptor and the name:
// what receives (bytes -> requests) and what sends (responses, in request order -> bytes). What
// they tell each other is in handover.h.
#pragma once

#include <cstdint>
#include <vector>

#include "http/request_parser.h"
#include "reactor/byte_buffer.h"
#include "reactor/exchange.h"
#include "reactor/handover.h"

namespace rowtine::reactor {

struct ReceivingConnection {
  enum class State : uint8_t {
    Free,
    Open,
    Lingering,  // our end is closed; what the peer still sends is discarded until it closes too
    Dead,       // waits for its operations to end, and for the sender to let go
  };

  State state = State::Free;
  Protocol protocol = Protocol::Http;
  int fd = -1;
  uint32_t slot = 0;
  uint32_t generation = 0;
  int64_t linger_until_us = 0;
  int64_t scheduled_us = INT64_MAX;  // of the entry in the timer wheel that counts
  const char* reason = nullptr;      // why it ends
  bool is_reported = false;          // a Closed was made
  bool is_let_go = false;            // by the sender
  bool is_last = false;              // the sender knows that nothing follows

  http::RequestParser parser;
  ByteBuffer input;         // bytes of requests or lines that are not complete yet
  uint32_t parsed = 0;      // of `input`, handed out already
  uint64_t lent_poll = 0;   // the poll in which views of `input` were handed out
  int64_t active_us = 0;    // last bytes, or the last time the sender was asked to end it if idle
  int64_t request_us = 0;   // first byte of the unfinished request; 0: there is none
  int64_t body_us = 0;      // when its head was complete
  uint64_t body_bytes = 0;  // received of it since
  uint64_t discarded_bytes = 0;
  uint32_t told = 0;      // exchanges that the sender was told of, ever
  bool is_armed = false;  // the backend receives
  bool is_cancelling = false;
  bool is_blocked = false;  // complete requests wait in `input` for room
  bool is_ready = false;    // listed to be parsed by the next poll
  bool wants_room = false;  // the sender will say when there is some
  bool is_paused = false;   // too much output waits
  bool is_stopped = false;  // what comes is discarded: a request was refused, or the last one served
  bool has_ended = false;   // the peer sends no more
  SendProgress* progress = nullptr;

  Token token(OpKind kind) const { return Token::make(kind, slot, generation); }
  /// Exchanges that are not over yet, as far as known.
  uint32_t in_flight() const { return told - progress->finished.load(std::memory_order_relaxed); }
  /// When something last came or left.
  int64_t last_active_us() const {
    const int64_t sent_us = progress->active_us.load(std::memory_order_relaxed);
    return active_us > sent_us ? active_us : sent_us;
  }
};

/// A point in a connection's output that somebody wants to know to have left.
struct SendMark {
  uint64_t end;  // counted from the connection's first byte
  uint64_t tag;
};

struct SendingConnection {
  enum class State : uint8_t {
    Free,
    Open,
    Dead,  // waits for its send to end
  };

  State state = State::Free;
  Protocol protocol = Protocol::Http;
  int fd = -1;
  uint32_t slot = 0;
  uint32_t generation = 0;
  int64_t scheduled_us = INT64_MAX;  // of the entry in the timer wheel that counts
  const char* reason = nullptr;      // why it ends
  SendProgress* progress = nullptr;

  ByteBuffer staged;            // formatted, for the next send
  ByteBuffer sending;           // the kernel's until its completion
  uint32_t sent = 0;            // of `sending`
  uint64_t staged_bytes = 0;    // ever
  uint64_t sent_bytes = 0;      // ever
  uint64_t deferred_bytes = 0;  // in answers whose turn has not come
  int64_t active_us = 0;        // bytes last left
  uint32_t first = Exchange::kNone;  // queue of unanswered or deferred exchanges
  uint32_t last = Exchange::kNone;
  uint32_t exchange_count = 0;
  uint32_t finished = 0;
  std::vector<SendMark> marks;  // ascending
  bool in_flight = false;
  bool is_dirty = false;    // listed for flush()
  bool is_closing = false;  // no output is added; the connection ends when all has left
  bool is_last = false;     // no exchange is added
  bool wants_room = false;
  bool is_paused = false;  // the receiver was told to read no more

  Token token(OpKind kind) const { return Token::make(kind, slot, generation); }
  bool is_drained() const { return !in_flight && staged.empty(); }
  uint64_t unsent_bytes() const { return staged_bytes - sent_bytes + deferred_bytes; }
};

}  // namespace rowtine::reactor
