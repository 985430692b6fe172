// SQLSTATE as a number: five characters of base 36, so that it fits a register and a column.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace rowtine {

/// A SQLSTATE packed as five 6-bit digits ('0'-'9', 'A'-'Z' -> 0-35). 0 ("00000") is success.
struct SqlState {
  uint32_t packed = 0;

  constexpr SqlState() = default;
  constexpr explicit SqlState(uint32_t value) : packed(value) {}
  constexpr SqlState(const char (&text)[6]) {  // NOLINT: implicit on purpose, SqlState s = "22012"
    for (int i = 0; i < 5; ++i) packed = packed << 6 | digit(text[i]);
  }
  constexpr bool ok() const { return packed == 0; }
  constexpr bool operator==(const SqlState&) const = default;

  /// The five characters, NUL-terminated.
  constexpr std::array<char, 6> text() const {
    std::array<char, 6> out{};
    for (int i = 0; i < 5; ++i) {
      const uint32_t d = packed >> (6 * (4 - i)) & 63;
      out[static_cast<size_t>(i)] = static_cast<char>(d < 10 ? '0' + d : 'A' + (d - 10));
    }
    return out;
  }

 private:
  static constexpr uint32_t digit(char c) {
    return static_cast<uint32_t>(c <= '9' ? c - '0' : c - 'A' + 10);
  }
};

inline constexpr SqlState kSuccess{};
inline constexpr SqlState kDivisionByZero = "22012";
inline constexpr SqlState kNumericValueOutOfRange = "22003";
inline constexpr SqlState kInvalidTextRepresentation = "22P02";
inline constexpr SqlState kInvalidDatetimeFormat = "22007";
inline constexpr SqlState kDatetimeFieldOverflow = "22008";
inline constexpr SqlState kInvalidParameterValue = "22023";
inline constexpr SqlState kCharacterNotInRepertoire = "22021";
inline constexpr SqlState kInvalidJsonText = "22032";
inline constexpr SqlState kInvalidRegularExpression = "2201B";
inline constexpr SqlState kCardinalityViolation = "21000";
inline constexpr SqlState kNotNullViolation = "23502";
inline constexpr SqlState kForeignKeyViolation = "23503";
inline constexpr SqlState kUniqueViolation = "23505";
inline constexpr SqlState kCheckViolation = "23514";
inline constexpr SqlState kOutOfMemory = "53200";
inline constexpr SqlState kDiskFull = "53100";
inline constexpr SqlState kQueryCanceled = "57014";
inline constexpr SqlState kProgramLimitExceeded = "54000";
inline constexpr SqlState kFeatureNotSupported = "0A000";
inline constexpr SqlState kIoError = "58030";
inline constexpr SqlState kInternalError = "XX000";
/// Refused by the program verifier: never reaches a user unless a program was made by hand.
inline constexpr SqlState kInvalidProgram = "RD001";
/// A step's rows met a conflict inside their batch; the step is run again one event at a time.
inline constexpr SqlState kBatchConflict = "RD002";

}  // namespace rowtine
