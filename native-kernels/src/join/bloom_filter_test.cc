// A Bloom filter never forgets a key, says "maybe" to few others, and is the same whoever fills it.
#include "join/bloom_filter.h"

#include <thread>
#include <vector>

#include "base/check.h"
#include "hash/hash_columns.h"

namespace rowtine::join {
namespace {

constexpr uint32_t kBatch = 1024;

std::vector<uint64_t> hashes_from(int64_t first, uint32_t count) {
  std::vector<int64_t> keys(count);
  for (uint32_t i = 0; i < count; ++i) keys[i] = first + i;
  const vector::Vector column{vector::PhysicalType::Int64, false, keys.data(), nullptr};
  std::vector<uint64_t> hashes(count);
  hash::hash_columns({&column, 1}, count, hashes.data(), 5);
  return hashes;
}

uint64_t selected(const BloomFilter& filter, int64_t first, int64_t count) {
  uint64_t total = 0;
  uint32_t rows[kBatch];
  for (int64_t at = 0; at < count; at += kBatch) {
    const auto size = static_cast<uint32_t>(std::min<int64_t>(kBatch, count - at));
    total += filter.select(hashes_from(first + at, size).data(), size, rows);
  }
  return total;
}

void check_keys(int64_t count, uint32_t threads) {
  Arena arena;
  BloomFilter filter;
  check::expect(filter.open(static_cast<uint64_t>(count), arena), "there is room");
  check::expect(selected(filter, 0, 5000) == 0, "an empty filter drops all");
  const auto add_share = [&](uint32_t thread) {
    for (int64_t at = thread * int64_t{kBatch}; at < count; at += int64_t{kBatch} * threads) {
      const auto size = static_cast<uint32_t>(std::min<int64_t>(kBatch, count - at));
      filter.add(hashes_from(at, size).data(), size, threads > 1);
    }
  };
  std::vector<std::thread> others;
  for (uint32_t thread = 1; thread < threads; ++thread) others.emplace_back(add_share, thread);
  add_share(0);
  for (std::thread& other : others) other.join();
  check::expect(selected(filter, 0, count) == static_cast<uint64_t>(count), "no key is forgotten");
  const uint64_t wrong = selected(filter, 1'000'000'000, 100'000);
  check::expect(wrong < 4000, "few others pass");
  check::expect(count < 1000 || wrong > 0, "it is a filter, not the set");
}

}  // namespace
}  // namespace rowtine::join

int main() {
  for (const int64_t count : {1, 5, 1000, 200'000}) {
    for (const uint32_t threads : {1U, 3U}) rowtine::join::check_keys(count, threads);
  }
  rowtine::Arena small(100);
  rowtine::join::BloomFilter filter;
  rowtine::check::expect(!filter.open(1'000'000, small), "a limit is a limit");
  return rowtine::check::summary();
}
