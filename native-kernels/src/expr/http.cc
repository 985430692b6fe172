// The columns of http_requests that are computed only where a query reads them.
#include <string>

#include "expr/apply.h"
#include "expr/families.h"
#include "expr/text_writer.h"
#include "http/form_json.h"
#include "http/header_json.h"

namespace rowtine::expr {
namespace {

/// A kernel whose row appends JSON to `out`; false makes the row null.
template <class Append>
void json_rows(KernelContext& context, std::span<const Vector> arguments, Vector& result,
               Append append) {
  TextWriter writer(context);
  std::string json;  // one buffer for the batch
  auto* out = result.as<StringView>();
  each_row(context, arguments, result, [&](uint32_t row) {
    json.clear();
    const bool appended = append(row, json);
    if (appended) writer.append(json);
    out[row] = writer.finish(row);
    if (!appended) set_null(result, row);
  });
}

template <void (*kAppend)(std::string_view, std::string&)>
void head_json(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  json_rows(context, arguments, result, [&](uint32_t row, std::string& json) {
    kAppend(text_at(arguments[0], row), json);
    return true;
  });
}

/// A query of more fields than http::kFieldsMax fails its row: it must not look like an empty one.
void query_json(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  json_rows(context, arguments, result, [&](uint32_t row, std::string& json) {
    const bool appended = http::append_query_json(text_at(arguments[0], row), json);
    if (!appended) fail(context, row, kProgramLimitExceeded);
    return appended;
  });
}

/// A body that is no form has no fields: null.
void form_json(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  json_rows(context, arguments, result, [&](uint32_t row, std::string& json) {
    return http::append_form_json(text_at(arguments[0], row), text_at(arguments[1], row), json);
  });
}

}  // namespace

KernelFunction http_kernel(Opcode opcode, Types) {
  switch (opcode) {
    case Opcode::HttpHeadersJson: return head_json<http::append_headers_json>;
    case Opcode::HttpCookiesJson: return head_json<http::append_cookies_json>;
    case Opcode::HttpQueryJson: return query_json;
    case Opcode::HttpFormJson: return form_json;
    default: return nullptr;
  }
}

}  // namespace rowtine::expr
