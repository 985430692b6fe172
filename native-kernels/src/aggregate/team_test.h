// A team's way through GROUP BY for tests: rows of a number, a text and a value, handed to members
// by turns or by threads, against what a map says.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "aggregate/aggregator.h"
#include "base/check.h"

namespace rowtine::aggregate::test {

using vector::StringView;

struct Row {
  std::optional<int64_t> number;
  std::optional<std::string> text;
  std::optional<int32_t> value;
};

struct Group {
  int64_t rows = 0, counted = 0, sum = 0;
  std::optional<int32_t> least, greatest;
  std::optional<std::string> last_text;
};

using Key = std::pair<std::optional<int64_t>, std::optional<std::string>>;

/// Which columns are grouped by.
enum class Grouping : uint8_t { None, Number, Text, Both };

inline Key key_of(const Row& row, Grouping grouping) {
  Key key;
  if (grouping == Grouping::Number || grouping == Grouping::Both) key.first = row.number;
  if (grouping == Grouping::Text || grouping == Grouping::Both) key.second = row.text;
  return key;
}

inline std::map<Key, Group> expected(std::span<const Row> rows, Grouping grouping) {
  std::map<Key, Group> groups;
  if (grouping == Grouping::None) groups[{}];
  for (const Row& row : rows) {
    Group& group = groups[key_of(row, grouping)];
    ++group.rows;
    if (row.text && (!group.last_text || *group.last_text < *row.text)) group.last_text = row.text;
    if (!row.value) continue;
    ++group.counted;
    group.sum += *row.value;
    group.least = std::min(group.least.value_or(*row.value), *row.value);
    group.greatest = std::max(group.greatest.value_or(*row.value), *row.value);
  }
  return groups;
}

/// Columns number, text, value of some rows.
struct Columns {
  Vector number, text, value;
  bool ok = false;

  Columns(std::span<const Row> rows, Arena& arena) {
    const auto count = static_cast<uint32_t>(rows.size());
    const bool any_null = std::ranges::any_of(rows, [](const Row& row) { return !row.number; });
    ok = vector::allocate(arena, PhysicalType::Int64, count, any_null, number);
    ok = ok && vector::allocate(arena, PhysicalType::String, count, true, text);
    ok = ok && vector::allocate(arena, PhysicalType::Int32, count, true, value);
    if (!ok) return;
    for (uint32_t i = 0; i < count; ++i) {
      number.as<int64_t>()[i] = rows[i].number.value_or(INT64_MAX);
      text.as<StringView>()[i] = rows[i].text ? StringView::of(*rows[i].text) : StringView();
      value.as<int32_t>()[i] = rows[i].value.value_or(-1);
      if (!rows[i].number) clear_bit(number.validity, i);
      if (!rows[i].text) clear_bit(text.validity, i);
      if (!rows[i].value) clear_bit(value.validity, i);
    }
  }
};

/// count(*), count(value), sum(value), min(value), max(value), max(text) by some columns.
class Team {
 public:
  Team(Grouping grouping, uint32_t members, uint64_t seed) : grouping_(grouping) {
    constexpr auto kInt32 = PhysicalType::Int32, kInt64 = PhysicalType::Int64;
    constexpr auto kString = PhysicalType::String;
    declare(Function::CountStar, {}, kInt64);
    declare(Function::Count, {kInt32}, kInt64);
    declare(Function::Sum, {kInt32}, kInt64);
    declare(Function::Min, {kInt32}, kInt32);
    declare(Function::Max, {kInt32}, kInt32);
    declare(Function::Max, {kString}, kString);
    std::vector<PhysicalType> keys;
    if (grouping == Grouping::Number || grouping == Grouping::Both) keys.push_back(kInt64);
    if (grouping == Grouping::Text || grouping == Grouping::Both) keys.push_back(kString);
    layout_ = join::PackedLayout::of(keys, extra_);
    for (Accumulator& each : functions_) each.state_offset += layout_.row_bytes - extra_;
    std::vector<Arena*> arenas;
    for (uint32_t i = 0; i < members; ++i) {
      arenas.push_back(arenas_.emplace_back(std::make_unique<Arena>()).get());
    }
    distinct_.resize(functions_.size());
    const AggregatorSpec spec{&layout_, static_cast<uint32_t>(keys.size()), functions_, distinct_,
                              seed};
    check::expect(spec.is_mergeable(), "threads may share this");
    check::expect(aggregator_.open(spec, arenas), "memory");
  }

  Aggregator& aggregator() { return aggregator_; }

