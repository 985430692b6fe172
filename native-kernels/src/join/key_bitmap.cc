#include "join/key_bitmap.h"

#include <algorithm>
#include <atomic>
#include <cstring>

namespace rowtine::join {
namespace {

// What the second cache holds beside a batch; a small one is worth it beside any table.
constexpr uint64_t kBytesMax = 1U << 20;
constexpr uint64_t kBytesAlways = 32U << 10;
// Keys of a batch that are tried, and the share of them that must have no row.
constexpr uint32_t kTriedKeys = 128;
constexpr uint32_t kMissShare = 8;

}  // namespace

void KeyBitmap::plan(const KeyRange& range, uint64_t table_bytes) {
  word_count_ = 0;
  if (range.is_empty() || range.domain() > kBytesMax * 8) return;
  const uint64_t bytes = range.domain() / 8;
  if (bytes > kBytesAlways && bytes > table_bytes) return;
  first_ = static_cast<uint64_t>(range.first);
  span_ = range.domain() - 1;
  word_count_ = range.domain() / 64 + 1;
}

bool KeyBitmap::allocate(Arena& arena) {
  if (!is_used()) return true;
  words_ = arena.allocate_array<uint64_t>(word_count_);
  return words_ != nullptr;
}

void KeyBitmap::clear(uint64_t first, uint64_t last, uint64_t total) {
  if (!is_used()) return;
  const uint64_t begin = word_count_ * first / total, end = word_count_ * last / total;
  if (begin < end) std::memset(words_ + begin, 0, (end - begin) * sizeof(uint64_t));
}

template <class T>
void KeyBitmap::add(const T* keys, uint32_t count, bool is_shared) {
  for (uint32_t i = 0; i < count; ++i) {
    const uint64_t index = static_cast<uint64_t>(int64_t{keys[i]}) - first_;
    uint64_t& word = words_[index / 64];
    const uint64_t bit = 1ULL << (index % 64);
    if (is_shared) {
      // Read only after the barrier that ends the pass.
      std::atomic_ref(word).fetch_or(bit, std::memory_order_relaxed);
    } else {
      word |= bit;
    }
  }
}

template <class T>
bool KeyBitmap::drops_many(const T* keys, uint32_t count) const {
  const uint32_t tried = std::min(count, kTriedKeys);
  uint64_t found = 0;
  for (uint32_t i = 0; i < tried; ++i) found += bit_of(keys[i]);
  return tried - found > tried / kMissShare;
}

template <class T>
uint32_t KeyBitmap::select(const T* keys, uint32_t count, T* kept_keys, uint32_t* kept_rows) const {
  uint32_t kept = 0;
  for (uint32_t i = 0; i < count; ++i) {
    kept_keys[kept] = keys[i];
    kept_rows[kept] = i;
    kept += static_cast<uint32_t>(bit_of(keys[i]));
  }
  return kept;
}

template void KeyBitmap::add(const int32_t*, uint32_t, bool);
template void KeyBitmap::add(const int64_t*, uint32_t, bool);
template bool KeyBitmap::drops_many(const int32_t*, uint32_t) const;
template bool KeyBitmap::drops_many(const int64_t*, uint32_t) const;
template uint32_t KeyBitmap::select(const int32_t*, uint32_t, int32_t*, uint32_t*) const;
template uint32_t KeyBitmap::select(const int64_t*, uint32_t, int64_t*, uint32_t*) const;

}  // namespace rowtine::join
