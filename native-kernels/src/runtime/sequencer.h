// The single writer: takes events and statements in the order they arrived, runs coroutines and
// programs over them batch by batch, commits, and lets effects go when the store says so.
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "runtime/commit_log.h"
#include "runtime/config.h"
#include "runtime/event_batch.h"
#include "runtime/events.h"
#include "runtime/network.h"
#include "runtime/open_transaction.h"
#include "runtime/query_threads.h"
#include "runtime/staged_effects.h"
#include "runtime/step_runner.h"
#include "runtime/timers.h"
#include "runtime/work_queue.h"

namespace rowtine::runtime {

/// Takes MainEvents towards the main thread. Threads: the sequencer's worker.
class MainSink {
 public:
  virtual ~MainSink() = default;
  virtual void post(std::unique_ptr<MainEvent> event) = 0;
  /// Events that the main thread has not taken yet.
  virtual size_t depth() const = 0;
};

/// Counters that other threads read.
struct SequencerStats {
  std::atomic<uint64_t> batches{0}, rows{0}, queued{0}, parked{0};
};

/// Batches and statements taken per turn, so that sockets are never left alone for long.
inline constexpr uint32_t kWorkPerTurnMax = 64;

/// Work that may wait before the sequencer asks for no more from the sockets.
inline constexpr size_t kQueuedWorkMax = 65'536;

/// How long a request whose descendant failed waits, under load, for another one to answer it.
inline constexpr int64_t kFailedRootWaitUs = 100'000;

/// Events waiting for a slow follower before its rows are counted as lost.
inline constexpr size_t kFollowDepthMax = 1'024;

/// Memory for one batch that is kept for the next.
inline constexpr size_t kScratchKeptBytes = 4 << 20;

/// Stages of released effects that are kept for the next that wait.
inline constexpr size_t kSpareEffectsMax = 16;

class Sequencer final {
 public:
  Sequencer(const EngineOptions& options, table::SequenceClock& clock, StoreGate& gate,
            Network& network, MainSink& main);
  ~Sequencer();

  /// Where reads that are not small run; nullptr: here. Before the worker starts.
  void set_query_threads(QueryThreads* threads) { query_threads_ = threads; }
  /// What other threads' reads hold, besides the queries that were given away from here.
  void set_snapshots(const table::SnapshotRegistry* snapshots) { snapshots_ = snapshots; }

  void adopt(std::shared_ptr<const Config> config);
  /// Turns what the sockets brought into events, in arrival order.
  void accept(const reactor::Inbox& inbox);
  /// A statement of a transaction goes ahead of everything else; so does a read, past the transaction
  /// that has the writer, when no session waits for what is queued before it.
  void enqueue(Statement statement);
  void enqueue(const TransactionOrder& order);
  void enqueue(IndexChange change) { queue_.push(std::move(change)); }
  void follow(uint32_t follow, uint32_t relation);
  void unfollow(uint32_t follow) { followers_.erase(follow); }

  /// Runs what is queued, a bounded amount. Returns: whether more could run at once.
  bool turn(int64_t now_us);
  /// Has another thread something for the next turn? To be asked after announcing a sleep.
  bool has_news() const {
    return commits_.has_news() || (query_threads_ != nullptr && query_threads_->has_answers());
  }
  /// When the next tick fires, or the open transaction must have ended, INT64_MAX: none.
  int64_t next_timer_us() const {
    return open_ == nullptr ? timers_.next_us() : std::min(timers_.next_us(), open_->deadline_us);
  }
  bool is_quiet() const {
    return queue_.empty() && parked_.empty() && held_.empty() &&
           (open_ == nullptr || open_->lane.empty());
  }
  /// Everything published up to it is durable. Threads: any.
  table::Sequence durable_through() const {
    return durable_through_.load(std::memory_order_acquire);
  }
  const SequencerStats& stats() const { return stats_; }
  const Config* config() const { return config_.get(); }

 private:
  /// Where the rows of one batch of effects come from: per event its number and its root, lent by
  /// the batch, or copied to where the effects are. values == nullptr: from a statement.
  struct Origin {
    uint32_t event_count = 0;
    vector::Vector seqs = {}, roots = {};
    bool of_requests = false;  // the roots are requests
  };
  /// Effects and answers that wait for the store.
  struct Parked {
    Ticket ticket;
    StagedEffects effects;
    Origin origin;
    std::vector<std::unique_ptr<MainEvent>> events;
  };
  struct Follower {
    uint32_t relation;
    int64_t next_seq;
  };
  class StatementEffects;

  // sequencer_events.cc: events in
  void accept_opened(const reactor::Inbox& inbox);
  void accept_requests(const reactor::Inbox& inbox);
  void accept_received(Device device, const std::vector<reactor::Received>& received);
  void fire_timers(int64_t now_us);
  /// Appends to an event relation and queues the rows for its coroutines. Shapes: the relation's own
  /// columns; root and cause one per row. `of_requests`: the roots are requests.
  bool append_events(InstalledRelation& relation, std::span<const vector::Vector> columns,
                     uint32_t row_count, int64_t at_us, const vector::Vector& root,
                     const vector::Vector& cause, bool of_requests = false);

