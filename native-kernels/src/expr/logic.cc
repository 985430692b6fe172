// Three-valued logic, null tests, choice between values and raised conditions. Bool values under
// nulls are kept 0 or 1 by every kernel, so the loops compute on them freely.
#include <cstring>

#include "expr/apply.h"
#include "expr/families.h"
#include "vector/compare.h"
#include "vector/dispatch.h"

namespace rowtine::expr {
namespace {

/// A Bool argument as "definitely true" and "definitely false" bytes.
struct Truth {
  bool is_true, is_false;
};

Truth truth_at(const Vector& value, uint32_t row) {
  const bool known = !value.is_null(row);
  const bool holds = value.as<uint8_t>()[value.index_of(row)] != 0;
  return {known && holds, known && !holds};
}

template <bool kAnd>
struct Connective : Infallible {
  using Left = uint8_t;
  using Right = uint8_t;
  using Result = uint8_t;
  static void apply(uint8_t a, uint8_t b, uint8_t& out, uint8_t&) { out = kAnd ? a & b : a | b; }
};

/// And (or Or): a false (true) decides whatever the other is, null included.
template <bool kAnd>
void connective_kernel(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  const Vector &left = arguments[0], &right = arguments[1];
  if (left.validity == nullptr && right.validity == nullptr) {
    return binary_kernel<Connective<kAnd>>(context, arguments, result);
  }
  auto* out = result.as<uint8_t>();
  for (uint32_t row = 0; row < context.row_count; ++row) {
    const Truth a = truth_at(left, row), b = truth_at(right, row);
    const bool is_true = kAnd ? a.is_true && b.is_true : a.is_true || b.is_true;
    const bool is_false = kAnd ? a.is_false || b.is_false : a.is_false && b.is_false;
    out[row] = is_true;
    if (!is_true && !is_false) set_null(result, row);
  }
  settle_validity(context.row_count, result);
}

struct Negation : Infallible {
  using Value = uint8_t;
  using Result = uint8_t;
  static void apply(uint8_t a, uint8_t& out, uint8_t&) { out = a ^ 1; }
};

template <bool kWhenNull>
void null_test(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  const Vector& value = arguments[0];
  auto* out = result.as<uint8_t>();
  if (value.validity == nullptr) {
    std::memset(out, !kWhenNull, context.row_count);
  } else {
    for (uint32_t row = 0; row < context.row_count; ++row) {
      out[row] = value.is_null(row) == kWhenNull;
    }
  }
  result.validity = nullptr;
}

template <bool kWanted>
void truth_test(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  auto* out = result.as<uint8_t>();
  for (uint32_t row = 0; row < context.row_count; ++row) {
    const Truth truth = truth_at(arguments[0], row);
    out[row] = kWanted ? truth.is_true : truth.is_false;
  }
  result.validity = nullptr;
}

/// Copies the row from whichever of two vectors, null or not.
template <class T>
void take(const Vector& from, uint32_t row, Vector& result) {
  result.as<T>()[row] = value_at<T>(from, row);
  if (from.is_null(row)) set_null(result, row);
}

/// Without nulls a choice is one conditional load; constants are read with stride 0.
template <class T>
void select_present(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  const auto* condition = arguments[0].as<uint8_t>();
  const T *yes = arguments[1].as<T>(), *no = arguments[2].as<T>();
  const uint32_t steps[3] = {!arguments[0].constant, !arguments[1].constant,
                             !arguments[2].constant};
  T* out = result.as<T>();
  for (uint32_t row = 0; row < context.row_count; ++row) {
    out[row] = condition[row * steps[0]] != 0 ? yes[row * steps[1]] : no[row * steps[2]];
  }
  result.validity = nullptr;
}

template <class T>
void select_kernel(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  const Vector &condition = arguments[0], &yes = arguments[1], &no = arguments[2];
  if (condition.validity == nullptr && yes.validity == nullptr && no.validity == nullptr) {
    return select_present<T>(context, arguments, result);
  }
  for (uint32_t row = 0; row < context.row_count; ++row) {
    take<T>(truth_at(condition, row).is_true ? yes : no, row, result);
  }
  settle_validity(context.row_count, result);
}

template <class T>
void coalesce_kernel(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  const Vector &first = arguments[0], &second = arguments[1];
  for (uint32_t row = 0; row < context.row_count; ++row) {
    take<T>(first.is_null(row) ? second : first, row, result);
  }
  settle_validity(context.row_count, result);
}

template <class T>
void null_if_kernel(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  const Vector &first = arguments[0], &second = arguments[1];
  for (uint32_t row = 0; row < context.row_count; ++row) {
    take<T>(first, row, result);
    const bool equal = !first.is_null(row) && !second.is_null(row) &&
                       vector::values_equal(value_at<T>(first, row), value_at<T>(second, row));
    if (equal) set_null(result, row);
  }
  settle_validity(context.row_count, result);
}

/// Passes the condition on, and fails its true rows with `state_at(row)`.
template <class StateAt>
void raise_where_true(KernelContext& context, std::span<const Vector> arguments, Vector& result,
                      StateAt state_at) {
  for (uint32_t row = 0; row < context.row_count; ++row) {
    take<uint8_t>(arguments[0], row, result);
    if (truth_at(arguments[0], row).is_true) fail(context, row, SqlState(state_at(row)));
  }
  settle_validity(context.row_count, result);
}

void raise(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  const auto state = static_cast<uint32_t>(context.immediates[0]);
  raise_where_true(context, arguments, result, [state](uint32_t) { return state; });
}

/// Passes on where rows failed before. A place is data: whoever looks it up checks its bounds.
void restore_places(KernelContext& context, const Vector& places) {
  for (uint32_t row = 0; row < context.row_count; ++row) {
    if (context.errors.states[row] == 0 || places.is_null(row)) continue;
    if (context.errors.instructions[row] != context.instruction) continue;
    const auto place = static_cast<uint64_t>(value_at<int64_t>(places, row));
    context.errors.instructions[row] = static_cast<uint32_t>(place);
    if (context.errors.details != nullptr) {
      context.errors.details[row] = static_cast<uint32_t>(place >> 32);
    }
  }
}

/// A state that is null or success would lose the error: it becomes an internal one.
void raise_state(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  const Vector& states = arguments[1];
  raise_where_true(context, arguments, result, [&states](uint32_t row) {
    const auto state = static_cast<uint32_t>(value_at<int32_t>(states, row));
    return states.is_null(row) || state == 0 ? kInternalError.packed : state;
  });
  if (context.errors.any) restore_places(context, arguments[2]);
}

KernelFunction choice_kernel(Opcode opcode, PhysicalType type) {
  return vector::with_type(type, [opcode](auto tag) -> KernelFunction {
    using T = typename decltype(tag)::Type;
    if (opcode == Opcode::Select) return select_kernel<T>;
    if (opcode == Opcode::Coalesce) return coalesce_kernel<T>;
    return null_if_kernel<T>;
  });
}

}  // namespace

KernelFunction logic_kernel(Opcode opcode, Types types) {
  switch (opcode) {
    case Opcode::And: return connective_kernel<true>;
    case Opcode::Or: return connective_kernel<false>;
    case Opcode::Not: return unary_kernel<Negation>;
    case Opcode::IsNull: return null_test<true>;
    case Opcode::IsNotNull: return null_test<false>;
    case Opcode::IsTrue: return truth_test<true>;
    case Opcode::IsFalse: return truth_test<false>;
    case Opcode::Raise: return raise;
    case Opcode::RaiseState: return raise_state;
    case Opcode::Select:
    case Opcode::Coalesce:
    case Opcode::NullIf: return choice_kernel(opcode, types.back());
    default: return nullptr;
  }
}

}  // namespace rowtine::expr
