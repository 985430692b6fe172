// The native engine: relations, coroutines, workers and the gate to the store. One object per open
// database; the binding calls it from the main thread and, for the store's part, from the store thread.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "csv/reader.h"
#include "runtime/config.h"
#include "runtime/events.h"
#include "runtime/query_runner.h"
#include "runtime/query_threads.h"
#include "runtime/spec.h"
#include "runtime/statement.h"
#include "runtime/store_gate.h"
#include "runtime/worker.h"
#include "table/sequence.h"

namespace rowtine::runtime {
/// Prepared programs that may be kept at a time.
inline constexpr size_t kPreparedMax = 16'384;

/// Threads: every function says whose it is; nothing else is shared but what the lanes carry.
class Engine {
 public:
  /// Starts the workers. `wake_main` may be called from any worker thread, often; it must not block.
  /// Returns: nullptr and the reason when no worker could be started.
  static std::unique_ptr<Engine> start(const EngineOptions& options,
                                       std::function<void()> wake_main, std::string& reason);
  ~Engine();

  // Main thread ------------------------------------------------------------------------------

  std::optional<Refusal> create_relations(std::vector<RelationSpec> specs);
  void drop_relation(uint32_t id);
  /// Queues an index for a table with rows, or the end of one; `statement` names the answer. What was
  /// queued before has run when it comes, and programs that use the index are prepared after it.
  std::optional<Refusal> create_index(uint32_t statement, uint32_t relation, const IndexSpec& index);
  std::optional<Refusal> drop_index(uint32_t statement, uint32_t relation, uint32_t index);
  /// Rows at start-up, before anything runs. Shapes: one vector per stored column, keys.size() rows.
  std::optional<Refusal> load_rows(uint32_t id, std::span<const int64_t> keys,
                                   std::span<const vector::Vector> columns);
  /// Rows of a relation now, about.
  uint64_t row_count(uint32_t id) const;
  /// table::Relation::share_within(); negative for what is not there or has no ranks.
  double share_within(uint32_t id, uint32_t column, const table::ValueRange& range);
  /// table::estimate_distinct(); 0 for what is not there.
  uint64_t distinct_count(uint32_t id, uint32_t column);
  /// The highest number that identity had given before the restart; before anything runs.
  std::optional<Refusal> continue_identity(uint32_t relation, int64_t last);
  /// Lets `relation`, which nothing uses yet, number on where `other` is, which nothing writes any more.
  std::optional<Refusal> continue_identity_of(uint32_t relation, uint32_t other);
  /// A relation of batches to fill, before a statement reads it; nullptr: it is none.
  table::BatchRelation* batches(uint32_t id) const;
  /// Fills a relation of batches from CSV; feed_csv() takes the bytes.
  std::optional<Refusal> open_csv(uint32_t id, csv::Options options);
  /// `problem`: what was wrong with the text; the reader is gone then, as after the last bytes.
  std::optional<Refusal> feed_csv(uint32_t id, std::span<const char> bytes, bool is_last,
                                  std::optional<csv::Problem>& problem);
  std::optional<Refusal> create_coroutine(CoroutineSpec spec);
  void drop_coroutine(uint32_t id);
  void set_event_major(uint32_t relation, bool on);
  /// Verifies a program and keeps it under a handle until release().
  /// Errors: RD001 for what is no statement; 54000 past kPreparedMax.
  std::optional<Refusal> prepare(std::span<const int32_t> words, std::span<const std::byte> bytes,
                                 uint64_t& handle);
  /// What a handle names; nullptr: nothing.
  const PreparedStatement* prepared(uint64_t handle) const;
  /// Forgets a handle. Statements that run it go on; releasing it twice does nothing.
  void release(uint64_t handle) { prepared_.erase(handle); }
  /// Queues a run of a prepared program with values for its parameters (program/parameters.h); a
  /// small read is answered before this returns, where it may be.
  /// `is_done`: drain() has its end already.
  std::optional<Refusal> run(uint32_t statement, uint64_t handle, std::span<const int32_t> words,
                             std::span<const std::byte> bytes, const RunOptions& options,
                             bool& is_done);
  /// Answers a small plain read of a prepared program before it returns, where run() would too.
  /// Returns: why it failed. `rows`: its rows, to be taken before the next call; nullptr: run() is to have it.
  std::optional<Refusal> read(uint64_t handle, std::span<const int32_t> words,
                              std::span<const std::byte> bytes, ExportBatch*& rows);
  /// Returns when drain() has the end of a statement that was queued; what it waits for never needs the
  /// main thread, or ends by itself when that does nothing (transaction_timeout).
  void wait(uint32_t statement);
  /// Begins or ends a transaction, or moves in it. Its number names the answer that comes at its end.
  void order(const TransactionOrder& order);
  void cancel(uint32_t statement);
  void settle(uint32_t statement);
  std::optional<Refusal> follow(uint32_t follow, uint32_t relation);
  void unfollow(uint32_t follow);
  void shutdown(int64_t deadline_us);
  /// Hands every waiting event to `each`, oldest first per worker.
  void drain(const std::function<void(MainEvent&)>& each);

  // Store thread -----------------------------------------------------------------------------

  StoreGate& store_gate() { return store_gate_; }
  /// To be called after the store thread has told the gate something.
  void wake_sequencer();

 private:
  explicit Engine(const EngineOptions& options);
  void publish_config();
  void control(Control control);
  std::function<std::vector<Row>()> rows_of(Device device);
  bool is_read_here(const program::VerifiedProgram& program) const;
  bool may_show(table::Snapshot snapshot, bool touches_durable) const;
  bool read_here(const Statement& statement);
  bool take_events(MainEvents& out, uint32_t statement);
  const Config* sequencer_config();

  EngineOptions options_;
  table::SequenceClock clock_;
  table::SnapshotRegistry snapshots_{clock_, 1};  // the main thread's
  StoreGate store_gate_;
  ConfigBuilder builder_;
  // The main thread's:
  std::unordered_map<uint32_t, std::shared_ptr<std::atomic<bool>>> running_;
  std::unordered_map<uint64_t, PreparedStatement> prepared_;
  uint64_t next_handle_ = 1;
  std::unordered_map<uint32_t, csv::Reader> csv_readers_;  // by the relation that they fill
  QueryRunner runner_;      // of reads on the main thread
  ReadBatch read_;          // what read() has answered
  program::Parameters read_parameters_;
  MainEvents answered_;     // what runner_ has for drain()
  std::vector<std::unique_ptr<Worker>> workers_;
  std::unique_ptr<QueryThreads> query_threads_;
};

}  // namespace rowtine::runtime
