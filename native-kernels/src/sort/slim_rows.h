// Rows of a sort while a number of 64 bits tells all keys apart: the numbers as they arrive, and the
// payload that no key holds. Which bits the numbers are made of is known at the end only, so those
// that are there are made anew when further bits turn out to differ.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/arena.h"
#include "join/packed_rows.h"
#include "sort/entry.h"
#include "sort/key_bits.h"
#include "sort/key_differences.h"
#include "sort/sort_layout.h"

namespace rowtine::sort {

/// Turns numbers back into keys.
struct KeyReader {
  const SortLayout* layout = nullptr;
  KeyBits bits;
  std::vector<uint8_t> key;  // of whole groups of eight bytes: what all keys agree in

  /// `differences`: of all keys. Of more than KeyBits::kNumberBits bits nothing can be read.
  void set(const SortLayout& sort_layout, const KeyDifferences& differences);
  uint64_t number(const uint8_t* from) const { return bits.number(from, 0); }

  /// Writes the entries' normalised keys, `stride` apart; eight bytes behind the last are lost.
  void write_keys(const Entry* const* entries, uint32_t count, uint32_t stride, uint8_t* out) const;

  /// Reads a payload column of slim rows into a new dense vector.
  /// Returns: false when memory is out.
  bool read(uint32_t column, const Entry* const* entries, uint32_t count, Arena& arena,
            Vector& out) const;
};

/// Threads: one owner until all have appended; then anybody reads.
class SlimRows {
 public:
  void open(const SortLayout& layout, Arena& pages);

  /// Takes rows with their normalised keys, key_stride() apart, which `differences` has taken into
  /// account. Strings of columns not in `stable` are copied. Returns: false when memory is out.
  bool append(std::span<const Vector> payload, const uint8_t* keys, uint32_t count,
              const KeyDifferences& differences, const uint8_t* stable, Arena& scratch);

  uint64_t count() const { return count_; }
  /// Writes `count` entries from row `first` on, with the numbers that `reader` makes of the keys.
  void entries(uint64_t first, uint64_t count, const KeyReader& reader, Entry* out) const;
  const KeyReader& reader() const { return reader_; }

 private:
  static constexpr uint32_t kPageShift = 13;

  uint64_t* number(uint64_t row) const {
    return pages_[row >> kPageShift] + (row & ((1U << kPageShift) - 1));
  }
  void renumber(const KeyReader& reader);

  const SortLayout* layout_ = nullptr;
  Arena* arena_ = nullptr;
  std::vector<uint64_t*> pages_;  // of numbers
  uint64_t count_ = 0;
  std::vector<uint8_t> known_bits_;  // those that the numbers are made of
  KeyReader reader_;
  join::PackedRows rows_;
};

}  // namespace rowtine::sort
