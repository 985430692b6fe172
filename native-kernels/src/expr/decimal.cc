#include "expr/decimal.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "expr/apply.h"
#include "expr/ascii.h"
#include "expr/families.h"

namespace rowtine::expr {
namespace {

constexpr auto kPowersOfTen = [] {
  std::array<Decimal, kDecimalDigitsMax + 1> powers{};
  powers[0] = 1;
  for (size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();

bool fits(Decimal value, int precision) {
  const Decimal limit = kPowersOfTen[static_cast<size_t>(precision)];
  return value > -limit && value < limit;
}

/// Digits and exponent of a number in text: value = digits * 10^exponent.
struct Digits {
  bool negative = false;
  UnsignedDecimal value = 0;
  int significant = 0;  // digits gathered in value
  int exponent = 0;
  bool any = false;
  int dropped_first = -1;  // first digit that did not fit into value, -1: none

  void add(char c, bool fraction) {
    any = true;
    const int digit = c - '0';
    if (dropped_first < 0 && significant < kDecimalDigitsMax) {
      value = value * 10 + static_cast<unsigned>(digit);
      if (value != 0) ++significant;
      if (fraction) --exponent;
      return;
    }
    if (dropped_first < 0) dropped_first = digit;
    if (!fraction) ++exponent;
  }
};

/// Reads an optional exponent `e+12` at the end of `text`. Returns: false when it is malformed.
bool read_exponent(std::string_view text, int& exponent) {
  if (text.empty()) return true;
  if (text[0] != 'e' && text[0] != 'E') return false;
  text.remove_prefix(1);
  if (!text.empty() && text[0] == '+') {
    text.remove_prefix(1);
    if (text.empty() || !is_digit(text[0])) return false;
  }
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || end != text.data() + text.size()) return false;
  constexpr int kExponentMax = 100000;  // far outside every numeric: keeps sums from overflowing
  if (error != std::errc{}) value = text[0] == '-' ? -kExponentMax : kExponentMax;
  exponent += value < -kExponentMax ? -kExponentMax : value > kExponentMax ? kExponentMax : value;
  return true;
}

bool read_digits(std::string_view text, Digits& out) {
  size_t at = 0;
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) out.negative = text[at++] == '-';
  for (; at < text.size() && is_digit(text[at]); ++at) out.add(text[at], false);
  if (at < text.size() && text[at] == '.') {
    for (++at; at < text.size() && is_digit(text[at]); ++at) out.add(text[at], true);
  }
  return out.any && read_exponent(text.substr(at), out.exponent);
}

/// The digits at `scale`, rounded half away from zero.
bool scale_digits(const Digits& digits, int scale, UnsignedDecimal& out) {
  const int shift = digits.exponent + scale;
  out = digits.value;
  if (out == 0) return true;
  if (shift > 0) {
    if (shift + digits.significant > kDecimalDigitsMax) return false;
    out *= static_cast<UnsignedDecimal>(kPowersOfTen[static_cast<size_t>(shift)]);
    return true;
  }
  if (shift == 0) {
    out += digits.dropped_first >= 5;
    return true;
  }
  if (-shift > kDecimalDigitsMax) {
    out = 0;
    return true;
  }
  const auto divisor = static_cast<UnsignedDecimal>(kPowersOfTen[static_cast<size_t>(-shift)]);
  const UnsignedDecimal remainder = out % divisor;
  out = out / divisor + (remainder >= divisor - remainder ? 1 : 0);
  return true;
}

}  // namespace

Decimal power_of_ten(int exponent) { return kPowersOfTen[static_cast<size_t>(exponent)]; }

Decimal divide_rounding(Decimal numerator, Decimal denominator) {
  const UnsignedDecimal n = magnitude(numerator), d = static_cast<UnsignedDecimal>(denominator);
  const UnsignedDecimal remainder = n % d;
  const auto quotient = static_cast<Decimal>(n / d + (remainder >= d - remainder ? 1 : 0));
  return numerator < 0 ? -quotient : quotient;
}

bool rescale(Decimal value, int from_scale, int to_scale, int precision, Decimal& out) {
  out = value;
  if (to_scale < from_scale) {
    out = divide_rounding(value, power_of_ten(from_scale - to_scale));
  } else if (__builtin_mul_overflow(value, power_of_ten(to_scale - from_scale), &out)) {
    out = 0;
    return false;
  }
  return fits(out, precision);
}

double decimal_to_double(Decimal value, int scale) {
  // Exact when both halves are: below 2^53, and powers of ten up to 10^22 are doubles.
  if (magnitude(value) < (1ULL << 53) && scale <= 22) {
    return static_cast<double>(value) / static_cast<double>(power_of_ten(scale));
  }
  char buffer[kDecimalTextMax];
  const std::string_view text = write_decimal(value, scale, buffer);
  double out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

bool decimal_from_double(double value, int significant_digits, int scale, int precision,
                         Decimal& out) {
  out = 0;
  if (!std::isfinite(value)) return false;
  char buffer[32];
  const auto written = std::to_chars(buffer, buffer + sizeof buffer, value,
                                     std::chars_format::scientific, significant_digits - 1);
  const std::string_view text(buffer, static_cast<size_t>(written.ptr - buffer));
  return parse_decimal(text, scale, precision, out) == NumberParse::Ok;
}

NumberParse parse_decimal(std::string_view text, int scale, int precision, Decimal& out) {
  Digits digits;
  UnsignedDecimal value = 0;
  out = 0;
  if (!read_digits(text, digits)) return NumberParse::Invalid;
  if (!scale_digits(digits, scale, value)) return NumberParse::OutOfRange;
  const auto positive = static_cast<Decimal>(value);
  if (positive < 0 || !fits(positive, precision)) return NumberParse::OutOfRange;
  out = digits.negative ? -positive : positive;
  return NumberParse::Ok;
}

std::string_view write_decimal(Decimal value, int scale, char* buffer) {
  char* const end = buffer + kDecimalTextMax;
  char* at = end;
  UnsignedDecimal rest = magnitude(value);
  for (int digit = 0; digit <= scale || rest != 0; ++digit) {
    if (digit == scale && scale > 0) *--at = '.';
    *--at = static_cast<char>('0' + static_cast<int>(rest % 10));
    rest /= 10;
  }
  if (value < 0) *--at = '-';
  return {at, static_cast<size_t>(end - at)};
}

namespace {

/// numerator * 10^shift / denominator with the remainder kept exact, so that rounding is right even
/// where the scaled numerator has more than 128 bits: long division, digit by digit.
bool divide_scaled(UnsignedDecimal numerator, UnsignedDecimal denominator, int shift,
                   UnsignedDecimal& quotient) {
  quotient = numerator / denominator;
  UnsignedDecimal remainder = numerator % denominator;
  for (int i = 0; i < shift; ++i) {
    if (quotient >= static_cast<UnsignedDecimal>(kDecimalLimit) / 10) return false;
    // remainder < denominator <= 10^38, so ten times it may pass 128 bits: add it up instead.
    unsigned digit = 0;
    UnsignedDecimal sum = 0;
    for (int k = 0; k < 10; ++k) {
      sum += remainder;
      if (sum >= denominator) {
        sum -= denominator;
        ++digit;
      }
    }
    remainder = sum;
    quotient = quotient * 10 + digit;
  }
  if (remainder >= denominator - remainder) ++quotient;
  return quotient < static_cast<UnsignedDecimal>(kDecimalLimit);
}

/// Quotient of two decimals at `scale`: left/10^ls / (right/10^rs) = left * 10^(scale+rs-ls) /
/// right.
bool divide_decimals(Decimal left, Decimal right, int shift, Decimal& out) {
  UnsignedDecimal numerator = magnitude(left), denominator = magnitude(right), quotient = 0;
  UnsignedDecimal scaled;
  if (shift < 0) {
    if (__builtin_mul_overflow(denominator, static_cast<UnsignedDecimal>(power_of_ten(-shift)),
                               &denominator)) {
      out = 0;  // the divisor passes every numerator by more than a factor of two
      return true;
    }
    shift = 0;
  }
  if (shift <= kDecimalDigitsMax &&
      !__builtin_mul_overflow(numerator, static_cast<UnsignedDecimal>(power_of_ten(shift)),
                              &scaled)) {
    numerator = scaled;
    shift = 0;
  }
  if (!divide_scaled(numerator, denominator, shift, quotient)) return false;
  out = static_cast<Decimal>(quotient);
  if ((left < 0) != (right < 0)) out = -out;
  return true;
}

void divide_decimal(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  const auto scales = context.immediates;
  const int shift = static_cast<int>(scales[2] + scales[1] - scales[0]);
  auto* out = result.as<Decimal>();
  each_row(context, arguments, result, [&](uint32_t row) {
    const Decimal right = value_at<Decimal>(arguments[1], row);
    out[row] = 0;
    if (right == 0) return fail(context, row, kDivisionByZero);
    if (!divide_decimals(value_at<Decimal>(arguments[0], row), right, shift, out[row])) {
      fail(context, row, kNumericValueOutOfRange);
    }
  });
}

void rescale_decimal(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  const auto from = static_cast<int>(context.immediates[0]);
  const auto to = static_cast<int>(context.immediates[1]);
  const auto precision = static_cast<int>(context.immediates[2]);
  auto* out = result.as<Decimal>();
  each_row(context, arguments, result, [&](uint32_t row) {
    if (!rescale(value_at<Decimal>(arguments[0], row), from, to, precision, out[row])) {
      fail(context, row, kNumericValueOutOfRange);
    }
  });
}

}  // namespace

KernelFunction decimal_kernel(Opcode opcode, Types) {
  return opcode == Opcode::DivideDecimal ? divide_decimal : rescale_decimal;
}

}  // namespace rowtine::expr
