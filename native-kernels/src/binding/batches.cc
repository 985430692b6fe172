#include "binding/batches.h"

#include <algorithm>
#include <cstring>

#include "expr/utf8.h"
#include "vector/dispatch.h"

namespace rowtine::binding {
namespace {

using vector::PhysicalType;
using vector::StringView;
using vector::Vector;

constexpr int64_t kColumnsMax = 4096;

/// One column on its way in; every function answers false for a mistake or for want of memory.
class Column {
 public:
  Column(Reader& reader, const Napi::Object& object, uint32_t row_count, PhysicalType type,
         Arena& memory)
      : reader_(reader), object_(object), row_count_(row_count), type_(type), memory_(memory) {}

  SqlState read(Vector& out) {
    out = Vector{type_, false, nullptr, nullptr};
    const Napi::Value valid = object_.Get("validity");
    if (!vector::allocate(memory_, type_, row_count_, !valid.IsUndefined(), out)) {
      return kOutOfMemory;
    }
    if (!valid.IsUndefined()) read_bits(valid, "column.validity", out.validity);
    if (!reader_.ok()) return kSuccess;
    if (object_.Get("indices").IsTypedArray()) return read_dictionary(out);
    if (type_ == PhysicalType::String) return read_strings(object_, row_count_, out);
    const std::string layout = reader_.text(object_.Get("layout"), "column.layout");
    if (layout == "bits") {
      read_bools(out);
    } else {
      read_values(out);
    }
    return kSuccess;
  }

 private:
  /// `row_count_` bits from `bitOffset` on, packed from the front.
  void read_bits(const Napi::Value& value, const char* name, uint64_t* out) {
    const auto bytes = reader_.array<uint8_t>(value, name);
    const auto offset = static_cast<uint64_t>(
        reader_.integer(object_.Get("bitOffset"), "column.bitOffset", 0, INT32_MAX));
    if (!reader_.ok()) return;
    if (bytes.size() * 8 < offset + row_count_) {
      return reader_.mistake(std::string(name) + " is too short");
    }
    const uint32_t shift = offset % 8;
    const uint8_t* from = bytes.data() + offset / 8;
    const size_t count = (row_count_ + 7) / 8;
    const auto left = static_cast<size_t>(bytes.data() + bytes.size() - from);
    auto* to = reinterpret_cast<uint8_t*>(out);
    for (size_t i = 0; i < count; ++i) {
      const uint32_t next = i + 1 < left ? from[i + 1] : 0;
      to[i] = static_cast<uint8_t>((from[i] | next << 8) >> shift);
    }
  }

  void read_bools(Vector& out) {
    Vector bits;
    if (!vector::allocate(memory_, PhysicalType::Bool, row_count_, true, bits)) {
      return reader_.mistake("no memory for the column");
    }
    read_bits(object_.Get("values"), "column.values", bits.validity);
    for (uint32_t row = 0; row < row_count_; ++row) {
      out.as<uint8_t>()[row] = get_bit(bits.validity, row);
    }
  }

  void read_values(Vector& out) {
    const auto bytes = reader_.array<uint8_t>(object_.Get("values"), "column.values");
    if (!reader_.ok()) return;
    const size_t wanted = row_count_ * width_of(type_);
    if (bytes.size() < wanted) return reader_.mistake("column.values is too short");
    if (wanted > 0) std::memcpy(out.values, bytes.data(), wanted);
    if (type_ == PhysicalType::Bool) {
      for (uint32_t row = 0; row < row_count_; ++row) out.as<uint8_t>()[row] &= 1;
    }
    if (type_ == PhysicalType::Int64) scale(out);
  }

  /// Times come in several units; the engine's is the microsecond.
  void scale(Vector& out) {
    const int64_t factor =
        reader_.integer(object_.Get("multiplier"), "column.multiplier", -1'000'000, 1'000'000);
    if (!reader_.ok() || factor == 0 || factor == 1) return;
    auto* values = out.as<int64_t>();
    bool overflow = false;
    for (uint32_t row = 0; row < row_count_; ++row) {
      if (factor < 0) {
        const int64_t rest = values[row] % -factor;
        values[row] = values[row] / -factor - (rest < 0 ? 1 : 0);
      } else if (!out.is_null(row)) {
        overflow |= __builtin_mul_overflow(values[row], factor, &values[row]);
      } else {
        values[row] = 0;
      }
    }
    if (overflow) reader_.mistake("a time is out of range");
  }

  template <class T>
  SqlState read_strings_at(std::span<const uint8_t> bytes, std::span<const T> offsets,
                           uint32_t count, bool is_text, Vector& out) {
    if (offsets.size() < count + 1ULL) {
      reader_.mistake("column.offsets is too short");
      return kSuccess;
    }
    auto* copy = static_cast<char*>(memory_.allocate(bytes.size() + vector::kPaddingBytes, 64));
    if (copy == nullptr) return kOutOfMemory;
    if (!bytes.empty()) std::memcpy(copy, bytes.data(), bytes.size());
    auto* views = out.as<StringView>();
    for (uint32_t row = 0; row < count; ++row) {
      views[row] = StringView{};
      const T start = offsets[row], end = offsets[row + 1];
      if (start < 0 || end < start || static_cast<uint64_t>(end) > bytes.size() ||
          end - start > INT32_MAX) {
        reader_.mistake("column.offsets are wrong");
        return kSuccess;
      }
      if (out.is_null(row)) continue;
      views[row] = StringView::of({copy + start, static_cast<size_t>(end - start)});
      if (is_text && !expr::is_utf8_text(views[row].text())) return "22021";
    }
    return kSuccess;
  }

