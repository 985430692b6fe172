// From a physical type known at run time to a C++ type known to the compiler.
#pragma once

#include "vector/physical_type.h"
#include "vector/string_view.h"

namespace rowtine::vector {

template <class T>
struct TypeTag {
  using Type = T;
};

/// Calls `function(TypeTag<T>{})` with the C++ type of `type`'s values; Bool is uint8_t.
template <class Function>
decltype(auto) with_type(PhysicalType type, Function&& function) {
  switch (type) {
    case PhysicalType::Bool: return function(TypeTag<uint8_t>{});
    case PhysicalType::Int16: return function(TypeTag<int16_t>{});
    case PhysicalType::Int32: return function(TypeTag<int32_t>{});
    case PhysicalType::Int64: return function(TypeTag<int64_t>{});
    case PhysicalType::Float32: return function(TypeTag<float>{});
    case PhysicalType::Float64: return function(TypeTag<double>{});
    case PhysicalType::Decimal: return function(TypeTag<Decimal>{});
    case PhysicalType::String: return function(TypeTag<StringView>{});
    case PhysicalType::Interval: return function(TypeTag<Interval>{});
    case PhysicalType::Uuid: break;
  }
  return function(TypeTag<Uuid>{});
}

}  // namespace rowtine::vector
