// Lower, upper and initcap. ASCII text is mapped in one vectorised pass.
#include "expr/families.h"
#include "expr/text_rows.h"
#include "expr/unicode_case.h"
#include "expr/utf8.h"

namespace rowtine::expr {
namespace {

template <bool kUpper>
struct MapAscii {
  static void run(const char* from, size_t count, char* to) {
    for (size_t i = 0; i < count; ++i) {
      const char c = from[i];
      const bool changes = kUpper ? c >= 'a' && c <= 'z' : c >= 'A' && c <= 'Z';
      to[i] = static_cast<char>(c ^ (changes ? 32 : 0));
    }
  }
};

void append_character(char32_t code, TextWriter& writer) {
  if (char* to = writer.reserve(4)) {
    writer.advance(static_cast<size_t>(write_character(code, to) - to));
  }
}

template <bool kUpper>
void map_text(std::string_view text, TextWriter& writer) {
  if (is_ascii(text)) {
    if (char* to = writer.reserve(text.size())) {
      simd::run<MapAscii<kUpper>>(text.data(), text.size(), to);
      writer.advance(text.size());
    }
    return;
  }
  for (size_t at = 0; at < text.size();) {
    const char32_t code = read_character(text, at);
    append_character(kUpper ? to_upper(code) : to_lower(code), writer);
  }
}

void map_words(std::string_view text, TextWriter& writer) {
  bool in_word = false;
  for (size_t at = 0; at < text.size();) {
    const char32_t code = read_character(text, at);
    append_character(in_word ? to_lower(code) : to_upper(code), writer);
    in_word = code != '_' && is_word_character(code);
  }
}

template <void (*kMap)(std::string_view, TextWriter&)>
void mapping_kernel(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  write_texts(context, arguments, result, [&](uint32_t row, TextWriter& writer) {
    kMap(text_at(arguments[0], row), writer);
  });
}

}  // namespace

KernelFunction string_case_kernel(Opcode opcode, Types) {
  switch (opcode) {
    case Opcode::Lower: return mapping_kernel<map_text<false>>;
    case Opcode::Upper: return mapping_kernel<map_text<true>>;
    case Opcode::Initcap: return mapping_kernel<map_words>;
    default: return nullptr;
  }
}

}  // namespace rowtine::expr
