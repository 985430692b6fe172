// The bits in which normalised keys differ, packed into numbers that order as the keys do. Most keys
// differ in few: two bigints below a million need one number, not eighteen bytes.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace rowtine::sort {

class KeyBits {
 public:
  static constexpr uint32_t kNumberBits = 64;

  KeyBits() { set({}); }

  /// `differing`: the bytes of a normalised key, with the bits set in which some keys differ.
  void set(std::span<const uint8_t> differing);

  /// Numbers that tell all keys apart; at least one.
  uint32_t number_count() const { return static_cast<uint32_t>(ends_.size()); }

  /// Number `index` of a key, of which whole groups of eight bytes are readable. Keys whose earlier
  /// numbers are equal order by it.
  uint64_t number(const uint8_t* key, uint32_t index) const {
    uint64_t number = 0;
    for (uint32_t at = index == 0 ? 0 : ends_[index - 1]; at < ends_[index]; ++at) {
      const Piece& piece = pieces_[at];
      uint64_t word = 0;
      std::memcpy(&word, key + piece.offset, sizeof word);
      number = (number << (piece.bits - 1) << 1) | compressed(piece, __builtin_bswap64(word));
    }
    return number;
  }

  /// The way back, where one number tells keys apart: writes its bits into `key`, of which whole
  /// groups of eight bytes are written; the other bits stay.
  void spread(uint64_t number, uint8_t* key) const {
    for (size_t at = pieces_.size(); at-- > 0;) {
      const Piece& piece = pieces_[at];
      uint64_t word = 0;
      std::memcpy(&word, key + piece.offset, sizeof word);
      word = __builtin_bswap64(word) & ~(piece.mask << piece.shift);
      word = __builtin_bswap64(word | spread(piece, number));
      std::memcpy(key + piece.offset, &word, sizeof word);
      number = number >> (piece.bits - 1) >> 1;
    }
  }

  bool operator==(const KeyBits&) const = default;

 private:
  /// One round of moving bits together: those in `bits` go down by `distance`.
  struct Move {
    uint64_t bits = 0;
    uint32_t distance = 0;
    bool operator==(const Move&) const = default;
  };
  /// Bits of eight bytes of the key.
  struct Piece {
    uint32_t offset;
    uint32_t bits;   // how many, at least 1
    uint32_t shift;  // zeros below
    uint64_t mask;   // when shifted
    uint32_t move_count;
    Move moves[6];
    bool operator==(const Piece&) const = default;
  };
  static Piece piece_of(uint32_t offset, uint64_t mask);

  static uint64_t compressed(const Piece& piece, uint64_t word) {
    uint64_t bits = word >> piece.shift & piece.mask;
    for (uint32_t i = 0; i < piece.move_count; ++i) {
      const uint64_t moved = bits & piece.moves[i].bits;
      bits = (bits ^ moved) | moved >> piece.moves[i].distance;
    }
    return bits;
  }

  static uint64_t spread(const Piece& piece, uint64_t bits) {
    for (uint32_t i = piece.move_count; i-- > 0;) {
      const uint64_t moved = bits << piece.moves[i].distance & piece.moves[i].bits;
      bits = (bits & ~piece.moves[i].bits) | moved;
    }
    return (bits & piece.mask) << piece.shift;
  }

  std::vector<Piece> pieces_;
  std::vector<uint32_t> ends_;  // of each number's pieces
};

}  // namespace rowtine::sort
