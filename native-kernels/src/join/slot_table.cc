#include "join/slot_table.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <limits>

#include "base/cpu.h"
#include "hash/hash_columns.h"
#include "join/packed_value.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#define ROWTINE_BUCKETS_AVX512 1
#endif

namespace rowtine::join {
namespace {

constexpr uint32_t kLineBytes = 64;
// All lines of a batch are asked for while its homes are computed, which takes as long as they need to
// come; the first cache has no room for them (join/hash_join_bench.cc).
constexpr int kIntoSecondCache = 2;
// Slots to be written are asked for again, this many rows ahead, as lines to be owned.
constexpr uint32_t kPrefetchRows = 32;
// A dense table may have this many slots a row: about what a hashed one would take.
constexpr uint64_t kDenseSlotsPerRow = 2;
constexpr uint64_t kDenseSlotsMin = 64;
// Buckets behind the last one that a hash chooses.
constexpr uint64_t kTailBuckets = 64;
// A batch is narrowed to the keys between smallest and largest where at least one row in so many lies
// outside; selecting costs a tenth of hashing and looking.
constexpr uint32_t kOutsideShare = 8;

/// A number below `range`, evenly from all bits of `hash`.
uint64_t scale(uint64_t hash, uint64_t range) {
  return static_cast<uint64_t>(static_cast<unsigned __int128>(hash) * range >> 64);
}

template <class T>
void store(uint8_t* to, T value) {
  std::memcpy(to, &value, sizeof(T));
}

template <class T>
KeyRange range_of_values(const Vector& keys, const uint32_t* rows, uint32_t count) {
  const T* values = keys.as<T>();
  if (count == 0) return {};
  if (keys.constant) return {values[0], values[0]};
  T first = std::numeric_limits<T>::max(), last = std::numeric_limits<T>::min();
  for (uint32_t i = 0; i < count; ++i) {
    const T value = values[rows == nullptr ? i : rows[i]];
    first = std::min(first, value);
    last = std::max(last, value);
  }
  return {first, last};
}

bool find_empty_key(PhysicalType type, const KeyRange& range, int64_t& empty_key) {
  return with_integer(type, [&](auto tag) {
    using Limits = std::numeric_limits<typename decltype(tag)::Type>;
    if (range.last < Limits::max()) {
      empty_key = range.last + 1;
    } else if (range.first > Limits::min()) {
      empty_key = range.first - 1;
    } else {
      return false;
    }
    return true;
  });
}

/// Tells keys of [first, last] from others with one comparison.
template <class T>
struct Between {
  using Unsigned = std::make_unsigned_t<T>;
  Unsigned first, span;

  bool operator()(T key) const {
    return static_cast<Unsigned>(static_cast<Unsigned>(key) - first) <= span;
  }
};

template <class T>
Between<T> between(int64_t first, int64_t last) {
  using Unsigned = std::make_unsigned_t<T>;
  return {static_cast<Unsigned>(first),
          static_cast<Unsigned>(static_cast<uint64_t>(last) - static_cast<uint64_t>(first))};
}

uint32_t drop_excluded(const uint8_t* excluded, const Candidates& out, uint32_t count) {
  uint32_t kept = 0;
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t row = out.batch_rows[i];
    out.batch_rows[kept] = row;
    out.packed_rows[kept] = out.packed_rows[i];
    kept += excluded[row] == 0 ? 1 : 0;
  }
  return kept;
}

}  // namespace

KeyRange range_of(const Vector& keys, const uint32_t* rows, uint32_t count) {
  return with_integer(keys.type, [&](auto tag) {
    return range_of_values<typename decltype(tag)::Type>(keys, rows, count);
  });
}

// ---- building ---------------------------------------------------------------------------------

bool SlotTable::plan(std::span<const PhysicalType> types, bool nullable, uint64_t row_count,
                     const KeyRange& range, uint64_t seed) {
  if (range.is_empty()) {
    empty_key_ = 0;
  } else if (!find_empty_key(types[0], range, empty_key_)) {
    return false;
  }
  layout_ = PackedLayout::compact(types, nullable);
  seed_ = seed;
  first_key_ = range.first;
  last_key_ = range.last;
  bucket_slots_ = 1;
  const uint64_t domain = range.domain();
  is_dense_ = domain <= std::max(row_count * kDenseSlotsPerRow, kDenseSlotsMin);
  is_full_ = domain == row_count;
  slot_count_ = domain;
  bitmap_.plan({}, 0);
  if (is_dense_) return true;
  if (types[0] == PhysicalType::Int16) return false;
  plan_hashed(row_count);
  bitmap_.plan(range, slot_count_ * layout_.row_bytes);
  return true;
}

