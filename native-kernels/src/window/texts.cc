// Aggregates that build text over frames: grown while the frame grows, built anew when it moves.
#include <cstring>
#include <string>
#include <string_view>

#include "window/evaluate.h"

namespace rowtine::window {
namespace {

using vector::StringView;

/// As aggregate::kAggregateStringBytesMax.
constexpr size_t kTextBytesMax = 1U << 30;

void append_quoted(std::string& out, std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

class TextFold {
 public:
  explicit TextFold(EvaluateRequest& request) : request_(request) {}

  void run() {
    FrameFinder frames = request_.frames();
    for (uint32_t row = 0; row < request_.partition.count() && request_.error.ok(); ++row) {
      const FrameRows rows = frames.rows_of(row);
      const bool grows = rows.count == 1 && rows.parts[0].first == covered_.first &&
                         rows.parts[0].end >= covered_.end;
      if (!grows) restart(rows.count == 0 ? 0 : rows.parts[0].first);
      for (uint32_t i = 0; i < rows.count; ++i) add(rows.parts[i]);
      give(row);
      if (rows.count > 1) restart(0);
    }
  }

 private:
  void restart(uint32_t first) {
    text_.clear();
    any_ = false;
    covered_ = {first, first};
  }

  void add(Span span) {
    for (uint32_t row = std::max(span.first, covered_.end); row < span.end; ++row) add(row);
    covered_.end = span.end;
  }

  void add(uint32_t row) {
    if (!request_.takes(row) || !request_.error.ok()) return;
    switch (request_.call.function) {
      case Function::StringAgg: add_string(row); break;
      case Function::JsonAgg:
        text_ += any_ ? ", " : "[";
        text_ += text_of(row, 0, "null");
        any_ = true;
        break;
      default: add_member(row);
    }
    if (text_.size() > kTextBytesMax) request_.error = kProgramLimitExceeded;
  }

  void add_string(uint32_t row) {
    if (is_null(row, 0)) return;
    if (any_) text_ += text_of(row, 1, "");
    text_ += text_of(row, 0, "");
    any_ = true;
  }

  void add_member(uint32_t row) {
    if (is_null(row, 0)) {
      request_.error = kInvalidParameterValue;
      return;
    }
    text_ += any_ ? ", " : "{";
    append_quoted(text_, text_of(row, 0, ""));
    text_ += ": ";
    text_ += text_of(row, 1, "null");
    any_ = true;
  }

  bool is_null(uint32_t row, uint32_t argument) const {
    return request_.layout().is_null(request_.partition.row(row),
                                     request_.columns.first_argument + argument);
  }

  std::string text_of(uint32_t row, uint32_t argument, std::string_view if_null) const {
    if (is_null(row, argument)) return std::string(if_null);
    const StringView view = request_.layout().read<StringView>(
        request_.partition.row(row), request_.columns.first_argument + argument);
    return std::string(view.text());
  }

  void give(uint32_t row) {
    if (!any_) return request_.give_null(row);
    const std::string_view close = request_.call.function == Function::StringAgg ? ""
                                   : request_.call.function == Function::JsonAgg ? "]"
                                                                                 : "}";
    const size_t size = text_.size() + close.size();
    auto* bytes = static_cast<char*>(request_.heap.allocate(size + 1, 1));
    if (bytes == nullptr) {
      request_.error = kOutOfMemory;
      return;
    }
    std::memcpy(bytes, text_.data(), text_.size());
    std::memcpy(bytes + text_.size(), close.data(), close.size());
    request_.give(row, StringView::of({bytes, size}));
  }

  EvaluateRequest& request_;
  std::string text_;
  bool any_ = false;
  Span covered_;
};

void fold_texts(EvaluateRequest& request) { TextFold(request).run(); }

}  // namespace

Evaluate text_aggregate_function(const Call& call) {
  const size_t wanted = call.function == Function::JsonAgg ? 1 : 2;
  bool fits = call.arguments.size() == wanted && call.result == PhysicalType::String;
  for (const PhysicalType type : call.arguments) fits = fits && type == PhysicalType::String;
  return fits ? fold_texts : nullptr;
}

}  // namespace rowtine::window
