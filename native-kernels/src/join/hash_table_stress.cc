// Teams of four build tables under ThreadSanitizer: unique keys, keys that turn out not to be unique
// when most are placed, one key in half of the rows, texts; then all note matches at once.
#include <barrier>
#include <string>
#include <thread>

#include "base/check.h"
#include "join/prober.h"

namespace rowtine::join {
namespace {

using vector::StringView;

constexpr uint32_t kMembers = 4;
constexpr uint64_t kRows = 20'000;
constexpr uint32_t kBatch = 1000;

enum class Keys { Unique, LateTwin, Skew, Text };

int64_t key_of(Keys keys, uint64_t i) {
  const auto spread = static_cast<int64_t>(i * 0x9fb21c651e98df25);
  if (keys == Keys::LateTwin && i == kRows - 1) return key_of(keys, 0);
  return keys == Keys::Skew && i % 2 == 0 ? 42 : spread;
}

struct Batch {
  Batch(Keys keys, uint64_t first) {
    const PhysicalType type = keys == Keys::Text ? PhysicalType::String : PhysicalType::Int64;
    texts.reserve(kBatch);
    vector::allocate(arena, type, kBatch, false, columns[0]);
    vector::allocate(arena, PhysicalType::Int64, kBatch, false, columns[1]);
    for (uint32_t i = 0; i < kBatch; ++i) {
      const int64_t key = key_of(keys, first + i);
      columns[1].as<int64_t>()[i] = static_cast<int64_t>(first + i);
      if (keys == Keys::Text) {
        texts.push_back("a text that is not inline " + std::to_string(key));
        columns[0].as<StringView>()[i] = StringView::of(texts.back());
      } else {
        columns[0].as<int64_t>()[i] = key;
      }
    }
  }
  Arena arena;
  std::vector<std::string> texts;
  Vector columns[2];
};

void probe_share(const HashTable& table, Keys keys, uint64_t first, std::atomic<uint64_t>& pairs) {
  Batch batch(keys, first);
  Arena arena;
  Prober prober(table, {batch.columns, 1}, kBatch);
  if (!prober.open(arena)) return;
  uint32_t rows[vector::kBatchRowsMax];
  const uint8_t* packed[vector::kBatchRowsMax];
  std::vector<uint8_t> done(kBatch, 0);
  while (prober.finished_rows() < kBatch) {
    const uint32_t found = prober.next(done.data(), {rows, packed, vector::kBatchRowsMax});
    for (uint32_t i = 0; i < found; ++i) {
      table.set_matched(packed[i]);
      pairs += done[rows[i]] == 0 ? 1 : 0;
      done[rows[i]] = 1;  // as a semi join does; the skewed key has too many pairs to look at
    }
  }
}

void stress(Keys keys) {
  const PhysicalType type = keys == Keys::Text ? PhysicalType::String : PhysicalType::Int64;
  const PhysicalType types[2] = {type, PhysicalType::Int64};
  const PackedLayout layout = PackedLayout::of(types);
  Arena run;
  HashTable table;
  table.open(layout, {1, true, kMembers, 7}, run);
  std::barrier<> barrier(kMembers);
  std::atomic<uint64_t> next_build{0}, next_probe{0}, pairs{0};
  std::atomic<bool> is_ok{true};
  bool more = true;
  const auto work = [&](uint32_t member) {
    Arena scratch;
    const uint8_t stable[2] = {0, 1};
    for (uint64_t first; (first = next_build.fetch_add(kBatch)) < kRows;) {
      const Batch batch(keys, first);
      if (!table.append(member, batch.columns, kBatch, stable, scratch)) is_ok = false;
    }
    barrier.arrive_and_wait();
    for (;;) {
      if (member == 0) more = table.plan();
      barrier.arrive_and_wait();
      if (!more) break;
      table.build();
      barrier.arrive_and_wait();
    }
    for (uint64_t first; (first = next_probe.fetch_add(kBatch)) < kRows;) {
      probe_share(table, keys, first, pairs);
    }
  };
  std::vector<std::thread> threads;
  for (uint32_t member = 1; member < kMembers; ++member) threads.emplace_back(work, member);
  work(0);
  for (std::thread& thread : threads) thread.join();
  check::expect(is_ok && table.ok(), "there is room");
  check::expect(pairs == kRows, "every row meets one of its own");
  check::expect(table.has_slots() == (keys == Keys::Unique), "slots where keys are unique");
}

}  // namespace
}  // namespace rowtine::join

int main() {
  using rowtine::join::Keys;
  for (const Keys keys : {Keys::Unique, Keys::LateTwin, Keys::Skew, Keys::Text}) {
    rowtine::join::stress(keys);
  }
  return rowtine::check::summary();
}
