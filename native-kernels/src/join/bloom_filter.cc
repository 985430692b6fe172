#include "join/bloom_filter.h"

#include <algorithm>
#include <atomic>
#include <cstring>

namespace rowtine::join {
namespace {

// Twelve bits a key, of which each sets four.
constexpr uint64_t kKeysPerWord = 5;
constexpr uint32_t kPrefetchRows = 32;

// The word is chosen by the high bits of the hash, the bits in it by the low ones.
uint64_t word_of(uint64_t hash, uint64_t word_count) {
  return static_cast<uint64_t>(static_cast<unsigned __int128>(hash) * word_count >> 64);
}

uint64_t bits_of(uint64_t hash) {
  return 1ULL << (hash & 63) | 1ULL << (hash >> 6 & 63) | 1ULL << (hash >> 12 & 63) |
         1ULL << (hash >> 18 & 63);
}

}  // namespace

bool BloomFilter::open(uint64_t key_count, Arena& arena) {
  word_count_ = key_count / kKeysPerWord + 1;
  words_ = static_cast<uint64_t*>(arena.allocate(bytes(), 64));
  if (words_ == nullptr) return false;
  std::memset(words_, 0, bytes());
  return true;
}

// Nobody asks before the barrier that ends the pass, which orders the bits.
void BloomFilter::add(const uint64_t* hashes, uint32_t count, bool is_shared) {
  for (uint32_t i = 0; i < count; ++i) {
    __builtin_prefetch(words_ + word_of(hashes[std::min(i + kPrefetchRows, count - 1)], word_count_),
                       1);
    uint64_t& word = words_[word_of(hashes[i], word_count_)];
    if (is_shared) {
      std::atomic_ref(word).fetch_or(bits_of(hashes[i]), std::memory_order_relaxed);
    } else {
      word |= bits_of(hashes[i]);
    }
  }
}

uint32_t BloomFilter::select(const uint64_t* hashes, uint32_t count, uint32_t* rows) const {
  uint32_t kept = 0;
  for (uint32_t i = 0; i < count; ++i) {
    __builtin_prefetch(words_ + word_of(hashes[std::min(i + kPrefetchRows, count - 1)], word_count_));
    const uint64_t bits = bits_of(hashes[i]);
    rows[kept] = i;
    kept += (words_[word_of(hashes[i], word_count_)] & bits) == bits ? 1 : 0;
  }
  return kept;
}

}  // namespace rowtine::join
