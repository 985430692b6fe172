// A register-blocked Bloom filter of build keys: all bits of a key lie in one 64-bit word, so that a
// probing scan drops most rows without a match for the price of one load (Putze, Sanders, Singler
// 2007; Lang et al. 2019).
#pragma once

#include <cstdint>

#include "base/arena.h"

namespace rowtine::join {

/// Filled by any number of threads, then, after they met, asked by any number.
class BloomFilter {
 public:
  /// Room for `key_count` keys at about two wrong answers in a hundred.
  /// Returns: false when the arena's limit is met.
  bool open(uint64_t key_count, Arena& arena);

  /// Adds keys by their hashes; `is_shared`: other threads add at the same time.
  void add(const uint64_t* hashes, uint32_t count, bool is_shared);

  /// Writes the rows whose hash may have been added, in order: all that were, and few others.
  /// Returns: how many.
  uint32_t select(const uint64_t* hashes, uint32_t count, uint32_t* rows) const;

  uint64_t bytes() const { return word_count_ * sizeof(uint64_t); }

 private:
  uint64_t* words_ = nullptr;
  uint64_t word_count_ = 0;
};

}  // namespace rowtine::join
