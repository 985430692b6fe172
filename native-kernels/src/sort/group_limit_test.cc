// A limit of each group keeps every row that row_number() or rank() may want, and drops most of
// the others.
#include "sort/group_limit.h"

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <vector>

#include "base/check.h"
#include "vector/vector.h"

namespace rowtine::sort {
namespace {

struct Row {
  int32_t group;
  int64_t order;  // null where below 0
};

struct Case {
  const char* name;
  uint32_t rows, groups, orders, batch;
  GroupLimitSpec spec;
  bool drops;  // more than half
};

const Case kCases[] = {
    {"two of ties", 20000, 50, 20, 300, {1, 2, true}, true},
    {"two and their ties", 20000, 50, 1000, 300, {1, 2, false}, true},
    {"one", 20000, 1, 1U << 30, 77, {1, 1, true}, true},
    {"many groups", 200000, 40000, 1U << 30, 2048, {1, 1, true}, true},
    {"by both keys", 20000, 20, 20, 1, {2, 3, true}, true},
    {"most allowed", 3000, 3, 1000, 500, {1, kGroupRowsMax, false}, true},
    {"no reduction", 1300000, 1U << 30, 10, 2048, {1, 2, true}, false},
};

std::vector<Row> random_rows(const Case& each, std::mt19937& random) {
  std::vector<Row> rows(each.rows);
  for (Row& row : rows) {
    row.group = static_cast<int32_t>(random() % each.groups);
    row.order = random() % 17 == 0 ? -1 : static_cast<int64_t>(random() % each.orders);
  }
  return rows;
}

/// Rows that the limit keeps.
std::vector<uint32_t> kept_rows(const Case& each, std::span<const Row> rows) {
  const SortKey keys[] = {{PhysicalType::Int32, true, false}, {PhysicalType::Int64, false, true}};
  const KeyLayout layout = KeyLayout::of(keys, 0);
  check::expect(GroupLimitSpec::is_possible(layout, each.spec.key_count, each.spec.row_count),
                each.name);
  Arena run, scratch;
  GroupLimit limit;
  limit.open(each.spec, layout, run);
  std::vector<uint32_t> kept;
  for (uint32_t first = 0; first < rows.size(); first += each.batch) {
    const auto count = std::min(each.batch, static_cast<uint32_t>(rows.size()) - first);
    Vector columns[2];
    bool ok = vector::allocate(scratch, PhysicalType::Int32, count, false, columns[0]) &&
              vector::allocate(scratch, PhysicalType::Int64, count, true, columns[1]);
    if (!check::expect(ok, "memory")) return kept;
    std::vector<uint32_t> selected(count);
    for (uint32_t i = 0; i < count; ++i) {
      const Row& row = rows[first + i];
      columns[0].as<int32_t>()[i] = row.group;
      columns[1].as<int64_t>()[i] = row.order;
      if (row.order < 0) clear_bit(columns[1].validity, i);
      selected[i] = i;
    }
    std::vector<uint8_t> normalised(size_t{count} * layout.bytes + 8);
    normalise_keys(layout, columns, count, layout.bytes, normalised.data());
    const uint32_t size = limit.select(normalised.data(), selected.data(), count, scratch);
    for (uint32_t i = 0; i < size; ++i) kept.push_back(first + selected[i]);
    scratch.reset();
  }
  return kept;
}

void test_case(const Case& each, std::mt19937& random) {
  const std::vector<Row> rows = random_rows(each, random);
  const std::vector<uint32_t> kept = kept_rows(each, rows);
  check::expect(std::ranges::is_sorted(kept), each.name);
  const std::set<uint32_t> known(kept.begin(), kept.end());
  check::expect(known.size() == kept.size(), each.name);
  check::expect((kept.size() * 2 < rows.size()) == each.drops, each.name);
  std::map<std::pair<int64_t, int64_t>, std::vector<uint32_t>> groups;
  for (uint32_t i = 0; i < rows.size(); ++i) {
    groups[{rows[i].group, each.spec.key_count == 2 ? rows[i].order : 0}].push_back(i);
  }
  bool has_all = true;
  for (auto& [key, members] : groups) {
    std::ranges::stable_sort(members, {}, [&rows](uint32_t row) { return rows[row].order; });
    const size_t last = std::min<size_t>(members.size(), each.spec.row_count) - 1;
    for (size_t i = 0; i < members.size(); ++i) {
      const bool is_tie = rows[members[i]].order == rows[members[last]].order;
      if (i <= last || (is_tie && !each.spec.drops_ties)) has_all = has_all && known.contains(members[i]);
    }
  }
  check::expect(has_all, each.name);
}

void test_what_is_possible() {
  const SortKey keys[] = {{PhysicalType::Uuid, false, false}, {PhysicalType::Uuid, false, false}};
  const KeyLayout layout = KeyLayout::of(keys, 0);
  check::expect(GroupLimitSpec::is_possible(layout, 1, 1), "one long key");
  check::expect(!GroupLimitSpec::is_possible(layout, 2, 1), "keys longer than a group's");
  check::expect(!GroupLimitSpec::is_possible(layout, 3, 1), "more keys than there are");
  check::expect(!GroupLimitSpec::is_possible(layout, 0, 1), "no key");
  check::expect(!GroupLimitSpec::is_possible(layout, 1, kGroupRowsMax + 1), "too many rows");
  const SortKey text[] = {{PhysicalType::String, false, false}};
  check::expect(!GroupLimitSpec::is_possible(KeyLayout::of(text, 0), 1, 1), "a string");
}

}  // namespace
}  // namespace rowtine::sort

int main() {
  std::mt19937 random(11);
  for (const auto& each : rowtine::sort::kCases) rowtine::sort::test_case(each, random);
  rowtine::sort::test_what_is_possible();
  return rowtine::check::summary();
}
