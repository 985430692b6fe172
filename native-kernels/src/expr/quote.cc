#include "expr/quote.h"

#include <algorithm>

namespace rowtine::expr {
namespace {

/// Reserved words and those that cannot name a column: sorted.
constexpr std::string_view kReserved[] = {
    "all",
    "analyse",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "asymmetric",
    "authorization",
    "between",
    "bigint",
    "binary",
    "bit",
    "boolean",
    "both",
    "case",
    "cast",
    "char",
    "character",
    "check",
    "coalesce",
    "collate",
    "collation",
    "column",
    "concurrently",
    "constraint",
    "create",
    "cross",
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "dec",
    "decimal",
    "default",
    "deferrable",
    "desc",
    "distinct",
    "do",
    "else",
    "end",
    "except",
    "exists",
    "extract",
    "false",
    "fetch",
    "float",
    "for",
    "foreign",
    "freeze",
    "from",
    "full",
    "grant",
    "greatest",
    "group",
    "grouping",
    "having",
    "ilike",
    "in",
    "initially",
    "inner",
    "inout",
    "int",
    "integer",
    "intersect",
    "interval",
    "into",
    "is",
    "isnull",
    "join",
    "lateral",
    "leading",
    "least",
    "left",
    "like",
    "limit",
    "localtime",
    "localtimestamp",
    "national",
    "natural",
    "nchar",
    "none",
    "normalize",
    "not",
    "notnull",
    "null",
    "nullif",
    "numeric",
    "offset",
    "on",
    "only",
    "or",
    "order",
    "out",
    "outer",
    "overlaps",
    "overlay",
    "placing",
    "position",
    "precision",
    "primary",
    "real",
    "references",
    "returning",
    "right",
    "row",
    "select",
    "session_user",
    "setof",
    "similar",
    "smallint",
    "some",
    "substring",
    "symmetric",
    "table",
    "tablesample",
    "then",
    "time",
    "timestamp",
    "to",
    "trailing",
    "treat",
    "trim",
    "true",
    "union",
    "unique",
    "user",
    "using",
    "values",
    "varchar",
    "variadic",
    "verbose",
    "when",
    "where",
    "window",
    "with",
    "xmlattributes",
    "xmlconcat",
    "xmlelement",
    "xmlexists",
    "xmlforest",
};
static_assert(std::ranges::is_sorted(kReserved));

void append_doubled(std::string_view text, char quote, TextWriter& writer) {
  for (const char c : text) {
    if (c == quote) writer.append(quote);
    writer.append(c);
  }
}

bool is_plain_name(std::string_view name) {
  const auto starts = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  if (name.empty() || !starts(name[0])) return false;
  return std::ranges::all_of(name, [&](char c) { return starts(c) || (c >= '0' && c <= '9'); });
}

}  // namespace

void quote_literal(std::string_view text, TextWriter& writer) {
  const bool escapes = text.find('\\') != text.npos;
  if (escapes) writer.append(" E");
  writer.append('\'');
  for (const char c : text) {
    if (c == '\'' || c == '\\') writer.append(c);
    writer.append(c);
  }
  writer.append('\'');
}

void quote_ident(std::string_view name, TextWriter& writer) {
  if (is_plain_name(name) && !std::ranges::binary_search(kReserved, name)) {
    return writer.append(name);
  }
  writer.append('"');
  append_doubled(name, '"', writer);
  writer.append('"');
}

}  // namespace rowtine::expr
