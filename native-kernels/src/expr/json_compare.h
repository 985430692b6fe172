// Equality and containment of JSON values in place, and the normal form of numbers.
#pragma once

#include <string_view>

#include "expr/text_writer.h"

namespace rowtine::expr {

/// Is `value` the JSON string that means `text`?
bool is_json_string(std::string_view value, std::string_view text);

/// Does `left` contain `right` as PostgreSQL's @> defines it? Both are without spaces around.
/// Complexity: at most the product of their sizes.
bool json_contains(std::string_view left, std::string_view right);

/// Appends a number so that equal numbers give equal text: 1.0, 1 and 10e-1 are all 1.
void normalise_json_number(std::string_view number, TextWriter& writer);

/// Do two JSON numbers have the same value?
bool json_numbers_equal(std::string_view left, std::string_view right);

}  // namespace rowtine::expr
