// A bitmap knows exactly the keys that were added: at the ends of its range, far outside, by one thread and
// by several; and it is not used where it would be larger than what it saves.
#include "join/key_bitmap.h"

#include <algorithm>
#include <random>
#include <thread>
#include <vector>

#include "base/check.h"

namespace rowtine::join::test {
namespace {

template <class T>
void check_keys(const std::vector<T>& keys, const std::vector<T>& probes, uint32_t threads) {
  KeyRange range;
  for (const T key : keys) range.include({key, key});
  Arena arena;
  KeyBitmap bitmap;
  bitmap.plan(range, 1U << 20);
  check::expect(bitmap.is_used() && bitmap.allocate(arena), "a small range has a bitmap");
  const uint64_t slots = 1000;
  for (uint64_t first = 0; first < slots; first += 300) {
    bitmap.clear(first, std::min(first + 300, slots), slots);
  }
  std::vector<std::thread> adding;
  for (uint32_t member = 0; member < threads; ++member) {
    adding.emplace_back([&, member] {
      for (size_t i = member; i < keys.size(); i += threads) bitmap.add(&keys[i], 1, threads > 1);
    });
  }
  for (std::thread& thread : adding) thread.join();
  std::vector<T> kept(probes.size()), wanted;
  std::vector<uint32_t> rows(probes.size()), wanted_rows;
  const auto count = static_cast<uint32_t>(probes.size());
  const uint32_t found = bitmap.select(probes.data(), count, kept.data(), rows.data());
  for (uint32_t i = 0; i < count; ++i) {
    if (std::ranges::find(keys, probes[i]) == keys.end()) continue;
    wanted.push_back(probes[i]);
    wanted_rows.push_back(i);
  }
  kept.resize(found);
  rows.resize(found);
  check::expect(kept == wanted && rows == wanted_rows, "what was added is found, and nothing else");
  const bool has_misses = bitmap.drops_many(probes.data(), count);
  check::expect(has_misses == (count - found > count / 8) || count > 128, "misses are noticed");
}

template <class T>
void check_type(std::mt19937_64& random) {
  using Limits = std::numeric_limits<T>;
  for (const T first : {T{0}, T{-1000}, Limits::min(), static_cast<T>(Limits::max() - 5000)}) {
    std::vector<T> keys{first, static_cast<T>(first + 4999)}, probes;
    for (int i = 0; i < 200; ++i) keys.push_back(static_cast<T>(first + static_cast<T>(random() % 5000)));
    for (int i = 0; i < 500; ++i) probes.push_back(static_cast<T>(random()));
    for (int i = 0; i < 500; ++i) probes.push_back(static_cast<T>(first + static_cast<T>(random() % 5000)));
    for (const T edge : {Limits::min(), Limits::max(), keys[0], keys[1]}) probes.push_back(edge);
    std::ranges::shuffle(probes, random);
    check_keys(keys, probes, 1);
    check_keys(keys, probes, 3);
    check_keys({first}, probes, 1);
    check_keys(keys, keys, 1);
    check_keys(keys, {}, 1);
  }
}

void check_plan() {
  KeyBitmap bitmap;
  const struct {
    KeyRange range;
    uint64_t table_bytes;
    bool is_used;
  } cases[] = {{{}, 1 << 20, false},
               {{0, 100}, 0, true},
               {{0, 8'000'000}, 2'000'000, true},
               {{0, 8'000'000}, 1'000, false},
               {{0, 9'000'000}, 1 << 30, false},
               {{INT64_MIN, INT64_MAX}, UINT64_MAX, false}};
  for (const auto& [range, table_bytes, is_used] : cases) {
    bitmap.plan(range, table_bytes);
    check::expect(bitmap.is_used() == is_used, "a bitmap is no larger than what it saves");
  }
  bitmap.plan({0, 1'000'000}, 1 << 20);
  Arena arena;
  arena.set_bytes_max(1000);
  check::expect(!bitmap.allocate(arena), "a bitmap that finds no room says so");
}

}  // namespace
}  // namespace rowtine::join::test

int main() {
  std::mt19937_64 random(7);
  rowtine::join::test::check_type<int32_t>(random);
  rowtine::join::test::check_type<int64_t>(random);
  rowtine::join::test::check_plan();
  return rowtine::check::summary();
}
