// Rows for tests of tables: columns from plain values, and tables back as text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/invariant.h"
#include "table/relation.h"
#include "table/transaction.h"

namespace rowtine::table {

/// Null, a whole number, or text. (No std::variant: g++ 12 warns about its strings.)
struct Value {
  enum class Kind : uint8_t { Null, Number, Text };
  Kind kind = Kind::Null;
  int64_t number = 0;
  std::string text;

  Value() = default;
  Value(int64_t value) : kind(Kind::Number), number(value) {}  // NOLINT: implicit on purpose
  Value(int value) : kind(Kind::Number), number(value) {}      // NOLINT
  Value(const char* value) : kind(Kind::Text), text(value) {}  // NOLINT
  Value(std::string value) : kind(Kind::Text), text(std::move(value)) {}  // NOLINT
  bool is_null() const { return kind == Kind::Null; }
  bool operator==(const Value&) const = default;
};

/// nullopt: no values (identity).
using ColumnValues = std::optional<std::vector<Value>>;
inline ColumnValues column(std::vector<Value> values) { return values; }

/// Vectors over values it owns.
class Columns {
 public:
  Columns(const std::vector<ColumnValues>& columns, std::span<const vector::PhysicalType> types)
      : texts_(columns) {
    for (size_t i = 0; i < columns.size(); ++i) vectors_.push_back(make(texts_[i], types[i]));
  }
  std::span<vector::Vector> vectors() { return vectors_; }
  std::span<const vector::Vector> vectors() const { return vectors_; }

 private:
  vector::Vector make(const ColumnValues& values, vector::PhysicalType type) {
    vector::Vector out{type, false, nullptr, nullptr};
    if (!values.has_value()) return out;
    vector::allocate(arena_, type, static_cast<uint32_t>(values->size()), true, out);
    for (uint32_t row = 0; row < values->size(); ++row) put((*values)[row], row, out);
    return out;
  }
  static void put(const Value& value, uint32_t row, vector::Vector& out) {
    if (value.kind == Value::Kind::Text) {
      out.as<vector::StringView>()[row] = vector::StringView::of(value.text);
      return;
    }
    if (value.is_null()) clear_bit(out.validity, row);
    const int64_t stored = value.number;
    switch (out.type) {
      case vector::PhysicalType::Int64: out.as<int64_t>()[row] = stored; break;
      case vector::PhysicalType::Int32:
        out.as<int32_t>()[row] = static_cast<int32_t>(stored);
        break;
      case vector::PhysicalType::String: out.as<vector::StringView>()[row] = {}; break;
      default: invariant(false, "tests use bigint, int and text");
    }
  }

  std::vector<ColumnValues> texts_;  // own the long strings
  Arena arena_;
  std::vector<vector::Vector> vectors_;
};

inline std::string text_of(const vector::Vector& vector, uint32_t row) {
  if (vector.is_null(row)) return "null";
  const uint32_t at = vector.index_of(row);
  switch (vector.type) {
    case vector::PhysicalType::Int64: return std::to_string(vector.as<int64_t>()[at]);
    case vector::PhysicalType::Int32: return std::to_string(vector.as<int32_t>()[at]);
    default: return std::string(vector.as<vector::StringView>()[at].text());
  }
}

/// Every visible row as "a|b|c", in scan order.
inline std::vector<std::string> all_rows(Relation& relation, Snapshot snapshot,
                                         uint32_t rows_max = vector::kBatchRowsMax) {
  std::vector<uint32_t> columns(relation.column_types().size());
  for (uint32_t i = 0; i < columns.size(); ++i) columns[i] = i;
  std::vector<std::string> rows;
  std::vector<vector::Vector> vectors(columns.size());
  Arena scratch;
  const std::unique_ptr<Scan> scan = relation.scan(snapshot, columns);
  while (true) {
    const Result<uint32_t> count = scan->next(scratch, rows_max, vectors, nullptr);
    invariant(count.ok() && count.value() <= rows_max, "a scan delivers at most what is asked for");
    if (count.value() == 0) return rows;
    for (uint32_t row = 0; row < count.value(); ++row) {
      std::string text;
      for (const vector::Vector& vector : vectors) {
        text += (text.empty() ? "" : "|") + text_of(vector, row);
      }
      rows.push_back(std::move(text));
    }
    scratch.reset();
  }
}

struct Inserted {
  std::vector<RowId> row_ids;
  std::vector<InsertOutcome> outcomes;
  std::vector<uint32_t> states, details;
};

inline Inserted insert(Relation& relation, Transaction& transaction,
                       const std::vector<ColumnValues>& values, uint32_t row_count,
                       uint32_t conflict = 0, int32_t index = -1, bool once = false) {
  Columns columns(values, relation.column_types());
  Inserted out;
  out.row_ids.resize(row_count);
  out.outcomes.resize(row_count);
  out.states.resize(row_count);
  out.details.resize(row_count);
  Arena scratch;
  InsertRequest request{.values = columns.vectors(),
                        .row_count = row_count,
                        .conflict = conflict,
                        .index = index,
                        .once = once,
                        .row_ids = out.row_ids.data(),
                        .outcomes = out.outcomes.data(),
                        .states = out.states.data(),
                        .details = out.details.data()};
  relation.insert(transaction, request, scratch);
  return out;
}

struct Updated {
  std::vector<RowId> row_ids;
  std::vector<uint32_t> states, details;
};

inline Updated update(Relation& relation, Transaction& transaction, const std::vector<RowId>& rows,
                      const std::vector<uint32_t>& columns, const std::vector<ColumnValues>& values,
                      bool instances) {
  std::vector<vector::PhysicalType> types;
  for (const uint32_t column : columns) types.push_back(relation.column_types()[column]);
  const Columns vectors(values, types);
  const auto count = static_cast<uint32_t>(rows.size());
  Updated out;
  out.row_ids.resize(count);
  out.states.resize(count);
  out.details.resize(count);
  Arena scratch;
  relation.update(transaction, rows.data(), count, nullptr, columns, vectors.vectors(), instances,
                  out.row_ids.data(), out.states.data(), out.details.data(), scratch);
  return out;
}

}  // namespace rowtine::table