// Three rows in five slots where a bucket has several: one probe in ten looks at a second line. A
// row that fills a line by itself has more room.
void SlotTable::plan_hashed(uint64_t row_count) {
  uint32_t& row_bytes = layout_.row_bytes;
  if (row_bytes <= kLineBytes) row_bytes = static_cast<uint32_t>(std::bit_ceil(row_bytes));
  bucket_slots_ = std::max(1U, kLineBytes / row_bytes);
  const uint64_t slots = bucket_slots_ == 1 ? row_count * 2 : row_count * 5 / 3;
  home_count_ = slots / bucket_slots_ + 1;
  const uint64_t tail = std::min(kTailBuckets, row_count / bucket_slots_ + 2);
  slot_count_ = (home_count_ + tail) * bucket_slots_;
}

bool SlotTable::allocate(Arena& run, uint64_t null_count) {
  const uint64_t bytes = (slot_count_ + null_count) * layout_.row_bytes;
  slots_ = static_cast<uint8_t*>(run.allocate(bytes + vector::kPaddingBytes, 64));
  return slots_ != nullptr && bitmap_.allocate(run);
}

void SlotTable::clear(uint64_t first, uint64_t count) {
  bitmap_.clear(first, first + count, slot_count_);
  with_integer(layout_.types[0], [&](auto tag) {
    using T = typename decltype(tag)::Type;
    const auto key = static_cast<T>(empty_key_);
    const uint32_t row_bytes = layout_.row_bytes;
    uint8_t* slot = row(first);
    for (uint64_t i = 0; i < count; ++i, slot += row_bytes) {
      store(slot, key);
      layout_.clear_nulls(slot);
    }
  });
}

void SlotTable::homes_of(const Vector& keys, uint32_t count, uint64_t* homes) const {
  hash::hash_columns({&keys, 1}, count, homes, seed_);
  const uint64_t bucket_bytes = static_cast<uint64_t>(bucket_slots_) * layout_.row_bytes;
  const uint64_t home_count = home_count_;
  for (uint32_t i = 0; i < count; ++i) {
    homes[i] = scale(homes[i], home_count) * bucket_bytes;
    __builtin_prefetch(slots_ + homes[i], 0, kIntoSecondCache);
  }
}

// Returns: the slot that now has the key, or nullptr: the key was there, or no slot is free.
template <class T, bool kShared>
uint8_t* SlotTable::claim(uint8_t* slot, T key) const {
  const auto empty = static_cast<T>(empty_key_);
  // The last bucket stays empty: there every search ends.
  const uint8_t* end = is_dense_ ? row(slot_count_) : row(slot_count_ - bucket_slots_);
  for (; slot < end; slot += layout_.row_bytes) {
    if constexpr (kShared) {
      // Only the key decides whose slot it is; the row's other bytes are read after the barrier that
      // ends the pass, which orders them.
      std::atomic_ref<T> place(*reinterpret_cast<T*>(slot));
      T seen = place.load(std::memory_order_relaxed);
      if (seen == empty && place.compare_exchange_strong(seen, key, std::memory_order_relaxed)) {
        return slot;
      }
      if (seen == key) return nullptr;
    } else {
      const T seen = load<T>(slot);
      if (seen == empty) {
        store(slot, key);
        return slot;
      }
      if (seen == key) return nullptr;
    }
    if (is_dense_) return nullptr;
  }
  return nullptr;
}

