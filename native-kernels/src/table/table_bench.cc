// What does a table cost per row? Inserts, probes, scans, updates and reclaiming, by size; and what
// a one-row statement costs with everything around it. Each figure is checked by a sum.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "base/invariant.h"
#include "table/table.h"

namespace rowtine::table {
namespace {

using vector::PhysicalType;
using vector::Vector;

/// Processor time: one thread, and other work on the machine is not its own.
double now_ns() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

struct Timer {
  double start = now_ns();
  void report(const char* what, uint64_t count) const {
    std::printf("  %-44s %9.1f ns\n", what, (now_ns() - start) / static_cast<double>(count));
  }
};

constexpr uint32_t kBatch = vector::kBatchRowsMax;

/// items (id bigint unique, name text, amount bigint).
struct Items {
  SequenceClock clock;
  Transaction transaction{clock};
  Table table{{.types = {PhysicalType::Int64, PhysicalType::String, PhysicalType::Int64},
               .indexes = {{{0}, true}}},
              clock};
  std::vector<int64_t> ids = std::vector<int64_t>(kBatch + 8), amounts = ids;
  std::vector<vector::StringView> names = std::vector<vector::StringView>(kBatch + 8);
  std::vector<RowId> row_ids = std::vector<RowId>(kBatch);
  std::vector<InsertOutcome> outcomes = std::vector<InsertOutcome>(kBatch);
  std::vector<uint32_t> states = std::vector<uint32_t>(kBatch), details = states, rows = states;

  void insert(uint32_t count) {
    Vector columns[3] = {{PhysicalType::Int64, false, ids.data(), nullptr},
                         {PhysicalType::String, false, names.data(), nullptr},
                         {PhysicalType::Int64, false, amounts.data(), nullptr}};
    Arena scratch;
    InsertRequest request{.values = columns,
                          .row_count = count,
                          .row_ids = row_ids.data(),
                          .outcomes = outcomes.data(),
                          .states = states.data(),
                          .details = details.data()};
    transaction.begin_statement();
    table.insert(transaction, request, scratch);
    transaction.recycle(transaction.commit());
    invariant(outcomes[count - 1] == InsertOutcome::Inserted, "the rows went in");
  }

  uint32_t probe(uint32_t count) {
    const Vector keys[1] = {{PhysicalType::Int64, false, ids.data(), nullptr}};
    ProbePosition position;
    return table.probe({clock.published()}, 0, keys, count, position, kBatch, rows.data(),
                       row_ids.data());
  }
};

void fill_keys(Items& items, uint32_t from, uint32_t count, const std::vector<int64_t>& keys) {
  static const std::string long_name = "a name that does not fit into its view";
  for (uint32_t i = 0; i < count; ++i) {
    items.ids[i] = keys[from + i];
    items.amounts[i] = keys[from + i] * 2;
    items.names[i] = vector::StringView::of(i % 4 == 0 ? std::string_view(long_name) : "short");
  }
}

void bench_size(uint32_t row_count, bool is_shuffled) {
  std::printf("%u rows, keys %s\n", row_count, is_shuffled ? "shuffled" : "ascending");
  std::vector<int64_t> keys(row_count);
  for (uint32_t i = 0; i < row_count; ++i) keys[i] = i;
  std::mt19937_64 random(1);
  if (is_shuffled) std::ranges::shuffle(keys, random);
  Items items;
  const Timer inserting;
  for (uint32_t i = 0; i < row_count; i += kBatch) {
    const uint32_t count = std::min(kBatch, row_count - i);
    fill_keys(items, i, count, keys);
    items.insert(count);
  }
  inserting.report("insert a row, 2048 per statement", row_count);

  std::ranges::shuffle(keys, random);
  uint64_t found = 0;
  const Timer probing;
  for (uint32_t i = 0; i + kBatch <= row_count; i += kBatch) {
    std::copy_n(keys.begin() + i, kBatch, items.ids.begin());
    found += items.probe(kBatch);
  }
  probing.report("probe a key, 2048 at a time, random", std::max<uint64_t>(1, found));

  const uint32_t singles = std::min(row_count, 200'000U);
  const Timer probing_one;
  for (uint32_t i = 0; i < singles; ++i) {
    items.ids[0] = keys[i];
    found += items.probe(1);
  }
  probing_one.report("probe a key, one at a time, random", singles);

  const std::vector<uint32_t> columns = {0, 2};
  std::vector<Vector> vectors(2);
  int64_t sum = 0;
  const Timer scanning;
  const auto scan = items.table.scan({items.clock.published()}, columns);
  Arena scratch;
  while (const uint32_t n = scan->next(scratch, kBatch, vectors, nullptr).value()) {
    sum += std::accumulate(vectors[1].as<int64_t>(), vectors[1].as<int64_t>() + n, int64_t{0});
  }
  scanning.report("scan and sum a bigint", row_count);
  invariant(sum == int64_t{row_count} * (row_count - 1), "the sum of what was inserted");

  int64_t amount = 0;
  Vector updated[1] = {{PhysicalType::Int64, true, &amount, nullptr}};
  const uint32_t update_columns[1] = {2};
  std::vector<RowId> new_ids(1);
  const Timer updating;
  for (uint32_t i = 0; i < singles; ++i) {
    items.ids[0] = keys[i];
    items.probe(1);
    items.transaction.begin_statement();
    items.table.update(items.transaction, items.row_ids.data(), 1, nullptr, update_columns, updated,
                       false, new_ids.data(), items.states.data(), nullptr, scratch);
    items.transaction.recycle(items.transaction.commit());
    if (i % 64 == 63) items.table.vacuum(items.clock.published(), 128);
  }
  updating.report("find, update, commit and reclaim one row", singles);
  std::printf("  %-44s %9.1f bytes\n", "memory per row",
              static_cast<double>(items.table.memory_bytes()) / row_count);
}

void bench_single_inserts() {
  std::printf("statements of one row\n");
  Items items;
  constexpr uint32_t kCount = 500'000;
  items.names[0] = vector::StringView::of("short");
  const Timer timer;
  for (uint32_t i = 0; i < kCount; ++i) {
    items.ids[0] = i;
    items.insert(1);
  }
  timer.report("begin, insert one row, commit", kCount);
}

}  // namespace
}  // namespace rowtine::table

/// Argument: rows of the largest table (default 100,000; the figures in docs are from 10,000,000).
int main(int argc, char** argv) {
  using namespace rowtine::table;
  const auto largest = static_cast<uint32_t>(argc > 1 ? std::atoi(argv[1]) : 100'000);
  bench_single_inserts();
  for (uint32_t rows = std::min(10'000U, largest); rows <= largest; rows *= 10)
    bench_size(rows, true);
  bench_size(largest, false);
}
