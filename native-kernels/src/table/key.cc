#include "table/key.h"

#include <bit>
#include <cmath>
#include <cstring>

#include "base/invariant.h"
#include "vector/string_view.h"

namespace rowtine::table {
namespace {

using vector::PhysicalType;

constexpr uint64_t kMultiplier = 0x9E3779B97F4A7C15;
constexpr uint64_t kSecret = 0xD6E8FEB86659FD93;
constexpr uint64_t kTailSecret =
    0xA0761D6478BD642F;  // not kMultiplier, or one-byte strings meet in 0

template <class T>
T load(Cell cell) {
  T value;
  std::memcpy(&value, cell, sizeof value);
  return value;
}

/// Multiplies to 128 bits and folds: every input bit reaches every output bit (wyhash's step).
uint64_t fold(uint64_t a, uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

uint64_t mix(uint64_t value, uint64_t seed) { return fold(value ^ kSecret ^ seed, kMultiplier); }

/// wyhash's way, with the seed in both factors: no block of bytes can be chosen that makes one of
/// them zero, which would forget all that came before.
uint64_t hash_bytes(const char* bytes, size_t size, uint64_t seed) {
  uint64_t hash = size * kMultiplier ^ seed;
  for (; size > 16; bytes += 16, size -= 16) {
    hash = fold(load<uint64_t>(bytes) ^ hash ^ kSecret,
                load<uint64_t>(bytes + 8) ^ seed ^ kTailSecret);
  }
  uint64_t tail[2] = {0, 0};
  std::memcpy(tail, bytes, size);
  return fold(tail[0] ^ hash ^ kSecret, tail[1] ^ hash ^ kTailSecret);
}

/// One bit pattern for each value that is equal to itself in SQL.
uint64_t canonical_bits(double value) {
  if (std::isnan(value)) return 0x7FF8000000000000;
  return value == 0 ? 0 : std::bit_cast<uint64_t>(value);
}

/// The length that PostgreSQL compares intervals by: months of 30 days, days of 24 hours.
__int128 length_of(const vector::Interval& interval) {
  constexpr int64_t kDayMicroseconds = 86'400'000'000;
  const int64_t days = int64_t{interval.months} * 30 + interval.days;
  return static_cast<__int128>(days) * kDayMicroseconds + interval.microseconds;
}

uint64_t hash_wide(unsigned __int128 value, uint64_t seed) {
  const auto low = static_cast<uint64_t>(value);
  const auto high = static_cast<uint64_t>(value >> 64);
  return fold(low ^ kSecret ^ seed, mix(high, seed) ^ kMultiplier);
}

}  // namespace

uint64_t hash_cell(PhysicalType type, Cell cell, uint64_t seed) {
  const auto integer = [seed](int64_t value) { return mix(static_cast<uint64_t>(value), seed); };
  switch (type) {
    case PhysicalType::Bool: return integer(load<uint8_t>(cell));
    case PhysicalType::Int16: return integer(load<int16_t>(cell));
    case PhysicalType::Int32: return integer(load<int32_t>(cell));
    case PhysicalType::Int64: return integer(load<int64_t>(cell));
    case PhysicalType::Float32: return mix(canonical_bits(double{load<float>(cell)}), seed);
    case PhysicalType::Float64: return mix(canonical_bits(load<double>(cell)), seed);
    case PhysicalType::String: {
      const auto& view = *static_cast<const vector::StringView*>(cell);
      return hash_bytes(view.data(), view.size, seed);
    }
    case PhysicalType::Interval:
      return hash_wide(static_cast<unsigned __int128>(length_of(load<vector::Interval>(cell))),
                       seed);
    case PhysicalType::Decimal:
    case PhysicalType::Uuid: return hash_wide(load<unsigned __int128>(cell), seed);
  }
  invariant(false, "every physical type is hashed");
  return 0;
}

bool cells_equal(PhysicalType type, Cell a, Cell b) {
  switch (type) {
    case PhysicalType::Bool: return load<uint8_t>(a) == load<uint8_t>(b);
    case PhysicalType::Int16: return load<int16_t>(a) == load<int16_t>(b);
    case PhysicalType::Int32: return load<int32_t>(a) == load<int32_t>(b);
    case PhysicalType::Int64: return load<int64_t>(a) == load<int64_t>(b);
    case PhysicalType::Float32:
      return canonical_bits(double{load<float>(a)}) == canonical_bits(double{load<float>(b)});
    case PhysicalType::Float64:
      return canonical_bits(load<double>(a)) == canonical_bits(load<double>(b));
    case PhysicalType::String:
      return *static_cast<const vector::StringView*>(a) ==
             *static_cast<const vector::StringView*>(b);
    case PhysicalType::Interval:
      return length_of(load<vector::Interval>(a)) == length_of(load<vector::Interval>(b));
    case PhysicalType::Decimal:
    case PhysicalType::Uuid: return std::memcmp(a, b, 16) == 0;
  }
  invariant(false, "every physical type is compared");
  return false;
}

}  // namespace rowtine::table
