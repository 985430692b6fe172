// UTF-8: checking, counting and stepping over characters. Text in String vectors is valid UTF-8,
// but every function is memory-safe on any bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace rowtine::expr {

/// Is it UTF-8 without surrogates, overlong forms and NUL (which PostgreSQL's text refuses too)?
bool is_utf8_text(std::string_view bytes);

bool is_ascii(std::string_view bytes);

/// Bytes that do not continue a character.
size_t count_characters(std::string_view text);

constexpr bool is_continuation(char c) { return (static_cast<uint8_t>(c) & 0xc0) == 0x80; }

/// Bytes of the character that starts at `at`, cut at the end of the text.
constexpr size_t character_bytes(std::string_view text, size_t at) {
  const auto lead = static_cast<uint8_t>(text[at]);
  const size_t bytes = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  return bytes < text.size() - at ? bytes : text.size() - at;
}

/// Byte offset of character `index` (0-based), or the size when there are fewer.
size_t offset_of_character(std::string_view text, size_t index);

/// The character at `at`; moves `at` behind it.
char32_t read_character(std::string_view text, size_t& at);

/// Writes at most 4 bytes; returns the end. `code` is a Unicode scalar value.
char* write_character(char32_t code, char* to);

}  // namespace rowtine::expr
