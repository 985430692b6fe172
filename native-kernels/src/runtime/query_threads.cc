#include "runtime/query_threads.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

#include "program/estimate.h"

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

std::vector<QueryThreads::Member*> QueryThreads::idle_members() const {
  std::vector<Member*> idle;
  for (const auto& member : members_) {
    if (member->is_idle) idle.push_back(member.get());
  }
  return idle;
}

void QueryThreads::assign() {
  std::vector<Member*> idle = idle_members();
  while (!waiting_.empty() && !idle.empty()) {
    Query query = std::move(waiting_.front());
    waiting_.pop_front();
    const program::VerifiedProgram& program = *query.statement.program;
    const bool is_shared = !program.recurses() &&
                           program::estimated_rows(program, *query.config) >= options_.parallel_rows;
    const size_t count = is_shared ? idle.size() : 1;
    start(std::move(query), std::span(idle).last(count));
    idle.resize(idle.size() - count);
  }
}

void QueryThreads::start(Query query, std::span<Member* const> members) {
  Task task;
  if (members.size() > 1) task.shared = share(query, members.size());
  task.query = std::make_shared<const Query>(std::move(query));
  give(std::move(task), members);
}

std::shared_ptr<SharedRead> QueryThreads::assist(const std::shared_ptr<const Query>& query) {
  std::vector<Member*> helpers = idle_members();
  if (helpers.size() == members_.size()) helpers.pop_back();
  if (helpers.empty()) return nullptr;
  Task task{query, share(*query, helpers.size() + 1), 1};
  auto shared = task.shared;
  give(std::move(task), helpers);
  return shared;
}

std::shared_ptr<SharedRead> QueryThreads::share(const Query& query, size_t members) const {
  return std::make_shared<SharedRead>(query.statement.id, static_cast<uint32_t>(members),
                                      options_.memory_limit_bytes);
}

void QueryThreads::give(Task task, std::span<Member* const> members) {
  for (Member* member : members) {
    member->is_idle = false;
    const bool pushed = member->tasks.try_push(task);
    invariant(pushed, "an idle thread's lane is empty");
    member->parker.notify();
    ++task.member;
  }
}

bool QueryThreads::has_answers() const {
  return std::ranges::any_of(members_, [](const auto& each) { return !each->answers.empty(); });
}

std::vector<Answer> QueryThreads::take() {
  std::vector<Answer> taken;
  Answer answer;
  for (auto& member : members_) {
    if (!member->answers.try_pop(answer)) continue;
    member->is_idle = true;
    if (answer.query != nullptr) taken.push_back(std::move(answer));
  }
  assign();
  return taken;
}

// ---- a query thread ---------------------------------------------------------------------------

void QueryThreads::run(Member& member) {
  lower_priority();
  QueryRunner runner(options_);
  const auto is_stopping = [this] { return is_stopping_.load(std::memory_order_relaxed); };
  for (;;) {
    member.parker.wait([&] { return is_stopping() || !member.tasks.empty(); }, -1);
    Task task;
    if (!member.tasks.try_pop(task)) return;
    const bool pushed = member.answers.try_push(run_task(runner, task));
    invariant(pushed, "a thread answers one query at a time");
    wake_();
  }
}

Answer QueryThreads::run_task(QueryRunner& runner, const Task& task) {
  const Query& query = *task.query;
  const ReadView view{*query.config, query.snapshot, query.now_us};
  if (task.shared == nullptr) return {task.query, *runner.run(query.statement, view)};
  auto events = runner.run_share(query.statement, view, *task.shared, task.member);
  if (task.member != 0) return {};
  return {task.query, std::move(events)};
}

}  // namespace rowtine::runtime
