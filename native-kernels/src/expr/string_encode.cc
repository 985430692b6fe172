// Text in other clothes: code points, digests, hex and base64, HTML, URLs and SQL quotes.
#include <array>

#include "expr/apply.h"
#include "expr/ascii.h"
#include "expr/families.h"
#include "expr/md5.h"
#include "expr/quote.h"
#include "expr/text_rows.h"
#include "expr/text_writer.h"
#include "expr/utf8.h"

namespace rowtine::expr {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void ascii(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  auto* out = result.as<int32_t>();
  each_row(context, arguments, result, [&](uint32_t row) {
    const std::string_view text = text_at(arguments[0], row);
    size_t at = 0;
    out[row] = text.empty() ? 0 : static_cast<int32_t>(read_character(text, at));
  });
}

void chr(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  write_texts(context, arguments, result, [&](uint32_t row, TextWriter& writer) -> SqlState {
    const int32_t code = value_at<int32_t>(arguments[0], row);
    const bool surrogate = code >= 0xd800 && code < 0xe000;
    if (code <= 0 || code > 0x10ffff || surrogate) return kProgramLimitExceeded;
    char bytes[4];
    const char* end = write_character(static_cast<char32_t>(code), bytes);
    writer.append({bytes, static_cast<size_t>(end - bytes)});
    return kSuccess;
  });
}

void append_hex(uint8_t byte, TextWriter& writer) {
  const char digits[2] = {kHexDigits[byte >> 4], kHexDigits[byte & 15]};
  writer.append({digits, 2});
}

void md5_text(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  write_texts(context, arguments, result, [&](uint32_t row, TextWriter& writer) {
    for (const uint8_t byte : md5(text_at(arguments[0], row))) append_hex(byte, writer);
    return kSuccess;
  });
}

/// PostgreSQL breaks base64 into lines of 76 characters.
void encode_base64(std::string_view bytes, TextWriter& writer) {
  constexpr size_t kBytesPerLine = 57;
  for (size_t at = 0; at < bytes.size(); at += 3) {
    if (at > 0 && at % kBytesPerLine == 0) writer.append('\n');
    const size_t count = std::min<size_t>(3, bytes.size() - at);
    uint32_t group = 0;
    for (size_t i = 0; i < 3; ++i) {
      group = group << 8 | (i < count ? static_cast<uint8_t>(bytes[at + i]) : 0U);
    }
    char text[4];
    for (size_t i = 0; i < 4; ++i) text[i] = i <= count ? kBase64[group >> (18 - 6 * i) & 63] : '=';
    writer.append({text, 4});
  }
}

int digit_in(std::string_view digits, char c) {
  const size_t found = digits.find(c);
  return found == digits.npos ? -1 : static_cast<int>(found);
}

bool is_blank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

bool decode_base64(std::string_view text, TextWriter& writer) {
  uint32_t group = 0;
  int count = 0, padding = 0;
  for (const char c : text) {
    if (is_blank(c)) continue;
    const int digit = c == '=' ? 0 : digit_in(kBase64, c);
    if (digit < 0 || (c == '=' && count < 2) || (c != '=' && padding > 0)) return false;
    padding += c == '=';
    group = group << 6 | static_cast<uint32_t>(digit);
    if (++count < 4) continue;
    for (int i = 0; i < 3 - padding; ++i) writer.append(static_cast<char>(group >> (16 - 8 * i)));
    group = 0;
    count = 0;
  }
  return count == 0;
}

bool decode_hex(std::string_view text, TextWriter& writer) {
  int high = -1;
  for (const char c : text) {
    if (is_blank(c) && high < 0) continue;
    const int digit = hex_value(c);
    if (digit < 0) return false;
    if (high < 0) {
      high = digit;
      continue;
    }
    writer.append(static_cast<char>(high << 4 | digit));
    high = -1;
  }
  return high < 0;
}

void encode(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  write_texts(context, arguments, result, [&](uint32_t row, TextWriter& writer) -> SqlState {
    const std::string_view bytes = text_at(arguments[0], row), form = text_at(arguments[1], row);
    if (form == "base64") {
      encode_base64(bytes, writer);
    } else if (form == "hex") {
      for (const char c : bytes) append_hex(static_cast<uint8_t>(c), writer);
    } else {
      return kInvalidParameterValue;
    }
    return kSuccess;
  });
}

void decode(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  write_texts(context, arguments, result, [&](uint32_t row, TextWriter& writer) -> SqlState {
    const std::string_view text = text_at(arguments[0], row), form = text_at(arguments[1], row);
    const bool decoded =
        form == "base64" ? decode_base64(text, writer) : form == "hex" && decode_hex(text, writer);
    return decoded ? kSuccess : kInvalidParameterValue;
  });
}

void html_escape(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  write_texts(context, arguments, result, [&](uint32_t row, TextWriter& writer) {
    constexpr std::string_view kSpecial = "&<>\"'";
    constexpr std::string_view kEntities[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
    std::string_view text = text_at(arguments[0], row);
    for (size_t at; (at = text.find_first_of(kSpecial)) != text.npos;) {
      writer.append(text.substr(0, at));
      writer.append(kEntities[kSpecial.find(text[at])]);
      text.remove_prefix(at + 1);
    }
    writer.append(text);
    return kSuccess;
  });
}

/// RFC 3986, 2.3.
bool is_unreserved(char c) {
  const char lower = ascii_lower(c);
  return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
         c == '_' || c == '~';
}

void url_encode(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  write_texts(context, arguments, result, [&](uint32_t row, TextWriter& writer) {
    constexpr std::string_view kUpperHex = "0123456789ABCDEF";
    for (const char c : text_at(arguments[0], row)) {
      const auto byte = static_cast<uint8_t>(c);
      const char escape[3] = {'%', kUpperHex[byte >> 4], kUpperHex[byte & 15]};
      if (is_unreserved(c)) {
        writer.append(c);
      } else {
        writer.append({escape, 3});
      }
    }
    return kSuccess;
  });
}

SqlState append_url_decoded(std::string_view text, TextWriter& writer) {
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      writer.append(text[at] == '+' ? ' ' : text[at]);
      continue;
    }
    if (text.size() - at < 3) return kInvalidParameterValue;
    const int high = hex_value(text[at + 1]);
    const int low = hex_value(text[at + 2]);
    if (high < 0 || low < 0) return kInvalidParameterValue;
    writer.append(static_cast<char>(high << 4 | low));
    at += 2;
  }
  return is_utf8_text(writer.text()) ? kSuccess : kCharacterNotInRepertoire;
}

