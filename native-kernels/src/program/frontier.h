// The rows of a recursive query: those of the round at hand, which its recursive term reads, and
// those that it finds for the next one.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "aggregate/group_table.h"
#include "base/arena.h"
#include "join/packed_rows.h"

namespace rowtine::program {

struct FrontierOptions {
  bool distinct = false;  // a row is found once, nulls being equal
  uint64_t hash_seed = 0;
  size_t bytes_max = SIZE_MAX;  // of each kind of its memory
};

/// Of all rows it keeps those of two rounds, of distinct ones every row that was ever found.
/// Threads: one owner.
class Frontier {
 public:
  /// Starts empty. The layout lives longer.
  void open(const join::PackedLayout& layout, const FrontierOptions& options);

  /// Finds rows for the next round. Strings of columns not in `stable` are copied.
  /// Returns: false when a limit is met.
  bool append(std::span<const vector::Vector> columns, uint32_t count, const uint8_t* stable,
              Arena& scratch);

  /// Goes on to what was found, and gives back what only the round before needed.
  /// Returns: false when nothing was found.
  bool advance();

  /// Of the round at hand.
  uint64_t count() const { return last_ - first_; }
  void addresses(uint64_t first, uint32_t count, const uint8_t** out) const;

  /// For what lasts until the round ends.
  Arena& round_memory() { return round_memory_; }

  size_t bytes_reserved() const;
  void close();

 private:
  bool append_all(std::span<const vector::Vector> columns, uint32_t count, const uint8_t* stable,
                  Arena& scratch);
  bool append_new(std::span<const vector::Vector> columns, uint32_t count, const uint8_t* stable,
                  Arena& scratch);

  const join::PackedLayout* layout_ = nullptr;
  FrontierOptions options_;
  aggregate::GroupTable seen_;             // distinct: first_ .. last_ are the round's
  std::array<join::PackedRows, 2> rows_;   // else: of the round and of the next
  std::array<Arena, 2> memory_{Arena(SIZE_MAX, 1U << 20), Arena(SIZE_MAX, 1U << 20)};
  Arena round_memory_{SIZE_MAX, 1U << 20};
  uint32_t current_ = 0;  // of rows_
  uint64_t first_ = 0, last_ = 0;
};

}  // namespace rowtine::program
