#include "vector/vector.h"

#include <cstring>

#include "base/invariant.h"

namespace rowtine::vector {
namespace {

template <class T>
void gather_values(const void* source, const uint32_t* rows, uint32_t count, void* out) {
  const T* from = static_cast<const T*>(source);
  T* to = static_cast<T*>(out);
  for (uint32_t i = 0; i < count; ++i) to[i] = from[rows[i]];
}

struct Wide {
  uint64_t low, high;
};

void gather_by_width(size_t width, const void* from, const uint32_t* rows, uint32_t n, void* to) {
  switch (width) {
    case 1: return gather_values<uint8_t>(from, rows, n, to);
    case 2: return gather_values<uint16_t>(from, rows, n, to);
    case 4: return gather_values<uint32_t>(from, rows, n, to);
    case 8: return gather_values<uint64_t>(from, rows, n, to);
    case 16: return gather_values<Wide>(from, rows, n, to);
    default: invariant(false, "every physical type has a known width");
  }
}

}  // namespace

bool allocate(Arena& arena, PhysicalType type, uint32_t row_count, bool with_validity,
              Vector& out) {
  out = Vector{type, false, nullptr, nullptr};
  out.values = arena.allocate(row_count * width_of(type) + kPaddingBytes, 64);
  if (out.values == nullptr) return false;
  if (!with_validity) return true;
  const size_t words = bitmap_words(row_count) + kPaddingBytes / sizeof(uint64_t);
  out.validity = static_cast<uint64_t*>(arena.allocate(words * sizeof(uint64_t), 64));
  if (out.validity == nullptr) return false;
  std::memset(out.validity, 0xFF, words * sizeof(uint64_t));
  return true;
}

bool gather(Arena& arena, const Vector& source, const uint32_t* rows, uint32_t count, Vector& out) {
  if (source.constant) {
    out = source;
    return true;
  }
  if (!allocate(arena, source.type, count, source.validity != nullptr, out)) return false;
  gather_by_width(width_of(source.type), source.values, rows, count, out.values);
  if (source.validity == nullptr) return true;
  std::memset(out.validity, 0, bitmap_words(count) * sizeof(uint64_t));
  for (uint32_t i = 0; i < count; ++i) {
    out.validity[i / 64] |= static_cast<uint64_t>(get_bit(source.validity, rows[i])) << (i % 64);
  }
  return true;
}

}  // namespace rowtine::vector
