// Hash tables of every kind of key against a plain list: which pairs a probe gives, which rows stay
// unmatched, for teams of one to four, with nulls, duplicates, skew and dense keys.
#include "join/hash_table.h"

#include <algorithm>
#include <barrier>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>

#include "base/check.h"
#include "join/prober.h"

namespace rowtine::join::test {
namespace {

using vector::StringView;

constexpr PhysicalType kInt16 = PhysicalType::Int16, kInt32 = PhysicalType::Int32,
                       kInt64 = PhysicalType::Int64, kString = PhysicalType::String,
                       kFloat64 = PhysicalType::Float64;

/// A row of either side: what all its keys are made of, and its number.
struct Row {
  std::optional<int64_t> key;
  int64_t number;
  bool null_payload = false;
};

struct Shape {
  const char* name;
  std::vector<PhysicalType> keys;
  bool is_split = false;  // the first key holds the lowest bit, the second the rest; else all are equal
};

int64_t part_of(const Shape& shape, size_t column, int64_t key) {
  if (!shape.is_split) return key;
  return column == 0 ? key & 1 : key >> 1;
}

std::string text_of(int64_t key) {
  return key % 2 == 0 ? std::to_string(key) : "a text that is not inline " + std::to_string(key);
}

void set_value(Vector& column, uint32_t at, int64_t key) {
  switch (column.type) {
    case PhysicalType::Int16: column.as<int16_t>()[at] = static_cast<int16_t>(key); break;
    case PhysicalType::Int32: column.as<int32_t>()[at] = static_cast<int32_t>(key); break;
    case PhysicalType::Float64: column.as<double>()[at] = static_cast<double>(key); break;
    default: column.as<int64_t>()[at] = key; break;
  }
}

/// Columns of some rows: the keys, then the number.
struct Columns {
  Columns(const Shape& shape, std::span<const Row> rows, bool with_validity) {
    texts.reserve(rows.size() * shape.keys.size());
    const auto count = static_cast<uint32_t>(rows.size());
    std::vector<PhysicalType> types = shape.keys;
    types.push_back(kInt64);
    for (size_t c = 0; c < types.size(); ++c) {
      Vector& column = columns.emplace_back();
      vector::allocate(arena, types[c], count, with_validity, column);
      const bool is_key = c + 1 < types.size();
      for (uint32_t i = 0; i < count; ++i) {
        const Row& row = rows[i];
        const bool is_null = is_key ? !row.key.has_value() : row.null_payload;
        if (is_null) clear_bit(column.validity, i);
        if (column.type == kString) {
          texts.push_back(is_null ? "" : text_of(*row.key));
          column.as<StringView>()[i] = StringView::of(texts.back());
        } else {
          set_value(column, i, is_key ? part_of(shape, c, row.key.value_or(7)) : row.number);
        }
      }
    }
  }
  Arena arena;
  std::vector<std::string> texts;
  std::vector<Vector> columns;
};

bool any_null(std::span<const Row> rows) {
  return std::ranges::any_of(rows, [](const Row& row) { return !row.key || row.null_payload; });
}

struct Case {
  Shape shape;
  std::vector<Row> build, probe;
  uint32_t members = 1;
  bool keep_null_keys = false;
  uint32_t batch_rows = 2048;
};

/// The table under test with what it lives on.
struct Fixture {
  explicit Fixture(const Case& given) : test(given) {
    std::vector<PhysicalType> types = test.shape.keys;
    types.push_back(kInt64);
    layout = PackedLayout::of(types);
    table.open(layout,
               {static_cast<uint32_t>(test.shape.keys.size()), test.keep_null_keys, test.members, 99},
               run);
  }

  void build_share(uint32_t member, std::barrier<>& barrier) {
    Arena scratch;
    const std::vector<uint8_t> stable(layout.types.size(), 0);
    const size_t batch = test.batch_rows;
    for (size_t first = member * batch; first < test.build.size();
         first += batch * test.members) {
      const auto rows = std::span(test.build).subspan(first);
      const auto part = rows.first(std::min(batch, rows.size()));
      const Columns columns(test.shape, part, any_null(part));
      const auto count = static_cast<uint32_t>(part.size());
      if (!table.append(member, columns.columns, count, stable.data(), scratch)) is_ok = false;
    }
    barrier.arrive_and_wait();
    for (;;) {
      if (member == 0) more = table.plan();
      barrier.arrive_and_wait();
      if (!more) return;
      table.build();
      barrier.arrive_and_wait();
    }
  }