template <class T, bool kShared>
SlotTable::Inserted SlotTable::insert_keys(const StagedChunk& chunk, uint8_t** targets) {
  const T* keys = chunk.columns[0].as<T>();
  uint64_t homes[vector::kBatchRowsMax];
  if (is_dense_) {
    const auto first = static_cast<uint64_t>(first_key_);
    for (uint32_t i = 0; i < chunk.count; ++i) {
      homes[i] = (static_cast<uint64_t>(int64_t{keys[i]}) - first) * layout_.row_bytes;
    }
  } else {
    homes_of(chunk.columns[0], chunk.count, homes);
  }
  for (uint32_t i = 0; i < chunk.count; ++i) {
    __builtin_prefetch(slots_ + homes[std::min(i + kPrefetchRows, chunk.count - 1)], 1);
    targets[i] = claim<T, kShared>(slots_ + homes[i], keys[i]);
    if (targets[i] == nullptr) return Inserted::NotUnique;
  }
  if constexpr (!std::is_same_v<T, int16_t>) {
    if (bitmap_.is_used()) bitmap_.add(keys, chunk.count, kShared);
  }
  return Inserted::All;
}

SlotTable::Inserted SlotTable::insert(const StagedChunk& chunk, bool is_shared) {
  uint8_t* targets[vector::kBatchRowsMax];
  const Inserted inserted = with_integer(layout_.types[0], [&](auto tag) {
    using T = typename decltype(tag)::Type;
    return is_shared ? insert_keys<T, true>(chunk, targets) : insert_keys<T, false>(chunk, targets);
  });
  if (inserted != Inserted::All) return inserted;
  for (uint32_t column = 1; column < layout_.types.size(); ++column) {
    scatter_column(layout_, column, chunk.columns[column], nullptr, chunk.count, targets, nullptr);
  }
  return inserted;
}

// ---- probing ----------------------------------------------------------------------------------

template <class T>
uint32_t SlotTable::find_dense(const T* keys, uint32_t count, const Candidates& out) const {
  const uint64_t first = static_cast<uint64_t>(first_key_), domain = slot_count_;
  const uint32_t row_bytes = layout_.row_bytes;
  uint32_t found = 0;
  for (uint32_t i = 0; i < count; ++i) {
    const uint64_t slot = static_cast<uint64_t>(int64_t{keys[i]}) - first;
    const uint8_t* packed = slots_ + (slot < domain ? slot : 0) * row_bytes;
    out.batch_rows[found] = i;
    out.packed_rows[found] = packed;
    __builtin_prefetch(packed);
    found += slot < domain ? 1 : 0;
  }
  if (is_full_) return found;
  const auto empty = static_cast<T>(empty_key_);
  uint32_t kept = 0;
  for (uint32_t i = 0; i < found; ++i) {
    const uint8_t* packed = out.packed_rows[i];
    out.batch_rows[kept] = out.batch_rows[i];
    out.packed_rows[kept] = packed;
    kept += load<T>(packed) != empty ? 1 : 0;
  }
  return kept;
}

/// Buckets of one cache line: all keys of the first are compared before anything is decided, so that
/// the usual probe has no branch that depends on where in the line its row is.
template <class T, uint32_t kRowBytes>
uint32_t SlotTable::find_in_buckets(const T* keys, const uint64_t* homes, uint32_t count,
                                    const Candidates& out) const {
  constexpr uint32_t kSlots = kLineBytes / kRowBytes;
  const auto empty = static_cast<T>(empty_key_);
  uint32_t found = 0;
  for (uint32_t i = 0; i < count; ++i) {
    const uint8_t* bucket = slots_ + homes[i];
    const T key = keys[i];
    for (;; bucket += kLineBytes) {
      uint32_t hit = 0;
      const uint8_t* packed = bucket;
      for (uint32_t s = 0; s < kSlots; ++s) {
        const bool same = load<T>(bucket + s * kRowBytes) == key;
        packed = same ? bucket + s * kRowBytes : packed;
        hit |= same ? 1 : 0;
      }
      out.batch_rows[found] = i;
      out.packed_rows[found] = packed;
      found += key != empty ? hit : 0;
      // Slots of a bucket are taken in order.
      if (hit != 0 || load<T>(bucket + (kSlots - 1) * kRowBytes) == empty) break;
    }
  }
  return found;
}

#if ROWTINE_BUCKETS_AVX512
/// The same for int64 keys; a bucket's line is one load and one comparison. One probe in ten has to look at
/// the line behind its own: those are put off until that line has come.
template <uint32_t kRowBytes>
class LineProbe {
 public:
  LineProbe(const uint8_t* slots, int64_t empty, const int64_t* keys, const uint64_t* homes)
      : slots_(slots), empty_(empty), keys_(keys), homes_(homes) {}

