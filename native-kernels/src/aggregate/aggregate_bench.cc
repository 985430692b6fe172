// How fast are groups made? The questions of the H2O.ai benchmark and plain sums, by one thread and
// by two, each with its totals checked. Memory is as cold as in a query: arenas start empty.
//   aggregate_bench [rows, default 10^7] [threads at most, default 2] [start of a question's name]
#include <algorithm>
#include <atomic>
#include <barrier>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <numeric>
#include <string>
#include <thread>

#include "aggregate/aggregator.h"
#include "base/check.h"

namespace rowtine::aggregate {
namespace {

using enum PhysicalType;
using vector::StringView;
using Clock = std::chrono::steady_clock;

constexpr uint32_t kMorselRows = 64 * 1024;
constexpr int kRounds = 5;

/// The columns of the benchmark's table; id3 and id6 have a hundredth as many values as rows.
struct Columns {
  std::vector<StringView> id1, id2, id3;
  std::vector<int32_t> id4, id5, id6, v1, v2;
  std::vector<double> v3;
  std::vector<int64_t> big;

  explicit Columns(uint64_t rows) {
    uint64_t state = 42;
    const auto random = [&state](uint64_t limit) {
      state ^= state << 13, state ^= state >> 7, state ^= state << 17;
      return state % limit;
    };
    const auto text = [](const char* format, uint64_t number) {
      char bytes[16];
      std::snprintf(bytes, sizeof bytes, format, static_cast<unsigned>(number));
      return StringView::of(bytes);
    };
    const uint64_t many = std::max<uint64_t>(1, rows / 100);
    for (uint64_t i = 0; i < rows; ++i) {
      id1.push_back(text("id%03u", 1 + random(100)));
      id2.push_back(text("id%03u", 1 + random(100)));
      id3.push_back(text("id%010u", 1 + random(many)));
      id4.push_back(static_cast<int32_t>(1 + random(100)));
      id5.push_back(static_cast<int32_t>(1 + random(100)));
      id6.push_back(static_cast<int32_t>(1 + random(many)));
      v1.push_back(static_cast<int32_t>(1 + random(5)));
      v2.push_back(static_cast<int32_t>(1 + random(15)));
      v3.push_back(static_cast<double>(random(100'000'000)) / 1e6);
      big.push_back(static_cast<int64_t>(random(1ULL << 40)));
    }
  }
};

struct Column {
  PhysicalType type;
  const void* values;

  Vector slice(uint64_t first) const {
    auto* bytes = static_cast<uint8_t*>(const_cast<void*>(values));
    return {type, false, bytes + first * vector::width_of(type), nullptr};
  }
};

template <class T>
Column column(PhysicalType type, const std::vector<T>& values) {
  return {type, values.data()};
}

struct Call {
  Function function;
  std::vector<Column> arguments;
  PhysicalType result;
};

struct Question {
  const char* name;
  std::vector<Column> groups;
  std::vector<Call> calls;
};

/// What the program's verifier would prepare.
struct Prepared {
  join::PackedLayout layout;
  std::vector<Accumulator> accumulators;
  std::vector<join::PackedLayout> distinct;

