#include "hash/hash_columns.h"

#include <cstring>
#include <type_traits>

#include "hash/mix.h"
#include "vector/compare.h"
#include "vector/dispatch.h"

namespace rowtine::hash {
namespace {

using vector::StringView;
using vector::Vector;

uint64_t hash_word(uint64_t word, uint64_t seed) { return mix(word ^ kSeed ^ seed, kStep); }
uint64_t hash_words(uint64_t first, uint64_t second, uint64_t seed) {
  return mix(first ^ kSeed ^ seed, second ^ kStep ^ seed);
}

uint64_t load(const char* bytes, size_t size) {
  uint64_t word = 0;
  std::memcpy(&word, bytes, size);
  return word;
}

/// Equal doubles become equal bits.
uint64_t float_bits(double value) {
  if (value == 0) value = 0;  // -0
  if (value != value) return 0x7ff8000000000000;
  uint64_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  return bits;
}

template <class T>
uint64_t hash_value(const T& value, uint64_t seed) {
  if constexpr (std::is_same_v<T, StringView>) {
    return hash_bytes(value.data(), value.size, seed);
  } else if constexpr (std::is_same_v<T, vector::Uuid>) {
    return hash_words(value.high, value.low, seed);
  } else if constexpr (std::is_floating_point_v<T>) {
    return hash_word(float_bits(static_cast<double>(value)), seed);
  } else if constexpr (std::is_same_v<T, vector::Interval>) {
    const auto length = static_cast<unsigned __int128>(vector::normalised(value));
    return hash_words(static_cast<uint64_t>(length), static_cast<uint64_t>(length >> 64), seed);
  } else if constexpr (sizeof(T) == 16) {
    const auto bits = static_cast<unsigned __int128>(value);
    return hash_words(static_cast<uint64_t>(bits), static_cast<uint64_t>(bits >> 64), seed);
  } else {
    return hash_word(static_cast<uint64_t>(static_cast<int64_t>(value)), seed);
  }
}

/// Joins the hash of one more column to those before it; order matters.
uint64_t combine(uint64_t before, uint64_t next) { return mix(before ^ kStep, next ^ kSeed); }

template <class T>
uint64_t hash_at(const Vector& column, uint32_t row, uint64_t seed) {
  if (column.is_null(row)) return kNullHash;
  return hash_value(column.as<T>()[column.index_of(row)], seed);
}

template <class T, bool kFirst>
void hash_flat(const Vector& column, uint32_t row_count, uint64_t* hashes, uint64_t seed) {
  const T* values = column.as<T>();
  for (uint32_t row = 0; row < row_count; ++row) {
    const uint64_t hash = hash_value(values[row], seed);
    hashes[row] = kFirst ? hash : combine(hashes[row], hash);
  }
}

template <class T, bool kFirst>
void hash_any(const Vector& column, uint32_t row_count, uint64_t* hashes, uint64_t seed) {
  if (!column.constant && column.validity == nullptr) {
    return hash_flat<T, kFirst>(column, row_count, hashes, seed);
  }
  for (uint32_t row = 0; row < row_count; ++row) {
    const uint64_t hash = hash_at<T>(column, row, seed);
    hashes[row] = kFirst ? hash : combine(hashes[row], hash);
  }
}

}  // namespace

uint64_t hash_bytes(const char* bytes, size_t size, uint64_t seed) {
  uint64_t hash = hash_word(size, seed);
  for (; size > 16; bytes += 16, size -= 16) {
    hash = mix(load(bytes, 8) ^ kStep ^ seed, load(bytes + 8, 8) ^ hash);
  }
  const size_t low = size < 8 ? size : 8;
  return mix(load(bytes, low) ^ kStep ^ seed, load(bytes + low, size - low) ^ hash);
}

void hash_columns(std::span<const Vector> columns, uint32_t row_count, uint64_t* hashes,
                  uint64_t seed) {
  if (columns.empty()) std::memset(hashes, 0, row_count * sizeof(uint64_t));
  for (size_t i = 0; i < columns.size(); ++i) {
    vector::with_type(columns[i].type, [&](auto tag) {
      using T = typename decltype(tag)::Type;
      if (i == 0) return hash_any<T, true>(columns[i], row_count, hashes, seed);
      hash_any<T, false>(columns[i], row_count, hashes, seed);
    });
  }
}

uint64_t hash_row(std::span<const Vector> columns, uint32_t row, uint64_t seed) {
  uint64_t hash = 0;
  for (size_t i = 0; i < columns.size(); ++i) {
    const uint64_t next = vector::with_type(columns[i].type, [&](auto tag) {
      return hash_at<typename decltype(tag)::Type>(columns[i], row, seed);
    });
    hash = i == 0 ? next : combine(hash, next);
  }
  return hash;
}

}  // namespace rowtine::hash
