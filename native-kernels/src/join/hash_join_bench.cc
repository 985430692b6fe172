// How far is the hash join from the machine's limit? select count(*), sum(b.v) from probe p join
// build b on p.k = b.k, with sparse and dense unique keys, by one and two threads.
//   hash_join_bench [--rows 100000000]
#include <barrier>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <thread>

#include "base/check.h"
#include "join/prober.h"

namespace rowtine::join {
namespace {

using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

/// All threads' time, which a busy machine changes less than the clock on the wall.
double cpu_milliseconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

struct Question {
  const char* name;
  uint64_t build_rows;
  bool is_dense;
  double limit_ms[2];  // one thread, two threads, for 10^8 probing rows
};

constexpr Question kQuestions[] = {{"10^6 sparse", 1'000'000, false, {610, 313}},
                                   {"10^7 sparse", 10'000'000, false, {753, 367}},
                                   {"10^6 dense", 1'000'000, true, {129, 70}},
                                   {"10^7 dense", 10'000'000, true, {745, 377}}};

uint64_t mixed(uint64_t value) {
  value = (value ^ (value >> 31)) * 0x9fb21c651e98df25;
  return value ^ (value >> 28);
}

int64_t key_of(const Question& question, uint64_t i) {
  return static_cast<int64_t>(question.is_dense ? i : mixed(i + 1) >> 1);
}

struct Data {
  Data(const Question& question, uint64_t probe_rows)
      : keys(question.build_rows), values(question.build_rows), probes(probe_rows) {
    for (uint64_t i = 0; i < keys.size(); ++i) {
      keys[i] = key_of(question, i * 7'654'321 % keys.size());
      values[i] = static_cast<int64_t>(i);
    }
    for (uint64_t i = 0; i < probes.size(); ++i) {
      probes[i] = key_of(question, mixed(i * 3 + 7) % question.build_rows);
    }
  }
  std::vector<int64_t> keys, values, probes;
};

struct Totals {
  uint64_t count = 0;
  int64_t sum = 0;
};

Vector slice(std::vector<int64_t>& values, uint64_t first) {
  return {PhysicalType::Int64, false, values.data() + first, nullptr};
}

/// What the members share.
struct Join {
  Data& data;
  HashTable& table;
  std::barrier<>& barrier;
  std::atomic<uint64_t> next_build{0}, next_probe{0};
  double build_ms = 0, build_cpu_ms = 0;
  bool more = true;
};

constexpr uint64_t kMorselRows = 64 * 1024;

template <class Task>
void each_batch(std::atomic<uint64_t>& next, uint64_t total, const Task& task) {
  for (;;) {
    const uint64_t begin = next.fetch_add(kMorselRows);
    if (begin >= total) return;
    const uint64_t end = std::min(begin + kMorselRows, total);
    for (uint64_t first = begin; first < end; first += vector::kBatchRowsMax) {
      task(first, static_cast<uint32_t>(std::min<uint64_t>(vector::kBatchRowsMax, end - first)));
    }
  }
}

void build_share(Join& join, uint32_t member, Arena& scratch) {
  const uint8_t stable[2] = {1, 1};
  each_batch(join.next_build, join.data.keys.size(), [&](uint64_t first, uint32_t count) {
    const Vector columns[2] = {slice(join.data.keys, first), slice(join.data.values, first)};
    if (!join.table.append(member, columns, count, stable, scratch)) std::abort();
  });
  join.barrier.arrive_and_wait();
  for (;;) {
    if (member == 0) join.more = join.table.plan();
    join.barrier.arrive_and_wait();
    if (!join.more) return;
    join.table.build();
    join.barrier.arrive_and_wait();
  }
}

Totals probe_share(Join& join, Arena& scratch) {
  Totals totals;
  uint32_t rows[vector::kBatchRowsMax];
  const uint8_t* packed[vector::kBatchRowsMax];
  each_batch(join.next_probe, join.data.probes.size(), [&](uint64_t first, uint32_t count) {
    const Arena::Mark mark = scratch.mark();
    const Vector key = slice(join.data.probes, first);
    Prober prober(join.table, {&key, 1}, count);
    if (!prober.open(scratch)) std::abort();
    while (prober.finished_rows() < count) {
      const uint32_t found = prober.next(nullptr, {rows, packed, vector::kBatchRowsMax});
      Vector values;
      gather_column(join.table.layout(), 1, packed, found, scratch, values);
      totals.count += found;
      for (uint32_t i = 0; i < found; ++i) totals.sum += values.as<int64_t>()[i];
    }
    scratch.rewind(mark);
  });
  return totals;
}

void run(const Question& question, Data& data, uint32_t members) {
  Arena memory;
  HashTable table;
  const PhysicalType types[2] = {PhysicalType::Int64, PhysicalType::Int64};
  const PackedLayout layout = PackedLayout::of(types);
  double best = 1e18, best_build = 0, best_cpu = 1e18, build_cpu = 0;
  // The first pass makes the memory, which is kept for the later ones.
  for (int repeat = 0; repeat < 4; ++repeat) {
    memory.reset();
    table.open(layout, {1, false, members, 12345}, memory);
    std::barrier<> barrier(members);
    Join join{data, table, barrier, {}, {}, 0, 0, true};
    std::vector<Totals> totals(members);
    const double cpu_before = cpu_milliseconds();
    const auto start = Clock::now();
    const auto work = [&](uint32_t member) {
      Arena scratch;
      build_share(join, member, scratch);
      if (member == 0) join.build_ms = milliseconds_since(start);
      if (member == 0) join.build_cpu_ms = cpu_milliseconds() - cpu_before;
      totals[member] = probe_share(join, scratch);
    };
    std::vector<std::thread> threads;
    for (uint32_t member = 1; member < members; ++member) threads.emplace_back(work, member);
    work(0);
    for (std::thread& thread : threads) thread.join();
    const double spent = milliseconds_since(start);
    uint64_t count = 0;
    for (const Totals& each : totals) count += each.count;
    check::expect(count == data.probes.size(), "every probing row meets its row");
    if (spent < best) best_build = join.build_ms;
    best = std::min(best, spent);
    const double cpu = cpu_milliseconds() - cpu_before;
    if (cpu < best_cpu) build_cpu = join.build_cpu_ms;
    best_cpu = std::min(best_cpu, cpu);
  }
  const auto probes = static_cast<double>(data.probes.size());
  const double at_limit = (best - best_build) * 1e8 / probes + best_build;
  std::printf("%s, %u threads: build %.1f ms, probe %.2f ns/row; 10^8 rows %.0f ms, %.2f x limit; ",
              question.name, members, best_build, (best - best_build) * 1e6 / probes, at_limit,
              at_limit / question.limit_ms[members - 1]);
  std::printf("CPU: build %.1f ms, probe %.2f ns/row\n", build_cpu,
              (best_cpu - build_cpu) * 1e6 / probes);
}

}  // namespace
}  // namespace rowtine::join

int main(int argc, char** argv) {
  using namespace rowtine::join;
  uint64_t rows = 20'000'000;
  for (int i = 1; i + 1 < argc; ++i) {
    if (std::strcmp(argv[i], "--rows") == 0) rows = std::strtoull(argv[i + 1], nullptr, 10);
  }
  for (const Question& question : kQuestions) {
    Data data(question, rows);
    for (const uint32_t members : {1U, 2U}) run(question, data, members);
  }
  return rowtine::check::summary();
}
