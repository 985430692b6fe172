#include "expr/value_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <string_view>

#include "expr/calendar.h"

namespace rowtine::expr {
namespace {

char* copy(std::string_view text, char* to) {
  std::memcpy(to, text.data(), text.size());
  return to + text.size();
}

/// At least `width` digits, zeros in front.
char* write_padded(int64_t value, int width, char* to) {
  char digits[20];
  const char* end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  for (auto missing = width - (end - digits); missing > 0; --missing) *to++ = '0';
  return copy({digits, static_cast<size_t>(end - digits)}, to);
}

/// `.5` for 500000; nothing for zero.
char* write_fraction(int64_t microseconds, char* to) {
  if (microseconds == 0) return to;
  *to++ = '.';
  to = write_padded(microseconds, 6, to);
  while (to[-1] == '0') --to;
  return to;
}

/// Rewrites d.ddde+xx in [text, end) without exponent. Returns: the new end.
char* without_exponent(char* text, char* end, int exponent) {
  char digits[24];
  size_t count = 0;
  const bool negative = *text == '-';
  for (const char* at = text + negative; at < end && *at != 'e'; ++at) {
    if (*at != '.') digits[count++] = *at;
  }
  char* to = text + negative;
  if (exponent < 0) {
    to = copy("0.", to);
    for (int i = -1; i > exponent; --i) *to++ = '0';
    return copy({digits, count}, to);
  }
  const auto whole = static_cast<size_t>(exponent) + 1;
  for (size_t i = 0; i < std::max(whole, count); ++i) {
    if (i == whole) *to++ = '.';
    *to++ = i < count ? digits[i] : '0';
  }
  return to;
}

/// PostgreSQL changes to scientific form below 1e-4 and from `exponent_limit` digits on.
template <class T>
char* write_shortest(T value, int exponent_limit, char* to) {
  if (std::isnan(value)) return copy("NaN", to);
  if (std::isinf(value)) return copy(value < 0 ? "-Infinity" : "Infinity", to);
  char* end = std::to_chars(to, to + kValueTextMax, value, std::chars_format::scientific).ptr;
  const char* mark = end - 1;
  while (*mark != 'e') --mark;
  int exponent = 0;
  std::from_chars(mark[1] == '+' ? mark + 2 : mark + 1, end, exponent);
  if (exponent < -4 || exponent >= exponent_limit) return end;
  return without_exponent(to, end, exponent);
}

int32_t shown_year(int32_t year) { return year > 0 ? year : 1 - year; }

char* write_civil(CivilDate date, char* to) {
  to = write_padded(shown_year(date.year), 4, to);
  *to++ = '-';
  to = write_padded(date.month, 2, to);
  *to++ = '-';
  return write_padded(date.day, 2, to);
}

/// One `-3 days` of an interval; a positive field after a negative one carries its plus.
char* write_unit(int64_t value, std::string_view unit, bool& any, bool& negative, char* to) {
  if (value == 0) return to;
  if (any) *to++ = ' ';
  if (negative && value > 0) *to++ = '+';
  to = write_int(value, to);
  *to++ = ' ';
  to = copy(unit, to);
  if (value != 1) *to++ = 's';
  any = true;
  negative = value < 0;
  return to;
}

}  // namespace

char* write_int(int64_t value, char* to) {
  return std::to_chars(to, to + kValueTextMax, value).ptr;
}

char* write_float(double value, char* to) { return write_shortest(value, 15, to); }
char* write_float(float value, char* to) { return write_shortest(value, 6, to); }

char* write_date(int64_t days, char* to) {
  const CivilDate date = civil_from_days(days);
  to = write_civil(date, to);
  return date.year > 0 ? to : copy(" BC", to);
}

char* write_time(int64_t microseconds, char* to) {
  to = write_padded(microseconds / kMicrosecondsPerHour, 2, to);
  *to++ = ':';
  to = write_padded(microseconds / kMicrosecondsPerMinute % 60, 2, to);
  *to++ = ':';
  to = write_padded(microseconds / kMicrosecondsPerSecond % 60, 2, to);
  return write_fraction(microseconds % kMicrosecondsPerSecond, to);
}

char* write_timestamp(int64_t microseconds, char separator, const char* zone, char* to) {
  const CivilDate date = civil_from_days(day_of(microseconds));
  to = write_civil(date, to);
  *to++ = separator;
  to = copy(zone, write_time(time_of_day(microseconds), to));
  return date.year > 0 ? to : copy(" BC", to);
}

char* write_interval(const vector::Interval& value, char* to) {
  bool any = false, negative = false;
  to = write_unit(value.months / 12, "year", any, negative, to);
  to = write_unit(value.months % 12, "mon", any, negative, to);
  to = write_unit(value.days, "day", any, negative, to);
  if (any && value.microseconds == 0) return to;
  if (any) *to++ = ' ';
  if (value.microseconds < 0) {
    *to++ = '-';
  } else if (negative) {
    *to++ = '+';
  }
  // As unsigned, because the least time has no positive twin.
  const uint64_t time = value.microseconds < 0 ? -static_cast<uint64_t>(value.microseconds)
                                               : static_cast<uint64_t>(value.microseconds);
  const auto hours = static_cast<int64_t>(time / static_cast<uint64_t>(kMicrosecondsPerHour));
  to = write_padded(hours, 2, to);
  char rest[32];
  const auto below_hour = static_cast<int64_t>(time % static_cast<uint64_t>(kMicrosecondsPerHour));
  const char* end = write_time(below_hour, rest);
  return copy({rest + 2, static_cast<size_t>(end - rest - 2)}, to);
}

char* write_uuid(const vector::Uuid& value, char* to) {
  constexpr char kHex[] = "0123456789abcdef";
  for (int nibble = 0; nibble < 32; ++nibble) {
    if (nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20) *to++ = '-';
    const uint64_t half = nibble < 16 ? value.high : value.low;
    *to++ = kHex[half >> (60 - nibble % 16 * 4) & 15];
  }
  return to;
}

}  // namespace rowtine::expr