  // sequencer_dispatch.cc: coroutines over a batch
  void dispatch(const EventRange& range);
  void run_coroutines(const Dispatch& dispatch, const EventBatch& batch);
  void run_one(const std::shared_ptr<InstalledCoroutine>& coroutine, const EventBatch& batch,
               std::span<const uint32_t> rows);
  void answer_unmatched(const EventBatch& batch);
  void answer_broken(int64_t request);
  /// Requests whose descendants failed and that nothing pending can still answer.
  void answer_failed_roots();
  void report_failures(const InstalledCoroutine& coroutine, const EventBatch& batch);
  void log_coroutine(const InstalledCoroutine& coroutine, const EventBatch& batch);
  vector::Vector log_errors(vector::StringView* ends);
  void open_connections(const EventBatch& batch);
  void close_connections(const ClosedConnections& closed);
  void erase_connections(std::span<const int64_t> ids);

  // sequencer_statements.cc
  void run_statement(Statement& statement);
  void run_here(const Statement& statement, SharedRead* shared);
  void change_index(const IndexChange& change);
  void hang_up_erased(const table::Transaction& transaction);
  Query query_of(Statement& statement) const;
  void submit_query(Statement& statement);
  program::RunContext context_of(const Statement& statement);
  void take_answers();
  void give_answer(Answer& answer);
  void refuse(uint32_t statement, Refusal refusal);

  // sequencer_transactions.cc
  bool runs_beside(const Statement& statement) const;
  bool may_run_inside(const Statement& statement);
  void obey(const TransactionOrder& order);
  void begin(const TransactionOrder& order);
  void commit(const TransactionOrder& order);
  void abandon(Refusal refusal);
  void give_answer_inside(Answer& answer);
  void end_overdue();

  // sequencer_release.cc: effects out
  void release_or_park(StagedEffects& effects, const Origin& origin, bool gated,
                       std::vector<std::unique_ptr<MainEvent>> events);
  void release(StagedEffects& effects, const Origin& origin);
  void release_order(StagedEffects& effects, const StagedOrder& order, const Origin& origin);
  void release_run(const StagedPiece& piece, std::span<const StagedOrder::Row> rows,
                   const Origin& origin, InstalledRelation& relation);
  void append_released(const StagedPiece& piece, std::span<const StagedOrder::Row> rows,
                       const Origin& origin, InstalledRelation& relation);
  /// What goes into a relation's own column of an event table.
  vector::Vector released_column(const StagedPiece& piece, size_t column,
                                 const InstalledRelation& relation);
  void carry_out(const StagedPiece& piece, uint32_t row, InstalledRelation& relation);
  void respond(const StagedPiece& piece, uint32_t row);
  void listen(const StagedPiece& piece, uint32_t row);
  void report_effect(const InstalledRelation& relation, SqlState state, const char* message);
  void release_durable();
  void refuse_parked();

  // sequencer.cc
  /// Is there work, and none of it waits for the store or the open transaction?
  bool can_run() const;
  void take_one();
  void take(Work& work);
  void feed_followers();
  table::Sequence oldest_snapshot() const;
  void keep_house(int64_t now_us);
  static Origin origin_of(const EventBatch& batch);
  static Origin copy_of(const Origin& origin, Arena& arena);
  /// `coroutine` is null where none failed.
  void append_error_row(const InstalledCoroutine* coroutine, const StepFailure& failure,
                        const vector::Vector& root, const vector::Vector& cause);

  EngineOptions options_;
  table::SequenceClock& clock_;
  Network& network_;
  MainSink& main_;
  CommitLog commits_;
  StepRunner runner_;
  std::shared_ptr<const Config> config_;
  /// Dropped while change lists may still point into them.
  std::vector<std::shared_ptr<InstalledRelation>> dropped_;

  WorkQueue queue_;
  std::unique_ptr<OpenTransaction> open_;  // has the writer: everything else waits
  std::deque<Parked> parked_;
  QueryThreads* query_threads_ = nullptr;
  const table::SnapshotRegistry* snapshots_ = nullptr;
  std::multiset<table::Sequence> held_;  // snapshots of queries that are on their way
  std::vector<uint32_t> settling_;  // statements that wait until everything is quiet
  std::map<uint32_t, Follower> followers_;
  alignas(kCacheLineBytes) std::atomic<table::Sequence> durable_through_{0};
  Timers timers_;
  int64_t now_us_ = 0;
  int64_t next_housekeeping_us_ = 0;

  // Reused from batch to batch.
  StagedEffects staged_;
  std::vector<StagedEffects> spare_effects_;  // of those parked before
  RouteMatches matches_;
  StepResult step_;
  std::vector<uint8_t> was_matched_;
  std::vector<int64_t> failed_roots_;  // requests with a descendant event whose step failed
  int64_t failed_roots_since_us_ = 0;
  std::vector<uint32_t> all_rows_;
  uint32_t run_ = 0;       // coroutine runs of this batch so far
  bool gated_ = false;
  Arena scratch_{SIZE_MAX, kScratchKeptBytes};

  SequencerStats stats_;
};

}  // namespace rowtine::runtime
