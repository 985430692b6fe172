// Which bytes may stand where in a request: one table, from RFC 9110 §5.6 and RFC 9112 §3.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace rowtine::http {

enum ByteClass : uint8_t {
  kTokenByte = 1,   // methods, header names, extension names
  kTargetByte = 2,  // a request target
  kHexByte = 4,
  kDigitByte = 8,
  kControlByte = 16,  // never inside a line: controls but HTAB, and DEL
  kHostByte = 32,     // a host by name, without port
};

constexpr std::array<uint8_t, 256> make_byte_classes() {
  std::array<uint8_t, 256> table{};
  const auto mark = [&table](std::string_view bytes, uint8_t bit) {
    for (const char c : bytes) table[static_cast<uint8_t>(c)] |= bit;
  };
  for (unsigned c = 0; c < 256; ++c) {
    const bool digit = c >= '0' && c <= '9';
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (digit) table[c] |= kDigitByte;
    if (digit || letter) table[c] |= kTokenByte | kHostByte;
    if (digit || (letter && (c | 0x20) <= 'f')) table[c] |= kHexByte;
    if ((c < 0x20 && c != '\t') || c == 0x7f) table[c] |= kControlByte;
    // Browsers send []{}|\^` raw in targets; quotes, angle brackets and fragments nobody does.
    if (c > 0x20 && c < 0x7f && c != '"' && c != '#' && c != '<' && c != '>') {
      table[c] |= kTargetByte;
    }
  }
  mark("!#$%&'*+-.^_`|~", kTokenByte);
  // RFC 3986 reg-name without the comma, which only a merged, duplicated Host would contain.
  mark("-._~%!$&'()*+;=", kHostByte);
  return table;
}

inline constexpr std::array<uint8_t, 256> kByteClasses = make_byte_classes();

constexpr bool is_byte(char c, uint8_t classes) {
  return (kByteClasses[static_cast<uint8_t>(c)] & classes) != 0;
}

/// Whether every byte of `text` is of one of `classes`; true for an empty text.
constexpr bool all_bytes(std::string_view text, uint8_t classes) {
  for (const char c : text) {
    if (!is_byte(c, classes)) return false;
  }
  return true;
}

constexpr bool is_token(std::string_view text) {
  return !text.empty() && all_bytes(text, kTokenByte);
}

constexpr char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

/// Compares ASCII text with `lower`, which is in lower case.
constexpr bool equals_lower(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (to_lower(text[i]) != lower[i]) return false;
  }
  return true;
}

/// Whether `name`, a token of exactly sizeof(lower) - 1 bytes (at least 4), is `lower` in any case.
/// Words that overlap instead of a loop; setting bit 5 folds case and no two token bytes into one
/// that matters ('-' has the bit set already).
template <size_t N>
inline bool is_name(const char* name, const char (&lower)[N]) {
  constexpr size_t kBytes = N - 1;
  using Word = std::conditional_t<(kBytes >= 8), uint64_t, uint32_t>;
  constexpr Word kFold = static_cast<Word>(0x2020202020202020ULL);
  Word difference = 0;
  for (size_t at = 0; at < kBytes; at += sizeof(Word)) {
    const size_t from = at + sizeof(Word) <= kBytes ? at : kBytes - sizeof(Word);
    Word a, b;
    std::memcpy(&a, name + from, sizeof(Word));
    std::memcpy(&b, lower + from, sizeof(Word));
    difference |= (a | kFold) ^ b;
  }
  return difference == 0;
}

/// Without the optional white space (SP, HTAB) around it.
constexpr std::string_view trim(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

/// Cuts the next element off a comma-separated list, trimmed; empty elements are returned too.
constexpr std::string_view next_element(std::string_view& list) {
  const size_t comma = list.find(',');
  const std::string_view element = trim(list.substr(0, comma));
  list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
  return element;
}

}  // namespace rowtine::http
