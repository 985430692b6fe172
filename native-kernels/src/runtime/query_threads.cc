#include "runtime/query_threads.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

#include "runtime/query_runner.h"

namespace rowtine::runtime {
namespace {

/// Added to the niceness of query threads: a worker that wakes is run at once, and a query still
/// gets a tenth of a core that is contended throughout.
constexpr int kQueryNiceness = 10;

/// Failing is no error: the thread then shares its core as any other does.
void lower_priority() {
  const auto thread = static_cast<id_t>(syscall(SYS_gettid));
  setpriority(PRIO_PROCESS, thread, getpriority(PRIO_PROCESS, thread) + kQueryNiceness);
}

}  // namespace

QueryThreads::QueryThreads(const EngineOptions& options, std::function<void()> wake)
    : options_(options), wake_(std::move(wake)) {
  for (uint32_t i = 0; i < options.query_threads; ++i) {
    Member& member = *members_.emplace_back(std::make_unique<Member>());
    member.thread = std::thread([this, &member] { run(member); });
  }
}

void QueryThreads::stop() {
  is_stopping_.store(true, std::memory_order_relaxed);
  for (auto& member : members_) {
    if (!member->thread.joinable()) continue;
    member->parker.notify();
    member->thread.join();
  }
}

// ---- the sequencer ----------------------------------------------------------------------------

void QueryThreads::submit(Query query) {
  waiting_.push_back(std::move(query));
  assign();
}

void QueryThreads::assign() {
  for (auto& member : members_) {
    if (waiting_.empty()) return;
    if (!member->is_idle) continue;
    member->is_idle = false;
    const bool pushed = member->tasks.try_push(std::make_unique<Query>(std::move(waiting_.front())));
    invariant(pushed, "an idle thread's lane is empty");
    waiting_.pop_front();
    member->parker.notify();
  }
}

bool QueryThreads::has_answers() const {
  return std::ranges::any_of(members_, [](const auto& each) { return !each->answers.empty(); });
}

std::vector<Answer> QueryThreads::take() {
  std::vector<Answer> taken;
  std::unique_ptr<Answer> answer;
  for (auto& member : members_) {
    if (!member->answers.try_pop(answer)) continue;
    member->is_idle = true;
    taken.push_back(std::move(*answer));
  }
  assign();
  return taken;
}

// ---- a query thread ---------------------------------------------------------------------------

void QueryThreads::run(Member& member) {
  lower_priority();
  QueryRunner runner(options_);
  std::unique_ptr<Query> query;
  const auto is_stopping = [this] { return is_stopping_.load(std::memory_order_relaxed); };
  for (;;) {
    member.parker.wait([&] { return is_stopping() || !member.tasks.empty(); }, -1);
    if (is_stopping() || !member.tasks.try_pop(query)) return;
    auto events = runner.run(query->statement, *query->config, query->snapshot, query->now_us);
    auto answer = std::make_unique<Answer>(std::move(*query), std::move(*events));
    const bool pushed = member.answers.try_push(std::move(answer));
    invariant(pushed, "a thread answers one query at a time");
    wake_();
  }
}

}  // namespace rowtine::runtime
