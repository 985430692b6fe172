// Threads that group the same rows at once and join what they made; under ThreadSanitizer this
// shows that nothing but the barriers is needed between them.
#include <atomic>
#include <barrier>

#include "aggregate/team_test.h"

namespace rowtine::aggregate::test {
namespace {

void check_threads(std::span<const Row> rows, Grouping grouping, uint32_t members) {
  Team team(grouping, members, 5);
  std::atomic<size_t> next{0};
  std::atomic<bool> is_well{true};
  std::barrier barrier(members);
  constexpr size_t kMorselRows = 500;
  const auto work = [&](uint32_t member) {
    Arena scratch;
    while (true) {
      const size_t first = next.fetch_add(kMorselRows, std::memory_order_relaxed);
      if (first >= rows.size()) break;
      const auto morsel = rows.subspan(first, std::min(kMorselRows, rows.size() - first));
      if (!team.add(member, morsel, scratch)) is_well = false;
    }
    barrier.arrive_and_wait();
    if (member == 0) team.aggregator().plan();
    barrier.arrive_and_wait();
    if (team.aggregator().merge(member) != 0) is_well = false;
  };
  std::vector<std::thread> threads;
  for (uint32_t i = 1; i < members; ++i) threads.emplace_back(work, i);
  work(0);
  for (std::thread& thread : threads) thread.join();
  check::expect(is_well, "adding and merging");
  team.compare(expected(rows, grouping));
}

}  // namespace
}  // namespace rowtine::aggregate::test

int main() {
  using namespace rowtine::aggregate::test;
  std::mt19937_64 random(23);
  for (int round = 0; round < 4; ++round) {
    const auto few = random_rows(20'000, 40, 1, 5, random);
    const auto many = random_rows(40'000, 1ULL << 40, 3, 5000, random);
    for (const Grouping grouping : {Grouping::None, Grouping::Number, Grouping::Both}) {
      check_threads(few, grouping, 4);
      check_threads(many, grouping, 3);
    }
  }
  return rowtine::check::summary();
}
