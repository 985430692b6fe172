// to_char() of timestamps: PostgreSQL's template patterns for dates and times in English. Anything
// that is no pattern stands for itself, as does text in double quotes.
#include <array>
#include <charconv>

#include "expr/apply.h"
#include "expr/ascii.h"
#include "expr/date_fields.h"
#include "expr/families.h"
#include "expr/text_writer.h"

namespace rowtine::expr {
namespace {

constexpr std::string_view kMonths[] = {"January",   "February", "March",    "April",
                                        "May",       "June",     "July",     "August",
                                        "September", "October",  "November", "December"};
constexpr std::string_view kDays[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                      "Thursday", "Friday", "Saturday"};

/// The timestamp taken apart once.
struct Moment {
  explicit Moment(int64_t timestamp)
      : days(day_of(timestamp)), time(time_of_day(timestamp)), date(civil_from_days(days)) {}
  int64_t days, time;
  CivilDate date;

  int64_t hour() const { return time / kMicrosecondsPerHour; }
  int64_t hour12() const { return (hour() + 11) % 12 + 1; }
  int64_t minute() const { return time / kMicrosecondsPerMinute % 60; }
  int64_t second() const { return time / kMicrosecondsPerSecond % 60; }
  int64_t microsecond() const { return time % kMicrosecondsPerSecond; }
  int64_t year() const { return date.year > 0 ? date.year : 1 - date.year; }
  int64_t iso_year() const {
    const int64_t year = iso_week(days).year;
    return year > 0 ? year : 1 - year;
  }
  std::string_view month_name() const { return kMonths[date.month - 1]; }
  std::string_view day_name() const { return kDays[day_of_week(days)]; }
};

/// A number of at least `width` digits; FM drops the zeros in front.
struct Number {
  std::string_view pattern;
  int width;
  int64_t (*value)(const Moment&);
};

// Longer patterns before those that they begin with.
constexpr Number kNumbers[] = {
    {"HH24", 2, [](const Moment& m) { return m.hour(); }},
    {"HH12", 2, [](const Moment& m) { return m.hour12(); }},
    {"HH", 2, [](const Moment& m) { return m.hour12(); }},
    {"MI", 2, [](const Moment& m) { return m.minute(); }},
    {"SSSSS", 0, [](const Moment& m) { return m.time / kMicrosecondsPerSecond; }},
    {"SSSS", 0, [](const Moment& m) { return m.time / kMicrosecondsPerSecond; }},
    {"SS", 2, [](const Moment& m) { return m.second(); }},
    {"MS", 3, [](const Moment& m) { return m.microsecond() / 1000; }},
    {"US", 6, [](const Moment& m) { return m.microsecond(); }},
    {"YYYY", 4, [](const Moment& m) { return m.year(); }},
    {"YYY", 3, [](const Moment& m) { return m.year() % 1000; }},
    {"YY", 2, [](const Moment& m) { return m.year() % 100; }},
    {"Y", 1, [](const Moment& m) { return m.year() % 10; }},
    {"IYYY", 4, [](const Moment& m) { return m.iso_year(); }},
    {"IYY", 3, [](const Moment& m) { return m.iso_year() % 1000; }},
    {"IY", 2, [](const Moment& m) { return m.iso_year() % 100; }},
    {"IDDD", 3,
     [](const Moment& m) {
       return int64_t{(iso_week(m.days).week - 1) * 7} + (day_of_week(m.days) + 6) % 7 + 1;
     }},
    {"ID", 1, [](const Moment& m) { return int64_t{(day_of_week(m.days) + 6) % 7 + 1}; }},
    {"IW", 2, [](const Moment& m) { return int64_t{iso_week(m.days).week}; }},
    {"I", 1, [](const Moment& m) { return m.iso_year() % 10; }},
    {"MM", 2, [](const Moment& m) { return int64_t{m.date.month}; }},
    {"DDD", 3, [](const Moment& m) { return int64_t{day_of_year(m.days)}; }},
    {"DD", 2, [](const Moment& m) { return int64_t{m.date.day}; }},
    {"D", 1, [](const Moment& m) { return int64_t{day_of_week(m.days) + 1}; }},
    {"WW", 2, [](const Moment& m) { return int64_t{(day_of_year(m.days) - 1) / 7 + 1}; }},
    {"W", 1, [](const Moment& m) { return int64_t{(m.date.day - 1) / 7 + 1}; }},
    {"CC", 2, [](const Moment& m) { return (m.year() + 99) / 100; }},
    {"Q", 1, [](const Moment& m) { return int64_t{(m.date.month - 1) / 3 + 1}; }},
    {"J", 0, [](const Moment& m) { return m.days + 2440588; }},
};

enum class Letters : uint8_t { Upper, Capital, Lower };

/// A name in the case in which the pattern is written; full ones are padded to nine characters.
struct Name {
  std::string_view pattern;
  Letters letters;
  size_t length;  // 0: all of it
  bool month;
};
constexpr Name kNames[] = {
    {"MONTH", Letters::Upper, 0, true}, {"Month", Letters::Capital, 0, true},
    {"month", Letters::Lower, 0, true}, {"MON", Letters::Upper, 3, true},
    {"Mon", Letters::Capital, 3, true}, {"mon", Letters::Lower, 3, true},
    {"DAY", Letters::Upper, 0, false},  {"Day", Letters::Capital, 0, false},
    {"day", Letters::Lower, 0, false},  {"DY", Letters::Upper, 3, false},
    {"Dy", Letters::Capital, 3, false}, {"dy", Letters::Lower, 3, false},
};

/// Two texts between which the moment chooses.
struct Choice {
  std::string_view pattern, no, yes;
  bool (*chooses)(const Moment&);
};
bool is_afternoon(const Moment& moment) { return moment.hour() >= 12; }
bool is_before_christ(const Moment& moment) { return moment.date.year <= 0; }
bool never(const Moment&) { return false; }
constexpr Choice kChoices[] = {
    {"A.M.", "A.M.", "P.M.", is_afternoon},
    {"P.M.", "A.M.", "P.M.", is_afternoon},
    {"a.m.", "a.m.", "p.m.", is_afternoon},
    {"p.m.", "a.m.", "p.m.", is_afternoon},
    {"AM", "AM", "PM", is_afternoon},
    {"PM", "AM", "PM", is_afternoon},
    {"am", "am", "pm", is_afternoon},
    {"pm", "am", "pm", is_afternoon},
    {"B.C.", "A.D.", "B.C.", is_before_christ},
    {"A.D.", "A.D.", "B.C.", is_before_christ},
    {"BC", "AD", "BC", is_before_christ},
    {"AD", "AD", "BC", is_before_christ},
    {"bc", "ad", "bc", is_before_christ},
    {"ad", "ad", "bc", is_before_christ},
    {"TZH", "+00", "", never},
    {"TZM", "00", "", never},
    {"TZ", "UTC", "", never},
    {"tz", "utc", "", never},
    {"OF", "+00", "", never},
};

/// Number patterns are the same in lower case.
bool starts_with_number(std::string_view text, std::string_view pattern) {
  if (text.size() < pattern.size()) return false;
  const bool upper = text[0] >= 'A' && text[0] <= 'Z';
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (text[i] != (upper ? pattern[i] : ascii_lower(pattern[i]))) return false;
  }
  return true;
}

class TemplateWriter {
 public:
  TemplateWriter(const Moment& moment, TextWriter& writer) : moment_(moment), writer_(writer) {}

