// Casts between the number types and Bool. Floats become integers by the nearest even, numerics
// half away from zero (PostgreSQL's rules); what does not fit is 22003.
#include <cmath>
#include <limits>
#include <type_traits>

#include "expr/apply.h"
#include "expr/decimal.h"
#include "expr/families.h"

namespace rowtine::expr {
namespace {

template <class From, class To>
struct Cast {
  using Value = From;
  using Result = To;
  using Flag = uint32_t;
  static bool failed(Flag flag) { return flag != 0; }
  static SqlState state(From) { return kNumericValueOutOfRange; }

  static void apply(From value, To& out, uint32_t& flag) {
    if constexpr (std::is_floating_point_v<To> && std::is_floating_point_v<From>) {
      out = static_cast<To>(value);
      flag |= std::isinf(out) != std::isinf(value) || (out == 0 && value != 0);
    } else if constexpr (std::is_floating_point_v<To>) {
      out = static_cast<To>(value);
    } else if constexpr (std::is_floating_point_v<From>) {
      from_float(value, out, flag);
    } else {
      out = static_cast<To>(value);
      flag |= static_cast<From>(out) != value;
    }
  }

 private:
  static void from_float(From value, To& out, uint32_t& flag) {
    const From rounded = std::rint(value);
    // Minus the least integer is a power of two, so both bounds are exact floats.
    constexpr From kLeast = static_cast<From>(std::numeric_limits<To>::min());
    const bool fits = rounded >= kLeast && rounded < -kLeast;
    out = fits ? static_cast<To>(rounded) : To{0};
    flag |= !fits;
  }
};

template <class To>
KernelFunction cast_from(PhysicalType type) {
  switch (type) {
    case PhysicalType::Bool: return unary_kernel<Cast<uint8_t, To>>;
    case PhysicalType::Int16: return unary_kernel<Cast<int16_t, To>>;
    case PhysicalType::Int32: return unary_kernel<Cast<int32_t, To>>;
    case PhysicalType::Int64: return unary_kernel<Cast<int64_t, To>>;
    case PhysicalType::Float32: return unary_kernel<Cast<float, To>>;
    case PhysicalType::Float64: return unary_kernel<Cast<double, To>>;
    default: return nullptr;
  }
}

template <class To>
void integer_from_decimal(KernelContext& context, std::span<const Vector> arguments,
                          Vector& result) {
  const Decimal divisor = power_of_ten(static_cast<int>(context.immediates[0]));
  each_row(context, arguments, result, [&](uint32_t row) {
    const Decimal whole = divide_rounding(value_at<Decimal>(arguments[0], row), divisor);
    const auto value = static_cast<To>(whole);
    result.as<To>()[row] = value;
    if (value != whole) fail(context, row, kNumericValueOutOfRange);
  });
}

template <class To>
void float_from_decimal(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  const auto scale = static_cast<int>(context.immediates[0]);
  each_row(context, arguments, result, [&](uint32_t row) {
    const double value = decimal_to_double(value_at<Decimal>(arguments[0], row), scale);
    result.as<To>()[row] = static_cast<To>(value);
  });
}

template <class From>
void decimal_from(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  const auto scale = static_cast<int>(context.immediates[0]);
  const auto precision = static_cast<int>(context.immediates[1]);
  // PostgreSQL converts the decimal form with the digits that a double always keeps.
  constexpr int kDigits = std::numeric_limits<From>::digits10;
  each_row(context, arguments, result, [&](uint32_t row) {
    const From value = value_at<From>(arguments[0], row);
    Decimal& out = result.as<Decimal>()[row];
    bool fits;
    if constexpr (std::is_floating_point_v<From>) {
      fits = decimal_from_double(static_cast<double>(value), kDigits, scale, precision, out);
    } else {
      fits = rescale(value, 0, scale, precision, out);
    }
    if (!fits) fail(context, row, kNumericValueOutOfRange);
  });
}

KernelFunction to_decimal(PhysicalType type) {
  switch (type) {
    case PhysicalType::Int16: return decimal_from<int16_t>;
    case PhysicalType::Int32: return decimal_from<int32_t>;
    case PhysicalType::Int64: return decimal_from<int64_t>;
    case PhysicalType::Float32: return decimal_from<float>;
    case PhysicalType::Float64: return decimal_from<double>;
    default: return nullptr;
  }
}

template <class From>
struct NonZero : Infallible {
  using Value = From;
  using Result = uint8_t;
  static void apply(From value, uint8_t& out, uint8_t&) { out = value != 0; }
};

KernelFunction to_bool(PhysicalType type) {
  switch (type) {
    case PhysicalType::Int16: return unary_kernel<NonZero<int16_t>>;
    case PhysicalType::Int32: return unary_kernel<NonZero<int32_t>>;
    default: return unary_kernel<NonZero<int64_t>>;
  }
}

template <class To>
KernelFunction to_integer(PhysicalType type) {
  return type == PhysicalType::Decimal ? integer_from_decimal<To> : cast_from<To>(type);
}

template <class To>
KernelFunction to_float(PhysicalType type) {
  return type == PhysicalType::Decimal ? float_from_decimal<To> : cast_from<To>(type);
}

}  // namespace

KernelFunction cast_kernel(Opcode opcode, Types types) {
  const PhysicalType type = types[0];
  switch (opcode) {
    case Opcode::ToInt16: return to_integer<int16_t>(type);
    case Opcode::ToInt32: return to_integer<int32_t>(type);
    case Opcode::ToInt64: return to_integer<int64_t>(type);
    case Opcode::ToFloat32: return to_float<float>(type);
    case Opcode::ToFloat64: return to_float<double>(type);
    case Opcode::ToDecimal: return to_decimal(type);
    case Opcode::ToBool: return to_bool(type);
    default: return nullptr;
  }
}

}  // namespace rowtine::expr
