// How fast are rows sorted? Two int64 columns by one of them, numbers near and far apart, floats
// and texts, and the first hundred, by one thread and by two, each with its order checked. Memory
// is as cold as in a query: arenas start empty.
//   sort_bench [rows, default 10^7] [threads at most, default 2]
#include <algorithm>
#include <atomic>
#include <barrier>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <random>
#include <thread>

#include "base/check.h"
#include "sort/sort_buffer.h"
#include "vector/compare.h"
#include "vector/dispatch.h"

namespace rowtine::sort {
namespace {

using Clock = std::chrono::steady_clock;
using vector::StringView;

constexpr uint64_t kMorselRows = 64 * 1024;
constexpr int kRounds = 3;

struct Question {
  const char* name;
  PhysicalType type;
  const void* keys;
  int64_t limit;
};

struct Outcome {
  double milliseconds, cpu_milliseconds;
};

double cpu_milliseconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

bool is_less(const Question& question, int64_t a, int64_t b) {
  return vector::with_type(question.type, [&](auto tag) {
    using T = typename decltype(tag)::Type;
    const auto* keys = static_cast<const T*>(question.keys);
    return vector::values_less(keys[a], keys[b]);
  });
}

Vector slice(PhysicalType type, const void* values, uint64_t first) {
  auto* bytes = static_cast<uint8_t*>(const_cast<void*>(values));
  return {type, false, bytes + first * vector::width_of(type), nullptr};
}

/// The payload is the number of a row, so that its key is found again.
void check_order(const SortBuffer& buffer, const Question& question, uint64_t wanted) {
  bool in_order = buffer.count() == wanted;
  Arena arena;
  int64_t before = -1;
  for (uint64_t i = 0; i < buffer.count(); ++i) {
    const uint8_t* row = nullptr;
    buffer.addresses(i, 1, &row);
    Vector value;
    arena.reset();
    in_order = buffer.read(0, &row, 1, arena, value) && in_order;
    const int64_t number = value.as<int64_t>()[0];
    in_order = in_order && (before < 0 || !is_less(question, number, before));
    before = number;
  }
  check::expect(in_order, "in order");
}

/// From the batches to the sorted addresses.
Outcome run(const Question& question, const std::vector<int64_t>& payload, uint32_t members) {
  const SortKey key{question.type, false, false};
  const PhysicalType payload_type = PhysicalType::Int64;
  const SortLayout layout = SortLayout::of({&key, 1}, {&payload_type, 1}, {});
  std::vector<Arena> runs(members);
  std::vector<Arena*> arenas;
  for (Arena& each : runs) arenas.push_back(&each);
  const auto start = Clock::now();
  const double cpu_start = cpu_milliseconds();
  SortBuffer buffer;
  buffer.open({&layout, question.limit, 0}, arenas, SIZE_MAX);
  std::atomic<uint64_t> next{0};
  std::barrier barrier(members);
  bool goes_on = false;
  const auto work = [&](uint32_t member) {
    const uint8_t stable[] = {1, 1};
    Arena scratch;
    while (true) {
      uint64_t first = next.fetch_add(kMorselRows, std::memory_order_relaxed);
      const uint64_t end = std::min<uint64_t>(payload.size(), first + kMorselRows);
      for (; first < end; first += vector::kBatchRowsMax) {
        const auto count =
            static_cast<uint32_t>(std::min<uint64_t>(vector::kBatchRowsMax, end - first));
        const Vector column = slice(PhysicalType::Int64, payload.data(), first);
        const Vector sorted = slice(question.type, question.keys, first);
        buffer.append(member, {&column, 1}, {&sorted, 1}, count, stable, scratch);
        scratch.reset();
      }
      if (end == payload.size()) break;
    }
    barrier.arrive_and_wait();
    buffer.finish(member);
    barrier.arrive_and_wait();
    while (true) {
      if (member == 0) goes_on = buffer.plan();
      barrier.arrive_and_wait();
      if (!goes_on) break;
      buffer.work(member);
      barrier.arrive_and_wait();
    }
  };
  std::vector<std::thread> threads;
  for (uint32_t i = 1; i < members; ++i) threads.emplace_back(work, i);
  work(0);
  for (std::thread& thread : threads) thread.join();
  const double elapsed = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
  const Outcome outcome{elapsed, cpu_milliseconds() - cpu_start};
  const uint64_t limit = question.limit < 0 ? UINT64_MAX : static_cast<uint64_t>(question.limit);
  check_order(buffer, question, std::min<uint64_t>(payload.size(), limit));
  return outcome;
}

void measure(const Question& question, const std::vector<int64_t>& payload, uint32_t threads_max) {
  for (uint32_t members = 1; members <= threads_max; ++members) {
    std::vector<double> times, cpu_times;
    for (int round = 0; round < kRounds; ++round) {
      const Outcome outcome = run(question, payload, members);
      times.push_back(outcome.milliseconds);
      cpu_times.push_back(outcome.cpu_milliseconds);
    }
    std::ranges::sort(times);
    std::ranges::sort(cpu_times);
    const double per_row = 1e6 / static_cast<double>(payload.size());
    std::printf("%-34s %u thread(s) %9.1f ms %7.2f ns/row, CPU %7.2f ns/row\n", question.name,
                members, times[kRounds / 2], times[kRounds / 2] * per_row,
                cpu_times[kRounds / 2] * per_row);
  }
}

void bench(uint64_t rows, uint32_t threads_max) {
  std::mt19937_64 random(4);
  std::vector<int64_t> payload(rows), near(rows), far(rows);
  std::vector<double> reals(rows);
  std::vector<StringView> texts(rows);
  for (uint64_t i = 0; i < rows; ++i) {
    payload[i] = static_cast<int64_t>(i);
    near[i] = static_cast<int64_t>(random() % rows);
    far[i] = static_cast<int64_t>(random());
    reals[i] = static_cast<double>(random() % 1'000'000'000) / 1e3;
    char text[16];
    std::snprintf(text, sizeof text, "id%010u", static_cast<unsigned>(random() % (rows / 100 + 1)));
    texts[i] = StringView::of(text);
  }
  const Question questions[] = {
      {"int64, as many values as rows", PhysicalType::Int64, near.data(), -1},
      {"int64, any", PhysicalType::Int64, far.data(), -1},
      {"float64", PhysicalType::Float64, reals.data(), -1},
      {"text, a hundred of each", PhysicalType::String, texts.data(), -1},
      {"int64, the first hundred", PhysicalType::Int64, far.data(), 100},
  };
  for (const Question& question : questions) measure(question, payload, threads_max);
}

}  // namespace
}  // namespace rowtine::sort

int main(int argc, char** argv) {
  const uint64_t rows = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 10'000'000;
  const auto threads = argc > 2 ? static_cast<uint32_t>(std::atoi(argv[2])) : 2U;
  rowtine::sort::bench(rows, threads);
  return rowtine::check::summary();
}
