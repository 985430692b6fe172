// Rows kept by joins, aggregates and sorts: fixed-size records in pages, so that one match touches
// one or two cache lines. Strings are views; long ones are copied unless their bytes outlive the
// run.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/arena.h"
#include "vector/vector.h"

namespace rowtine::join {

using vector::PhysicalType;
using vector::Vector;

/// Where the columns of a packed row lie: hash (8 bytes), a flag byte, one null bit per column (set:
/// null), then the values, the widest first. compact(): the first column, the others, null bits.
struct PackedLayout {
  std::vector<PhysicalType> types;
  std::vector<uint32_t> offsets;  // of each column's value
  uint32_t flag_offset = 0;
  uint32_t null_offset = 0;
  uint32_t row_bytes = 0;  // a multiple of 8
  bool nullable = true;    // else rows have no null bits

  /// `extra_bytes` more(a multiple of 16), aligned to 16, lie at the end.
  static PackedLayout of(std::span<const PhysicalType> types, uint32_t extra_bytes = 0);

  /// Neither hash nor flag; column 0, of at most 8 bytes, lies at offset 0.
  static PackedLayout compact(std::span<const PhysicalType> types, bool nullable);

  bool is_null(const uint8_t* row, uint32_t column) const {
    return nullable && (row[null_offset + column / 8] >> (column % 8) & 1) != 0;
  }
  void clear_nulls(uint8_t* row) const {
    if (nullable) __builtin_memset(row + null_offset, 0, (types.size() + 7) / 8);
  }
};

/// The first 8 bytes of every packed row.
inline uint64_t hash_of(const uint8_t* row) {
  uint64_t hash;
  __builtin_memcpy(&hash, row, sizeof hash);
  return hash;
}
inline void set_hash(uint8_t* row, uint64_t hash) { __builtin_memcpy(row, &hash, sizeof hash); }

/// Writes column `column` of the batch rows named by `rows` (nullptr: 0..count-1) into `targets`.
/// Strings longer than a view are copied into `heap` unless it is nullptr.
/// Returns: false when the arena's limit is met.
bool scatter_column(const PackedLayout& layout, uint32_t column, const Vector& source,
                    const uint32_t* rows, uint32_t count, uint8_t* const* targets, Arena* heap);

/// Reads one column of `count` packed rows (nullptr: a null) into a new dense vector.
/// Returns: false when the arena's limit is met.
bool gather_column(const PackedLayout& layout, uint32_t column, const uint8_t* const* rows,
                   uint32_t count, Arena& arena, Vector& out);

/// How a comparison of keys sees nulls.
enum class NullRule : uint8_t {
  NeverEqual,  // a null on either side differs, as a join's keys do
  Equal,       // two nulls are the same, as GROUP BY sees them
  MaybeEqual,  // a null on either side passes, as NOT IN has to assume
};

/// Keeps the candidates i (of `selected`, `count` positions) whose batch value at batch_rows[i]
/// equals the packed value of packed_rows[i]; writes them, in order, to `selected` and, when
/// `rejected` is not nullptr, the others there. Returns: how many are kept.
uint32_t match_column(const PackedLayout& layout, uint32_t column, const Vector& batch,
                      const uint32_t* batch_rows, const uint8_t* const* packed_rows, NullRule nulls,
                      uint32_t* selected, uint32_t count, uint32_t* rejected,
                      uint32_t& rejected_count);

/// Rows in pages, in the order they came; they never move.
/// Threads: one owner.
class PackedRows {
 public:
  /// Starts empty; pages come from `pages`.
  void open(uint32_t row_bytes, Arena& pages);

  /// Makes `count` new rows (contents not initialised) and writes their addresses to `targets`.
  /// Returns: false when the arena's limit or kRowsMax is met.
  bool extend(uint32_t count, uint8_t** targets);

  uint64_t count() const { return count_; }
  uint8_t* row(uint64_t index) const {
    return pages_[index >> page_shift_] + (index & page_mask_) * row_bytes_;
  }
  /// Writes the addresses of rows first .. first + count - 1.
  void addresses(uint64_t first, uint32_t count, const uint8_t** out) const;
  void truncate_to_zero();

  static constexpr uint64_t kRowsMax = 1ULL << 40;

 private:
  std::vector<uint8_t*> pages_;
  Arena* arena_ = nullptr;
  uint64_t count_ = 0;
  uint64_t page_mask_ = 0;
  uint32_t page_shift_ = 0;
  uint32_t row_bytes_ = 0;
};

}  // namespace rowtine::join
