#include "runtime/store_gate.h"

namespace rowtine::runtime {
namespace {

/// Does `change` only go on with what `last` does? Then it becomes part of it.
bool join(StoreChange& last, const StoreChange& change) {
  if (last.relation != change.relation || last.operation != change.operation) return false;
  if (last.rows.bytes() + change.rows.bytes() > kExportBatchBytesMax) return false;
  append_batch(change.rows, last.rows);
  last.keys.insert(last.keys.end(), change.keys.begin(), change.keys.end());
  return true;
}

/// Turns are small and many while the store syncs: their rows reach it as few large changes.
void append(StoreCommits& all, StoreCommits& group) {
  all.ticket = group.ticket;
  for (StoreChange& change : group.changes) {
    if (all.changes.empty() || !join(all.changes.back(), change)) {
      all.changes.push_back(std::move(change));
    }
  }
}

}  // namespace

bool StoreGate::submit(std::unique_ptr<StoreCommits>& group) {
  if (!outgoing_.try_push(std::move(group))) return false;
  if (wake_store_) wake_store_();
  return true;
}

void StoreGate::failure_handled(Ticket restart_after) {
  restart_after_.store(restart_after, std::memory_order_relaxed);
  // Release: pairs with take(), which must see restart_after_.
  failures_handled_.store(failures_.load(std::memory_order_relaxed), std::memory_order_release);
  if (wake_store_) wake_store_();
}

void StoreGate::on_wake(std::function<void()> wake_store) { wake_store_ = std::move(wake_store); }

std::unique_ptr<StoreCommits> StoreGate::take() {
  // Acquire: pairs with failure_handled().
  if (failures_handled_.load(std::memory_order_acquire) != failures_.load(std::memory_order_relaxed)) {
    return nullptr;
  }
  const Ticket restart_after = restart_after_.load(std::memory_order_relaxed);
  std::unique_ptr<StoreCommits> all;
  std::unique_ptr<StoreCommits> group;
  while (outgoing_.try_pop(group)) {
    if (group->ticket <= restart_after) continue;  // undone in memory after a failure
    if (all == nullptr) {
      all = std::move(group);
    } else {
      append(*all, *group);
    }
  }
  return all;
}

void StoreGate::set_durable(Ticket ticket) {
  // Release: pairs with durable(); what the store wrote happened before.
  durable_.store(ticket, std::memory_order_release);
}

void StoreGate::fail(SqlState state, std::string message) {
  failure_state_ = state;
  failure_message_ = std::move(message);
  failures_.fetch_add(1, std::memory_order_release);
}

}  // namespace rowtine::runtime