  void run(std::string_view text) {
    while (!text.empty()) {
      fill_ = true;
      if (text.starts_with("FM") || text.starts_with("fm")) {
        fill_ = false;
        text.remove_prefix(2);
      }
      const size_t used = quoted(text);
      text.remove_prefix(used > 0 ? used : pattern(text));
    }
  }

 private:
  /// Copies "…" or an escaped character. Returns: bytes of the template used, 0 for neither.
  size_t quoted(std::string_view text) {
    if (!text.starts_with('"')) return 0;
    const size_t close = text.find('"', 1);
    writer_.append(text.substr(1, close == text.npos ? text.npos : close - 1));
    return close == text.npos ? text.size() : close + 1;
  }

  size_t pattern(std::string_view text) {
    if (text.empty()) return 0;
    for (const Name& name : kNames) {
      if (text.starts_with(name.pattern)) return write_name(name);
    }
    for (const Choice& choice : kChoices) {
      if (!text.starts_with(choice.pattern)) continue;
      writer_.append(choice.chooses(moment_) ? choice.yes : choice.no);
      return choice.pattern.size();
    }
    for (const Number& number : kNumbers) {
      if (!starts_with_number(text, number.pattern)) continue;
      return number.pattern.size() + write_number(number, text.substr(number.pattern.size()));
    }
    writer_.append(text[0]);
    return 1;
  }

  size_t write_name(const Name& name) {
    const std::string_view full = name.month ? moment_.month_name() : moment_.day_name();
    const std::string_view shown = full.substr(0, name.length == 0 ? full.npos : name.length);
    for (size_t i = 0; i < shown.size(); ++i) {
      const bool upper =
          name.letters == Letters::Upper || (name.letters == Letters::Capital && i == 0);
      writer_.append(upper ? ascii_upper(shown[i]) : ascii_lower(shown[i]));
    }
    constexpr size_t kNameWidth = 9;
    for (size_t i = shown.size(); fill_ && name.length == 0 && i < kNameWidth; ++i)
      writer_.append(' ');
    return name.pattern.size();
  }

  /// Returns: bytes of the suffix (TH or th) that followed.
  size_t write_number(const Number& number, std::string_view rest) {
    const int64_t value = number.value(moment_);
    char digits[24];
    const char* end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    for (auto missing = number.width - (end - digits); fill_ && missing > 0; --missing)
      writer_.append('0');
    writer_.append({digits, static_cast<size_t>(end - digits)});
    const bool upper = rest.starts_with("TH");
    if (!upper && !rest.starts_with("th")) return 0;
    writer_.append(ordinal_suffix(value, upper));
    return 2;
  }

  static std::string_view ordinal_suffix(int64_t value, bool upper) {
    const bool teen = value / 10 % 10 == 1;
    switch (teen ? 0 : value % 10) {
      case 1: return upper ? "ST" : "st";
      case 2: return upper ? "ND" : "nd";
      case 3: return upper ? "RD" : "rd";
      default: return upper ? "TH" : "th";
    }
  }

  const Moment& moment_;
  TextWriter& writer_;
  bool fill_ = true;
};

void timestamp_to_char(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  TextWriter writer(context);
  auto* out = result.as<StringView>();
  each_row(context, arguments, result, [&](uint32_t row) {
    const Moment moment(value_at<int64_t>(arguments[0], row));
    TemplateWriter(moment, writer).run(text_at(arguments[1], row));
    out[row] = writer.finish(row);
  });
}

}  // namespace

KernelFunction to_char_kernel(Opcode, Types) { return timestamp_to_char; }

}  // namespace rowtine::expr
