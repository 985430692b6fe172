#include "runtime/commit_log.h"

#include <algorithm>
#include <iterator>

#include "base/invariant.h"

namespace rowtine::runtime {
namespace {

StoreOperation operation_of(table::RedoKind kind) {
  switch (kind) {
    case table::RedoKind::Erase: return StoreOperation::Delete;
    case table::RedoKind::Update: return StoreOperation::Update;
    case table::RedoKind::Insert: return StoreOperation::Insert;
  }
  return StoreOperation::Insert;
}

/// Copies redo batches into what the store thread gets.
class GroupWriter final : public table::RedoSink {
 public:
  explicit GroupWriter(StoreCommits& group) : group_(group) {}

  void write(const table::RedoBatch& batch) override {
    StoreChange change{batch.table.id(), operation_of(batch.kind), {}, {}};
    change.keys.assign(batch.keys.begin(), batch.keys.end());
    export_rows(batch.columns, static_cast<uint32_t>(batch.keys.size()), change.rows);
    group_.changes.push_back(std::move(change));
  }

 private:
  StoreCommits& group_;
};

}  // namespace

bool CommitLog::changes_durable(const table::Changes& changes) const {
  return std::ranges::any_of(changes.entries,
                             [](const table::Change& change) { return change.table->is_durable(); });
}

void CommitLog::commit(table::Transaction& transaction) {
  table::Changes changes = transaction.commit();
  // While something durable may still be undone, what came after it must be undone first.
  const bool may_undo = !open_.empty() || !undoable_.empty();
  if (changes.empty() || !stored_ || (!may_undo && !changes_durable(changes))) {
    transaction.recycle(std::move(changes));
    return;
  }
  if (open_.empty()) {
    open_ = std::move(changes);
    return;
  }
  open_.last = changes.last;
  open_.entries.insert(open_.entries.end(), changes.entries.begin(), changes.entries.end());
}

std::unique_ptr<StoreCommits> CommitLog::group_of(const table::Changes& changes) {
  auto group = std::make_unique<StoreCommits>();
  group->ticket = submitted_ + 1;
  GroupWriter writer(*group);
  const bool written = redo_.write(changes, writer);
  invariant(written, "the redo arena has no limit");
  return group;
}

void CommitLog::end_turn() {
  forget_durable();
  if (waiting_ != nullptr && !gate_.submit(waiting_)) return;
  waiting_ = nullptr;
  if (open_.empty()) return;
  waiting_ = group_of(open_);
  ++submitted_;
  undoable_.push_back({submitted_, std::move(open_)});
  open_ = table::Changes{};
  if (gate_.submit(waiting_)) waiting_ = nullptr;
}

void CommitLog::forget_durable() {
  const Ticket durable = gate_.durable();
  while (!undoable_.empty() && undoable_.front().ticket <= durable) undoable_.pop_front();
}

bool CommitLog::roll_back_failed() {
  const uint64_t failures = gate_.failures();
  if (failures == failures_handled_) return false;
  failures_handled_ = failures;
  forget_durable();
  if (!open_.empty()) table::undo(std::move(open_));
  open_ = table::Changes{};
  for (; !undoable_.empty(); undoable_.pop_back()) {
    table::undo(std::move(undoable_.back().changes));
  }
  waiting_ = nullptr;
  undone_ = submitted_;
  gate_.failure_handled(submitted_);
  return true;
}

table::Sequence CommitLog::horizon_max() const {
  if (!undoable_.empty()) return undoable_.front().changes.horizon_max();
  return open_.empty() ? table::kNever : open_.horizon_max();
}

}  // namespace rowtine::runtime
