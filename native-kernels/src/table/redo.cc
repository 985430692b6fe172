#include "table/redo.h"

#include <algorithm>

#include "base/invariant.h"

namespace rowtine::table {

bool Redo::write(const Changes& changes, RedoSink& sink) {
  collect(changes);
  for (uint32_t table = 0, at = 0; table < tables_.size(); ++table) {
    at = fold(table, at);
    if (!deliver(sink, *tables_[table], RedoKind::Erase, erased_)) return false;
    if (!deliver(sink, *tables_[table], RedoKind::Update, updated_)) return false;
    if (!deliver(sink, *tables_[table], RedoKind::Insert, inserted_)) return false;
  }
  return true;
}

/// Lists the changes to durable tables by table, row and time.
void Redo::collect(const Changes& changes) {
  tables_.clear();
  entries_.clear();
  for (uint32_t order = 0; order < changes.entries.size(); ++order) {
    const Change& change = changes.entries[order];
    if (!change.table->is_durable()) continue;
    auto found = std::ranges::find(tables_, change.table);
    if (found == tables_.end()) found = tables_.insert(found, change.table);
    const auto table = static_cast<uint32_t>(found - tables_.begin());
    for (uint32_t i = 0; i < change.count; ++i) {
      const VersionId after = change.after == kNoVersion ? kNoVersion : change.after + i;
      const VersionId version = after != kNoVersion ? after : change.before;
      entries_.push_back({table, order, change.table->row_key(version),
                          {change.table, change.before, after}});
    }
  }
  const auto by_row = [](const Entry& a, const Entry& b) {
    if (a.table != b.table) return a.table < b.table;
    return a.key != b.key ? a.key < b.key : a.order < b.order;
  };
  if (!std::ranges::is_sorted(entries_, by_row)) std::ranges::sort(entries_, by_row);
}

/// Sorts the rows of one table, from entry `at` on, into what became of them: the version before
/// the first change and the one after the last tell. Returns: the first entry of the next table.
uint32_t Redo::fold(uint32_t table, uint32_t at) {
  erased_.clear();
  updated_.clear();
  inserted_.clear();
  while (at < entries_.size() && entries_[at].table == table) {
    const Entry& first = entries_[at];
    while (at + 1 < entries_.size() && entries_[at + 1].table == table &&
           entries_[at + 1].key == first.key) {
      ++at;
    }
    const Change whole{first.change.table, first.change.before, entries_[at].change.after};
    ++at;
    if (whole.before == kNoVersion) {
      if (whole.after != kNoVersion) inserted_.push_back(whole.after);
    } else if (whole.after == kNoVersion) {
      erased_.push_back(whole.before);
    } else if (whole.table->differs_in_unique_key(whole.before, whole.after)) {
      erased_.push_back(whole.before);
      inserted_.push_back(whole.after);
    } else {
      updated_.push_back(whole.after);
    }
  }
  return at;
}

bool Redo::deliver(RedoSink& sink, Table& table, RedoKind kind, std::span<const RowId> rows) {
  while (!rows.empty()) {
    const size_t count = std::min<size_t>(rows.size(), vector::kBatchRowsMax);
    if (!deliver_batch(sink, table, kind, rows.first(count))) return false;
    rows = rows.subspan(count);
  }
  return true;
}

bool Redo::deliver_batch(RedoSink& sink, Table& table, RedoKind kind, std::span<const RowId> rows) {
  arena_.reset();
  keys_.clear();
  columns_.clear();
  for (const RowId row : rows) keys_.push_back(table.row_key(row));
  const auto row_count = static_cast<uint32_t>(rows.size());
  const size_t column_count = kind == RedoKind::Erase ? 0 : table.column_types().size();
  columns_.resize(column_count);
  for (uint32_t column = 0; column < column_count; ++column) {
    if (!table.fetch(rows.data(), row_count, column, arena_, columns_[column])) return false;
  }
  sink.write({table, kind, keys_, columns_});
  return true;
}

}  // namespace rowtine::table
