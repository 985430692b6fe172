// Fields that users send, as JSON: query strings and the two kinds of form bodies.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace rowtine::http {

/// Fields of one query or form; what has more is no form that a page could make.
inline constexpr uint32_t kFieldsMax = 10'000;

/// Appends {"name": "value", …} of a query string, percent-decoded and with '+' as space. A name
/// that comes n > 1 times has an array of its n values, in order; a name without '=' has "". A '%'
/// that no two hexadecimal digits follow stands for itself. Returns: false, with nothing appended,
/// when there are more than kFieldsMax fields.
bool append_query_json(std::string_view query, std::string& out);

/// Appends the fields of a body whose Content-Type is application/x-www-form-urlencoded or
/// multipart/form-data, as append_query_json() does. A file's value is
/// {"filename": …, "type": …, "bytes": n}.
/// Returns: false, with nothing appended, when the body is no well-formed form.
bool append_form_json(std::string_view head, std::string_view body, std::string& out);

/// Appends `text` with percent-encoding taken out, and '+' as space if it `is_form`.
void append_percent_decoded(std::string_view text, bool is_form, std::string& out);

}  // namespace rowtine::http
