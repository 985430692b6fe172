// Functions of mathematics over doubles, and rounding of floats and numerics. An infinite result of
// finite arguments is 22003, as in PostgreSQL.
#include <cmath>
#include <numbers>

#include "expr/apply.h"
#include "expr/decimal.h"
#include "expr/families.h"

namespace rowtine::expr {
namespace {

inline constexpr SqlState kInvalidArgumentForPower = "2201F";
inline constexpr SqlState kInvalidArgumentForLogarithm = "2201E";

using UnaryFunction = double (*)(double);
using Domain = SqlState (*)(double);

SqlState anywhere(double) { return kSuccess; }
SqlState not_negative(double x) { return x < 0 ? kInvalidArgumentForPower : kSuccess; }
SqlState positive(double x) { return x <= 0 ? kInvalidArgumentForLogarithm : kSuccess; }
SqlState within_one(double x) { return std::abs(x) > 1 ? kNumericValueOutOfRange : kSuccess; }
SqlState finite(double x) { return std::isinf(x) ? kNumericValueOutOfRange : kSuccess; }

/// One call of the C library a row: its cost hides everything else here.
template <UnaryFunction kFunction, Domain kDomain>
void function_kernel(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  auto* out = result.as<double>();
  each_row(context, arguments, result, [&](uint32_t row) {
    const double x = value_at<double>(arguments[0], row);
    out[row] = 0;
    const SqlState state = kDomain(x);
    if (!state.ok()) return fail(context, row, state);
    out[row] = kFunction(x);
    if (std::isinf(out[row]) && !std::isinf(x)) fail(context, row, kNumericValueOutOfRange);
  });
}

double degrees(double x) { return x / std::numbers::pi * 180; }
double radians(double x) { return x / 180 * std::numbers::pi; }

template <class Compute>
void binary_doubles(KernelContext& context, std::span<const Vector> arguments, Vector& result,
                    Compute compute) {
  auto* out = result.as<double>();
  each_row(context, arguments, result, [&](uint32_t row) {
    const double a = value_at<double>(arguments[0], row), b = value_at<double>(arguments[1], row);
    out[row] = 0;
    const SqlState state = compute(a, b, out[row]);
    if (!state.ok()) fail(context, row, state);
  });
}

SqlState raise_to_power(double base, double exponent, double& out) {
  if (base == 0 && exponent < 0) return kInvalidArgumentForPower;
  if (base < 0 && std::isfinite(exponent) && exponent != std::floor(exponent)) {
    return kInvalidArgumentForPower;
  }
  out = std::pow(base, exponent);
  const bool finite_arguments = std::isfinite(base) && std::isfinite(exponent);
  const bool overflow = std::isinf(out), underflow = out == 0 && base != 0;
  return finite_arguments && (overflow || underflow) ? kNumericValueOutOfRange : kSuccess;
}

void power(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  binary_doubles(context, arguments, result, raise_to_power);
}

void log_base(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  binary_doubles(context, arguments, result, [](double base, double x, double& out) {
    if (base <= 0 || x <= 0) return kInvalidArgumentForLogarithm;
    if (base == 1) return kDivisionByZero;
    out = std::log(x) / std::log(base);
    return kSuccess;
  });
}

void atan2(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  binary_doubles(context, arguments, result, [](double y, double x, double& out) {
    out = std::atan2(y, x);
    return kSuccess;
  });
}

enum class Rounding : uint8_t { Floor, Ceil, Nearest, Truncate };

template <class T, Rounding kHow>
struct RoundFloat : Infallible {
  using Value = T;
  using Result = T;
  static void apply(T a, T& out, uint8_t&) {
    switch (kHow) {
      case Rounding::Floor: out = std::floor(a); break;
      case Rounding::Ceil: out = std::ceil(a); break;
      case Rounding::Nearest: out = std::rint(a); break;
      case Rounding::Truncate: out = std::trunc(a); break;
    }
  }
};

/// value / unit, rounded; the unit is a positive power of ten.
template <Rounding kHow>
Decimal round_quotient(Decimal value, Decimal unit) {
  const Decimal quotient = value / unit, remainder = value % unit;
  switch (kHow) {
    case Rounding::Floor: return quotient - (remainder < 0);
    case Rounding::Ceil: return quotient + (remainder > 0);
    case Rounding::Nearest: return divide_rounding(value, unit);
    case Rounding::Truncate: return quotient;
  }
  return quotient;
}

/// Floor and ceil of a numeric: the result has scale 0.
template <Rounding kHow>
void round_to_whole(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  const Decimal unit = power_of_ten(static_cast<int>(context.immediates[0]));
  auto* out = result.as<Decimal>();
  each_row(context, arguments, result, [&](uint32_t row) {
    out[row] = round_quotient<kHow>(value_at<Decimal>(arguments[0], row), unit);
  });
}

/// round(numeric, digits) and trunc(numeric, digits): the scale stays, the places behind are zeros.
template <Rounding kHow>
void round_to_digits(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  const int64_t scale = context.immediates[0];
  auto* out = result.as<Decimal>();
  each_row(context, arguments, result, [&](uint32_t row) {
    const Decimal value = value_at<Decimal>(arguments[0], row);
    const int64_t dropped = scale - value_at<int32_t>(arguments[1], row);
    out[row] = value;
    if (dropped <= 0) return;
    if (dropped > kDecimalDigitsMax) {
      out[row] = 0;
      return;
    }
    const Decimal unit = power_of_ten(static_cast<int>(dropped));
    // A value below 10^38 rounds to at most 10^38, which passes the type by one.
    const Decimal rounded = round_quotient<kHow>(value, unit);
    out[row] = rounded * unit;
    if (!is_decimal(out[row])) fail(context, row, kNumericValueOutOfRange);
  });
}

template <Rounding kHow>
KernelFunction round_any(PhysicalType type) {
  constexpr bool kToWhole = kHow == Rounding::Floor || kHow == Rounding::Ceil;
  switch (type) {
    case PhysicalType::Float32: return unary_kernel<RoundFloat<float, kHow>>;
    case PhysicalType::Float64: return unary_kernel<RoundFloat<double, kHow>>;
    default: return kToWhole ? round_to_whole<kHow> : round_to_digits<kHow>;
  }
}

}  // namespace

KernelFunction mathematics_kernel(Opcode opcode, Types types) {
  switch (opcode) {
    case Opcode::Power: return power;
    case Opcode::Sqrt: return function_kernel<std::sqrt, not_negative>;
    case Opcode::Cbrt: return function_kernel<std::cbrt, anywhere>;
    case Opcode::Exp: return function_kernel<std::exp, anywhere>;
    case Opcode::Ln: return function_kernel<std::log, positive>;
    case Opcode::Log10: return function_kernel<std::log10, positive>;
    case Opcode::LogBase: return log_base;
    case Opcode::Sin: return function_kernel<std::sin, finite>;
    case Opcode::Cos: return function_kernel<std::cos, finite>;
    case Opcode::Tan: return function_kernel<std::tan, finite>;
    case Opcode::Asin: return function_kernel<std::asin, within_one>;
    case Opcode::Acos: return function_kernel<std::acos, within_one>;
    case Opcode::Atan: return function_kernel<std::atan, anywhere>;
    case Opcode::Atan2: return atan2;
    case Opcode::Sinh: return function_kernel<std::sinh, anywhere>;
    case Opcode::Cosh: return function_kernel<std::cosh, anywhere>;
    case Opcode::Tanh: return function_kernel<std::tanh, anywhere>;
    case Opcode::Degrees: return function_kernel<degrees, anywhere>;
    case Opcode::Radians: return function_kernel<radians, anywhere>;
    case Opcode::Floor: return round_any<Rounding::Floor>(types[0]);
    case Opcode::Ceil: return round_any<Rounding::Ceil>(types[0]);
    case Opcode::Round: return round_any<Rounding::Nearest>(types[0]);
    case Opcode::Truncate: return round_any<Rounding::Truncate>(types[0]);
    default: return nullptr;
  }
}

}  // namespace rowtine::expr
