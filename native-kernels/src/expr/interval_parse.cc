// Intervals from text: `1 year 2 mons -3 days 04:05:06`, `1.5 hours ago`, `P1Y2M3DT4H5M6S`, `1-2`.
#include <array>
#include <charconv>
#include <cmath>

#include "expr/ascii.h"
#include "expr/calendar.h"
#include "expr/value_parse.h"

namespace rowtine::expr {
namespace {

/// A unit as so many months, days and microseconds; one of them is not zero.
struct Unit {
  std::string_view name;
  int32_t months, days;
  int64_t microseconds;
};

// Singular forms; a plural s is cut off before the search, abbreviations stand on their own.
constexpr Unit kUnits[] = {
    {"microsecond", 0, 0, 1},
    {"us", 0, 0, 1},
    {"usec", 0, 0, 1},
    {"millisecond", 0, 0, 1000},
    {"ms", 0, 0, 1000},
    {"msec", 0, 0, 1000},
    {"second", 0, 0, kMicrosecondsPerSecond},
    {"sec", 0, 0, kMicrosecondsPerSecond},
    {"s", 0, 0, kMicrosecondsPerSecond},
    {"minute", 0, 0, kMicrosecondsPerMinute},
    {"min", 0, 0, kMicrosecondsPerMinute},
    {"m", 0, 0, kMicrosecondsPerMinute},
    {"hour", 0, 0, kMicrosecondsPerHour},
    {"hr", 0, 0, kMicrosecondsPerHour},
    {"h", 0, 0, kMicrosecondsPerHour},
    {"day", 0, 1, 0},
    {"d", 0, 1, 0},
    {"week", 0, 7, 0},
    {"w", 0, 7, 0},
    {"month", 1, 0, 0},
    {"mon", 1, 0, 0},
    {"quarter", 3, 0, 0},
    {"year", 12, 0, 0},
    {"yr", 12, 0, 0},
    {"y", 12, 0, 0},
    {"decade", 120, 0, 0},
    {"century", 1200, 0, 0},
    {"centurie", 1200, 0, 0},
    {"c", 1200, 0, 0},
    {"millennium", 12000, 0, 0},
    {"millennia", 12000, 0, 0},
};

const Unit* find_unit(std::string_view name) {
  for (const Unit& unit : kUnits) {
    if (unit.name == name) return &unit;
  }
  if (name.size() > 2 && name.ends_with('s')) {
    name.remove_suffix(1);
    for (const Unit& unit : kUnits) {
      if (unit.name == name) return &unit;
    }
  }
  return nullptr;
}

/// Fields added up before they are checked to fit.
struct Fields {
  __int128 months = 0, days = 0, microseconds = 0;

  /// Fractions of months become days of 30, fractions of days time.
  bool add(double value, const Unit& unit) {
    if (!(std::abs(value) < 1e15)) return false;
    if (unit.microseconds != 0) {
      microseconds += static_cast<__int128>(
          std::rint(static_cast<long double>(value) * static_cast<long double>(unit.microseconds)));
      return true;
    }
    if (unit.months != 0) {
      const double exact = value * unit.months;
      const double whole = std::trunc(exact);
      months += static_cast<__int128>(whole);
      if (unit.months >= 12) {
        // PostgreSQL rounds a part of a year to whole months.
        months += static_cast<__int128>(std::rint(exact - whole));
        return true;
      }
      return add_days((exact - whole) * static_cast<double>(vector::kDaysPerMonth));
    }
    return add_days(value * unit.days);
  }

  bool add_days(double value) {
    const double whole = std::trunc(value);
    days += static_cast<__int128>(whole);
    microseconds += static_cast<__int128>(
        std::rint((value - whole) * static_cast<double>(vector::kMicrosecondsPerDay)));
    return true;
  }

  void negate() { months = -months, days = -days, microseconds = -microseconds; }

  bool store(vector::Interval& out) const {
    out = {static_cast<int32_t>(months), static_cast<int32_t>(days),
           static_cast<int64_t>(microseconds)};
    return out.months == months && out.days == days && out.microseconds == microseconds;
  }
};

class IntervalReader {
 public:
  explicit IntervalReader(std::string_view text) : text_(text) {}

  DateTimeParse run(vector::Interval& out) {
    out = {};
    const bool iso = text_.size() > 1 && (text_[0] | 32) == 'p';
    if (!(iso ? read_iso() : read_words())) return DateTimeParse::Invalid;
    return fits_ && fields_.store(out) ? DateTimeParse::Ok : DateTimeParse::OutOfRange;
  }

 private:
  char peek(size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  void skip_spaces() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\n') ++at_;
  }

  bool read_number(double& out) {
    const size_t start = peek() == '+' ? at_ + 1 : at_;
    size_t end = start + (start < text_.size() && text_[start] == '-');
    while (end < text_.size() && (is_digit(text_[end]) || text_[end] == '.')) ++end;
    const auto [stop, error] = std::from_chars(text_.data() + start, text_.data() + end, out);
    if (error != std::errc{} || stop != text_.data() + end) return false;
    at_ = end;
    return true;
  }

