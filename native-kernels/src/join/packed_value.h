// Single values of packed rows. Internal to this folder.
#pragma once

#include <cstdint>
#include <cstring>

#include "vector/dispatch.h"

namespace rowtine::join {

/// A value from memory of any alignment.
template <class T>
T load(const uint8_t* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return value;
}

/// Calls `function` with the tag of an integer type: Int16, Int32 or Int64.
template <class Function>
auto with_integer(vector::PhysicalType type, const Function& function) {
  if (type == vector::PhysicalType::Int16) return function(vector::TypeTag<int16_t>{});
  if (type == vector::PhysicalType::Int32) return function(vector::TypeTag<int32_t>{});
  return function(vector::TypeTag<int64_t>{});
}

}  // namespace rowtine::join
