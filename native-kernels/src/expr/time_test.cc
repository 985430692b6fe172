// Dates, times, intervals: reading, arithmetic, fields, truncation, formatting. Timestamps are
// written as text in the tables and converted by the kernels tested first.
#include "base/check.h"
#include "expr/calendar.h"
#include "expr/kernel_table.h"
#include "expr/value_parse.h"

using namespace rowtine;
using namespace rowtine::expr;
using namespace rowtine::expr::table;
using program::DateField;

namespace {

std::string timestamp(const char* text) {
  DateTimeText parts;
  check::expect(parse_datetime(text, parts) == DateTimeParse::Ok, text);
  return std::to_string(parts.days * kMicrosecondsPerDay + parts.time -
                        parts.zone_seconds * 1000000);
}

std::string date(const char* text) {
  DateTimeText parts;
  check::expect(parse_datetime(text, parts) == DateTimeParse::Ok, text);
  return std::to_string(parts.days);
}

/// The kernel's result (a timestamp) as text.
void expect_timestamp(Opcode opcode, std::initializer_list<Column> arguments, const char* expected,
                      std::vector<int64_t> immediates = {}, int line = __builtin_LINE()) {
  expect_value(opcode, arguments, timestamp(expected).c_str(), std::move(immediates), 0, __FILE__,
               line);
}

void test_calendar() {
  bool same = true;
  for (int64_t days = kDateMin; days <= 3'000'000; days += 37) {
    same &= days_from_civil(civil_from_days(days)) == days;
  }
  check::expect(same, "days and dates are inverse");
  check::expect(days_from_civil({1970, 1, 1}) == 0 && days_from_civil({2000, 3, 1}) == 11017,
                "known days");
  check::expect(day_of_week(0) == 4 && day_of_week(-4) == 0 && day_of_week(-5) == 6,
                "1970 began on a Thursday");
}

void test_reading() {
  const auto reads = [](const char* value, const char* expected) {
    Arena arena;
    KernelState state;
    KernelOutcome outcome;
    const Vector argument[] = {make_vector(arena, text({value}), false)};
    run_kernel({Opcode::TextToTimestampTz, argument, {}, 1}, arena, state, outcome);
    if (outcome.states[0] != 0) {
      check::expect(std::string("!") + SqlState(outcome.states[0]).text().data() == expected,
                    value);
      return;
    }
    expect_value(Opcode::TimestampTzToText,
                 {int64({std::to_string(outcome.result.as<int64_t>()[0])})}, expected);
  };
  reads("2024-02-29 12:34:56.789", "2024-02-29 12:34:56.789+00");
  reads("2024-02-29T12:34:56Z", "2024-02-29 12:34:56+00");
  reads("2024-02-29 12:34:56+02", "2024-02-29 10:34:56+00");
  reads("2024-02-29 12:34:56-05:30", "2024-02-29 18:04:56+00");
  reads("2024-02-29 12:34+0530", "2024-02-29 07:04:00+00");
  reads("20240229", "2024-02-29 00:00:00+00");
  reads("20240229T123456", "2024-02-29 12:34:56+00");
  reads("2024/2/9", "2024-02-09 00:00:00+00");
  reads("2/9/2024", "2024-02-09 00:00:00+00");
  reads("Feb 9, 2024 1:05 PM", "2024-02-09 13:05:00+00");
  reads("9 February 2024 12:05 am", "2024-02-09 00:05:00+00");
  reads("Fri, 09 Feb 2024 10:00:00 GMT", "2024-02-09 10:00:00+00");
  reads("09-Feb-2024", "2024-02-09 00:00:00+00");
  reads("0044-03-15 BC", "0044-03-15 00:00:00+00 BC");
  reads("2024-01-01 24:00", "2024-01-02 00:00:00+00");
  reads("2024-01-01 00:00:00.1234567", "2024-01-01 00:00:00.123457+00");
  reads("epoch", "1970-01-01 00:00:00+00");
  for (const char* bad : {"", "hello", "2024-01", "12:00", "2024-01-01 12:00 12:00", "2024-01-01x",
                          "1 2 3 4", "2024--01-01"})
    reads(bad, "!22007");
  for (const char* bad : {"2023-02-29", "2024-13-01", "2024-01-32", "2024-01-01 25:00",
                          "2024-01-01 12:60", "0000-01-01", "999999-01-01"})
    reads(bad, "!22008");
  expect_rows(Opcode::TextToDate, {text({"2024-02-29", "2024-02-29 10:00", "x"})},
              {"19782", "19782", "!22007"});
  expect_rows(Opcode::TextToTime,
              {text({"04:05", "04:05:06.789", "4:05 PM", "25:00", "2024-01-01"})},
              {"14700000000", "14706789000", "57900000000", "!22008", "!22007"});
}

void test_intervals() {
  const auto reads = [](const char* value, const char* expected) {
    expect_value(Opcode::TextToInterval, {text({value})}, expected);
  };
  reads("1 year 2 months 3 days 04:05:06.789", "1 year 2 mons 3 days 04:05:06.789");
  reads("10 min", "00:10:00");
  reads("1.5 hours", "01:30:00");
  reads("1.5 days", "1 day 12:00:00");
  reads("1.5 months", "1 mon 15 days");
  reads("1.5 years", "1 year 6 mons");
  reads("2 weeks", "14 days");
  reads("1 day ago", "-1 days");
  reads("-1 day +02:03", "-1 days +02:03:00");
  reads("P1Y2M3DT4H5M6.5S", "1 year 2 mons 3 days 04:05:06.5");
  reads("PT15M", "00:15:00");
  reads("1-2", "1 year 2 mons");
  reads("5s", "00:00:05");
  reads("5", "00:00:05");
  reads("100 ms", "00:00:00.1");
  reads("@ 1 minute", "00:01:00");
  reads("1day", "1 day");
  reads("", "!22007");
  reads("1 fortnight", "!22007");
  reads("day", "!22007");
  reads("999999999999 years", "!22008");
  expect_value(Opcode::IntervalAdd, {interval({"1 mon 2 days"}), interval({"1 mon 01:00"})},
               "2 mons 2 days 01:00:00");
  expect_value(Opcode::IntervalSubtract, {interval({"1 day"}), interval({"01:00"})},
               "1 day -01:00:00");
  expect_value(Opcode::IntervalNegate, {interval({"1 day 01:00"})}, "-1 days -01:00:00");
  expect_value(Opcode::IntervalMultiply, {interval({"1 mon 1 day"}), float64({"1.5"})},
               "1 mon 16 days 12:00:00");
  expect_rows(Opcode::IntervalDivide, {interval({"1 hour", "1 hour"}), float64({"1.5", "0"})},
              {"00:40:00", "!22012"});
  expect_value(Opcode::JustifyDays, {interval({"35 days"})}, "1 mon 5 days");
  expect_value(Opcode::JustifyHours, {interval({"27 hours"})}, "1 day 03:00:00");
  expect_value(Opcode::JustifyInterval, {interval({"1 mon -1 hour"})}, "29 days 23:00:00");
  expect_value(Opcode::MakeInterval,
               {int32({"1"}), int32({"2"}), int32({"1"}), int32({"3"}), int32({"4"}), int32({"5"}),
                float64({"6.5"})},
               "1 year 2 mons 10 days 04:05:06.5");
}

void test_arithmetic() {
  expect_timestamp(Opcode::TimestampAdd,
                   {int64({timestamp("2024-01-31 10:00")}), interval({"1 month"})},
                   "2024-02-29 10:00");
  expect_timestamp(Opcode::TimestampSubtract,
                   {int64({timestamp("2024-03-31")}), interval({"1 month 1 day"})}, "2024-02-28");
  expect_value(Opcode::TimestampAdd, {int64({timestamp("294000-01-01")}), interval({"1000 years"})},
               "!22008");
  expect_value(Opcode::TimestampDifference,
               {int64({timestamp("2024-03-01 01:00")}), int64({timestamp("2024-02-28")})},
               "2 days 01:00:00");
  expect_value(Opcode::Age, {int64({timestamp("2001-04-10")}), int64({timestamp("1957-06-13")})},
               "43 years 9 mons 27 days");
  expect_value(Opcode::Age, {int64({timestamp("1957-06-13")}), int64({timestamp("2001-04-10")})},
               "-43 years -9 mons -27 days");
  expect_rows(Opcode::DateAddDays, {int32({"0", "2147483647"}), int32({"-1", "1"})},
              {"-1", "!22008"});
  expect_value(Opcode::DateDifference, {int32({date("2024-03-01")}), int32({date("2024-02-01")})},
               "29");
  expect_value(Opcode::TimeAdd, {int64({"82800000000"}), interval({"02:00"})}, "3600000000");
  expect_value(Opcode::TimeDifference, {int64({"0"}), int64({"3600000000"})}, "-01:00:00");
  expect_rows(Opcode::MakeDate,
              {int32({"2024", "2023", "-44"}), int32({"2", "2", "3"}), int32({"29", "29", "15"})},
              {date("2024-02-29").c_str(), "!22008", date("0044-03-15 BC").c_str()});
  expect_timestamp(
      Opcode::MakeTimestamp,
      {int32({"2024"}), int32({"2"}), int32({"29"}), int32({"1"}), int32({"2"}), float64({"3.5"})},
      "2024-02-29 01:02:03.5");
  expect_rows(Opcode::ToTimestamp, {float64({"1.5", "NaN", "1e30"})},
              {"1500000", "!22008", "!22008"});
  expect_timestamp(Opcode::DateToTimestamp, {int32({date("2024-02-29")})}, "2024-02-29");
  expect_value(Opcode::TimestampToDate, {int64({"-1"})}, "-1");
  expect_value(Opcode::TimestampToTime, {int64({"-1"})}, "86399999999");
}

void test_fields() {
  const auto extracts = [](DateField field, const char* value, const char* expected,
                           int scale = 0) {
    expect_value(Opcode::ExtractTimestamp, {int64({timestamp(value)})}, expected,
                 {static_cast<int64_t>(field), scale}, scale);
  };
  const char* moment = "2024-12-30 12:34:56.789";
  extracts(DateField::Year, moment, "2024");
  extracts(DateField::Month, moment, "12");
  extracts(DateField::Day, moment, "30");
  extracts(DateField::Hour, moment, "12");
  extracts(DateField::Minute, moment, "34");
  extracts(DateField::Second, moment, "56.789000", 6);
  extracts(DateField::Milliseconds, moment, "56789.000", 3);
  extracts(DateField::Microseconds, moment, "56789000");
  extracts(DateField::DayOfWeek, moment, "1");
  extracts(DateField::IsoDayOfWeek, "2024-12-29", "7");
  extracts(DateField::DayOfYear, moment, "365");
  extracts(DateField::Week, moment, "1");
  extracts(DateField::IsoYear, moment, "2025");
  extracts(DateField::Quarter, moment, "4");
  extracts(DateField::Decade, moment, "202");
  extracts(DateField::Century, "2000-12-31", "20");
  extracts(DateField::Century, "2001-01-01", "21");
  extracts(DateField::Millennium, "2001-01-01", "3");
  extracts(DateField::Century, "0001-01-01 BC", "-1");
  extracts(DateField::Year, "0044-03-15 BC", "-44");
  extracts(DateField::Epoch, "1970-01-02 00:00:00.5", "86400.500000", 6);
  extracts(DateField::Julian, "2000-01-01", "2451545");
  extracts(DateField::Timezone, moment, "!0A000");
  expect_value(Opcode::ExtractTimestampTz, {int64({"0"})}, "0",
               {static_cast<int64_t>(DateField::Timezone), 0});
  expect_value(Opcode::ExtractInterval, {interval({"1 year 2 mons 3 days 04:05:06"})}, "37015506",
               {static_cast<int64_t>(DateField::Epoch), 0});
  expect_value(Opcode::ExtractDate, {int32({"0"})}, "!0A000",
               {static_cast<int64_t>(DateField::Hour), 0});
  const auto truncates = [](DateField field, const char* expected) {
    expect_timestamp(Opcode::TruncateTimestamp, {int64({timestamp("2024-12-29 12:34:56.789")})},
                     expected, {static_cast<int64_t>(field)});
  };
  truncates(DateField::Minute, "2024-12-29 12:34");
  truncates(DateField::Hour, "2024-12-29 12:00");
  truncates(DateField::Day, "2024-12-29");
  truncates(DateField::Week, "2024-12-23");
  truncates(DateField::Month, "2024-12-01");
  truncates(DateField::Quarter, "2024-10-01");
  truncates(DateField::Year, "2024-01-01");
  truncates(DateField::Decade, "2020-01-01");
  truncates(DateField::Century, "2001-01-01");
  expect_timestamp(Opcode::TruncateTimestamp, {int64({"-1"})}, "1969-12-31 23:59:59",
                   {static_cast<int64_t>(DateField::Second)});
  expect_value(Opcode::TruncateInterval, {interval({"3 years 5 mons 2 days 01:02"})},
               "3 years 3 mons", {static_cast<int64_t>(DateField::Quarter)});
  expect_timestamp(Opcode::DateBin,
                   {interval({"15 min"}), int64({timestamp("2020-02-11 15:44:17")}),
                    int64({timestamp("2001-01-01")})},
                   "2020-02-11 15:30");
  expect_value(Opcode::DateBin, {interval({"0"}), int64({"0"}), int64({"0"})}, "!22023");
}

void test_to_char() {
  const auto shows = [](const char* pattern, const char* expected) {
    expect_value(Opcode::TimestampToChar,
                 {int64({timestamp("2024-02-09 15:04:05.678901")}), text({pattern})}, expected);
  };
  shows("YYYY-MM-DD HH24:MI:SS", "2024-02-09 15:04:05");
  shows("Dy, DD Mon YYYY HH12:MI AM", "Fri, 09 Feb 2024 03:04 PM");
  shows("MONTH|Month|FMmonth|", "FEBRUARY |February |february|");
  shows("FMDay FMDDth FMMonth", "Friday 9th February");
  shows("MS US SSSS", "678 678901 54245");
  shows("yyyy\"T\"q IW DDD", "2024T1 06 040");
  shows("\"YYYY\" x", "YYYY x");
}

}  // namespace

int main() {
  test_calendar();
  test_reading();
  test_intervals();
  test_arithmetic();
  test_fields();
  test_to_char();
  return check::summary();
}
