// Dates, times and zones from text: ISO 8601 and the common forms that PostgreSQL reads with its
// default settings (month before day where only numbers tell).
#include <array>
#include <charconv>

#include "expr/ascii.h"
#include "expr/calendar.h"
#include "expr/value_parse.h"

namespace rowtine::expr {
namespace {

constexpr std::string_view kMonths[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                        "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::string_view kMonthNames[] = {"january",   "february", "march",    "april",
                                            "may",       "june",     "july",     "august",
                                            "september", "october",  "november", "december"};
constexpr std::string_view kWeekdays[] = {"sunday",   "monday", "tuesday", "wednesday",
                                          "thursday", "friday", "saturday"};

/// A word in lower case, cut at what any known word needs.
struct Word {
  std::array<char, 12> letters{};
  size_t size = 0;
  std::string_view text() const { return {letters.data(), size}; }
};

/// Reads a date-time text part by part; `status_` remembers the first mistake.
class DateTimeReader {
 public:
  DateTimeReader(std::string_view text, DateTimeText& out) : text_(text), out_(out) {}

  DateTimeParse run() {
    while (status_ == DateTimeParse::Ok && skip_separators()) read_part();
    if (status_ == DateTimeParse::Ok) finish();
    return status_;
  }

 private:
  bool skip_separators() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == ',')) ++at_;
    return at_ < text_.size();
  }

  void invalid() { status_ = DateTimeParse::Invalid; }
  void out_of_range() {
    if (status_ == DateTimeParse::Ok) status_ = DateTimeParse::OutOfRange;
  }

  char peek(size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  size_t digits_ahead() const {
    size_t count = 0;
    while (is_digit(peek(count))) ++count;
    return count;
  }

  /// At most nine digits are a number here.
  bool read_number(int32_t& out, size_t digits_max = 9) {
    const size_t count = digits_ahead();
    if (count == 0 || count > digits_max) return false;
    std::from_chars(text_.data() + at_, text_.data() + at_ + count, out);
    at_ += count;
    return true;
  }

  void read_part() {
    const char c = peek();
    if (is_letter(c)) return read_word();
    if (out_.has_time && (c == '+' || c == '-')) return read_zone();
    if (!is_digit(c)) return invalid();
    const size_t digits = digits_ahead();
    const char after = peek(digits);
    if (after == ':' && !out_.has_time) return read_time();
    if (after == '-' || after == '/' || after == '.') return read_numeric_date(after);
    read_plain_number(digits);
  }

  Word read_letters() {
    Word word;
    while (is_letter(peek())) {
      if (word.size < word.letters.size()) {
        word.letters[word.size++] = static_cast<char>(peek() | 32);
      }
      ++at_;
    }
    if (peek() == '.') ++at_;
    return word;
  }

  void read_word() {
    const Word word = read_letters();
    const std::string_view text = word.text();
    if (text == "t" && has_date_parts() && is_digit(peek())) return read_time();
    if (text == "am" || text == "pm") return read_half(text == "pm");
    if (text == "ad" || text == "bc") {
      before_christ_ = text == "bc";
      return;
    }
    if ((text == "z" || text == "utc" || text == "gmt") && out_.has_time) {
      if (peek() == '+' || peek() == '-') read_zone();
      return;
    }
    if (text == "epoch") {
      year_ = 1970, month_ = 1, day_ = 1;
      return;
    }
    if (read_month_name(text)) return;
    for (const std::string_view weekday : kWeekdays) {
      if (text.size() >= 3 && weekday.starts_with(text)) return;
    }
    invalid();
  }

  bool has_date_parts() const { return day_ != kUnset; }

  bool read_month_name(std::string_view text) {
    for (int32_t i = 0; i < 12; ++i) {
      const auto index = static_cast<size_t>(i);
      if (text != kMonths[index] && text != kMonthNames[index] && !(text == "sept" && i == 8)) {
        continue;
      }
      // `Jan 2 2024` after `2` alone: what came before the name was the day.
      if (month_ != kUnset) invalid();
      month_ = i + 1;
      if (peek() == '-') ++at_;
      return true;
    }
    return false;
  }

  /// 1999-01-08, 1999/1/8, 1/8/1999, 1-8-1999, 08-Jan-1999, 1999-Jan-08.
  void read_numeric_date(char separator) {
    const size_t first_digits = digits_ahead();
    int32_t first = 0, second = 0, third = 0;
    if (!read_number(first)) return invalid();
    ++at_;
    if (is_letter(peek())) {
      if (first_digits > 2) {
        year_ = first;
      } else {
        day_ = first;
      }
      const Word word = read_letters();
      if (!read_month_name(word.text())) return invalid();
      if (peek() == separator) ++at_;
      return;
    }
    if (!read_number(second, 2)) return invalid();
    if (peek() != separator) return invalid();
    ++at_;
    const size_t third_digits = digits_ahead();
    if (!read_number(third)) return invalid();
    if (first_digits > 2) {
      set_date(first, second, third);
    } else if (third_digits == 2) {
      set_date(third < 70 ? 2000 + third : 1900 + third, first, second);
    } else {
      set_date(third, first, second);
    }
  }

  void set_date(int32_t year, int32_t month, int32_t day) {
    if (has_date_parts()) return invalid();
    year_ = year, month_ = month, day_ = day;
  }

  /// 19990108, 040506 after a date, or a day or year beside a month's name.
  void read_plain_number(size_t digits) {
    int32_t value = 0;
    if (has_date_parts() && year_ != kUnset && !out_.has_time && digits == 6) {
      return read_compact_time();
    }
    if (!read_number(value)) return invalid();
    if (digits == 8 && !has_date_parts()) {
      set_date(value / 10000, value / 100 % 100, value % 100);
      if ((peek() | 32) == 't') ++at_, skip_compact();
    } else if (digits <= 2 && day_ == kUnset) {
      day_ = value;
    } else if (year_ == kUnset && digits >= 3) {
      year_ = value;
    } else {
      invalid();
    }
  }

  void skip_compact() {
    if (digits_ahead() == 6) return read_compact_time();
    read_time();
  }

  void read_compact_time() {
    int32_t value = 0;
    if (!read_number(value)) return invalid();
    set_time(value / 10000, value / 100 % 100, value % 100, read_fraction());
  }

  /// Digits after the point as microseconds, rounded at the seventh.
  int64_t read_fraction() {
    if (peek() != '.' && peek() != ',') return 0;
    int64_t value = 0, unit = kMicrosecondsPerSecond / 10;
    for (++at_; is_digit(peek()); ++at_, unit /= 10) {
      if (unit > 0) value += (peek() - '0') * unit;
      if (unit == 0 && !rounded_) value += peek() >= '5';
      rounded_ = unit == 0;
    }
    return value;
  }

  void read_time() {
    int32_t hour = 0, minute = 0, second = 0;
    if (out_.has_time || !read_number(hour, 2)) return invalid();
    int64_t fraction = 0;
    if (peek() == ':') {
      ++at_;
      if (!read_number(minute, 2)) return invalid();
      if (peek() == ':') {
        ++at_;
        if (!read_number(second, 2)) return invalid();
        fraction = read_fraction();
      }
    }
    set_time(hour, minute, second, fraction);
  }

  void set_time(int32_t hour, int32_t minute, int32_t second, int64_t fraction) {
    if (out_.has_time) return invalid();
    out_.has_time = true;
    out_.time = hour * kMicrosecondsPerHour + minute * kMicrosecondsPerMinute +
                second * kMicrosecondsPerSecond + fraction;
    hour_ = hour;
    if (minute > 59 || second > 60 || out_.time > kMicrosecondsPerDay) out_of_range();
  }

  void read_half(bool afternoon) {
    if (!out_.has_time) return invalid();
    if (hour_ < 1 || hour_ > 12) return out_of_range();
    if (hour_ == 12) out_.time -= 12 * kMicrosecondsPerHour;
    if (afternoon) out_.time += 12 * kMicrosecondsPerHour;
  }

  /// +05, +0530, -05:30, +05:30:15.
  void read_zone() {
    const int sign = peek() == '-' ? -1 : 1;
    ++at_;
    const size_t digits = digits_ahead();
    int32_t hours = 0, minutes = 0, seconds = 0;
    if (!read_number(hours, 4)) return invalid();
    if (digits > 2) {
      minutes = hours % 100;
      hours /= 100;
    } else if (peek() == ':') {
      ++at_;
      if (!read_number(minutes, 2)) return invalid();
      if (peek() == ':') {
        ++at_;
        if (!read_number(seconds, 2)) return invalid();
      }
    }
    if (hours > 15 || minutes > 59 || seconds > 59) return out_of_range();
    out_.zone_seconds = sign * (hours * 3600 + minutes * 60 + seconds);
  }

  void finish() {
    if (day_ == kUnset && month_ == kUnset && year_ == kUnset) {
      if (!out_.has_time) invalid();
      return;
    }
    if (day_ == kUnset || month_ == kUnset || year_ == kUnset) return invalid();
    if (before_christ_) {
      if (year_ == 0) return out_of_range();
      year_ = 1 - year_;
    } else if (year_ == 0) {
      return out_of_range();
    }
    const CivilDate date{year_, month_, day_};
    if (!is_valid_date(date)) return out_of_range();
    out_.has_date = true;
    out_.days = days_from_civil(date);
    if (!is_date(out_.days)) out_of_range();
  }

  static constexpr int32_t kUnset = -1;

  std::string_view text_;
  DateTimeText& out_;
  size_t at_ = 0;
  DateTimeParse status_ = DateTimeParse::Ok;
  int32_t year_ = kUnset, month_ = kUnset, day_ = kUnset, hour_ = 0;
  bool before_christ_ = false;
  bool rounded_ = false;
};

}  // namespace

DateTimeParse parse_datetime(std::string_view text, DateTimeText& out) {
  out = {};
  return DateTimeReader(text, out).run();
}

}  // namespace rowtine::expr
