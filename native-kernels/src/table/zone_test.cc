// Zones: ranks and ranges of values, and that a scan which passes over blocks never misses a row that
// its snapshot sees, whatever was inserted, updated, erased, taken back and reclaimed before.
#include "table/zone.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "base/check.h"
#include "table/table.h"
#include "table/test_rows.h"

namespace rowtine::table {
namespace {

using check::expect;
using vector::PhysicalType;

constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

bool same(const ValueRange& a, const ValueRange& b) { return a.low == b.low && a.high == b.high; }

void test_ranks() {
  const __int128 wide = __int128{kMax} * 4;
  const __int128 values[] = {wide, -wide, 12, -3};
  expect(rank_of(PhysicalType::Decimal, &values[0]) == kMax, "a large decimal has the last rank");
  expect(rank_of(PhysicalType::Decimal, &values[1]) == kMin, "a small one the first");
  expect(rank_of(PhysicalType::Decimal, &values[3]) == -3, "others their own");
  const uint64_t validity = 0b1101;
  expect(same(range_of(PhysicalType::Decimal, values + 2, 2, nullptr, 0), {-3, 12}), "decimals");
  expect(same(range_of(PhysicalType::Decimal, values + 1, 2, &validity, 1), {12, 12}),
         "a null is passed over");
  const int16_t small[] = {5, -7, 30'000};
  expect(same(range_of(PhysicalType::Int16, small, 3, nullptr, 0), {-7, 30'000}), "smallint");
  expect(same(range_of(PhysicalType::Int16, small, 3, &validity, 0), {5, 30'000}), "no null");
  expect(range_of(PhysicalType::Int16, small, 1, &validity, 1).is_empty(), "nulls alone");
  expect(range_of(PhysicalType::Int64, small, 0, nullptr, 0).is_empty(), "no rows");
  expect(!has_ranks(PhysicalType::Float64) && !has_ranks(PhysicalType::String), "no numbers");
}

void test_zones() {
  Zone zone;
  expect(zone.range().is_empty(), "zeroes are an empty zone");
  zone.widen({});
  expect(zone.range().is_empty(), "nothing widens nothing");
  zone.widen({3, 5});
  expect(same(zone.range(), {3, 5}), "the first range");
  zone.widen({-9, 4});
  expect(same(zone.range(), {-9, 5}), "ranges grow");
  zone.widen({kMin, kMax});
  expect(same(zone.range(), kAllValues), "up to all values");
}

struct Found {
  std::vector<int64_t> values;  // that lie in the range, ascending
  uint64_t skipped = 0;
};

Found scan(Table& table, Snapshot snapshot, uint32_t column, const ValueRange& range,
           bool is_narrowed, uint32_t rows_max) {
  Found found;
  Arena scratch;
  vector::Vector out;
  const std::unique_ptr<Scan> scan = table.scan(snapshot, {&column, 1});
  if (is_narrowed) scan->narrow(column, range);
  while (const uint32_t count = scan->next(scratch, rows_max, {&out, 1}, nullptr).value()) {
    for (uint32_t row = 0; row < count; ++row) {
      if (out.is_null(row)) continue;
      const int64_t value = rank_of(out.type, static_cast<std::byte*>(out.values) +
                                                  row * vector::width_of(out.type));
      if (range.low <= value && value <= range.high) found.values.push_back(value);
    }
  }
  std::ranges::sort(found.values);
  found.skipped = scan->skipped();
  return found;
}

/// (at bigint, kind int), without keys unless `is_keyed`.
TableDefinition definition(bool is_keyed) {
  TableDefinition definition{.types = {PhysicalType::Int64, PhysicalType::Int32}};
  if (is_keyed) definition.indexes = {{{1}, false}};
  return definition;
}

void append(Table& table, Transaction& transaction, int64_t first, uint32_t count) {
  std::vector<Value> at, kinds;
  for (uint32_t i = 0; i < count; ++i) {
    at.emplace_back(first + i);
    kinds.push_back(i % 7 == 0 ? Value() : Value(static_cast<int64_t>(i % 5)));
  }
  transaction.begin_statement();
  insert(table, transaction, {at, kinds}, count);
  transaction.commit();
}

void test_ordered() {
  SequenceClock clock;
  Table table(definition(false), clock);
  Transaction transaction(clock);
  for (int64_t first = 0; first < 100'000; first += 2'000) append(table, transaction, first, 2'000);
  const Snapshot snapshot{clock.published()};
  const ValueRange range{50'000, 50'100};
  const Found found = scan(table, snapshot, 0, range, true, 2048);
  expect(found.values.size() == 101, "every row of the range");
  expect(found.skipped >= 100'000 - 2 * kBlockRows, "all blocks but those that it lies in");
  expect(scan(table, snapshot, 0, {200'000, kMax}, true, 2048).skipped == 100'000, "past the end");
  expect(scan(table, snapshot, 1, {0, 9}, true, 2048).skipped == 0, "in every block");
  expect(std::abs(table.share_within(snapshot, 0, {25'000, 49'999}) - 0.25) < 0.02, "a quarter");
  expect(table.share_within(snapshot, 0, {-5, -1}) == 0, "nothing");
  expect(table.share_within(snapshot, 0, {kMin, kMax}) == 1, "everything");
  expect(table.share_within(snapshot, 0, {70, 60}) == 0, "an empty range");
  const double zeroes = table.share_within(snapshot, 1, {0, 0});
  expect(zeroes > 0.1 && zeroes < 0.4, "a kind, from rows that were looked at");
}

/// Random changes, and narrowed scans beside whole ones under every snapshot that is held.
class Changes {
 public:
  Changes(uint32_t seed, bool is_keyed) : random_(seed), table_(definition(is_keyed), clock_) {}

  void run(int steps) {
    for (int i = 0; i < steps; ++i) {
      transaction_.begin_statement();
      if (below(3) == 0) add(1 + below(3'000)); else change();
      if (below(6) == 0) transaction_.rollback(); else transaction_.commit();
      if (below(3) == 0) held_.push_back(clock_.published());
      if (below(3) == 0 && !held_.empty()) held_.erase(held_.begin());
      if (below(2) == 0) table_.vacuum(horizon(), 5'000);
      check();
    }
  }

 private:
  uint32_t below(uint32_t n) { return static_cast<uint32_t>(random_() % n); }
  Sequence horizon() const { return held_.empty() ? clock_.published() : held_.front(); }
  int64_t value() { return below(8) == 0 ? below(1'000'000) : next_++; }

  void add(uint32_t count) {
    std::vector<Value> at, kinds;
    for (uint32_t i = 0; i < count; ++i) {
      at.push_back(below(20) == 0 ? Value() : Value(value()));
      kinds.emplace_back(static_cast<int64_t>(below(50)));
    }
    insert(table_, transaction_, {at, kinds}, count);
  }

  void change() {
    std::vector<RowId> rows;
    std::vector<RowId> ids(2048);
    Arena scratch;
    uint32_t column = 0;
    vector::Vector out;
    const std::unique_ptr<Scan> all = table_.scan(transaction_.snapshot(), {&column, 1});
    while (const uint32_t n = all->next(scratch, 2048, {&out, 1}, ids.data()).value()) {
      for (uint32_t i = 0; i < n; ++i) if (below(9) == 0) rows.push_back(ids[i]);
    }
    if (rows.empty()) return;
    if (below(2) == 0) {
      std::vector<uint32_t> states(rows.size());
      table_.erase(transaction_, rows.data(), static_cast<uint32_t>(rows.size()), nullptr, false,
                   states.data());
      return;
    }
    std::vector<Value> values;
    for (size_t i = 0; i < rows.size(); ++i) values.emplace_back(value());
    update(table_, transaction_, rows, {0}, {values}, false);
  }

  void check() {
    std::vector<Sequence> snapshots = held_;
    snapshots.push_back(clock_.published());
    for (const Sequence sequence : snapshots) {
      const auto low = static_cast<int64_t>(below(static_cast<uint32_t>(next_) + 1));
      const ValueRange range{low, low + below(500)};
      const uint32_t rows_max = 1 + below(2048);
      const Found whole = scan(table_, {sequence}, 0, range, false, rows_max);
      const Found narrowed = scan(table_, {sequence}, 0, range, true, rows_max);
      expect(whole.values == narrowed.values, "no row of the range is missed");
      skipped_ += narrowed.skipped;
    }
  }

 public:
  uint64_t skipped_ = 0;

 private:
  std::mt19937 random_;
  SequenceClock clock_;
  Table table_;
  Transaction transaction_{clock_};
  std::vector<Sequence> held_;
  int64_t next_ = 0;
};

void test_changes() {
  uint64_t skipped = 0;
  for (uint32_t seed = 1; seed <= 8; ++seed) {
    Changes changes(seed, seed % 2 == 0);
    changes.run(30);
    skipped += changes.skipped_;
  }
  expect(skipped > 0, "some blocks were passed over");
}

}  // namespace
}  // namespace rowtine::table

int main() {
  using namespace rowtine::table;
  test_ranks();
  test_zones();
  test_ordered();
  test_changes();
  return rowtine::check::summary();
}