  void build() {
    std::barrier<> barrier(test.members);
    std::vector<std::thread> threads;
    for (uint32_t member = 1; member < test.members; ++member) {
      threads.emplace_back([&, member] { build_share(member, barrier); });
    }
    build_share(0, barrier);
    for (std::thread& thread : threads) thread.join();
  }

  int64_t number_of(const uint8_t* row) const {
    Arena arena;
    Vector out;
    const auto column = static_cast<uint32_t>(test.shape.keys.size());
    gather_column(table.layout(), column, &row, 1, arena, out);
    return out.is_null(0) ? -1 : out.as<int64_t>()[0];
  }

  const Case& test;
  PackedLayout layout;
  Arena run;
  HashTable table;
  bool more = true;
  std::atomic<bool> is_ok{true};
};

using Pair = std::pair<int64_t, int64_t>;

std::vector<Pair> probed(Fixture& fixture) {
  const Case& test = fixture.test;
  std::vector<Pair> out;
  uint32_t rows[vector::kBatchRowsMax];
  const uint8_t* packed[vector::kBatchRowsMax];
  for (size_t first = 0; first < test.probe.size(); first += test.batch_rows) {
    const auto part = std::span(test.probe).subspan(first);
    const auto batch = part.first(std::min<size_t>(test.batch_rows, part.size()));
    const Columns columns(test.shape, batch, any_null(batch));
    const auto count = static_cast<uint32_t>(batch.size());
    Arena arena;
    Prober prober(fixture.table, std::span(columns.columns).first(test.shape.keys.size()), count);
    check::expect(prober.open(arena), "a batch is probed");
    while (prober.finished_rows() < count) {
      const uint32_t found = prober.next(nullptr, {rows, packed, vector::kBatchRowsMax});
      for (uint32_t i = 0; i < found; ++i) {
        if (test.keep_null_keys) fixture.table.set_matched(packed[i]);
        out.emplace_back(batch[rows[i]].number, fixture.number_of(packed[i]));
      }
    }
  }
  return out;
}

std::vector<Pair> wanted_pairs(const Case& test) {
  std::vector<std::pair<int64_t, int64_t>> by_key;
  for (const Row& row : test.build) {
    if (row.key) by_key.emplace_back(*row.key, row.null_payload ? -1 : row.number);
  }
  std::ranges::stable_sort(by_key, {}, &Pair::first);
  std::vector<Pair> out;
  for (const Row& row : test.probe) {
    if (!row.key) continue;
    for (const Pair& each : std::ranges::equal_range(by_key, *row.key, {}, &Pair::first)) {
      out.emplace_back(row.number, each.second);
    }
  }
  return out;
}

std::vector<int64_t> numbers_at(const Fixture& fixture, bool only_unmatched) {
  std::vector<int64_t> out;
  const uint8_t* rows[100];
  const uint64_t places = fixture.table.place_count();
  for (uint64_t first = 0; first < places; first += 100) {
    const auto count = static_cast<uint32_t>(std::min<uint64_t>(100, places - first));
    const uint32_t found = fixture.table.rows_at(first, count, only_unmatched, rows);
    for (uint32_t i = 0; i < found; ++i) out.push_back(fixture.number_of(rows[i]));
  }
  std::ranges::sort(out);
  return out;
}

std::vector<int64_t> wanted_numbers(const Case& test, bool only_unmatched) {
  std::vector<int64_t> keys, out;
  for (const Row& row : test.probe) {
    if (row.key) keys.push_back(*row.key);
  }
  std::ranges::sort(keys);
  for (const Row& row : test.build) {
    const bool matched = row.key && std::ranges::binary_search(keys, *row.key);
    const bool kept = test.keep_null_keys || row.key;
    if (kept && !(only_unmatched && matched)) out.push_back(row.null_payload ? -1 : row.number);
  }
  std::ranges::sort(out);
  return out;
}

/// The same test again on one object shows that open() forgets.
void check_case(const Case& test) {
  Fixture fixture(test);
  fixture.build();
  const char* name = test.shape.name;
  check::expect(fixture.is_ok && fixture.table.ok(), name);
  std::vector<Pair> found = probed(fixture), wanted = wanted_pairs(test);
  if (test.members > 1) {
    std::ranges::sort(found);
    std::ranges::sort(wanted);
  }
  if (!check::expect(found == wanted, name)) {
    std::printf("  %s: build %zu, probe %zu, members %u, nulls %d: %zu pairs, wanted %zu\n", name,
                test.build.size(), test.probe.size(), test.members, test.keep_null_keys,
                found.size(), wanted.size());
  }
  check::expect(numbers_at(fixture, false) == wanted_numbers(test, false), "all rows are there");
  if (!test.keep_null_keys) return;
  check::expect(numbers_at(fixture, true) == wanted_numbers(test, true), "unmatched rows");
}

// ---- keys -------------------------------------------------------------------------------------

enum class Keys { Dense, DenseTwice, Sparse, Hundred, Skew, Extremes, OneKey };

int64_t key_of(Keys keys, int64_t i, int64_t count, bool narrow) {
  switch (keys) {
    case Keys::Dense: return i - 5;
    case Keys::DenseTwice: return i / 2 * 3;
    case Keys::Sparse: return narrow ? i * 7 - 15'000 : i * 1'000'003 - 77;
    case Keys::Hundred: return i % std::max<int64_t>(1, count / 100) * (narrow ? 9 : 90'001);
    case Keys::Skew: return i % 2 == 0 ? 42 : i * (narrow ? 5 : 12'345);
    case Keys::Extremes:
      return i == 0 ? (narrow ? INT16_MIN : INT64_MIN) : i == 1 ? (narrow ? INT16_MAX : INT64_MAX)
                                                                : i * 3;
    case Keys::OneKey: break;
  }
  return 7;
}

std::vector<Row> rows_with(Keys keys, int64_t count, bool narrow, bool nulls,
                           std::mt19937& random) {
  std::vector<Row> rows;
  for (int64_t i = 0; i < count; ++i) {
    Row row{key_of(keys, i, count, narrow), i};
    if (nulls && random() % 5 == 0) row.key.reset();
    row.null_payload = nulls && random() % 6 == 0;
    rows.push_back(row);
  }
  std::ranges::shuffle(rows, random);
  return rows;
}

/// Half of them meet a row, half lie beside.
std::vector<Row> probe_rows(const std::vector<Row>& build, size_t count, bool nulls,
                            std::mt19937& random) {
  std::vector<Row> rows;
  for (size_t i = 0; i < count; ++i) {
    Row row{0, static_cast<int64_t>(i)};
    if (!build.empty()) row.key = build[random() % build.size()].key.value_or(3);
    if (random() % 2 == 0) {
      row.key = static_cast<int64_t>(static_cast<uint64_t>(*row.key) + random() % 3);
    }
    if (nulls && random() % 5 == 0) row.key.reset();
    rows.push_back(row);
  }
  return rows;
}

bool is_narrow(const Shape& shape) {
  return std::ranges::any_of(shape.keys,
                             [](PhysicalType type) { return type == kInt16 || type == kInt32; });
}

/// Keys as the columns hold them.
void wrap(const Shape& shape, std::vector<Row>& rows) {
  const bool is_short = std::ranges::count(shape.keys, kInt16) > 0;
  for (Row& row : rows) {
    if (row.key && is_short) row.key = static_cast<int16_t>(*row.key);
    if (row.key && is_narrow(shape)) row.key = static_cast<int32_t>(*row.key);
    if (row.key && std::ranges::count(shape.keys, kFloat64) > 0) row.key = *row.key % (1LL << 50);
  }
}

void check_shape(const Shape& shape, std::mt19937& random) {
  const Keys all[] = {Keys::Dense, Keys::DenseTwice, Keys::Sparse, Keys::Hundred,
                      Keys::Skew,  Keys::Extremes,   Keys::OneKey};
  for (const Keys keys : all) {
    for (const int64_t count : {0, 1, 2, 70, 3000}) {
      // Nobody waits for the square of three thousand.
      if (keys == Keys::OneKey && count > 70) continue;
      for (const bool nulls : {false, true}) {
        Case test{shape, rows_with(keys, count, is_narrow(shape), nulls, random), {}};
        wrap(shape, test.build);
        test.probe = probe_rows(test.build, keys == Keys::Skew ? 40 : 500, nulls, random);
        wrap(shape, test.probe);
        test.keep_null_keys = nulls;
        test.members = 1;
        for (const uint32_t batch : {2048U, 37U}) {
          test.batch_rows = batch;
          check_case(test);
        }
        test.batch_rows = 64;
        for (uint32_t members = 2; members <= 4; ++members) {
          test.members = members;
          check_case(test);
        }
      }
    }
  }
}

void check_representation(std::mt19937& random) {
  const Shape shape{"one integer", {kInt64}};
  const struct {
    Keys keys;
    bool slots, hashes;
  } wanted[] = {{Keys::Dense, true, false},   {Keys::Sparse, true, false},
                {Keys::DenseTwice, false, false}, {Keys::Hundred, false, true},
                {Keys::Extremes, false, true}};
  for (const auto& each : wanted) {
    const Case test{shape, rows_with(each.keys, 200'000, false, false, random), {}};
    Fixture fixture(test);
    fixture.build();
    check::expect(fixture.table.has_slots() == each.slots, "slots where keys are unique");
    if (each.slots) continue;
    check::expect(fixture.table.runs().has_hashes() == each.hashes, "keys number dense slots");
    check::expect(fixture.table.runs().is_exact(), "integers are compared as runs are read");
  }
}

/// Probes of which few, one or none lie between the smallest and the largest key.
void check_outside(PhysicalType type, std::mt19937& random) {
  const Shape shape{"outside", {type}};
  Case test{shape, rows_with(Keys::Sparse, 2000, true, false, random), {}};
  const int64_t ends[] = {-15'000, 1999 * 7 - 15'000};
  for (const int64_t far : {int64_t{1}, int64_t{50'000}, int64_t{2'000'000'000}}) {
    test.probe.clear();
    for (int64_t i = 0; i < 4000; ++i) {
      const int64_t key = i % 97 == 0 ? ends[i % 2] : i % 2 == 0 ? ends[0] - far : ends[1] + far;
      test.probe.push_back({i < 3000 ? key : ends[1] + 1, i});
      if (i % 89 == 0) test.probe.back().key.reset();
    }
    for (const uint32_t batch : {2048U, 5U}) {
      test.batch_rows = batch;
      check_case(test);
    }
  }
}

void check_limit() {
  std::mt19937 random(3);
  const Case test{{"limit", {kInt64}}, rows_with(Keys::Sparse, 5000, false, false, random), {}};
  Fixture fixture(test);
  fixture.run.set_bytes_max(1000);
  fixture.build();
  check::expect(!fixture.table.ok(), "a table that finds no room says so");
}

}  // namespace
}  // namespace rowtine::join::test

int main() {
  using namespace rowtine::join::test;
  std::mt19937 random(11);
  const Shape shapes[] = {{"int16", {kInt16}},
                          {"int32", {kInt32}},
                          {"int64", {kInt64}},
                          {"text", {kString}},
                          {"float64", {kFloat64}},
                          {"int64, text", {kInt64, kString}},
                          {"int32, int64", {kInt32, kInt64}},
                          {"two int16", {kInt16, kInt16}, true},
                          {"two int32", {kInt32, kInt32}, true},
                          {"two int64", {kInt64, kInt64}, true},
                          {"three int64", {kInt64, kInt64, kInt64}}};
  for (const Shape& shape : shapes) check_shape(shape, random);
  check_representation(random);
  for (const auto type : {rowtine::vector::PhysicalType::Int32, rowtine::vector::PhysicalType::Int64}) {
    check_outside(type, random);
  }
  check_limit();
  return rowtine::check::summary();
}