  uint32_t find(uint32_t count, const Candidates& out) {
    look_at_homes(count);
    look_behind();
    uint32_t found = 0;
    for (uint32_t i = 0; i < count; ++i) {
      out.batch_rows[found] = i;
      out.packed_rows[found] = rows_[i];
      found += rows_[i] != nullptr ? 1 : 0;
    }
    return found;
  }

 private:
  struct Line {
    const uint8_t* row;  // nullptr: not here
    bool goes_on;        // and maybe in the line behind
  };

  [[gnu::target("avx512f,bmi")]] Line look(const uint8_t* bucket, int64_t key) const {
    constexpr uint32_t kKeyLanes = kRowBytes == 8 ? 0xFF : kRowBytes == 16 ? 0x55 : 0x11;
    constexpr uint32_t kLastLane = 1U << (8 - kRowBytes / 8);
    const __m512i line = _mm512_load_si512(bucket);
    const uint32_t hits = _mm512_cmpeq_epi64_mask(line, _mm512_set1_epi64(key)) & kKeyLanes;
    const bool is_full =
        (_mm512_cmpeq_epi64_mask(line, _mm512_set1_epi64(empty_)) & kLastLane) == 0;
    const uint8_t* row = bucket + 8 * static_cast<uint64_t>(_tzcnt_u32(hits | 0x100));
    return {hits != 0 && key != empty_ ? row : nullptr, hits == 0 && is_full};
  }

  [[gnu::target("avx512f,bmi")]] void look_at_homes(uint32_t count) {
    for (uint32_t i = 0; i < count; ++i) {
      const uint8_t* bucket = slots_ + homes_[i];
      const Line line = look(bucket, keys_[i]);
      rows_[i] = line.row;
      later_[later_count_] = i;
      later_count_ += line.goes_on ? 1 : 0;
      __builtin_prefetch(bucket + (line.goes_on ? kLineBytes : 0));
    }
  }

  [[gnu::target("avx512f,bmi")]] void look_behind() {
    for (uint32_t i = 0; i < later_count_; ++i) {
      const uint32_t row = later_[i];
      const uint8_t* bucket = slots_ + homes_[row];
      Line line{nullptr, true};
      while (line.goes_on) line = look(bucket += kLineBytes, keys_[row]);
      rows_[row] = line.row;
    }
  }

  const uint8_t* slots_;
  int64_t empty_;
  const int64_t* keys_;
  const uint64_t* homes_;
  uint32_t later_count_ = 0;
  uint32_t later_[vector::kBatchRowsMax];
  const uint8_t* rows_[vector::kBatchRowsMax];
};
#endif

template <class T>
uint32_t SlotTable::find_in_slots(const T* keys, const uint64_t* homes, uint32_t count,
                                  const Candidates& out) const {
  const auto empty = static_cast<T>(empty_key_);
  uint32_t found = 0;
  for (uint32_t i = 0; i < count; ++i) {
    const uint8_t* packed = slots_ + homes[i];
    T seen = load<T>(packed);
    for (; seen != keys[i] && seen != empty; seen = load<T>(packed)) packed += layout_.row_bytes;
    out.batch_rows[found] = i;
    out.packed_rows[found] = packed;
    found += seen == keys[i] && seen != empty ? 1 : 0;
  }
  return found;
}

uint32_t SlotTable::find_by_size(const int64_t* keys, const uint64_t* homes, uint32_t count,
                                 const Candidates& out) const {
#if ROWTINE_BUCKETS_AVX512
  if (cpu() == Cpu::Avx512) {
    switch (layout_.row_bytes) {
      case 8: return LineProbe<8>(slots_, empty_key_, keys, homes).find(count, out);
      case 16: return LineProbe<16>(slots_, empty_key_, keys, homes).find(count, out);
      case 32: return LineProbe<32>(slots_, empty_key_, keys, homes).find(count, out);
      default: break;
    }
  }
#endif
  switch (layout_.row_bytes) {
    case 8: return find_in_buckets<int64_t, 8>(keys, homes, count, out);
    case 16: return find_in_buckets<int64_t, 16>(keys, homes, count, out);
    case 32: return find_in_buckets<int64_t, 32>(keys, homes, count, out);
    default: return find_in_slots(keys, homes, count, out);
  }
}