  SqlState read_strings(const Napi::Object& object, uint32_t count, Vector& out) {
    const auto bytes = reader_.array<uint8_t>(object.Get("values"), "column.values");
    const bool is_text = reader_.text(object.Get("layout"), "column.layout") != "bytes";
    const Napi::Value offsets = object.Get("offsets");
    if (!reader_.ok()) return kSuccess;
    if (offsets.IsTypedArray() && offsets.As<Napi::TypedArray>().ElementSize() == 8) {
      return read_strings_at(bytes, reader_.array<int64_t>(offsets, "column.offsets"), count,
                             is_text, out);
    }
    const auto narrow = reader_.array<int32_t>(offsets, "column.offsets");
    return reader_.ok() ? read_strings_at(bytes, narrow, count, is_text, out) : kSuccess;
  }

  /// Indices into strings that are given once.
  SqlState read_dictionary(Vector& out) {
    const auto indices = reader_.array<int32_t>(object_.Get("indices"), "column.indices");
    const auto entries = static_cast<uint32_t>(
        reader_.integer(object_.Get("entries"), "column.entries", 0, kSourceRowsMax));
    if (type_ != PhysicalType::String) reader_.mistake("only strings have dictionaries");
    if (!reader_.ok()) return kSuccess;
    Vector strings;
    if (!vector::allocate(memory_, type_, entries, false, strings)) return kOutOfMemory;
    const SqlState state = read_strings(object_, entries, strings);
    if (!state.ok() || !reader_.ok()) return state;
    if (indices.size() < row_count_) reader_.mistake("column.indices is too short");
    for (uint32_t row = 0; row < row_count_ && reader_.ok(); ++row) {
      const auto index = static_cast<uint32_t>(indices[row]);
      if (out.is_null(row)) {
        out.as<StringView>()[row] = StringView{};
      } else if (index >= entries) {
        reader_.mistake("column.indices has one that names no entry");
      } else {
        out.as<StringView>()[row] = strings.as<StringView>()[index];
      }
    }
    return kSuccess;
  }

  Reader& reader_;
  const Napi::Object& object_;
  uint32_t row_count_;
  PhysicalType type_;
  Arena& memory_;
};

csv::Field read_field(Reader& reader, const Napi::Value& value) {
  const auto object = reader.object(value, "field");
  csv::Field field;
  field.column = static_cast<int32_t>(
      reader.integer(object.Get("column"), "field.column", -1, kColumnsMax));
  const int64_t opcode =
      reader.integer(object.Get("opcode"), "field.opcode", -1, program::kOpcodeCount - 1);
  field.is_text = opcode < 0;
  if (opcode >= 0) field.opcode = static_cast<expr::Opcode>(opcode);
  reader.list(object.Get("immediates"), "field.immediates", [&](const Napi::Value& immediate) {
    field.immediates.push_back(
        reader.integer(immediate, "field.immediates", INT32_MIN, INT32_MAX));
  });
  return field;
}

/// One byte; 0 for the empty text.
char read_byte(Reader& reader, const Napi::Value& value, const char* name) {
  const std::string text = reader.text(value, name);
  if (text.size() > 1) reader.mistake(std::string(name) + " is at most one byte");
  return text.empty() ? '\0' : text[0];
}

}  // namespace

SqlState read_batch(Reader& reader, const Napi::Value& value, uint32_t row_count,
                    table::BatchRelation& relation) {
  const auto types = relation.column_types();
  const Arena::Mark mark = relation.memory().mark();
  std::vector<Vector> columns;
  SqlState state = kSuccess;
  reader.list(value, "columns", [&](const Napi::Value& column) {
    if (columns.size() == types.size()) return reader.mistake("there are more columns than the relation's");
    Vector& out = columns.emplace_back(Vector{types[columns.size()], false, nullptr, nullptr});
    if (column.IsUndefined() || !state.ok()) return;
    const auto object = reader.object(column, "column");
    if (reader.ok()) state = Column(reader, object, row_count, out.type, relation.memory()).read(out);
  });
  if (columns.size() != types.size()) reader.mistake("there are fewer columns than the relation's");
  if (reader.ok() && state.ok()) {
    relation.add(std::move(columns), row_count);
  } else {
    relation.memory().rewind(mark);
  }
  return state;
}

csv::Options read_csv_options(Reader& reader, const Napi::Value& value) {
  const auto object = reader.object(value, "options");
  csv::Options options;
  options.syntax.delimiter = read_byte(reader, object.Get("delimiter"), "options.delimiter");
  options.syntax.quote = read_byte(reader, object.Get("quote"), "options.quote");
  options.syntax.escape = read_byte(reader, object.Get("escape"), "options.escape");
  options.null_text = reader.text(object.Get("nullText"), "options.nullText");
  options.skip_lines = static_cast<uint32_t>(
      reader.integer(object.Get("skipLines"), "options.skipLines", 0, INT32_MAX));
  reader.list(object.Get("fields"), "options.fields", [&](const Napi::Value& field) {
    options.fields.push_back(read_field(reader, field));
  });
  if (options.fields.empty()) reader.mistake("options.fields has at least one");
  return options;
}

Napi::Object write_csv_problem(Napi::Env env, const csv::Problem& problem) {
  static constexpr const char* kKinds[] = {"value",     "missing_field", "extra_field",
                                           "open_quote", "long_line",     "memory"};
  auto out = Napi::Object::New(env);
  out.Set("kind", kKinds[static_cast<size_t>(problem.kind)]);
  out.Set("state", problem.state.text().data());
  out.Set("line", Napi::Number::New(env, static_cast<double>(problem.line)));
  out.Set("field", Napi::Number::New(env, problem.field));
  out.Set("text", Napi::Buffer<char>::Copy(env, problem.text.data(), problem.text.size()));
  return out;
}

}  // namespace rowtine::binding
