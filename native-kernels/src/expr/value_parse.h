// Reading single values from text as PostgreSQL's input functions do. Callers have removed the
// spaces around. Numbers of an unknown form are Invalid, known forms outside the type OutOfRange.
#pragma once

#include <cstdint>
#include <string_view>

#include "expr/decimal.h"
#include "vector/physical_type.h"

namespace rowtine::expr {

std::string_view trim_spaces(std::string_view text);

template <class T>
NumberParse parse_int(std::string_view text, T& out);

template <class T>
NumberParse parse_float(std::string_view text, T& out);

bool parse_bool(std::string_view text, bool& out);
bool parse_uuid(std::string_view text, vector::Uuid& out);

/// Which parts a date-time text had, and their values (not yet joined).
struct DateTimeText {
  bool has_date = false, has_time = false;
  int64_t days = 0;          // since 1970-01-01
  int64_t time = 0;          // microseconds since midnight, up to and with 24:00
  int64_t zone_seconds = 0;  // east of Greenwich; 0 when none was given
};
enum class DateTimeParse : uint8_t { Ok, Invalid, OutOfRange };
DateTimeParse parse_datetime(std::string_view text, DateTimeText& out);

DateTimeParse parse_interval(std::string_view text, vector::Interval& out);

}  // namespace rowtine::expr