  /// Returns: whether all went well.
  bool add(uint32_t member, std::span<const Row> rows, Arena& scratch) {
    const auto count = static_cast<uint32_t>(rows.size());
    const Columns columns(rows, scratch);
    std::vector<Vector> keys;
    if (has_number()) keys.push_back(columns.number);
    if (has_text()) keys.push_back(columns.text);
    const AggregateInputs value{{&columns.value, 1}, nullptr};
    const AggregateInputs inputs[] = {{{}, nullptr}, value, value,
                                      value,         value, {{&columns.text, 1}, nullptr}};
    const uint8_t stable[] = {0, 0};
    std::vector<uint32_t> errors(count);
    bool any_error = false;
    const bool ok = columns.ok && aggregator_.add(member, keys, inputs, count, stable,
                                                  errors.data(), any_error, scratch);
    scratch.reset();
    return ok && !any_error;
  }

  void compare(const std::map<Key, Group>& wanted) const {
    const uint64_t count = aggregator_.group_count();
    if (!check::expect(count == wanted.size(), "as many groups")) return;
    Arena arena;
    bool same = true;
    for (uint64_t first = 0; first < count; first += kBatch) {
      const auto size = static_cast<uint32_t>(std::min<uint64_t>(kBatch, count - first));
      const uint8_t* rows[kBatch];
      aggregator_.addresses(first, size, rows);
      same = same && compare_batch({rows, size}, wanted, arena);
      arena.reset();
    }
    check::expect(same, "groups as a map has them");
  }

 private:
  static constexpr uint32_t kBatch = 100;
  bool has_number() const { return grouping_ == Grouping::Number || grouping_ == Grouping::Both; }
  bool has_text() const { return grouping_ == Grouping::Text || grouping_ == Grouping::Both; }

  void declare(Function function, std::vector<PhysicalType> arguments, PhysicalType result) {
    Accumulator& each = functions_.emplace_back();
    check::expect(resolve(function, arguments, result, each), "a function");
    each.state_offset = extra_;
    extra_ += each.state_bytes;
  }

  bool compare_batch(std::span<const uint8_t* const> rows, const std::map<Key, Group>& wanted,
                     Arena& arena) const {
    const auto count = static_cast<uint32_t>(rows.size());
    const uint32_t key_count = (has_number() ? 1U : 0U) + (has_text() ? 1U : 0U);
    std::vector<Vector> columns(key_count + functions_.size());
    for (uint32_t column = 0; column < columns.size(); ++column) {
      check::expect(aggregator_.read(column, rows.data(), count, arena, columns[column]), "memory");
    }
    bool same = true;
    for (uint32_t row = 0; row < count; ++row) {
      Key key;
      uint32_t at = 0;
      if (has_number()) key.first = get<int64_t>(columns[at++], row);
      if (has_text()) key.second = get_text(columns[at++], row);
      const auto found = wanted.find(key);
      if (found == wanted.end()) return false;
      const Group& group = found->second;
      same = same && get<int64_t>(columns[at], row) == group.rows &&
             get<int64_t>(columns[at + 1], row) == group.counted &&
             get<int64_t>(columns[at + 2], row).value_or(0) == group.sum &&
             columns[at + 2].is_null(row) == (group.counted == 0) &&
             get<int32_t>(columns[at + 3], row) == group.least &&
             get<int32_t>(columns[at + 4], row) == group.greatest &&
             get_text(columns[at + 5], row) == group.last_text;
    }
    return same;
  }

  template <class T>
  static std::optional<T> get(const Vector& column, uint32_t row) {
    if (column.is_null(row)) return std::nullopt;
    return column.as<T>()[row];
  }
  static std::optional<std::string> get_text(const Vector& column, uint32_t row) {
    if (column.is_null(row)) return std::nullopt;
    return std::string(column.as<StringView>()[row].text());
  }

  Grouping grouping_;
  std::vector<std::unique_ptr<Arena>> arenas_;
  std::vector<Accumulator> functions_;
  std::vector<join::PackedLayout> distinct_;
  join::PackedLayout layout_;
  uint32_t extra_ = 0;
  Aggregator aggregator_;
};

/// Numbers below `domain` (steps of `step`), texts below `texts`, one in ten of each null.
inline std::vector<Row> random_rows(uint32_t count, uint64_t domain, int64_t step, uint32_t texts,
                                    std::mt19937_64& random) {
  std::vector<Row> rows(count);
  for (Row& row : rows) {
    if (random() % 10 != 0) row.number = static_cast<int64_t>(random() % domain) * step;
    if (random() % 10 != 0) {
      row.text = random() % 2 == 0 ? "t" : "a text that is not inline ";
      *row.text += std::to_string(random() % texts);
    }
    if (random() % 5 != 0) row.value = static_cast<int32_t>(random() % 1000) - 500;
  }
  return rows;
}

}  // namespace rowtine::aggregate::test
