#include "csv/reader.h"

#include <algorithm>
#include <cstring>

#include "base/bits.h"
#include "expr/run_kernel.h"
#include "expr/utf8.h"

namespace rowtine::csv {

using vector::PhysicalType;
using vector::StringView;
using vector::Vector;

namespace {

constexpr size_t kShownBytesMax = 100;

PhysicalType type_of(const Field& field) {
  if (field.is_text) return PhysicalType::String;
  const PhysicalType text = PhysicalType::String;
  expr::Resolved resolved;
  return expr::resolve(field.opcode, {&text, 1}, field.immediates, resolved) ? resolved.result
                                                                            : text;
}

}  // namespace

bool Reader::fits(const Options& options, const table::BatchRelation& relation) {
  const auto types = relation.column_types();
  std::vector<bool> filled(types.size(), false);
  return std::ranges::all_of(options.fields, [&](const Field& field) {
    if (field.column < 0) return true;
    const auto column = static_cast<size_t>(field.column);
    if (column >= types.size() || filled[column]) return false;
    filled[column] = true;
    const PhysicalType text = PhysicalType::String;
    expr::Resolved resolved;
    if (!field.is_text && !expr::resolve(field.opcode, {&text, 1}, field.immediates, resolved)) {
      return false;
    }
    return type_of(field) == types[column];
  });
}

Reader::Reader(Options options, table::BatchRelation& relation)
    : options_(std::move(options)), relation_(&relation) {}

std::optional<Problem> Reader::feed(std::span<const char> bytes, bool is_last) {
  buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
  if (at_start_ && (buffer_.size() >= 3 || is_last)) {
    constexpr char kByteOrderMark[] = {'\xef', '\xbb', '\xbf'};
    if (buffer_.size() >= 3 && std::memcmp(buffer_.data(), kByteOrderMark, 3) == 0) {
      buffer_.erase(buffer_.begin(), buffer_.begin() + 3);
    }
    at_start_ = false;
  }
  if (at_start_) return std::nullopt;
  if (is_last && !buffer_.empty() && buffer_.back() != '\n') buffer_.push_back('\n');
  return read_rows(is_last);
}

std::optional<Problem> Reader::read_rows(bool is_last) {
  find_ends(buffer_, options_.syntax, ends_);
  bounds_.clear();
  rows_ = 0;
  uint32_t start = 0;
  size_t first = 0;
  for (size_t i = 0; i < ends_.after.size(); ++i) {
    if (buffer_[ends_.after[i] - 1] != '\n') continue;
    if (options_.skip_lines > 0) {
      --options_.skip_lines;
    } else if (auto wrong = take_record(first, i + 1 - first, start)) {
      return wrong;
    }
    start = ends_.after[i];
    first = i + 1;
  }
  if (auto wrong = flush()) return wrong;
  if (is_last && ends_.is_open) {
    return problem(Problem::Kind::OpenQuote, "22P04", start, ends_.after.size() - first);
  }
  if (buffer_.size() - start > kRecordBytesMax) {
    return problem(Problem::Kind::LongLine, "54000", start, ends_.after.size() - first);
  }
  line_ += static_cast<uint64_t>(std::count(buffer_.begin(), buffer_.begin() + start, '\n'));
  buffer_.erase(buffer_.begin(), buffer_.begin() + start);
  return std::nullopt;
}

/// `count` separators from `first` on end the record's fields.
std::optional<Problem> Reader::take_record(size_t first, size_t count, uint32_t start) {
  const size_t wanted = options_.fields.size();
  const uint32_t end = ends_.after[first + count - 1];
  const bool is_empty = end - start == 1 || (end - start == 2 && buffer_[start] == '\r');
  if (is_empty && wanted > 1) return std::nullopt;
  if (count != wanted) {
    const auto kind = count < wanted ? Problem::Kind::MissingField : Problem::Kind::ExtraField;
    return problem(kind, "22P04", start, std::min(count, wanted));
  }
  bounds_.push_back(start);
  bounds_.insert(bounds_.end(), ends_.after.begin() + static_cast<ptrdiff_t>(first),
                 ends_.after.begin() + static_cast<ptrdiff_t>(first + count));
  if (++rows_ < vector::kBatchRowsMax) return std::nullopt;
  return flush();
}

std::optional<Problem> Reader::flush() {
  if (rows_ == 0) return std::nullopt;
  std::vector<Vector> columns;
  for (const PhysicalType type : relation_->column_types()) columns.push_back({type});
  for (size_t i = 0; i < options_.fields.size(); ++i) {
    if (options_.fields[i].column < 0) continue;
    scratch_.reset();
    if (auto wrong = read_field(i, columns[static_cast<size_t>(options_.fields[i].column)])) {
      return wrong;
    }
  }
  relation_->add(std::move(columns), rows_);
  bounds_.clear();
  rows_ = 0;
  return std::nullopt;
}

std::optional<Problem> Reader::read_field(size_t index, Vector& out) {
  const Field& field = options_.fields[index];
  const size_t stride = options_.fields.size() + 1;
  const auto out_of_memory = [&] { return problem(Problem::Kind::Memory, kOutOfMemory, 0, index); };
  Arena& memory = relation_->memory();
  Vector text;
  if (!vector::allocate(field.is_text ? memory : scratch_, PhysicalType::String, rows_, true, text)) {
    return out_of_memory();
  }
  uint32_t nulls = 0;
  for (uint32_t row = 0; row < rows_; ++row) {
    StringView& view = text.as<StringView>()[row];
    bool is_null = false;
    if (!field_text(index, row, view, is_null)) return out_of_memory();
    if (is_null) {
      clear_bit(text.validity, row);
      ++nulls;
    } else if (!expr::is_utf8_text(view.text())) {
      return problem(Problem::Kind::Value, "22021", bounds_[row * stride], index);
    }
  }
  if (nulls == 0) text.validity = nullptr;
  if (field.is_text) {
    out = text;
    return table::own_strings(text.as<StringView>(), rows_, memory) ? std::nullopt
                                                                    : std::optional(out_of_memory());
  }
  expr::KernelOutcome outcome;
  const expr::KernelCall call{field.opcode, {&text, 1}, field.immediates, rows_};
  if (!expr::run_kernel(call, memory, kernel_state_, outcome).ok()) return out_of_memory();
  const auto failed = std::ranges::find_if(outcome.states, [](uint32_t state) { return state != 0; });
  if (failed != outcome.states.end()) {
    const auto row = static_cast<size_t>(failed - outcome.states.begin());
    return problem(Problem::Kind::Value, SqlState(*failed), bounds_[row * stride], index);
  }
  out = outcome.result;
  // A kernel may give an argument's validity or string on.
  if (out.validity != nullptr && out.validity == text.validity) {
    const size_t bytes = bitmap_words(rows_) * sizeof(uint64_t);
    out.validity = static_cast<uint64_t*>(memory.allocate(bytes + vector::kPaddingBytes, 64));
    if (out.validity == nullptr) return out_of_memory();
    std::memcpy(out.validity, text.validity, bytes);
  }
  if (out.type == PhysicalType::String &&
      !table::own_strings(out.as<StringView>(), rows_, memory)) {
    return out_of_memory();
  }
  return std::nullopt;
}

/// The field of a row of the batch as it is meant. Returns: false when memory is out.
bool Reader::field_text(size_t field, uint32_t row, StringView& out, bool& is_null) {
  const size_t stride = options_.fields.size() + 1;
  const uint32_t* bounds = &bounds_[row * stride + field];
  std::string_view raw(buffer_.data() + bounds[0], bounds[1] - 1 - bounds[0]);
  const bool is_last = field + 1 == options_.fields.size();
  if (is_last && !raw.empty() && raw.back() == '\r') raw.remove_suffix(1);
  const char quote = options_.syntax.quote;
  const bool is_quoted = ends_.has_quotes && raw.find(quote) != std::string_view::npos;
  if (!is_quoted) {
    is_null = raw == options_.null_text;
    out = is_null ? StringView{} : StringView::of(raw);
    return true;
  }
  const bool is_plain = raw.size() >= 2 && raw.front() == quote && raw.find(quote, 1) == raw.size() - 1 &&
                        (options_.syntax.escape == quote ||
                         raw.find(options_.syntax.escape) == std::string_view::npos);
  if (!is_plain) return unquoted(raw, out);
  out = StringView::of(raw.substr(1, raw.size() - 2));
  return true;
}

/// Takes quotes and escapes away, as PostgreSQL does: a quote anywhere opens or closes.
bool Reader::unquoted(std::string_view raw, StringView& out) {
  auto* text = static_cast<char*>(scratch_.allocate(raw.size() + 1, 1));
  if (text == nullptr) return false;
  const auto [delimiter, quote, escape] = options_.syntax;
  bool inside = false;
  size_t size = 0;
  for (size_t i = 0; i < raw.size(); ++i) {
    const bool escapes = inside && raw[i] == escape && i + 1 < raw.size() &&
                         (raw[i + 1] == quote || raw[i + 1] == escape);
    if (escapes) {
      text[size++] = raw[++i];
    } else if (raw[i] == quote) {
      inside = !inside;
    } else {
      text[size++] = raw[i];
    }
  }
  out = StringView::of({text, size});
  return true;
}

/// `start` is where the record starts in the buffer.
Problem Reader::problem(Problem::Kind kind, SqlState state, uint32_t start, size_t field) const {
  Problem out;
  out.kind = kind;
  out.state = state;
  out.field = static_cast<uint32_t>(field);
  out.line = line_ + static_cast<uint64_t>(
                         std::count(buffer_.begin(), buffer_.begin() + start, '\n'));
  if (kind != Problem::Kind::Value) return out;
  size_t at = start;
  const auto end = std::ranges::lower_bound(ends_.after, start + 1);
  if (field > 0) at = *(end + static_cast<ptrdiff_t>(field) - 1);
  const size_t stop = *(end + static_cast<ptrdiff_t>(field)) - 1;
  out.text.assign(buffer_.data() + at, std::min(stop - at, kShownBytesMax));
  return out;
}

}  // namespace rowtine::csv
