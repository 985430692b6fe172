// A request and its response to be, in the order in which a connection must answer.
#pragma once

#include <cstdint>
#include <vector>

#include "reactor/byte_buffer.h"

namespace rowtine::reactor {

/// One element of a connection's queue of responses.
struct Exchange {
  static constexpr uint32_t kNone = UINT32_MAX;

  uint64_t ordinal = 0;  // of the request; 0 when the reactor itself answers
  uint64_t tag = 0;      // of the response
  int64_t since_us = 0;
  uint32_t next = kNone;  // in the connection's queue, or in the pool's free list
  uint32_t slot = 0;      // of the connection
  bool is_head = false;
  bool is_http10 = false;
  bool keep_alive = true;
  bool is_told = true;       // by the receiver, which counts it
  bool is_answered = false;  // but an earlier one is not
  bool closes = false;       // the answer is the connection's last
  ByteBuffer answer;         // until its turn comes
};

/// Exchanges by index; indices stay, addresses do not.
class ExchangePool {
 public:
  Exchange& operator[](uint32_t index) { return exchanges_[index]; }
  const Exchange& operator[](uint32_t index) const { return exchanges_[index]; }

  uint32_t take() {
    if (free_ == Exchange::kNone) {
      exchanges_.emplace_back();
      return static_cast<uint32_t>(exchanges_.size() - 1);
    }
    const uint32_t index = free_;
    free_ = exchanges_[index].next;
    return index;
  }
  void give(uint32_t index, BufferPool& buffers) {
    Exchange& exchange = exchanges_[index];
    buffers.give(exchange.answer);
    exchange = Exchange{};
    exchange.next = free_;
    free_ = index;
  }

 private:
  std::vector<Exchange> exchanges_;
  uint32_t free_ = Exchange::kNone;
};

}  // namespace rowtine::reactor
