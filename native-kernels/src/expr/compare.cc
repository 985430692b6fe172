// = <> < <= and the rest, `is distinct from`, least and greatest over every type.
#include "vector/compare.h"

#include "expr/apply.h"
#include "expr/families.h"
#include "vector/dispatch.h"

namespace rowtine::expr {
namespace {

using vector::values_equal;
using vector::values_less;

template <class T>
struct Comparison : Infallible {
  using Left = T;
  using Right = T;
  using Result = uint8_t;
};

template <class T>
struct EqualTo : Comparison<T> {
  static void apply(const T& a, const T& b, uint8_t& out, uint8_t&) { out = values_equal(a, b); }
};
template <class T>
struct NotEqualTo : Comparison<T> {
  static void apply(const T& a, const T& b, uint8_t& out, uint8_t&) { out = !values_equal(a, b); }
};
template <class T>
struct LessThan : Comparison<T> {
  static void apply(const T& a, const T& b, uint8_t& out, uint8_t&) { out = values_less(a, b); }
};
template <class T>
struct LessOrEqual : Comparison<T> {
  static void apply(const T& a, const T& b, uint8_t& out, uint8_t&) { out = !values_less(b, a); }
};
template <class T>
struct GreaterThan : Comparison<T> {
  static void apply(const T& a, const T& b, uint8_t& out, uint8_t&) { out = values_less(b, a); }
};
template <class T>
struct GreaterOrEqual : Comparison<T> {
  static void apply(const T& a, const T& b, uint8_t& out, uint8_t&) { out = !values_less(a, b); }
};

template <template <class> class Op>
KernelFunction comparison(PhysicalType type) {
  return vector::with_type(type, [](auto tag) -> KernelFunction {
    return binary_kernel<Op<typename decltype(tag)::Type>>;
  });
}

/// Is distinct (kWhenEqual 0) or is not distinct (1): nulls are values, equal to each other.
template <class T, uint8_t kWhenEqual>
void distinct_kernel(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  const Vector &left = arguments[0], &right = arguments[1];
  auto* out = result.as<uint8_t>();
  for (uint32_t row = 0; row < context.row_count; ++row) {
    const bool left_null = left.is_null(row), right_null = right.is_null(row);
    const bool equal = left_null || right_null
                           ? left_null == right_null
                           : values_equal(value_at<T>(left, row), value_at<T>(right, row));
    out[row] = equal ? kWhenEqual : !kWhenEqual;
  }
  result.validity = nullptr;
}

template <uint8_t kWhenEqual>
KernelFunction distinct(PhysicalType type) {
  return vector::with_type(type, [](auto tag) -> KernelFunction {
    return distinct_kernel<typename decltype(tag)::Type, kWhenEqual>;
  });
}

/// Least or greatest; a null gives way to the other argument.
template <class T, bool kGreatest>
void extreme_kernel(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  const Vector &left = arguments[0], &right = arguments[1];
  T* out = result.as<T>();
  for (uint32_t row = 0; row < context.row_count; ++row) {
    const T &a = value_at<T>(left, row), &b = value_at<T>(right, row);
    const bool left_null = left.is_null(row), right_null = right.is_null(row);
    const bool take_right =
        left_null || (!right_null && (kGreatest ? values_less(a, b) : values_less(b, a)));
    out[row] = take_right ? b : a;
    if (left_null && right_null) set_null(result, row);
  }
  settle_validity(context.row_count, result);
}

template <bool kGreatest>
KernelFunction extreme(PhysicalType type) {
  return vector::with_type(type, [](auto tag) -> KernelFunction {
    return extreme_kernel<typename decltype(tag)::Type, kGreatest>;
  });
}

}  // namespace

KernelFunction compare_kernel(Opcode opcode, Types types) {
  const PhysicalType type = types[0];
  switch (opcode) {
    case Opcode::Equal: return comparison<EqualTo>(type);
    case Opcode::NotEqual: return comparison<NotEqualTo>(type);
    case Opcode::Less: return comparison<LessThan>(type);
    case Opcode::LessEqual: return comparison<LessOrEqual>(type);
    case Opcode::Greater: return comparison<GreaterThan>(type);
    case Opcode::GreaterEqual: return comparison<GreaterOrEqual>(type);
    case Opcode::IsDistinct: return distinct<0>(type);
    case Opcode::IsNotDistinct: return distinct<1>(type);
    case Opcode::Least: return extreme<false>(type);
    case Opcode::Greatest: return extreme<true>(type);
    default: return nullptr;
  }
}

}  // namespace rowtine::expr
