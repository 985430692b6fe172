// The sequencer's record of what it committed: grouped per turn for the store, kept undoable until
// the store has it, so that memory never stays ahead of a store that refused.
#pragma once

#include <deque>
#include <memory>

#include "runtime/config.h"
#include "runtime/store_gate.h"
#include "table/redo.h"
#include "table/transaction.h"

namespace rowtine::runtime {

/// Threads: the sequencer's worker.
class CommitLog {
 public:
  /// `stored`: there is a store; else every commit is durable at once and nothing is kept.
  CommitLog(StoreGate& gate, bool stored) : gate_(gate), stored_(stored) {}

  /// Commits the transaction and, if it changed durable tables, adds it to the turn's group.
  void commit(table::Transaction& transaction);

  /// The ticket that must be durable before anything may be said of what is committed now.
  Ticket ticket() const { return open_.empty() ? submitted_ : submitted_ + 1; }
  /// Nothing waits for a ticket that the store refused: what it claimed has been undone.
  bool is_durable(Ticket ticket) const {
    return !stored_ || ticket <= undone_ || ticket <= gate_.durable();
  }

  /// Ends the turn: hands the group to the store. A full lane keeps it for the next turn.
  void end_turn();
  /// Is the store so far behind that no further work should be taken?
  bool is_full() const { return waiting_ != nullptr; }

  /// Has the store failed since roll_back_failed()? What was changed since is undone before it is called.
  bool has_failed() const { return gate_.failures() != failures_handled_; }
  /// True once per failure of the store; everything after durable() has been undone in memory.
  bool roll_back_failed();
  uint64_t failures_handled() const { return failures_handled_; }
  SqlState failure_state() const { return gate_.failure_state(); }
  const std::string& failure_message() const { return gate_.failure_message(); }

  bool is_stored() const { return stored_; }

  /// Starts a turn: what the store says from here on is has_news().
  void look() { seen_durable_ = gate_.durable(); }
  /// Has the store said something since look()?
  bool has_news() const {
    return gate_.durable() != seen_durable_ || gate_.failures() != failures_handled_;
  }

  /// Nothing is left that the store does not have: no change list points into a table any more.
  bool is_settled() const { return open_.empty() && undoable_.empty() && waiting_ == nullptr; }

  /// The newest snapshot that versions must still be kept for, so that undo can bring them back.
  table::Sequence horizon_max() const;

 private:
  void forget_durable();
  bool changes_durable(const table::Changes& changes) const;
  std::unique_ptr<StoreCommits> group_of(const table::Changes& changes);

  struct Undoable {
    Ticket ticket;
    table::Changes changes;
  };

  StoreGate& gate_;
  bool stored_;
  Ticket submitted_ = 0;
  Ticket seen_durable_ = 0;
  Ticket undone_ = 0;  // what was submitted when the store last failed
  table::Changes open_;            // this turn's, all transactions
  std::deque<Undoable> undoable_;  // submitted, not yet durable; oldest first
  table::Redo redo_;
  std::unique_ptr<StoreCommits> waiting_;
  uint64_t failures_handled_ = 0;
};

}  // namespace rowtine::runtime
