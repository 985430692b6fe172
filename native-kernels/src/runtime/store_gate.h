// The gate between the sequencer and the store thread: commits go out in groups, the durable ticket
// comes back, and effects that claim something wait at the gate until it is durable.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/cache_line.h"
#include "base/sql_state.h"
#include "ring/spsc_ring.h"
#include "runtime/row_export.h"

namespace rowtine::runtime {

/// Numbers the turns of the sequencer that wrote durable tables, from 1.
using Ticket = uint64_t;

enum class StoreOperation : uint8_t { Insert, Update, Delete };

/// Changes of one kind to one table.
struct StoreChange {
  uint32_t relation;
  StoreOperation operation;
  std::vector<int64_t> keys;
  ExportBatch rows;  // every stored column; empty for Delete
};

struct StoreCommits {
  Ticket ticket = 0;  // everything up to it is in `changes`
  std::vector<StoreChange> changes;
};

/// Commit groups that may wait for the store before the sequencer stops taking work.
inline constexpr uint32_t kStoreGroupsMax = 4096;

/// Threads: the sequencer submits and looks; the store thread takes and answers.
class StoreGate {
 public:
  StoreGate() : outgoing_(kStoreGroupsMax) {}

  // Sequencer.

  /// Hands a group over. Returns: false when the lane is full; the group is kept by the caller.
  bool submit(std::unique_ptr<StoreCommits>& group);
  Ticket durable() const { return durable_.load(std::memory_order_acquire); }
  /// Number of failures the store has reported; the details of the newest.
  uint64_t failures() const { return failures_.load(std::memory_order_acquire); }
  SqlState failure_state() const { return failure_state_; }
  const std::string& failure_message() const { return failure_message_; }
  /// Lets the store go on after memory was rolled back to the durable ticket.
  void failure_handled(Ticket restart_after);

  // Main thread, before the store thread starts; and after it has ended.
  void on_wake(std::function<void()> wake_store);

  // Store thread.

  /// Everything that has arrived since the last call, merged; nullptr when nothing has, or while a
  /// failure waits to be handled.
  std::unique_ptr<StoreCommits> take();
  void set_durable(Ticket ticket);
  /// Nothing after durable() was stored; takes no further commits until the sequencer has handled it.
  void fail(SqlState state, std::string message);

 private:
  ring::SpscRing<std::unique_ptr<StoreCommits>> outgoing_;
  std::function<void()> wake_store_;
  alignas(kCacheLineBytes) std::atomic<Ticket> durable_{0};
  alignas(kCacheLineBytes) std::atomic<uint64_t> failures_{0};
  std::atomic<uint64_t> failures_handled_{0};
  std::atomic<Ticket> restart_after_{0};
  // Written before failures_ is increased, read after it was seen.
  SqlState failure_state_;
  std::string failure_message_;
};

}  // namespace rowtine::runtime
