#include "join/key_hash.h"

#include <cmath>
#include <cstring>

#include "join/values.h"

namespace rowtine::join {
namespace {

using vector::Interval;
using vector::StringView;
using vector::Uuid;
using vector::Vector;

constexpr uint64_t kSeed = 0x9e3779b97f4a7c15;
constexpr uint64_t kFactor = 0xa0761d6478bd642f;
constexpr uint64_t kNull = 0xe7037ed1a0b428db;

// A 128-bit product folded in half (wyhash): every input bit reaches every output bit.
uint64_t mix(uint64_t a, uint64_t b) {
  const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

uint64_t word_at(const char* bytes) {
  uint64_t word;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

uint64_t hash_bytes(const char* bytes, uint32_t size) {
  uint64_t hash = mix(size ^ kSeed, kFactor);
  uint32_t i = 0;
  for (; i + 8 <= size; i += 8) hash = mix(hash ^ word_at(bytes + i), kFactor);
  if (i == size) return hash;
  uint64_t tail = 0;
  std::memcpy(&tail, bytes + i, size - i);
  return mix(hash ^ tail, kFactor);
}

template <class T>
uint64_t hash_value(const T& value) {
  if constexpr (std::is_same_v<T, StringView>) {
    return hash_bytes(value.data(), value.size);
  } else if constexpr (std::is_same_v<T, Interval>) {
    const __int128 length = comparable(value);
    return mix(static_cast<uint64_t>(length) ^ kSeed,
               static_cast<uint64_t>(length >> 64) ^ kFactor);
  } else if constexpr (std::is_same_v<T, Uuid>) {
    return mix(value.high ^ kSeed, value.low ^ kFactor);
  } else if constexpr (std::is_floating_point_v<T>) {
    if (std::isnan(value)) return mix(kNull, kFactor);
    const double wide = value == 0 ? 0.0 : static_cast<double>(value);
    uint64_t bits;
    std::memcpy(&bits, &wide, sizeof bits);
    return mix(bits ^ kSeed, kFactor);
  } else if constexpr (sizeof(T) == 16) {
    return mix(static_cast<uint64_t>(value) ^ kSeed, static_cast<uint64_t>(value >> 64) ^ kFactor);
  } else {
    return mix(static_cast<uint64_t>(value) ^ kSeed, kFactor);
  }
}

struct HashColumn {
  const Vector& column;
  uint32_t count;
  uint64_t* hashes;
  bool first;

  template <class T>
  void operator()() const {
    const T* values = column.as<T>();
    if (column.constant) return fill(column.is_null(0) ? kNull : hash_value(values[0]));
    if (column.validity == nullptr) {
      for (uint32_t row = 0; row < count; ++row) put(row, hash_value(values[row]));
      return;
    }
    for (uint32_t row = 0; row < count; ++row) {
      put(row, column.is_null(row) ? kNull : hash_value(values[row]));
    }
  }
  void fill(uint64_t hash) const {
    for (uint32_t row = 0; row < count; ++row) put(row, hash);
  }
  void put(uint32_t row, uint64_t hash) const {
    hashes[row] = first ? hash : mix(hashes[row] + kSeed, hash ^ kFactor);
  }
};

}  // namespace

void hash_keys(std::span<const Vector> keys, uint32_t count, uint64_t* hashes) {
  if (keys.empty()) std::memset(hashes, 0, count * sizeof(uint64_t));
  for (size_t i = 0; i < keys.size(); ++i) {
    with_type(keys[i].type, HashColumn{keys[i], count, hashes, i == 0});
  }
}

}  // namespace rowtine::join
