// Vectors out of plain C++ values, for events that native code itself makes.
#pragma once

#include <string_view>

#include "base/invariant.h"
#include "vector/vector.h"

namespace rowtine::runtime {

/// One value for every row. Threads: pure but for the arena, which has no limit here.
template <class T>
vector::Vector constant(Arena& arena, vector::PhysicalType type, const T& value) {
  vector::Vector out;
  const bool room = vector::allocate(arena, type, 1, false, out);
  invariant(room, "the sequencer's scratch arena has no limit");
  out.constant = true;
  *out.as<T>() = value;
  return out;
}

inline vector::Vector constant_text(Arena& arena, std::string_view text) {
  return constant(arena, vector::PhysicalType::String, vector::StringView::of(text));
}
inline vector::Vector constant_int64(Arena& arena, int64_t value) {
  return constant(arena, vector::PhysicalType::Int64, value);
}

/// Null for every row.
inline vector::Vector constant_null(Arena& arena, vector::PhysicalType type) {
  vector::Vector out;
  const bool room = vector::allocate(arena, type, 1, true, out);
  invariant(room, "the sequencer's scratch arena has no limit");
  out.constant = true;
  __builtin_memset(out.values, 0, vector::width_of(type));
  out.validity[0] = 0;
  return out;
}

/// A column of `count` values to be filled in.
inline vector::Vector column(Arena& arena, vector::PhysicalType type, uint32_t count,
                             bool nullable = false) {
  vector::Vector out;
  const bool room = vector::allocate(arena, type, count, nullable, out);
  invariant(room, "the sequencer's scratch arena has no limit");
  return out;
}

}  // namespace rowtine::runtime
