#include "table/distinct.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "hash/hash_columns.h"

namespace rowtine::table {
namespace {

uint64_t hash_of(uint64_t number) {
  return hash::hash_bytes(reinterpret_cast<const char*>(&number), sizeof(number));
}

/// All of a small table; of a large one any, so that rows next to each other are met as often as chance
/// has it. Ascending, each once.
std::vector<uint64_t> sampled_slots(uint64_t slots) {
  const bool is_small = slots < 2 * kDistinctSampleRows;
  std::vector<uint64_t> sampled(is_small ? slots : kDistinctSampleRows);
  for (uint64_t i = 0; i < sampled.size(); ++i) sampled[i] = is_small ? i : hash_of(i) % slots;
  std::ranges::sort(sampled);
  const auto repeated = std::ranges::unique(sampled);
  sampled.erase(repeated.begin(), repeated.end());
  return sampled;
}

struct Sample {
  std::vector<uint64_t> hashes;  // of values that are not null
  uint32_t rows = 0;
};

Sample sample_of(Relation& relation, Snapshot snapshot, uint32_t column) {
  Sample sample;
  sample.hashes.reserve(kDistinctSampleRows);
  Arena scratch;
  for (const uint64_t slot : sampled_slots(relation.scan_slots())) {
    const auto scan = relation.scan_range(snapshot, {&column, 1}, slot, slot + 1);
    vector::Vector value;
    const auto rows = scan->next(scratch, 1, {&value, 1}, nullptr);
    if (!rows.ok() || rows.value() == 0) continue;
    ++sample.rows;
    if (!value.is_null(0)) sample.hashes.push_back(hash::hash_row({&value, 1}, 0));
    scratch.reset();
  }
  return sample;
}

}  // namespace

uint64_t estimate_distinct(Relation& relation, Snapshot snapshot, uint32_t column) {
  if (!relation.is_table()) return 0;
  auto [hashes, rows] = sample_of(relation, snapshot, column);
  if (hashes.empty()) return 1;
  std::ranges::sort(hashes);
  double distinct = 0, once = 0;
  for (auto run = hashes.begin(); run != hashes.end();) {
    const auto end = std::find_if(run, hashes.end(), [&](uint64_t each) { return each != *run; });
    distinct += 1;
    once += end - run == 1 ? 1 : 0;
    run = end;
  }
  const auto seen = static_cast<double>(hashes.size());
  const auto all = std::max(seen, static_cast<double>(relation.row_count()) * seen / rows);
  const double estimate = seen * distinct / (seen - once + once * seen / all);
  return static_cast<uint64_t>(std::llround(std::clamp(estimate, distinct, all)));
}

}  // namespace rowtine::table