uint32_t SlotTable::find_by_size(const int32_t* keys, const uint64_t* homes, uint32_t count,
                                 const Candidates& out) const {
  switch (layout_.row_bytes) {
    case 8: return find_in_buckets<int32_t, 8>(keys, homes, count, out);
    case 16: return find_in_buckets<int32_t, 16>(keys, homes, count, out);
    case 32: return find_in_buckets<int32_t, 32>(keys, homes, count, out);
    default: return find_in_slots(keys, homes, count, out);
  }
}

/// Looks only for keys that lie between the table's smallest and largest.
template <class T>
uint32_t SlotTable::find_in_range(const T* keys, uint32_t count, const Candidates& out) const {
  const Between<T> is_inside = between<T>(first_key_, last_key_);
  uint32_t rows[vector::kBatchRowsMax];
  T inside[vector::kBatchRowsMax];
  uint32_t kept = 0;
  for (uint32_t i = 0; i < count; ++i) {
    rows[kept] = i;
    inside[kept] = keys[i];
    kept += is_inside(keys[i]) ? 1 : 0;
  }
  return find_selected(inside, rows, kept, out);
}

/// Looks only for keys that the bitmap knows.
template <class T>
uint32_t SlotTable::find_known(const T* keys, uint32_t count, const Candidates& out) const {
  uint32_t rows[vector::kBatchRowsMax];
  T known[vector::kBatchRowsMax];
  const uint32_t kept = bitmap_.select(keys, count, known, rows);
  return find_selected(known, rows, kept, out);
}

/// `rows`: where the keys stood in the batch.
template <class T>
uint32_t SlotTable::find_selected(T* keys, const uint32_t* rows, uint32_t count,
                                  const Candidates& out) const {
  if (count == 0) return 0;
  uint64_t homes[vector::kBatchRowsMax];
  homes_of({layout_.types[0], false, keys, nullptr}, count, homes);
  const uint32_t found = find_by_size(keys, homes, count, out);
  for (uint32_t i = 0; i < found; ++i) out.batch_rows[i] = rows[out.batch_rows[i]];
  return found;
}

template <class T>
uint32_t SlotTable::find_hashed(const Vector& keys, uint32_t count, const Candidates& out) const {
  if constexpr (std::is_same_v<T, int16_t>) {
    return 0;  // plan() makes no such table
  } else if (bitmap_.is_used() && bitmap_.drops_many(keys.as<T>(), count)) {
    return find_known(keys.as<T>(), count, out);
  } else {
    const Between<T> is_inside = between<T>(first_key_, last_key_);
    uint32_t outside = 0;
    for (uint32_t i = 0; i < count; ++i) outside += is_inside(keys.as<T>()[i]) ? 0 : 1;
    if (outside > count / kOutsideShare) return find_in_range(keys.as<T>(), count, out);
    uint64_t homes[vector::kBatchRowsMax];
    homes_of(keys, count, homes);
    return find_by_size(keys.as<T>(), homes, count, out);
  }
}

template <class T>
uint32_t SlotTable::find_any(const Vector& keys, uint32_t count, const uint8_t* excluded,
                             const Candidates& out) const {
  T values[vector::kBatchRowsMax];
  Vector flat = keys;
  if (keys.constant) {
    std::fill_n(values, count, keys.as<T>()[0]);
    flat = {keys.type, false, values, nullptr};
  }
  flat.validity = nullptr;
  uint32_t found = is_dense_ ? find_dense(flat.as<T>(), count, out)
                             : find_hashed<T>(flat, count, out);
  return excluded == nullptr ? found : drop_excluded(excluded, out, found);
}

uint32_t SlotTable::find(const Vector& keys, uint32_t count, const uint8_t* excluded,
                         const Candidates& out) const {
  return with_integer(layout_.types[0], [&](auto tag) {
    return find_any<typename decltype(tag)::Type>(keys, count, excluded, out);
  });
}

int64_t SlotTable::key_at(const uint8_t* row) const {
  return with_integer(layout_.types[0], [&](auto tag) {
    return static_cast<int64_t>(load<typename decltype(tag)::Type>(row));
  });
}

}  // namespace rowtine::join
