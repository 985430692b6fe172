// A transaction of the sequencer: numbers its statements, remembers every change so that it can be
// taken back, and hands the list of changes on for redo when it commits.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "table/relation.h"
#include "table/sequence.h"

namespace rowtine::table {

class Table;

/// A row version inside one table, as change lists and indexes name it.
using VersionId = uint32_t;
inline constexpr VersionId kNoVersion = UINT32_MAX;

/// before == kNoVersion: an insert; after == kNoVersion: an erase; both set: an update.
struct Change {
  Table* table;
  VersionId before;
  VersionId after;
  uint32_t count = 1;  // of an insert: of the versions after, after + 1, ...
};

/// Changes that one transaction may make, a run of inserted rows being one: 1.5 GiB of them. The
/// row past it fails with 54000.
inline constexpr size_t kTransactionChangesMax = 1ULL << 26;

/// What a committed transaction did, oldest first: redo is made from it (table/redo.h), and until
/// the store has it, undo(). Until then Table::vacuum must be given no horizon past horizon_max().
struct Changes {
  std::vector<Change> entries;
  Sequence first = 0;  // sequences of its statements
  Sequence last = 0;

  bool empty() const { return entries.empty(); }
  /// The newest snapshot that still needs every version which undo() brings back.
  Sequence horizon_max() const { return first == 0 ? kNever : first - 1; }
};

/// Takes back a committed transaction whose changes could not be stored. Lists are undone newest
/// first, before any other change. Runs that read on other workers may see some rows before and
/// some after it: they read what never became durable, and the caller discards their effects.
/// Threads: the writer, outside any transaction.
void undo(Changes&& changes);

/// Threads: the writer. One at a time per SequenceClock; reusable after commit() and rollback().
class Transaction {
 public:
  explicit Transaction(SequenceClock& clock) : clock_(clock) {}
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction() { rollback(); }

  /// Takes the sequence of the next statement. A statement sees what earlier ones did, never
  /// itself.
  Sequence begin_statement();

  /// The running statement's sequence: what its new versions begin and its old ones end with.
  Sequence statement() const { return statement_; }
  /// What the running statement sees.
  Snapshot snapshot() const { return {statement_ - 1}; }

  /// A point in the transaction to come back to; commit() and rollback() end it.
  using Mark = size_t;
  Mark savepoint() const { return entries_.size(); }
  /// Takes back every change since `mark`. What follows needs begin_statement() again.
  void rollback_to(Mark mark);
  /// Takes back everything and ends the transaction. Does nothing when there is none.
  void rollback();
  /// Publishes everything to readers and ends the transaction.
  Changes commit();
  /// Gives the memory of a list that is no longer needed back for the next transaction.
  void recycle(Changes&& changes);

  std::span<const Change> changes() const { return entries_; }
  bool is_open() const { return first_ != 0; }

  // For Table.
  bool is_full() const { return changes_left() == 0; }
  size_t changes_left() const { return kTransactionChangesMax - entries_.size(); }
  void record(const Change& change) { entries_.push_back(change); }

 private:
  void close();

  SequenceClock& clock_;
  std::vector<Change> entries_;
  Sequence statement_ = 0;
  Sequence first_ = 0;  // 0: no transaction is open
};

}  // namespace rowtine::table