void url_decode(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  auto* out = result.as<StringView>();
  TextWriter writer(context);
  each_row(context, arguments, result, [&](uint32_t row) {
    const SqlState state = append_url_decoded(text_at(arguments[0], row), writer);
    if (!state.ok()) {
      fail(context, row, state);
      writer.truncate(0);  // a failed row still holds valid UTF-8
    }
    out[row] = writer.finish(row);
  });
}

template <void (*kQuote)(std::string_view, TextWriter&)>
void quote(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  write_texts(context, arguments, result, [&](uint32_t row, TextWriter& writer) {
    kQuote(text_at(arguments[0], row), writer);
    return kSuccess;
  });
}

}  // namespace

KernelFunction string_encode_kernel(Opcode opcode, Types) {
  switch (opcode) {
    case Opcode::Ascii: return ascii;
    case Opcode::Chr: return chr;
    case Opcode::Md5: return md5_text;
    case Opcode::Encode: return encode;
    case Opcode::Decode: return decode;
    case Opcode::HtmlEscape: return html_escape;
    case Opcode::UrlEncode: return url_encode;
    case Opcode::UrlDecode: return url_decode;
    case Opcode::QuoteLiteral: return quote<quote_literal>;
    case Opcode::QuoteIdent: return quote<quote_ident>;
    default: return nullptr;
  }
}

}  // namespace rowtine::expr
