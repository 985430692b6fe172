// Groups of random keys with nulls against a map, from a handful of groups to many, at several
// batch sizes.
#include "aggregate/aggregator.h"

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <string>

#include "base/check.h"

namespace rowtine::aggregate {
namespace {

using vector::StringView;

struct Row {
  std::optional<int64_t> number;
  std::optional<std::string> text;
  std::optional<int32_t> value;
};

struct Group {
  int64_t rows = 0;
  int64_t sum = 0;
  std::map<int32_t, bool> seen;
};

using Key = std::pair<std::optional<int64_t>, std::optional<std::string>>;

std::vector<Row> random_rows(uint32_t count, uint32_t domain, std::mt19937& random) {
  std::vector<Row> rows(count);
  for (Row& row : rows) {
    if (random() % 10 != 0) row.number = static_cast<int64_t>(random() % domain);
    if (random() % 10 != 0) {
      row.text =
          (random() % 2 == 0 ? "t" : "a text that is not inline ") + std::to_string(random() % 3);
    }
    if (random() % 5 != 0) row.value = static_cast<int32_t>(random() % 50);
  }
  return rows;
}

/// Columns number, text, value of rows first .. first + count - 1.
struct Columns {
  Vector vectors[3];

  Columns(std::span<const Row> rows, Arena& arena) {
    const auto count = static_cast<uint32_t>(rows.size());
    constexpr PhysicalType types[] = {PhysicalType::Int64, PhysicalType::String,
                                      PhysicalType::Int32};
    for (size_t i = 0; i < 3; ++i) {
      check::expect(vector::allocate(arena, types[i], count, true, vectors[i]), "memory");
    }
    for (uint32_t i = 0; i < count; ++i) {
      vectors[0].as<int64_t>()[i] = rows[i].number.value_or(-1);
      vectors[1].as<StringView>()[i] = rows[i].text ? StringView::of(*rows[i].text) : StringView();
      vectors[2].as<int32_t>()[i] = rows[i].value.value_or(-1);
      if (!rows[i].number) clear_bit(vectors[0].validity, i);
      if (!rows[i].text) clear_bit(vectors[1].validity, i);
      if (!rows[i].value) clear_bit(vectors[2].validity, i);
    }
  }
};

std::vector<Accumulator> accumulators() {
  std::vector<Accumulator> out(3);
  const PhysicalType value[] = {PhysicalType::Int32};
  check::expect(resolve(Function::CountStar, {}, PhysicalType::Int64, out[0]), "count(*)");
  check::expect(resolve(Function::Sum, value, PhysicalType::Int64, out[1]), "sum");
  check::expect(resolve(Function::Count, value, PhysicalType::Int64, out[2]), "count");
  out[2].distinct = true;
  uint32_t offset = 0;
  for (Accumulator& each : out) {
    each.state_offset = offset;
    offset += each.state_bytes;
  }
  return out;
}

std::map<Key, Group> expected(const std::vector<Row>& rows) {
  std::map<Key, Group> groups;
  for (const Row& row : rows) {
    Group& group = groups[{row.number, row.text}];
    ++group.rows;
    if (!row.value) continue;
    group.sum += *row.value;
    group.seen[*row.value] = true;
  }
  return groups;
}

void compare(const Aggregator& aggregator, const std::map<Key, Group>& wanted) {
  if (!check::expect(aggregator.group_count() == wanted.size(), "as many groups")) return;
  Arena arena;
  bool same = true;
  for (uint64_t i = 0; i < wanted.size(); ++i) {
    const uint8_t* row = nullptr;
    aggregator.addresses(i, 1, &row);
    Vector columns[5];
    for (uint32_t column = 0; column < 5; ++column) {
      check::expect(aggregator.read(column, &row, 1, arena, columns[column]), "memory");
    }
    Key key;
    if (!columns[0].is_null(0)) key.first = columns[0].as<int64_t>()[0];
    if (!columns[1].is_null(0)) key.second = std::string(columns[1].as<StringView>()[0].text());
    const auto group = wanted.find(key);
    if (group == wanted.end()) {
      same = false;
      continue;
    }
    const bool is_empty = group->second.seen.empty();
    same = same && columns[2].as<int64_t>()[0] == group->second.rows &&
           columns[3].is_null(0) == is_empty &&
           (is_empty || columns[3].as<int64_t>()[0] == group->second.sum) &&
           columns[4].as<int64_t>()[0] == static_cast<int64_t>(group->second.seen.size());
    arena.reset();
  }
  check::expect(same, "groups as a map has them");
}

void check_groups(const std::vector<Row>& rows, uint32_t batch, uint64_t seed) {
  const PhysicalType keys[] = {PhysicalType::Int64, PhysicalType::String};
  std::vector<Accumulator> functions = accumulators();
  const uint32_t extra = functions.back().state_offset + functions.back().state_bytes;
  const auto layout = join::PackedLayout::of(keys, extra);
  for (Accumulator& each : functions) each.state_offset += layout.row_bytes - extra;
  const PhysicalType seen[] = {PhysicalType::Int64, PhysicalType::Int32};
  const join::PackedLayout distinct[] = {{}, {}, join::PackedLayout::of(seen)};
  Arena run, scratch;
  Aggregator aggregator;
  Arena* const arenas[] = {&run};
  check::expect(aggregator.open({&layout, 2, functions, distinct, seed}, arenas), "memory");
  const uint8_t stable[] = {0, 0};
  std::vector<uint32_t> errors(batch);
  bool any_error = false;
  for (size_t first = 0; first < rows.size(); first += batch) {
    const size_t size = std::min<size_t>(batch, rows.size() - first);
    const Columns columns(std::span<const Row>(rows).subspan(first, size), scratch);
    const AggregateInputs inputs[] = {
        {{}, nullptr}, {{&columns.vectors[2], 1}, nullptr}, {{&columns.vectors[2], 1}, nullptr}};
    check::expect(aggregator.add(0, {columns.vectors, 2}, inputs, static_cast<uint32_t>(size),
                                 stable, errors.data(), any_error, scratch),
                  "memory");
    scratch.reset();
  }
  check::expect(!any_error, "no row fails");
  compare(aggregator, expected(rows));
}

void check_overflow() {
  Accumulator sum;
  const PhysicalType value[] = {PhysicalType::Decimal};
  check::expect(resolve(Function::Sum, value, PhysicalType::Decimal, sum), "sum of decimals");
  alignas(16) uint8_t state[64] = {};
  vector::Decimal values[] = {static_cast<vector::Decimal>(~__uint128_t{0} >> 1), 1};
  const Vector column{PhysicalType::Decimal, false, values, nullptr};
  const uint32_t rows[] = {0, 1};
  uint8_t* states[] = {state, state};
  uint32_t errors[2] = {};
  Arena heap;
  AddRequest request;
  request.arguments = {&column, 1};
  request.rows = rows;
  request.groups = states;
  request.count = 2;
  request.heap = &heap;
  request.errors = errors;
  sum.add(request);
  check::expect(request.any_error && errors[0] == 0, "the first fits");
  check::expect(errors[1] == kNumericValueOutOfRange.packed, "the second overflows");
}

}  // namespace
}  // namespace rowtine::aggregate

int main() {
  using namespace rowtine::aggregate;
  std::mt19937 random(11);
  const struct {
    uint32_t rows, domain;
  } sizes[] = {{0, 1}, {1, 1}, {50, 3}, {1000, 5}, {20000, 5000}};
  for (const auto& each : sizes) {
    const auto rows = random_rows(each.rows, each.domain, random);
    for (const uint32_t batch : {1U, 3U, 100U, 2048U}) check_groups(rows, batch, batch);
  }
  check_overflow();
  return rowtine::check::summary();
}
