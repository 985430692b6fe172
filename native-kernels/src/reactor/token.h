// The name of an operation in flight, as it travels through the kernel (io_uring's user_data) and
// back: no pointer, so a completion that comes late cannot reach freed memory.
#pragma once

#include <bit>
#include <cstdint>

#include "reactor/limits.h"

namespace rowtine::reactor {

enum class OpKind : uint8_t { None, Accept, Receive, Send, Wake };

struct Token {
  uint64_t slot : kSlotBits;  // of a connection, or of a listener for Accept
  uint64_t generation : kGenerationBits;
  uint64_t spare : 8;
  OpKind kind : 8;

  constexpr uint64_t bits() const { return std::bit_cast<uint64_t>(*this); }
  static constexpr Token from(uint64_t bits) { return std::bit_cast<Token>(bits); }
  static constexpr Token make(OpKind kind, uint32_t slot, uint32_t generation) {
    return {slot & ((1U << kSlotBits) - 1), generation & ((1U << kGenerationBits) - 1), 0, kind};
  }
};
static_assert(sizeof(Token) == sizeof(uint64_t));
static_assert(kSlotBits + kGenerationBits + 16 == 64);

}  // namespace rowtine::reactor
