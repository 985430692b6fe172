// Walking JSON text in place: no tree is built, values are slices of the text. All but
// validate_json() expect valid JSON and are memory-safe, though meaningless, on anything else.
#pragma once

#include <cstdint>
#include <string_view>

#include "expr/text_writer.h"

namespace rowtine::expr {

/// Containers inside containers at most.
inline constexpr uint32_t kJsonDepthMax = 1024;

enum class JsonKind : uint8_t { Object, Array, String, Number, Bool, Null };

/// Is `text` one JSON value (RFC 8259) with spaces around it, no deeper than kJsonDepthMax?
bool validate_json(std::string_view text);

/// `text` without the spaces around it.
std::string_view trim_json(std::string_view text);

/// Of a value without spaces around it.
JsonKind json_kind(std::string_view value);

/// A string's content between the quotes, escapes as they are.
std::string_view json_string_content(std::string_view value);

/// Does a string's content, unescaped, equal `text`?
bool json_content_equals(std::string_view content, std::string_view text);

/// Orders two contents by the text they mean: negative, zero or positive.
int compare_json_contents(std::string_view left, std::string_view right);

/// Appends a string's content unescaped. Returns: false for \u0000, which text cannot hold.
bool unescape_json(std::string_view content, TextWriter& writer);

/// Appends `text` in quotes, escaped.
void quote_json(std::string_view text, TextWriter& writer);

/// Appends the string of a content with its escapes in their shortest form.
void requote_json(std::string_view content, TextWriter& writer);

/// The members of an object in their order: `while (members.next()) … members.key, members.value`.
class JsonMembers {
 public:
  explicit JsonMembers(std::string_view object);
  bool next();

  std::string_view key;  // content, escapes as they are
  std::string_view value;

 private:
  const char* at_;
  const char* end_;
};

/// The elements of an array in their order.
class JsonElements {
 public:
  explicit JsonElements(std::string_view array);
  bool next();

  std::string_view value;

 private:
  const char* at_;
  const char* end_;
};

/// The member named `key` (the last of several). Returns: false when there is none or it is no
/// object.
bool find_member(std::string_view object, std::string_view key, std::string_view& value);

/// The element at `index`, negative from the end. Returns: false when there is none or it is no
/// array.
bool find_element(std::string_view array, int64_t index, std::string_view& value);

}  // namespace rowtine::expr
