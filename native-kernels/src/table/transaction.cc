#include "table/transaction.h"

#include <utility>

#include "base/invariant.h"
#include "table/table.h"

namespace rowtine::table {

Sequence Transaction::begin_statement() {
  statement_ = clock_.take();
  if (first_ == 0) first_ = statement_;
  return statement_;
}

void Transaction::rollback_to(Mark mark) {
  invariant(mark <= entries_.size(), "a mark belongs to the running transaction");
  while (entries_.size() > mark) {
    entries_.back().table->undo(entries_.back());
    entries_.pop_back();
  }
}

void Transaction::rollback() {
  if (!is_open()) return;
  rollback_to(0);
  close();
}

Changes Transaction::commit() {
  Changes changes;
  if (!is_open()) return changes;
  changes = {std::exchange(entries_, {}), first_, statement_};
  close();
  return changes;
}

void Transaction::recycle(Changes&& changes) {
  if (!entries_.empty() || changes.entries.capacity() <= entries_.capacity()) return;
  entries_ = std::move(changes.entries);
  entries_.clear();
}

/// A transaction without changes publishes as well: nothing has its sequences, and what waits for
/// them goes on.
void Transaction::close() {
  clock_.publish(clock_.latest());
  first_ = 0;
}

void undo(Changes&& changes) {
  for (size_t i = changes.entries.size(); i > 0; --i) {
    changes.entries[i - 1].table->undo(changes.entries[i - 1]);
  }
  changes.entries.clear();
}

}  // namespace rowtine::table
