// numeric as a 128-bit integer with a scale known to the planner: powers of ten, rounding, limits.
#pragma once

#include <cstdint>
#include <string_view>

#include "vector/physical_type.h"

namespace rowtine::expr {

using vector::Decimal;
using UnsignedDecimal = unsigned __int128;

inline constexpr int kDecimalDigitsMax = 38;

/// 10 to the power of 0..38.
Decimal power_of_ten(int exponent);

/// 10^38: the first magnitude that no numeric has.
inline constexpr Decimal kDecimalLimit =
    static_cast<Decimal>(10000000000000000000ULL) * 10000000000000000000ULL;

constexpr bool is_decimal(Decimal value) { return value > -kDecimalLimit && value < kDecimalLimit; }

constexpr UnsignedDecimal magnitude(Decimal value) {
  return value < 0 ? -static_cast<UnsignedDecimal>(value) : static_cast<UnsignedDecimal>(value);
}

/// numerator / denominator rounded half away from zero; the denominator is positive.
Decimal divide_rounding(Decimal numerator, Decimal denominator);

/// Moves `value` from one scale to another. Returns: false when it needs more than `precision`
/// digits.
bool rescale(Decimal value, int from_scale, int to_scale, int precision, Decimal& out);

/// The nearest double of value / 10^scale.
double decimal_to_double(Decimal value, int scale);

/// `value` times 10^scale rounded half away from zero, of the double's shortest decimal form, as
/// PostgreSQL converts. Returns: false for NaN, infinities and too many digits.
bool decimal_from_double(double value, int significant_digits, int scale, int precision,
                         Decimal& out);

/// Reads `-12.50e3`, nothing around it.
enum class NumberParse : uint8_t { Ok, Invalid, OutOfRange };
NumberParse parse_decimal(std::string_view text, int scale, int precision, Decimal& out);

/// Writes the digits into `buffer`, which has room for kDecimalTextMax characters.
inline constexpr int kDecimalTextMax = 44;
std::string_view write_decimal(Decimal value, int scale, char* buffer);

}  // namespace rowtine::expr
