// Reads the headers of a response, given as JSON text, one name and value at a time.
#pragma once

#include <cstdint>
#include <string_view>

namespace rowtine::http {

/// Walks {"name": "value" | number | true | false | null | [values]} without building anything:
/// each call of next() decodes one name and one value into the caller's memory.
class HeaderJsonReader {
 public:
  enum class Step : uint8_t { Header, End, Malformed };

  explicit HeaderJsonReader(std::string_view json) : rest_(json) {}

  /// Decodes the next header: its name to `out`, its value right behind. `out` needs room for what
  /// is left of the text: decoded JSON is never longer than its source.
  Step next(char* out);

  std::string_view name() const { return name_; }
  std::string_view value() const { return value_; }

 private:
  Step take_value(char* out, bool& has_value);
  bool take_string(char* out, uint32_t& bytes);
  bool take_escape(char* out, uint32_t& bytes);
  bool take_code_point(uint32_t& code_point);
  bool take_literal(std::string_view& literal);
  bool take(char c);
  void skip_blanks();

  std::string_view rest_;
  std::string_view name_;
  std::string_view name_source_;  // the name's JSON string, decoded again for every array element
  std::string_view value_;
  bool is_begun_ = false;
  bool in_array_ = false;
};

}  // namespace rowtine::http