  std::string_view read_letters(std::array<char, 16>& buffer) {
    size_t size = 0;
    for (; is_letter(peek()); ++at_) {
      if (size < buffer.size()) buffer[size++] = static_cast<char>(peek() | 32);
    }
    return {buffer.data(), size};
  }

  bool read_words() {
    bool any = false;
    skip_spaces();
    if (peek() == '@') ++at_;
    for (skip_spaces(); at_ < text_.size(); skip_spaces()) {
      std::array<char, 16> buffer;
      if (is_letter(peek())) {
        if (read_letters(buffer) != "ago" || !any || at_ != text_.size()) return false;
        fields_.negate();
        return true;
      }
      if (!read_amount()) return false;
      any = true;
    }
    return any;
  }

  /// How many characters a signed run of digits takes.
  size_t digits_ahead() const {
    size_t count = peek() == '-' || peek() == '+';
    while (is_digit(peek(count))) ++count;
    return count;
  }

  bool read_amount() {
    const size_t digits = digits_ahead();
    if (peek(digits) == ':') return read_clock();
    if (peek(digits) == '-' && is_digit(peek(digits + 1))) return read_year_month();
    double value = 0;
    if (!read_number(value)) return false;
    skip_spaces();
    std::array<char, 16> buffer;
    const size_t before = at_;
    const std::string_view name = read_letters(buffer);
    if (name.empty() || name == "ago") {
      // A number alone at the end counts seconds.
      at_ = before;
      if (name.empty() && at_ != text_.size()) return false;
      fits_ = fits_ && fields_.add(value, kSeconds);
      return true;
    }
    const Unit* unit = find_unit(name);
    if (unit == nullptr) return false;
    fits_ = fits_ && fields_.add(value, *unit);
    return true;
  }

  bool read_int(int64_t& out) {
    const auto [stop, error] =
        std::from_chars(text_.data() + at_, text_.data() + text_.size(), out);
    if (error != std::errc{}) return false;
    at_ = static_cast<size_t>(stop - text_.data());
    return true;
  }

  bool read_sign() {
    const bool negative = peek() == '-';
    if (negative || peek() == '+') ++at_;
    return negative;
  }

  /// 04:05, 04:05:06.789, -04:05.
  bool read_clock() {
    const bool negative = read_sign();
    int64_t hours = 0, minutes = 0;
    double seconds = 0;
    if (!is_digit(peek()) || !read_int(hours)) return false;
    ++at_;
    if (!is_digit(peek()) || !read_int(minutes)) return false;
    if (peek() == ':') {
      ++at_;
      if (!is_digit(peek()) || !read_number(seconds)) return false;
    }
    if (minutes > 59 || seconds >= 61) fits_ = false;
    const __int128 time = static_cast<__int128>(hours) * kMicrosecondsPerHour +
                          minutes * kMicrosecondsPerMinute +
                          static_cast<int64_t>(std::rint(seconds * 1e6));
    fields_.microseconds += negative ? -time : time;
    return true;
  }

  /// 1-2: a year and two months.
  bool read_year_month() {
    const bool negative = read_sign();
    int64_t years = 0, months = 0;
    if (!read_int(years)) return false;
    ++at_;
    if (!read_int(months)) return false;
    if (months > 11) fits_ = false;
    const __int128 all = static_cast<__int128>(years) * 12 + months;
    fields_.months += negative ? -all : all;
    return true;
  }

  /// P1Y2M3W4DT5H6M7.8S.
  bool read_iso() {
    bool in_time = false, any = false;
    for (at_ = 1; at_ < text_.size();) {
      if (!in_time && (peek() | 32) == 't') {
        in_time = true;
        ++at_;
        continue;
      }
      double value = 0;
      if (!read_number(value)) return false;
      const std::string_view designator = in_time ? "hms" : "ymwd";
      const size_t index = designator.find(static_cast<char>(peek() | 32));
      if (peek() == '\0' || index == designator.npos) return false;
      ++at_;
      const std::string_view name = in_time ? kIsoTime[index] : kIsoDate[index];
      fits_ = fits_ && fields_.add(value, *find_unit(name));
      any = true;
    }
    return any;
  }

  static constexpr Unit kSeconds = {"second", 0, 0, kMicrosecondsPerSecond};
  static constexpr std::string_view kIsoDate[] = {"year", "month", "week", "day"};
  static constexpr std::string_view kIsoTime[] = {"hour", "minute", "second"};

  std::string_view text_;
  size_t at_ = 0;
  bool fits_ = true;
  Fields fields_;
};

}  // namespace

DateTimeParse parse_interval(std::string_view text, vector::Interval& out) {
  return IntervalReader(text).run(out);
}

}  // namespace rowtine::expr
