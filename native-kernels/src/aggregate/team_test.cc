// Members' groups joined against a map: from no row to more groups than a cache holds, by numbers
// close together and far apart, by short and long texts, and without group columns.
#include <tuple>

#include "aggregate/team_test.h"

namespace rowtine::aggregate::test {
namespace {

constexpr Grouping kGroupings[] = {Grouping::None, Grouping::Number, Grouping::Text,
                                   Grouping::Both};

void check_team(std::span<const Row> rows, Grouping grouping, uint32_t members, uint32_t batch) {
  Team team(grouping, members, members);
  Arena scratch;
  uint32_t turn = 0;
  for (size_t first = 0; first < rows.size(); first += batch) {
    const size_t size = std::min<size_t>(batch, rows.size() - first);
    check::expect(team.add(turn++ % members, rows.subspan(first, size), scratch), "adding");
  }
  team.aggregator().plan();
  for (uint32_t i = 0; i < members; ++i) {
    check::expect(team.aggregator().merge(i) == 0, "merging");
  }
  team.compare(expected(rows, grouping));
}

void check_sizes(std::mt19937_64& random) {
  const struct {
    uint32_t rows;
    uint64_t domain;
    int64_t step;
    uint32_t texts;
  } sizes[] = {{0, 1, 1, 1},        {1, 1, 1, 1},           {40, 3, 1, 2},
               {3000, 50, 1, 5},    {20000, 9000, 1, 4000}, {20000, 9000, 1LL << 40, 3},
               {20000, 20, -7, 200}};
  for (const auto& each : sizes) {
    const auto rows = random_rows(each.rows, each.domain, each.step, each.texts, random);
    for (const Grouping grouping : kGroupings) {
      for (const uint32_t members : {1U, 2U, 4U}) {
        for (const uint32_t batch : {7U, 2048U}) check_team(rows, grouping, members, batch);
      }
    }
  }
}

// Groups found by their number until a key lies far off, and by the hash table from there on.
void check_leaving_numbers(std::mt19937_64& random) {
  auto rows = random_rows(9000, 6000, 1, 3, random);
  for (const auto& [count, domain, step] :
       {std::tuple{3000U, 2000ULL, 1LL << 40}, std::tuple{9000U, 12000ULL, 1LL}}) {
    const auto more = random_rows(count, domain, step, 3, random);
    rows.insert(rows.end(), more.begin(), more.end());
  }
  for (const uint32_t members : {1U, 2U}) {
    for (const uint32_t batch : {7U, 2048U}) check_team(rows, Grouping::Number, members, batch);
  }
}

// Hardly two rows of a key: members stop looking and leave it to the join.
void check_many_groups(std::mt19937_64& random) {
  const auto rows = random_rows(700'000, 1ULL << 40, 1, 3, random);
  check_team(rows, Grouping::Number, 2, 2048);
  const auto twice = random_rows(700'000, 600'000, 1LL << 33, 3, random);
  check_team(twice, Grouping::Number, 2, 2048);
}

// Totals of two members may together leave their type although neither did.
void check_overflow() {
  Accumulator sum;
  const PhysicalType value[] = {PhysicalType::Decimal};
  check::expect(resolve(Function::Sum, value, PhysicalType::Decimal, sum), "sum of decimals");
  const auto layout = join::PackedLayout::of({}, sum.state_bytes);
  sum.state_offset = layout.row_bytes - sum.state_bytes;
  Arena arenas[2], scratch;
  Arena* const owners[] = {&arenas[0], &arenas[1]};
  const join::PackedLayout distinct[1];
  Aggregator aggregator;
  check::expect(aggregator.open({&layout, 0, {&sum, 1}, distinct, 1}, owners), "memory");
  vector::Decimal most = static_cast<vector::Decimal>(~__uint128_t{0} >> 1);
  const Vector column{PhysicalType::Decimal, false, &most, nullptr};
  const AggregateInputs input{{&column, 1}, nullptr};
  for (uint32_t member = 0; member < 2; ++member) {
    uint32_t error = 0;
    bool any_error = false;
    const bool ok = aggregator.add(member, {}, {&input, 1}, 1, nullptr, &error, any_error, scratch);
    check::expect(ok && !any_error, "each total fits");
  }
  aggregator.plan();
  check::expect(aggregator.merge(1) == kNumericValueOutOfRange.packed, "their sum does not");
}

void check_spread() {
  Accumulator spread;
  const PhysicalType value[] = {PhysicalType::Float64};
  check::expect(resolve(Function::VarPop, value, PhysicalType::Float64, spread), "var_pop");
  const auto layout = join::PackedLayout::of({}, spread.state_bytes);
  spread.state_offset = layout.row_bytes - spread.state_bytes;
  Arena arenas[3], scratch;
  Arena* const owners[] = {&arenas[0], &arenas[1], &arenas[2]};
  const join::PackedLayout distinct[1];
  Aggregator aggregator;
  check::expect(aggregator.open({&layout, 0, {&spread, 1}, distinct, 1}, owners), "memory");
  double values[] = {2, 4, 4, 4, 5, 5, 7, 9};  // mean 5, variance 4; the third member has none
  for (uint32_t member = 0; member < 2; ++member) {
    const Vector column{PhysicalType::Float64, false, values + 4 * member, nullptr};
    const AggregateInputs input{{&column, 1}, nullptr};
    uint32_t errors[4] = {};
    bool any_error = false;
    check::expect(aggregator.add(member, {}, {&input, 1}, 4, nullptr, errors, any_error, scratch),
                  "memory");
  }
  aggregator.plan();
  const uint8_t* row = nullptr;
  aggregator.addresses(0, 1, &row);
  Vector out;
  check::expect(aggregator.read(0, &row, 1, scratch, out), "memory");
  check::expect(out.as<double>()[0] == 4, "the variance of all");
}

void check_not_mergeable() {
  const auto of = [](PhysicalType key) { return join::PackedLayout::of({&key, 1}); };
  const auto number = of(PhysicalType::Int64), real = of(PhysicalType::Float64);
  check::expect(AggregatorSpec{&number, 1, {}, {}, 0}.is_mergeable(), "by numbers");
  check::expect(!AggregatorSpec{&real, 1, {}, {}, 0}.is_mergeable(), "not by floats");
  Accumulator first, text;
  const PhysicalType types[] = {PhysicalType::String, PhysicalType::String};
  check::expect(resolve(Function::First, {types, 1}, types[0], first), "first");
  check::expect(resolve(Function::StringAgg, types, types[0], text), "string_agg");
  check::expect(!first.is_mergeable() && !text.is_mergeable(), "not where order counts");
}

}  // namespace
}  // namespace rowtine::aggregate::test

int main() {
  using namespace rowtine::aggregate::test;
  std::mt19937_64 random(17);
  check_sizes(random);
  check_leaving_numbers(random);
  check_many_groups(random);
  check_overflow();
  check_spread();
  check_not_mergeable();
  return rowtine::check::summary();
}
