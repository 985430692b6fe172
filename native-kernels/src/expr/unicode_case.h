// Simple case mapping (one character to one): Latin, Greek, Cyrillic, Armenian, Georgian, Coptic,
// enclosed and full-width letters. Mappings to several characters (ß → SS) are left out, as in C.
#pragma once

namespace rowtine::expr {

char32_t to_lower(char32_t code);
char32_t to_upper(char32_t code);

/// A letter, digit or underscore: what \w means, and (underscore aside) what words are made of.
bool is_word_character(char32_t code);

}  // namespace rowtine::expr
