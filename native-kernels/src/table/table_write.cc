// How a table changes: rows are checked whole (nulls, keys, memory) before anything is written, so
// a row that fails leaves no trace.
#include <algorithm>
#include <cstring>
#include <limits>

#include "base/invariant.h"
#include "table/table.h"

namespace rowtine::table {
namespace {

using vector::PhysicalType;
using vector::StringView;

int64_t integer_of(PhysicalType type, Cell cell) {
  int64_t value = 0;
  switch (type) {
    case PhysicalType::Int16: value = *static_cast<const int16_t*>(cell); break;
    case PhysicalType::Int32: value = *static_cast<const int32_t*>(cell); break;
    default: std::memcpy(&value, cell, sizeof value);
  }
  return value;
}

int64_t integer_max(PhysicalType type) {
  if (type == PhysicalType::Int16) return std::numeric_limits<int16_t>::max();
  if (type == PhysicalType::Int32) return std::numeric_limits<int32_t>::max();
  return std::numeric_limits<int64_t>::max();
}

void store_integer(PhysicalType type, void* values, uint32_t row, int64_t value) {
  switch (type) {
    case PhysicalType::Int16:
      static_cast<int16_t*>(values)[row] = static_cast<int16_t>(value);
      break;
    case PhysicalType::Int32:
      static_cast<int32_t*>(values)[row] = static_cast<int32_t>(value);
      break;
    default: static_cast<int64_t*>(values)[row] = value;
  }
}

bool is_active(const uint8_t* active, uint32_t row) {
  return active == nullptr || active[row] != 0;
}

constexpr uint32_t kColumnDetail = 0x10000;

}  // namespace

// Checks -----------------------------------------------------------------------------------------

/// Finds each index's place for the row; `stamp` is for what growing retires. Returns: the first
/// unique key that another live row has.
Table::Refused Table::check_keys(VersionId before, int32_t first_index, Sequence stamp) {
  for (std::unique_ptr<HashIndex>& index : indexes_) {
    if (!index->make_room(row_.cells, stamp)) return {kOutOfMemory};
  }
  for (uint32_t i = 0; i < indexes_.size(); ++i) places_[i] = indexes_[i]->find(row_.cells);
  const auto is_taken = [&](uint32_t i) {
    // The head is the key's newest version: if any of them is live, it is.
    const VersionId head = places_[i].head;
    return indexes_[i]->is_unique() && head != kNoVersion && head != before &&
           chunks_.is_live(head);
  };
  if (first_index >= 0 && is_taken(static_cast<uint32_t>(first_index))) {
    return {kUniqueViolation, static_cast<uint32_t>(first_index)};
  }
  for (uint32_t i = 0; i < indexes_.size(); ++i) {
    if (is_taken(i)) return {kUniqueViolation, i};
  }
  return {};
}

Table::Refused Table::check_nulls() const {
  for (uint32_t column = 0; column < row_.cells.size(); ++column) {
    if (definition_.not_null[column] && row_.cells[column] == nullptr) {
      return {kNotNullViolation, column + kColumnDetail};
    }
  }
  return {};
}

/// Is there memory for one more version? Counts what it takes, not what the system has.
bool Table::has_memory() const {
  size_t bytes = free_versions_.empty() ? chunks_.row_bytes() : 0;
  for (const uint32_t column : string_columns_) {
    if (row_.cells[column] == nullptr || !row_.is_new[column]) continue;
    const auto& view = *static_cast<const StringView*>(row_.cells[column]);
    if (!view.is_inline()) bytes += StringHeap::rounded(view.size);
  }
  const size_t used = memory_bytes_.load(std::memory_order_relaxed);
  return used <= definition_.memory_bytes_max && bytes <= definition_.memory_bytes_max - used;
}

// One version ------------------------------------------------------------------------------------

/// Copies the new long strings of row_ to the heap, so that cells and table agree on who owns them.
/// Returns: false when the system has no memory; then none is kept.
bool Table::own_strings() {
  owned_strings_.clear();
  for (const uint32_t column : string_columns_) {
    if (row_.cells[column] == nullptr || !row_.is_new[column]) continue;
    const auto& view = *static_cast<const StringView*>(row_.cells[column]);
    if (view.is_inline()) continue;
    char* bytes = strings_.allocate(view.size);
    if (bytes == nullptr) {
      for (const OwnedString& owned : owned_strings_) {
        strings_.free(const_cast<char*>(owned.view.pointer), owned.view.size);
      }
      return false;
    }
    std::memcpy(bytes, view.pointer, view.size);
    owned_strings_.push_back({column, StringView::of({bytes, view.size})});
  }
  for (const OwnedString& owned : owned_strings_) row_.cells[owned.column] = &owned.view;
  return true;
}

/// Writes row_ as a version that begins at `begin`; its keys are checked and places_ are right.
/// Returns: kNoVersion when memory is out; nothing has changed then.
VersionId Table::write_version(int64_t key, Sequence begin) {
  if (!has_memory()) return kNoVersion;
  const bool is_reused = !free_versions_.empty();
  if (!is_reused && !chunks_.make_room()) return kNoVersion;
  if (!own_strings()) return kNoVersion;
  const VersionId version = is_reused ? free_versions_.back() : chunks_.count();
  if (is_reused) free_versions_.pop_back();
  for (uint32_t column = 0; column < row_.cells.size(); ++column) {
    chunks_.set_cell(version, column, row_.cells[column]);
  }
  if (is_reused) {
    chunks_.begin_again(version, key, begin);
  } else {
    chunks_.begin_versions(1, key, begin);
  }
  for (uint32_t i = 0; i < indexes_.size(); ++i) indexes_[i]->link(places_[i], version);
  account();
  return version;
}

void Table::account() {
  size_t bytes = chunks_.count() * chunks_.row_bytes() + strings_.bytes_in_use();
  for (const std::unique_ptr<HashIndex>& index : indexes_) bytes += index->bytes();
  memory_bytes_.store(bytes, std::memory_order_relaxed);
}

void Table::count_live(int64_t by) {
  live_rows_.store(live_rows_.load(std::memory_order_relaxed) + static_cast<uint64_t>(by),
                   std::memory_order_relaxed);
}

void Table::end_version(VersionId version, VersionId successor, Sequence at) {
  chunks_.end_version(version, at);
  dead_.push({version, successor, at});
}

// Insert -----------------------------------------------------------------------------------------

void Table::insert(Transaction& transaction, InsertRequest& request, Arena& scratch) {
  const bool is_numbered = definition_.identity_column < 0 ||
                           request.values[static_cast<size_t>(definition_.identity_column)].values ==
                               nullptr;
  const bool has_scratch = number_identity(request, scratch);
  std::fill(row_.is_new.begin(), row_.is_new.end(), uint8_t{1});
  uint32_t row = 0;
  if (has_scratch && is_numbered && may_insert_together(transaction, request)) {
    row = insert_together(transaction, request, scratch);
  }
  for (; row < request.row_count; ++row) {
    request.row_ids[row] = -1;
    request.states[row] = 0;
    request.outcomes[row] = InsertOutcome::Failed;
    if (!is_active(request.active, row)) continue;
    const Refused refused =
        has_scratch ? insert_row(transaction, request, row) : Refused{kOutOfMemory};
    request.states[row] = refused.state.packed;
    if (request.details != nullptr) request.details[row] = refused.detail;
  }
}

/// Sets the row's outcome and id. Returns: why it failed.
Table::Refused Table::insert_row(Transaction& transaction, InsertRequest& request, uint32_t row) {
  for (uint32_t column = 0; column < row_.cells.size(); ++column) {
    row_.cells[column] = cell_of(request.values[column], row);
  }
  if (const Refused refused = check_nulls(); !refused.state.ok()) return refused;
  const int32_t arbiter = request.conflict != 0 ? request.index : -1;
  const Refused refused = check_keys(kNoVersion, arbiter, clock_.latest() + 1);
  if (refused.state == kUniqueViolation && request.conflict != 0 &&
      (request.index < 0 || static_cast<uint32_t>(request.index) == refused.detail)) {
    return meet_conflict(transaction, request, row, places_[refused.detail].head);
  }
  if (!refused.state.ok()) return refused;
  if (transaction.is_full()) return {kProgramLimitExceeded};
  if (!note_identity()) return {kNumericValueOutOfRange};
  const VersionId version = write_version(next_row_key_, transaction.statement());
  if (version == kNoVersion) return {kOutOfMemory};
  ++next_row_key_;
  count_live(1);
  transaction.record({this, kNoVersion, version});
  request.row_ids[row] = version;
  request.outcomes[row] = InsertOutcome::Inserted;
  return {};
}

Table::Refused Table::meet_conflict(const Transaction& transaction, InsertRequest& request,
                                    uint32_t row, VersionId existing) {
  if (request.once && chunks_.begin_of(existing) == transaction.statement()) {
    return {kCardinalityViolation};
  }
  request.row_ids[row] = existing;
  request.outcomes[row] = InsertOutcome::Conflict;
  return {};
}

/// Numbers the rows of an identity column without values. Returns: false when scratch memory is
/// out.
bool Table::number_identity(InsertRequest& request, Arena& scratch) {
  identity_overflow_ = false;
  for (uint32_t column = 0; column < request.values.size(); ++column) {
    vector::Vector& values = request.values[column];
    if (values.values != nullptr) continue;
    invariant(static_cast<int32_t>(column) == definition_.identity_column,
              "only an identity column is inserted without values");
    const PhysicalType type = definition_.types[column];
    if (!vector::allocate(scratch, type, request.row_count, false, values)) return false;
    for (uint32_t row = 0; row < request.row_count; ++row) {
      if (!is_active(request.active, row)) {
        store_integer(type, values.values, row, 0);
        continue;
      }
      identity_overflow_ |= next_identity_ > integer_max(type);
      store_integer(type, values.values, row, next_identity_);
      next_identity_ = std::max(next_identity_, next_identity_ + (next_identity_ < INT64_MAX));
    }
  }
  return true;
}

/// Moves the counter past a number that the caller gave, so that it will not be met again.
/// Returns: false when the counter has passed what the column can hold.
void Table::continue_identity_after(int64_t last) {
  if (last < next_identity_) return;
  next_identity_ = last < INT64_MAX ? last + 1 : INT64_MAX;
}

bool Table::note_identity() {
  if (definition_.identity_column < 0) return true;
  if (identity_overflow_) return false;
  const auto column = static_cast<uint32_t>(definition_.identity_column);
  if (row_.cells[column] == nullptr) return true;
  const int64_t number = integer_of(definition_.types[column], row_.cells[column]);
  if (number >= next_identity_) next_identity_ = number < INT64_MAX ? number + 1 : INT64_MAX;
  return true;
}

// Update and erase -------------------------------------------------------------------------------

/// A version that the running statement made or ended: SQL lets a statement change a row once.
bool Table::is_changed_by(const Transaction& transaction, VersionId version) const {
  return !chunks_.is_live(version) || chunks_.begin_of(version) == transaction.statement();
}

void Table::update(Transaction& transaction, const RowId* row_ids, uint32_t row_count,
                   const uint8_t* active, std::span<const uint32_t> columns,
                   std::span<const vector::Vector> values, bool instances, RowId* new_row_ids,
                   uint32_t* states, uint32_t* details, Arena&) {
  std::fill(row_.is_new.begin(), row_.is_new.end(), uint8_t{0});
  for (const uint32_t column : columns) row_.is_new[column] = 1;
  for (uint32_t row = 0; row < row_count; ++row) {
    new_row_ids[row] = -1;
    states[row] = 0;
    if (details != nullptr) details[row] = 0;
    if (!is_active(active, row) || row_ids[row] < 0) continue;
    const auto before = static_cast<VersionId>(row_ids[row]);
    if (is_changed_by(transaction, before)) {
      if (instances) states[row] = kBatchConflict.packed;
      continue;
    }
    for (uint32_t column = 0; column < row_.cells.size(); ++column) {
      row_.cells[column] = chunks_.cell(before, column);
    }
    for (size_t i = 0; i < columns.size(); ++i) row_.cells[columns[i]] = cell_of(values[i], row);
    const Refused refused = update_row(transaction, before, new_row_ids[row]);
    states[row] = refused.state.packed;
    if (details != nullptr) details[row] = refused.detail;
  }
}

Table::Refused Table::update_row(Transaction& transaction, VersionId before, RowId& new_row_id) {
  if (const Refused refused = check_nulls(); !refused.state.ok()) return refused;
  if (const Refused refused = check_keys(before, -1, clock_.latest() + 1); !refused.state.ok())
    return refused;
  if (transaction.is_full()) return {kProgramLimitExceeded};
  const VersionId after = write_version(chunks_.row_key(before), transaction.statement());
  if (after == kNoVersion) return {kOutOfMemory};
  end_version(before, after, transaction.statement());
  transaction.record({this, before, after});
  new_row_id = after;
  return {};
}

uint32_t Table::erase(Transaction& transaction, const RowId* row_ids, uint32_t row_count,
                      const uint8_t* active, bool instances, uint32_t* states) {
  uint32_t erased = 0;
  for (uint32_t row = 0; row < row_count; ++row) {
    if (states != nullptr) states[row] = 0;
    if (!is_active(active, row) || row_ids[row] < 0) continue;
    const auto version = static_cast<VersionId>(row_ids[row]);
    if (is_changed_by(transaction, version) || transaction.is_full()) {
      const SqlState state = transaction.is_full() ? kProgramLimitExceeded : kBatchConflict;
      if (states != nullptr && (instances || transaction.is_full())) states[row] = state.packed;
      continue;
    }
    end_version(version, kNoVersion, transaction.statement());
    transaction.record({this, version, kNoVersion});
    count_live(-1);
    ++erased;
  }
  return erased;
}

// Start-up ---------------------------------------------------------------------------------------

SqlState Table::load(std::span<const int64_t> row_keys, std::span<const vector::Vector> columns) {
  std::fill(row_.is_new.begin(), row_.is_new.end(), uint8_t{1});
  identity_overflow_ = false;
  for (uint32_t row = 0; row < row_keys.size(); ++row) {
    for (uint32_t column = 0; column < row_.cells.size(); ++column) {
      row_.cells[column] = cell_of(columns[column], row);
    }
    if (const Refused refused = check_nulls(); !refused.state.ok()) return refused.state;
    if (const Refused refused = check_keys(kNoVersion, -1, kNobodyReads); !refused.state.ok())
      return refused.state;
    note_identity();
    if (write_version(row_keys[row], clock_.published()) == kNoVersion) return kOutOfMemory;
    next_row_key_ = std::max(next_row_key_, row_keys[row] + 1);
    count_live(1);
  }
  return kSuccess;
}

}  // namespace rowtine::table
