// Turns an operation on values into a kernel: loops without branches over flat and constant
// arguments for arithmetic and comparison, a plain row loop for everything that costs more.
#pragma once

#include <algorithm>
#include <span>

#include "expr/kernel.h"
#include "expr/simd.h"
#include "expr/validity.h"

namespace rowtine::expr {

// An operation is a struct with the types Left, Right (or Value), Result and Flag, and
//   static void apply(left, right, Result&, Flag&)   computes, and ors failure into the flag;
//   static bool failed(Flag)                         did any row fail?
//   static SqlState state(left, right)               why one row failed.
// apply() must be total: it also runs on rows that are null or inactive.

/// Base of operations that cannot fail.
struct Infallible {
  using Flag = uint8_t;
  static constexpr bool failed(Flag) { return false; }
  template <class... Values>
  static constexpr SqlState state(Values...) {
    return kSuccess;
  }
};

template <class Op>
struct FlatLoop {
  static typename Op::Flag run(const typename Op::Left* left, const typename Op::Right* right,
                               typename Op::Result* result, uint32_t count) {
    typename Op::Flag all{};
    for (uint32_t i = 0; i < count; ++i) Op::apply(left[i], right[i], result[i], all);
    return all;
  }
};

template <class Op>
struct RightConstantLoop {
  static typename Op::Flag run(const typename Op::Left* left, typename Op::Right right,
                               typename Op::Result* result, uint32_t count) {
    typename Op::Flag all{};
    for (uint32_t i = 0; i < count; ++i) Op::apply(left[i], right, result[i], all);
    return all;
  }
};

template <class Op>
struct LeftConstantLoop {
  static typename Op::Flag run(typename Op::Left left, const typename Op::Right* right,
                               typename Op::Result* result, uint32_t count) {
    typename Op::Flag all{};
    for (uint32_t i = 0; i < count; ++i) Op::apply(left, right[i], result[i], all);
    return all;
  }
};

template <class Op>
struct UnaryLoop {
  static typename Op::Flag run(const typename Op::Value* value, typename Op::Result* result,
                               uint32_t count) {
    typename Op::Flag all{};
    for (uint32_t i = 0; i < count; ++i) Op::apply(value[i], result[i], all);
    return all;
  }
};

template <class Op>
void report_binary(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  const Vector &left = arguments[0], &right = arguments[1];
  for (uint32_t row = 0; row < context.row_count; ++row) {
    if (result.is_null(row)) continue;
    const auto a = left.as<typename Op::Left>()[left.index_of(row)];
    const auto b = right.as<typename Op::Right>()[right.index_of(row)];
    typename Op::Flag flag{};
    typename Op::Result value;
    Op::apply(a, b, value, flag);
    if (Op::failed(flag)) fail(context, row, Op::state(a, b));
  }
}

/// The kernel of an operation on two values.
template <class Op>
void binary_kernel(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  using L = typename Op::Left;
  using R = typename Op::Right;
  using Out = typename Op::Result;
  const Vector &left = arguments[0], &right = arguments[1];
  const uint32_t count = context.row_count;
  Out* out = result.as<Out>();
  typename Op::Flag flag{};
  if (left.constant && right.constant) {
    Op::apply(*left.as<L>(), *right.as<R>(), *out, flag);
    std::fill(out + 1, out + std::max(count, 1U), *out);
  } else if (right.constant) {
    flag = simd::run<RightConstantLoop<Op>>(left.as<L>(), *right.as<R>(), out, count);
  } else if (left.constant) {
    flag = simd::run<LeftConstantLoop<Op>>(*left.as<L>(), right.as<R>(), out, count);
  } else {
    flag = simd::run<FlatLoop<Op>>(left.as<L>(), right.as<R>(), out, count);
  }
  if (!combine_validity(arguments, count, result)) result.validity = nullptr;
  if (Op::failed(flag)) report_binary<Op>(context, arguments, result);
}

/// The kernel of an operation on one value.
template <class Op>
void unary_kernel(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  using V = typename Op::Value;
  const Vector& value = arguments[0];
  const uint32_t count = value.constant ? std::min(context.row_count, 1U) : context.row_count;
  auto* out = result.as<typename Op::Result>();
  const typename Op::Flag flag = simd::run<UnaryLoop<Op>>(value.as<V>(), out, count);
  if (count < context.row_count) std::fill(out + 1, out + context.row_count, *out);
  if (!combine_validity(arguments, context.row_count, result)) result.validity = nullptr;
  if (!Op::failed(flag)) return;
  for (uint32_t row = 0; row < context.row_count; ++row) {
    if (result.is_null(row)) continue;
    const V one = value.as<V>()[value.index_of(row)];
    typename Op::Flag row_flag{};
    typename Op::Result ignored;
    Op::apply(one, ignored, row_flag);
    if (Op::failed(row_flag)) fail(context, row, Op::state(one));
  }
}

/// Calls `row_function(row)` for every row without a null argument; it writes the row's value, or
/// calls set_null() or fail(). Values under nulls are zeroed first.
template <class RowFunction>
void each_row(KernelContext& context, std::span<const Vector> arguments, Vector& result,
              RowFunction row_function) {
  const bool nulls = combine_validity(arguments, context.row_count, result);
  if (nulls) clear_null_values(context.row_count, result);
  for (uint32_t row = 0; row < context.row_count; ++row) {
    if (!nulls || get_bit(result.validity, row)) row_function(row);
  }
  settle_validity(context.row_count, result);
}

/// The value of `argument` at `row`, constant or not.
template <class T>
const T& value_at(const Vector& argument, uint32_t row) {
  return argument.as<T>()[argument.index_of(row)];
}

}  // namespace rowtine::expr
