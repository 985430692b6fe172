// Threads that sort the same rows at once and merge what they sorted; under ThreadSanitizer this
// shows that nothing but the barriers is needed between them.
#include <algorithm>
#include <atomic>
#include <barrier>
#include <cstring>
#include <random>
#include <thread>

#include "base/check.h"
#include "sort/sort_buffer.h"

namespace rowtine::sort {
namespace {

constexpr uint32_t kMorselRows = 1000;

/// Sorts numbers with the limit by `members` threads. `repeats_key`: they need not be kept beside
/// their keys.
std::vector<int64_t> sort_together(std::vector<int64_t>& numbers, uint32_t members, int64_t limit,
                                   bool repeats_key) {
  const SortKey key{PhysicalType::Int64, false, false};
  const int32_t repeated[] = {repeats_key ? 0 : kNoKey};
  const SortLayout layout = SortLayout::of({&key, 1}, {&key.type, 1}, repeated);
  std::vector<Arena> runs(members);
  std::vector<Arena*> arenas;
  for (Arena& each : runs) arenas.push_back(&each);
  SortBuffer buffer;
  buffer.open({&layout, limit, 0}, arenas, SIZE_MAX);
  std::atomic<size_t> next{0};
  std::atomic<bool> is_well{true};
  bool goes_on = false;  // written by one, read by all, with a barrier between
  std::barrier barrier(members);
  const auto work = [&](uint32_t member) {
    const uint8_t stable[] = {1, 1};
    Arena scratch;
    while (true) {
      const size_t first = next.fetch_add(kMorselRows, std::memory_order_relaxed);
      if (first >= numbers.size()) break;
      const Vector column{PhysicalType::Int64, false, numbers.data() + first, nullptr};
      const auto count =
          static_cast<uint32_t>(std::min<size_t>(kMorselRows, numbers.size() - first));
      if (!buffer.append(member, {&column, 1}, {&column, 1}, count, stable, scratch)) {
        is_well = false;
      }
      scratch.reset();
    }
    barrier.arrive_and_wait();
    if (!buffer.finish(member)) is_well = false;
    barrier.arrive_and_wait();
    while (true) {
      if (member == 0) goes_on = buffer.plan();
      barrier.arrive_and_wait();
      if (!goes_on) break;
      if (!buffer.work(member)) is_well = false;
      barrier.arrive_and_wait();
    }
  };
  std::vector<std::thread> threads;
  for (uint32_t i = 1; i < members; ++i) threads.emplace_back(work, i);
  work(0);
  for (std::thread& thread : threads) thread.join();
  check::expect(is_well, "memory");
  std::vector<int64_t> out(buffer.count());
  Arena read;
  for (uint64_t i = 0; i < out.size(); ++i) {
    const uint8_t* row = nullptr;
    buffer.addresses(i, 1, &row);
    Vector value;
    read.reset();
    check::expect(buffer.read(0, &row, 1, read, value), "memory");
    out[i] = value.as<int64_t>()[0];
  }
  return out;
}

}  // namespace
}  // namespace rowtine::sort

int main() {
  using namespace rowtine::sort;
  std::mt19937_64 random(9);
  for (const uint64_t domain : {10ULL, 1ULL << 20, ~0ULL}) {
    std::vector<int64_t> numbers(100'000);
    for (int64_t& each : numbers) each = static_cast<int64_t>(random() % domain);
    std::vector<int64_t> sorted = numbers;
    std::ranges::sort(sorted);
    for (const uint32_t members : {2U, 4U}) {
      for (const bool repeats_key : {false, true}) {
        rowtine::check::expect(sort_together(numbers, members, -1, repeats_key) == sorted,
                               "all of them");
      }
      const std::vector<int64_t> first(sorted.begin(), sorted.begin() + 50);
      rowtine::check::expect(sort_together(numbers, members, 50, false) == first,
                             "the first of them");
    }
  }
  return rowtine::check::summary();
}
