// The column slice that kernels work on: up to kBatchRowsMax values of one physical type.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/arena.h"
#include "base/bits.h"
#include "vector/physical_type.h"
#include "vector/string_view.h"

namespace rowtine::vector {

/// Rows in one batch at most. The batch law: no answer depends on where batches end.
inline constexpr uint32_t kBatchRowsMax = 2048;

/// Bytes that may be read and written past the last value, so that whole SIMD loads are legal.
inline constexpr size_t kPaddingBytes = 64;

/// A view of values and validity; owns nothing, and is passed by value.
///
/// Shapes: `values` holds `row_count` values (one if `constant`) of width_of(type), 64-byte aligned
///         when made by `allocate`, with kPaddingBytes to spare; `validity` has
///         bitmap_words(row_count) words, bit i of word i/64 set means row i is not null, or is
///         nullptr when no row is null.
/// Nulls:  the value under a null is unspecified but initialised (kernels may compute on it).
///         A null String value is the empty view.
struct Vector {
  PhysicalType type = PhysicalType::Int64;
  bool constant = false;  // row 0 (value and validity bit 0) stands for every row
  void* values = nullptr;
  uint64_t* validity = nullptr;

  template <class T>
  T* as() {
    return static_cast<T*>(values);
  }
  template <class T>
  const T* as() const {
    return static_cast<const T*>(values);
  }
  uint32_t index_of(uint32_t row) const { return constant ? 0 : row; }
  bool is_null(uint32_t row) const {
    return validity != nullptr && !get_bit(validity, index_of(row));
  }
};

/// Allocates values and, if asked, an all-valid bitmap for `row_count` rows.
/// Returns: false when the arena's limit is met (53200).
bool allocate(Arena& arena, PhysicalType type, uint32_t row_count, bool with_validity, Vector& out);

/// Copies the `count` rows named by `rows` into a new dense vector (constants stay constant).
/// Strings are not copied, only their views. Returns: false when the arena's limit is met.
bool gather(Arena& arena, const Vector& source, const uint32_t* rows, uint32_t count, Vector& out);

}  // namespace rowtine::vector
