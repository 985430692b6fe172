#include "program/message.h"

#include "program/run.h"

namespace rowtine::program {
namespace {

struct Message {
  SqlState state;
  std::string_view text;
};

constexpr Message kMessages[] = {
    {kDivisionByZero, "division by zero"},
    {kNumericValueOutOfRange, "value out of range"},
    {kInvalidTextRepresentation, "invalid input syntax"},
    {kInvalidDatetimeFormat, "invalid input syntax for a date or time"},
    {kDatetimeFieldOverflow, "date or time field value out of range"},
    {kInvalidParameterValue, "invalid parameter value"},
    {kCharacterNotInRepertoire, "invalid byte sequence for encoding UTF8"},
    {kInvalidJsonText, "invalid JSON text"},
    {kInvalidRegularExpression, "invalid regular expression"},
    {kCardinalityViolation, "more than one row where one was expected"},
    {kNotNullViolation, "null value violates not-null constraint"},
    {kForeignKeyViolation, "foreign key constraint is violated"},
    {kUniqueViolation, "duplicate key value violates unique constraint"},
    {kCheckViolation, "check constraint is violated"},
    {kOutOfMemory, "out of memory"},
    {kDiskFull, "disk full"},
    {kQueryCanceled, "canceling statement due to user request"},
    {kProgramLimitExceeded, "a limit was exceeded"},
    {kFeatureNotSupported, "feature not supported"},
    {kIoError, "input or output error"},
    {"2201E", "cannot take logarithm of a number that is not positive"},
    {"2201F", "invalid argument for power function"},
    {"2201W", "LIMIT must not be negative"},
    {"2201X", "OFFSET must not be negative"},
    {"P0001", "raised by the program"},
    {"42P01", "relation does not exist"},
};

}  // namespace

std::string_view message_of(SqlState state) {
  for (const Message& message : kMessages) {
    if (message.state == state) return message.text;
  }
  return "the statement failed";
}

std::string_view Execution::message_of(SqlState state) { return program::message_of(state); }

}  // namespace rowtine::program
