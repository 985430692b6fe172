// How a table takes back versions, in two steps: out of the indexes when no snapshot sees a
// version, and to new use when no reader can still stand on it in a chain.
#include <algorithm>

#include "base/invariant.h"
#include "table/table.h"

namespace rowtine::table {

/// `sharer` may hold the same strings and keeps them.
void Table::unlink(VersionId version, VersionId sharer) {
  for (const std::unique_ptr<HashIndex>& index : indexes_) index->unlink(version);
  // Every reader there is has a snapshot at most clock_.latest(); later ones cannot come upon it.
  unlinked_.push({version, sharer, clock_.latest() + 1});
}

void Table::undo(const Change& change) {
  for (uint32_t i = change.after == kNoVersion ? 0 : change.count; i > 0; --i) {
    const VersionId version = change.after + i - 1;
    chunks_.clear_version(version);
    unlink(version, change.before);
    count_live(-1);
  }
  if (change.before != kNoVersion) {
    chunks_.revive_version(change.before);
    count_live(1);
  }
}

void Table::free_strings(VersionId version, VersionId sharer) {
  for (const uint32_t column : string_columns_) {
    if (chunks_.is_null(version, column)) continue;
    const auto& view = *reinterpret_cast<vector::StringView*>(chunks_.value(version, column));
    if (view.is_inline()) continue;
    if (sharer != kNoVersion && !chunks_.is_null(sharer, column)) {
      const auto& kept = *reinterpret_cast<vector::StringView*>(chunks_.value(sharer, column));
      if (!kept.is_inline() && kept.pointer == view.pointer) continue;
    }
    strings_.free(const_cast<char*>(view.pointer), view.size);
  }
}

void Table::reclaim(const Unlinked& unlinked) {
  free_strings(unlinked.version, unlinked.sharer);
  chunks_.clear_version(unlinked.version);
  free_versions_.push_back(unlinked.version);
}

size_t Table::garbage_count() const {
  size_t count = dead_.size() + unlinked_.size();
  for (const std::unique_ptr<HashIndex>& index : indexes_) count += index->retired_count();
  return count;
}

size_t Table::vacuum(Sequence horizon, uint32_t budget) {
  // Before the dead ones: a version that was taken back is freed before the one it shares strings
  // with can be, because that one ends later than the stamp.
  uint32_t left = budget;
  for (; left > 0 && !unlinked_.empty() && unlinked_.front().stamp <= horizon; --left) {
    reclaim(unlinked_.front());
    unlinked_.pop();
  }
  left = budget;
  for (; left > 0 && !dead_.empty() && dead_.front().end <= horizon; --left) {
    const Dead dead = dead_.front();
    dead_.pop();
    // An end that was taken back since leaves a stale note.
    if (chunks_.end_of(dead.version) == dead.end) unlink(dead.version, dead.successor);
  }
  Sequence awaited = unlinked_.empty() ? 0 : unlinked_.back().stamp;
  for (const std::unique_ptr<HashIndex>& index : indexes_) {
    index->free_retired(horizon);
    awaited = std::max(awaited, index->newest_retired());
  }
  account();
  // What was unlinked waits for a sequence that nobody else may take for a while.
  if (awaited > clock_.latest()) clock_.tick();
  return garbage_count();
}

}  // namespace rowtine::table
