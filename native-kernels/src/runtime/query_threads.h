// Threads for statements that only read and read much: they run beside the workers, on a snapshot,
// so that no request waits for a query. The system's scheduler shares the cores: these threads have
// a lower priority than the workers, which preempt them whenever a socket has something.
//
//   sequencer --- lane of tasks ----> query thread     one lane each way per thread; the sequencer
//             <-- lane of answers --                   alone decides who runs what
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "ring/spsc_ring.h"
#include "ring/wait_strategy.h"
#include "runtime/config.h"
#include "runtime/query_runner.h"
#include "runtime/statement.h"
#include "runtime/statement_result.h"
#include "runtime/store_gate.h"

namespace rowtine::runtime {

/// A read on its way, with all that it needs to run anywhere.
struct Query {
  Statement statement;
  std::shared_ptr<const Config> config;  // keeps the relations alive
  table::Snapshot snapshot;              // held by the sequencer until the answer is back
  int64_t now_us = 0;
  Ticket ticket = 0;            // what must be durable before the answer may be given
  uint64_t store_failures = 0;  // how often the store had failed when the snapshot was taken
};

struct Answer {
  std::shared_ptr<const Query> query;
  MainEvents events;
};

/// Threads: submit() and take() belong to the sequencer's worker; has_answers() to it as well; start
/// and stop to the main thread.
class QueryThreads {
 public:
  /// `wake` is called from a query thread when an answer is there.
  QueryThreads(const EngineOptions& options, std::function<void()> wake);
  ~QueryThreads() { stop(); }

  /// Runs a query on the next thread that is free; a large one on all that are.
  void submit(Query query);
  /// Has threads that are free run a statement together with the caller, who is the team's member 0
  /// and runs what writes; with it they are no more than the threads there are.
  /// Returns: nullptr when none is free.
  std::shared_ptr<SharedRead> assist(const std::shared_ptr<const Query>& query);
  /// Has take() something to give? To be asked after announcing a sleep.
  bool has_answers() const;
  /// The answers that have come since the last call; their threads take the next queries.
  std::vector<Answer> take();
  /// Ends the threads when their queries, which have been cancelled, end. The sequencer has ended
  /// before: a team of which one had gone would wait for it forever.
  void stop();

 private:
  /// A query and a thread's part in it.
  struct Task {
    std::shared_ptr<const Query> query;
    std::shared_ptr<SharedRead> shared;  // nullptr: the thread runs it alone
    uint32_t member = 0;
  };
  /// One thread and its lanes, which hold one task at a time.
  struct Member {
    ring::SpscRing<Task> tasks{2};
    ring::SpscRing<Answer> answers{2};  // without a query from members other than the first
    ring::Parker parker;
    bool is_idle = true;  // the sequencer's
    std::thread thread;
  };

  std::vector<Member*> idle_members() const;
  void assign();
  void start(Query query, std::span<Member* const> members);
  std::shared_ptr<SharedRead> share(const Query& query, size_t members) const;
  static void give(Task task, std::span<Member* const> members);
  void run(Member& member);
  static Answer run_task(QueryRunner& runner, const Task& task);

  EngineOptions options_;
  std::function<void()> wake_;
  std::deque<Query> waiting_;  // the sequencer's
  std::atomic<bool> is_stopping_{false};
  std::vector<std::unique_ptr<Member>> members_;
};

}  // namespace rowtine::runtime
