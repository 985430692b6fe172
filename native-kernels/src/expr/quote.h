// Quoting of SQL strings and names, as PostgreSQL's quote_literal and quote_ident do it.
#pragma once

#include <string_view>

#include "expr/text_writer.h"

namespace rowtine::expr {

void quote_literal(std::string_view text, TextWriter& writer);
void quote_ident(std::string_view name, TextWriter& writer);

}  // namespace rowtine::expr
