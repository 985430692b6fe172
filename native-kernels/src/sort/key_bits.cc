#include "sort/key_bits.h"

#include <algorithm>
#include <bit>

namespace rowtine::sort {
namespace {



/// The `count` highest of the bits that are set.
uint64_t highest_bits(uint64_t mask, uint32_t count) {
  uint64_t kept = mask;
  for (auto left = static_cast<uint32_t>(std::popcount(mask)); left > count; --left) {
    kept &= kept - 1;
  }
  return kept;
}

}  // namespace

void KeyBits::set(std::span<const uint8_t> differing) {
  pieces_.clear();
  ends_.clear();
  uint32_t room = kNumberBits;
  for (size_t offset = 0; offset < differing.size(); offset += sizeof(uint64_t)) {
    uint64_t mask = 0;
    std::memcpy(&mask, differing.data() + offset,
                std::min(differing.size() - offset, sizeof mask));
    mask = __builtin_bswap64(mask);
    while (mask != 0) {
      if (room == 0) {
        ends_.push_back(static_cast<uint32_t>(pieces_.size()));
        room = kNumberBits;
      }
      const uint64_t taken = highest_bits(mask, room);
      pieces_.push_back(piece_of(static_cast<uint32_t>(offset), taken));
      room -= pieces_.back().bits;
      mask ^= taken;
    }
  }
  ends_.push_back(static_cast<uint32_t>(pieces_.size()));
}

// Hacker's Delight, 7-4: how far each bit has to go is the number of zeros below it in the mask; the
// rounds move by powers of two. A mask without gaps needs none.
KeyBits::Piece KeyBits::piece_of(uint32_t offset, uint64_t mask) {
  Piece piece{};
  piece.offset = offset;
  piece.bits = static_cast<uint32_t>(std::popcount(mask));
  piece.shift = static_cast<uint32_t>(std::countr_zero(mask));
  piece.mask = mask >> piece.shift;
  uint64_t left = piece.mask;
  uint64_t zeros = ~left << 1;  // at first: where a zero lies directly below
  for (uint32_t distance = 1; distance < kNumberBits; distance *= 2) {
    uint64_t odd = zeros;  // where an odd number of zeros lies below
    for (uint32_t step = 1; step < kNumberBits; step *= 2) odd ^= odd << step;
    const uint64_t moved = odd & left;
    if (moved != 0) piece.moves[piece.move_count++] = {moved, distance};
    left = (left ^ moved) | moved >> distance;
    zeros &= ~odd;
  }
  return piece;
}

}  // namespace rowtine::sort
