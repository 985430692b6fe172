// One bit for each integer between the smallest and the largest key of a build side, set where a row has
// it: a probe that finds nothing, as most do where the build side was filtered, ends with one load from
// a few kilobytes instead of a walk through the table.
#pragma once

#include <cstdint>

#include "base/arena.h"
#include "join/key_range.h"

namespace rowtine::join {

/// Cleared and then filled by any number of threads, in two passes; asked by any number after that.
class KeyBitmap {
 public:
  /// Is it worth its memory beside a table of so many bytes? If not, is_used() is false.
  void plan(const KeyRange& range, uint64_t table_bytes);

  /// Returns: false when the arena's limit is met.
  bool allocate(Arena& arena);

  bool is_used() const { return word_count_ != 0; }

  /// Clears the share that belongs to the slots first .. last - 1 of `total` in the table beside it.
  void clear(uint64_t first, uint64_t last, uint64_t total);

  /// Adds keys that lie in the range; `is_shared`: other threads add at the same time.
  template <class T>
  void add(const T* keys, uint32_t count, bool is_shared);

  /// Do few enough of these keys have a row that the others are worth dropping first?
  template <class T>
  bool drops_many(const T* keys, uint32_t count) const;

  /// Writes the keys that have a row, and where they stood, in order. Returns: how many.
  template <class T>
  uint32_t select(const T* keys, uint32_t count, T* kept_keys, uint32_t* kept_rows) const;

 private:
  template <class T>
  uint64_t bit_of(T key) const {
    const uint64_t index = static_cast<uint64_t>(int64_t{key}) - first_;
    const uint64_t bit = index <= span_ ? index : span_ + 1;
    return words_[bit / 64] >> (bit % 64) & 1;
  }

  uint64_t* words_ = nullptr;
  uint64_t word_count_ = 0;  // the bit behind the last key is never set
  uint64_t first_ = 0;
  uint64_t span_ = 0;
};

}  // namespace rowtine::join