  explicit Prepared(const Question& question) {
    uint32_t extra = 0;
    for (const Call& call : question.calls) {
      Accumulator& each = accumulators.emplace_back();
      std::vector<PhysicalType> types;
      for (const Column& argument : call.arguments) types.push_back(argument.type);
      check::expect(resolve(call.function, types, call.result, each), "a function");
      each.state_offset = extra;
      extra += each.state_bytes;
    }
    std::vector<PhysicalType> keys;
    for (const Column& group : question.groups) keys.push_back(group.type);
    layout = join::PackedLayout::of(keys, extra);
    for (Accumulator& each : accumulators) each.state_offset += layout.row_bytes - extra;
    distinct.resize(accumulators.size());
  }
};

void add_morsel(Aggregator& aggregator, uint32_t member, const Question& question, uint64_t first,
                uint64_t end, Arena& scratch) {
  std::vector<uint32_t> errors(vector::kBatchRowsMax);
  bool any_error = false, ok = true;
  for (; first < end; first += vector::kBatchRowsMax) {
    const auto count =
        static_cast<uint32_t>(std::min<uint64_t>(vector::kBatchRowsMax, end - first));
    std::vector<Vector> groups;
    for (const Column& group : question.groups) groups.push_back(group.slice(first));
    std::vector<Vector> arguments;
    for (const Call& call : question.calls) {
      for (const Column& argument : call.arguments) arguments.push_back(argument.slice(first));
    }
    std::vector<AggregateInputs> inputs;
    size_t next = 0;
    for (const Call& call : question.calls) {
      inputs.push_back({{arguments.data() + next, call.arguments.size()}, nullptr});
      next += call.arguments.size();
    }
    const Arena::Mark mark = scratch.mark();
    ok = ok &&
         aggregator.add(member, groups, inputs, count, nullptr, errors.data(), any_error, scratch);
    scratch.rewind(mark);
  }
  check::expect(ok && !any_error, "adding");
}

struct Outcome {
  uint64_t groups;
  double milliseconds, cpu_milliseconds;
};

double cpu_milliseconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

/// The whole work of a query but the reading of its columns.
Outcome run(const Question& question, uint64_t rows, uint32_t members) {
  const Prepared prepared(question);
  std::vector<std::unique_ptr<Arena>> owners;
  std::vector<Arena*> arenas;
  for (uint32_t i = 0; i < members; ++i) {
    arenas.push_back(owners.emplace_back(std::make_unique<Arena>()).get());
  }
  const auto start = Clock::now();
  const double cpu_start = cpu_milliseconds();
  Aggregator aggregator;
  check::expect(aggregator.open({&prepared.layout, static_cast<uint32_t>(question.groups.size()),
                                 prepared.accumulators, prepared.distinct, 7},
                                arenas),
                "memory");
  std::atomic<uint64_t> next{0};
  std::barrier barrier(members);
  const auto work = [&](uint32_t member) {
    Arena scratch;
    while (true) {
      const uint64_t first = next.fetch_add(kMorselRows, std::memory_order_relaxed);
      if (first >= rows) break;
      add_morsel(aggregator, member, question, first, std::min(rows, first + kMorselRows), scratch);
    }
    barrier.arrive_and_wait();
    if (member == 0) aggregator.plan();
    barrier.arrive_and_wait();
    check::expect(aggregator.merge(member) == 0, "merging");
  };
  std::vector<std::thread> threads;
  for (uint32_t i = 1; i < members; ++i) threads.emplace_back(work, i);
  work(0);
  for (std::thread& thread : threads) thread.join();
  const double elapsed = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
  return {aggregator.group_count(), elapsed, cpu_milliseconds() - cpu_start};
}

void measure(const Question& question, uint64_t rows, uint32_t threads_max) {
  for (uint32_t members = 1; members <= threads_max; ++members) {
    std::vector<double> times, cpu_times;
    uint64_t groups = 0;
    for (int round = 0; round < kRounds; ++round) {
      const Outcome outcome = run(question, rows, members);
      check::expect(round == 0 || groups == outcome.groups, "the same groups each time");
      groups = outcome.groups;
      times.push_back(outcome.milliseconds);
      cpu_times.push_back(outcome.cpu_milliseconds);
    }
    std::sort(times.begin(), times.end());
    std::sort(cpu_times.begin(), cpu_times.end());
    const double per_row = 1e6 / static_cast<double>(rows);
    std::printf("%-40s %u thread(s) %9.1f ms %7.2f ns/row, CPU %7.2f ns/row %9llu groups\n",
                question.name, members, times[kRounds / 2], times[kRounds / 2] * per_row,
                cpu_times[kRounds / 2] * per_row, static_cast<unsigned long long>(groups));
  }
}

void bench(uint64_t rows, uint32_t threads_max, std::string_view wanted) {
  const Columns table(rows);
  const auto id1 = column(String, table.id1), id2 = column(String, table.id2);
  const auto id3 = column(String, table.id3), id4 = column(Int32, table.id4);
  const auto id5 = column(Int32, table.id5), id6 = column(Int32, table.id6);
  const auto v1 = column(Int32, table.v1), v2 = column(Int32, table.v2);
  const auto v3 = column(Float64, table.v3), big = column(Int64, table.big);
  const Call count{Function::CountStar, {}, Int64};
  const auto sum = [](Column of, PhysicalType result) { return Call{Function::Sum, {of}, result}; };
  const Question questions[] = {
      {"sum(int64)", {}, {sum(big, Decimal)}},
      {"sum(int32)", {}, {sum(v1, Int64)}},
      {"sum(float64)", {}, {sum(v3, Float64)}},
      {"min, max(int64)", {}, {{Function::Min, {big}, Int64}, {Function::Max, {big}, Int64}}},
      {"q1 sum v1 by id1", {id1}, {sum(v1, Int64)}},
      {"q2 sum v1 by id1, id2", {id1, id2}, {sum(v1, Int64)}},
      {"q3 sum v1, sum v3, count by id3", {id3}, {sum(v1, Int64), sum(v3, Float64), count}},
      {"q4 sums v1, v2, v3, count by id4",
       {id4},
       {sum(v1, Int64), sum(v2, Int64), sum(v3, Float64), count}},
      {"q5 sums v1, v2, v3 by id6", {id6}, {sum(v1, Int64), sum(v2, Int64), sum(v3, Float64)}},
      {"q7 max v1, min v2 by id3",
       {id3},
       {{Function::Max, {v1}, Int32}, {Function::Min, {v2}, Int32}}},
      {"q10 sum v3, count by id1 .. id6",
       {id1, id2, id3, id4, id5, id6},
       {sum(v3, Float64), count}},
  };
  for (const Question& question : questions) {
    if (std::string_view(question.name).starts_with(wanted)) measure(question, rows, threads_max);
  }
}

}  // namespace
}  // namespace rowtine::aggregate

int main(int argc, char** argv) {
  const uint64_t rows = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 10'000'000;
  const auto threads = argc > 2 ? static_cast<uint32_t>(std::atoi(argv[2])) : 2U;
  rowtine::aggregate::bench(rows, threads, argc > 3 ? argv[3] : "");
  return rowtine::check::summary();
}
