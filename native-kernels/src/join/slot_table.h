// Rows under a unique integer key, each in a slot of its own, so that a probe touches one cache line:
// slots are numbered by the key itself where the keys are dense, else grouped in buckets of a cache
// line that the key's hash chooses, with overflow into the buckets behind. Hashed keys that lie close
// enough together have a bitmap besides.
#pragma once

#include <cstdint>
#include <span>

#include "base/arena.h"
#include "join/key_bitmap.h"
#include "join/key_range.h"
#include "join/packed_rows.h"
#include "join/staged_rows.h"

namespace rowtine::join {

/// Pairs to compare: batch row and build row.
struct Candidates {
  uint32_t* batch_rows;
  const uint8_t** packed_rows;
  uint32_t capacity;
};

/// Smallest and largest of an integer column's rows named by `rows` (nullptr: 0..count-1), which are
/// not null.
KeyRange range_of(const Vector& keys, const uint32_t* rows, uint32_t count);

/// May a key of this type number slots?
constexpr bool is_integer(PhysicalType type) {
  return type == PhysicalType::Int16 || type == PhysicalType::Int32 || type == PhysicalType::Int64;
}

/// Filled in two passes, clear() of all slots and then insert() of all chunks, each by any number of
/// threads; probed by any number after that.
class SlotTable {
 public:
  enum class Inserted : uint8_t { All, NotUnique };

  /// Lays out room for `row_count` rows, and `null_count` slots behind them for rows with a null key.
  /// Returns: false where no layout fits these keys; then another table has to take them.
  bool plan(std::span<const PhysicalType> types, bool nullable, uint64_t row_count,
            const KeyRange& range, uint64_t seed);

  /// Returns: false when the arena's limit is met.
  bool allocate(Arena& run, uint64_t null_count);

  /// Makes slots first .. first + count - 1 empty.
  void clear(uint64_t first, uint64_t count);

  /// Places a chunk's rows; `is_shared`: other threads insert at the same time. NotUnique: a key came
  /// twice, or a bucket has no room near it; the table is useless then.
  Inserted insert(const StagedChunk& chunk, bool is_shared);

  /// Finds the row of each key, at most one; rows that `excluded` (nullptr: none) marks have none.
  /// Returns: pairs written, ascending by batch row.
  uint32_t find(const Vector& keys, uint32_t count, const uint8_t* excluded,
                const Candidates& out) const;

  const PackedLayout& layout() const { return layout_; }
  uint64_t slot_count() const { return slot_count_; }
  uint8_t* row(uint64_t slot) const { return slots_ + slot * layout_.row_bytes; }
  bool is_empty(uint64_t slot) const { return key_at(row(slot)) == empty_key_; }

 private:
  template <class T, bool kShared>
  Inserted insert_keys(const StagedChunk& chunk, uint8_t** targets);
  template <class T, bool kShared>
  uint8_t* claim(uint8_t* slot, T key) const;
  template <class T>
  uint32_t find_any(const Vector& keys, uint32_t count, const uint8_t* excluded,
                    const Candidates& out) const;
  template <class T>
  uint32_t find_dense(const T* keys, uint32_t count, const Candidates& out) const;
  template <class T>
  uint32_t find_hashed(const Vector& keys, uint32_t count, const Candidates& out) const;
  template <class T, uint32_t kRowBytes>
  uint32_t find_in_buckets(const T* keys, const uint64_t* homes, uint32_t count,
                           const Candidates& out) const;
  template <class T>
  uint32_t find_in_slots(const T* keys, const uint64_t* homes, uint32_t count,
                         const Candidates& out) const;
  uint32_t find_by_size(const int64_t* keys, const uint64_t* homes, uint32_t count,
                        const Candidates& out) const;
  uint32_t find_by_size(const int32_t* keys, const uint64_t* homes, uint32_t count,
                        const Candidates& out) const;
  template <class T>
  uint32_t find_in_range(const T* keys, uint32_t count, const Candidates& out) const;
  template <class T>
  uint32_t find_known(const T* keys, uint32_t count, const Candidates& out) const;
  template <class T>
  uint32_t find_selected(T* keys, const uint32_t* rows, uint32_t count, const Candidates& out) const;
  void homes_of(const Vector& keys, uint32_t count, uint64_t* homes) const;
  void plan_hashed(uint64_t row_count);
  int64_t key_at(const uint8_t* row) const;

  PackedLayout layout_;
  KeyBitmap bitmap_;
  uint8_t* slots_ = nullptr;
  uint64_t slot_count_ = 0;
  uint64_t home_count_ = 0;    // buckets that a hash may choose
  uint32_t bucket_slots_ = 1;
  uint64_t seed_ = 0;
  int64_t first_key_ = 0;
  int64_t last_key_ = 0;
  int64_t empty_key_ = 0;  // a key that no row has
  bool is_dense_ = false;
  bool is_full_ = false;  // dense without holes
};

}  // namespace rowtine::join
