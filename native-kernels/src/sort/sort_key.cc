#include "sort/sort_key.h"

#include <bit>
#include <cmath>
#include <cstring>

#include "vector/compare.h"
#include "vector/dispatch.h"

namespace rowtine::sort {
namespace {

using vector::Interval;
using vector::StringView;
using vector::Uuid;

uint16_t swapped(uint16_t value) { return __builtin_bswap16(value); }
uint32_t swapped(uint32_t value) { return __builtin_bswap32(value); }
uint64_t swapped(uint64_t value) { return __builtin_bswap64(value); }
unsigned __int128 swapped(unsigned __int128 value) { return __builtin_bswap128(value); }

/// Writes an unsigned integer so that its bytes order as its values do.
template <class Unsigned>
void write_big_endian(Unsigned value, uint8_t* out) {
  if constexpr (std::endian::native == std::endian::little) value = swapped(value);
  std::memcpy(out, &value, sizeof value);
}

/// Bit patterns of floats order as integers once negatives are inverted; NaN is made the greatest,
/// and -0 equals 0.
template <class Unsigned, class Float>
Unsigned ordered_bits(Float value) {
  constexpr Unsigned kSign = Unsigned{1} << (sizeof(Unsigned) * 8 - 1);
  if (std::isnan(value)) return static_cast<Unsigned>(~Unsigned{0});
  if (value == 0) value = 0;
  Unsigned bits;
  std::memcpy(&bits, &value, sizeof bits);
  return (bits & kSign) != 0 ? static_cast<Unsigned>(~bits) : static_cast<Unsigned>(bits | kSign);
}

template <class Unsigned, class Signed>
Unsigned flip_sign(Signed value) {
  constexpr Unsigned kSign = static_cast<Unsigned>(Unsigned{1} << (sizeof(Unsigned) * 8 - 1));
  return static_cast<Unsigned>(static_cast<Unsigned>(value) ^ kSign);
}

using Wide = unsigned __int128;

void write_value(uint8_t value, uint8_t* out) { *out = value; }
void write_value(int16_t value, uint8_t* out) { write_big_endian(flip_sign<uint16_t>(value), out); }
void write_value(int32_t value, uint8_t* out) { write_big_endian(flip_sign<uint32_t>(value), out); }
void write_value(int64_t value, uint8_t* out) { write_big_endian(flip_sign<uint64_t>(value), out); }
void write_value(__int128 value, uint8_t* out) { write_big_endian(flip_sign<Wide>(value), out); }
void write_value(float value, uint8_t* out) {
  write_big_endian(ordered_bits<uint32_t>(value), out);
}
void write_value(double value, uint8_t* out) {
  write_big_endian(ordered_bits<uint64_t>(value), out);
}
void write_value(const Interval& value, uint8_t* out) {
  write_value(vector::normalised(value), out);
}
void write_value(const Uuid& value, uint8_t* out) {
  write_big_endian(value.high, out);
  write_big_endian(value.low, out + 8);
}
void write_value(const StringView& value, uint8_t* out) {
  // Unused bytes inside of a view are zero; what is pointed to is longer than the prefix.
  static_assert(StringView::kInlineBytes >= kStringPrefixBytes);
  std::memcpy(out, value.data(), kStringPrefixBytes);
}

struct WriteKeys {
  const KeyLayout::Part& part;
  const Vector& column;
  uint32_t count;
  uint32_t stride;
  uint8_t* out;

  template <class T>
  void run() const {
    const bool plain = column.validity == nullptr && !column.constant;
    if (part.key.descending) return plain ? write<T, true, true>() : write<T, true, false>();
    return plain ? write<T, false, true>() : write<T, false, false>();
  }

  template <class T, bool kDescending, bool kPlain>
  void write() const {
    constexpr uint32_t kBytes = std::is_same_v<T, StringView> ? kStringPrefixBytes : sizeof(T);
    const auto null_byte = static_cast<uint8_t>(part.key.nulls_first ? 0 : 1);
    const auto value_byte = static_cast<uint8_t>(1 - null_byte);
    const T* values = column.as<T>();
    uint8_t* at = out + part.offset;
    for (uint32_t row = 0; row < count; ++row, at += stride) {
      if (!kPlain && column.is_null(row)) {
        *at = null_byte;
        std::memset(at + 1, 0, kBytes);
        continue;
      }
      *at = value_byte;
      write_value(values[kPlain ? row : column.index_of(row)], at + 1);
      if constexpr (kDescending) {
        for (uint32_t i = 1; i <= kBytes; ++i) at[i] = static_cast<uint8_t>(~at[i]);
      }
    }
  }
};

template <class T>
constexpr bool kIsHeld = std::is_same_v<T, uint8_t> || std::is_same_v<T, int16_t> ||
                         std::is_same_v<T, int32_t> || std::is_same_v<T, int64_t> ||
                         std::is_same_v<T, __int128>;

/// The unsigned number of a type's width.
template <class T>
using UnsignedOf = std::conditional_t<
    sizeof(T) == 1, uint8_t,
    std::conditional_t<sizeof(T) == 2, uint16_t,
                       std::conditional_t<sizeof(T) == 4, uint32_t,
                                          std::conditional_t<sizeof(T) == 8, uint64_t, Wide>>>>;

template <class T>
T read_value(const uint8_t* from, bool descending) {
  using Unsigned = UnsignedOf<T>;
  Unsigned bits;
  std::memcpy(&bits, from, sizeof bits);
  if (descending) bits = static_cast<Unsigned>(~bits);
  if constexpr (sizeof(T) == 1) {
    return bits;
  } else {
    if constexpr (std::endian::native == std::endian::little) bits = swapped(bits);
    return static_cast<T>(flip_sign<Unsigned>(bits));
  }
}

struct ReadKeys {
  const KeyLayout::Part& part;
  const uint8_t* keys;
  uint32_t stride, count;
  Vector& out;

  template <class T>
  void run() const {
    if constexpr (kIsHeld<T>) read<T>();
  }

  template <class T>
  void read() const {
    const auto null_byte = static_cast<uint8_t>(part.key.nulls_first ? 0 : 1);
    const uint8_t* at = keys + part.offset;
    bool any_null = false;
    for (uint32_t row = 0; row < count; ++row, at += stride) {
      const bool is_null = *at == null_byte;
      out.as<T>()[row] = is_null ? T{} : read_value<T>(at + 1, part.key.descending);
      if (is_null) clear_bit(out.validity, row);
      any_null = any_null || is_null;
    }
    if (!any_null) out.validity = nullptr;
  }
};

}  // namespace

bool is_held_by_key(PhysicalType type) {
  return vector::with_type(type, [](auto tag) { return kIsHeld<typename decltype(tag)::Type>; });
}

bool read_key_column(const KeyLayout::Part& part, const uint8_t* keys, uint32_t stride,
                     uint32_t count, Arena& arena, Vector& out) {
  if (!vector::allocate(arena, part.key.type, count, true, out)) return false;
  const ReadKeys task{part, keys, stride, count, out};
  vector::with_type(part.key.type, [&](auto tag) { task.run<typename decltype(tag)::Type>(); });
  return true;
}

KeyLayout KeyLayout::of(std::span<const SortKey> keys, uint32_t first_string_column) {
  KeyLayout layout;
  auto string_column = static_cast<int32_t>(first_string_column);
  for (const SortKey& key : keys) {
    Part part{key, layout.bytes, static_cast<uint32_t>(vector::width_of(key.type)), -1};
    if (key.type == PhysicalType::String) {
      part.value_bytes = kStringPrefixBytes;
      part.string_column = string_column++;
    }
    layout.bytes += 1 + part.value_bytes;
    if (!layout.has_strings) layout.decisive_bytes = layout.bytes;
    layout.has_strings = layout.has_strings || part.string_column >= 0;
    layout.parts.push_back(part);
  }
  return layout;
}

void normalise_keys(const KeyLayout& layout, std::span<const Vector> keys, uint32_t count,
                    uint32_t stride, uint8_t* out) {
  for (size_t i = 0; i < layout.parts.size(); ++i) {
    const WriteKeys task{layout.parts[i], keys[i], count, stride, out};
    vector::with_type(keys[i].type, [&](auto tag) { task.run<typename decltype(tag)::Type>(); });
  }
}

int compare_rows(const KeyLayout& layout, const join::PackedLayout& packed, uint32_t key_offset,
                 const uint8_t* a, const uint8_t* b) {
  const uint8_t* key_a = a + key_offset;
  const uint8_t* key_b = b + key_offset;
  if (!layout.has_strings) return std::memcmp(key_a, key_b, layout.bytes);
  for (const KeyLayout::Part& part : layout.parts) {
    const int order = std::memcmp(key_a + part.offset, key_b + part.offset, 1 + part.value_bytes);
    if (order != 0) return order;
    if (part.string_column < 0) continue;
    const auto column = static_cast<uint32_t>(part.string_column);
    if (packed.is_null(a, column)) continue;  // and b's as well: the null bytes are equal
    StringView text_a, text_b;
    std::memcpy(&text_a, a + packed.offsets[column], sizeof text_a);
    std::memcpy(&text_b, b + packed.offsets[column], sizeof text_b);
    const int text_order = vector::compare_strings(text_a, text_b);
    if (text_order != 0) return part.key.descending ? -text_order : text_order;
  }
  return 0;
}

}  // namespace rowtine::sort
