// Inserts, updates, deletes, fetches and appends of one batch.
#include <algorithm>
#include <cstring>

#include "program/interpreter.h"

namespace rowtine::program {

using table::InsertOutcome;
using table::RowId;

constexpr RowId kNoRow = -1;

// Row ids of a register, -1 where it is null.
RowId* Execution::Impl::row_ids_of(Register r, uint32_t count) {
  const Vector& source = registers_[static_cast<size_t>(r)];
  auto* ids = scratch_array<RowId>(count);
  if (ids == nullptr) {
    fail_memory();
    return nullptr;
  }
  for (uint32_t i = 0; i < count; ++i) {
    ids[i] = source.is_null(i) ? kNoRow : source.as<RowId>()[source.index_of(i)];
  }
  return ids;
}

// Bool bytes of the rows to change: those of `active` that name a row (ids nullptr: all do).
uint8_t* Execution::Impl::active_rows(Register active, const RowId* ids, uint32_t count) {
  bool is_constant = false;
  const uint8_t* mask = active_bytes(active, count, is_constant);
  auto* rows = scratch_array<uint8_t>(count);
  if (rows == nullptr) {
    fail_memory();
    return nullptr;
  }
  for (uint32_t i = 0; i < count; ++i) {
    const bool wanted = mask == nullptr || mask[is_constant ? 0 : i] != 0;
    rows[i] = wanted && (ids == nullptr || ids[i] != kNoRow) ? 1 : 0;
  }
  return rows;
}

bool Execution::Impl::write_row_ids(Register target, const RowId* ids, uint32_t count) {
  if (target == kNone) return true;
  Vector& out = registers_[static_cast<size_t>(target)];
  if (!vector::allocate(scratch_, PhysicalType::Int64, count, true, out)) {
    fail_memory();
    return false;
  }
  for (uint32_t i = 0; i < count; ++i) {
    out.as<int64_t>()[i] = ids[i];
    if (ids[i] == kNoRow) clear_bit(out.validity, i);
  }
  return true;
}

// Did the row meet another instance's change? Alone each would have come after the other.
bool Execution::Impl::is_instance_conflict(uint32_t state, bool once) const {
  if (state == kBatchConflict.packed) return true;
  return once && is_step() && instances_->count > 1 && state == kCardinalityViolation.packed;
}

uint32_t Execution::Impl::settle_changes(size_t position, uint32_t count, const uint32_t* states,
                                         const uint32_t* details) {
  const bool once = [&] {
    const auto* insert = std::get_if<Insert>(&pipeline_->operators[position]);
    return insert != nullptr && insert->once;
  }();
  for (uint32_t row = 0; row < count; ++row) {
    if (states[row] == 0) continue;
    if (is_instance_conflict(states[row], once)) {
      report_conflict();
      return 0;
    }
    error_states_[row] = states[row];
    error_instructions_[row] = prepared_->operators[position].instruction;
    error_details_[row] = details == nullptr ? 0 : details[row];
    errors_.any = true;
  }
  return settle_errors(position, count);
}

void Execution::Impl::note_changed(Register ordinal, const uint8_t* changed, uint32_t count) {
  if (!is_step()) return;
  const Vector& ordinals = registers_[static_cast<size_t>(ordinal)];
  for (uint32_t row = 0; row < count; ++row) {
    if (changed[row] == 0 || ordinals.is_null(row)) continue;
    const auto instance = static_cast<size_t>(ordinals.as<int32_t>()[ordinals.index_of(row)]);
    progress_[instance].changed_at = pipeline_index_ + 1;
  }
}

namespace {

/// What insert() and update() write per row.
struct ChangeResults {
  RowId* ids;
  uint32_t* states;
  uint32_t* details;

  bool allocate(Arena& arena, uint32_t count) {
    ids = arena.allocate_array<RowId>(count);
    states = arena.allocate_array<uint32_t>(count);
    details = arena.allocate_array<uint32_t>(count);
    if (ids == nullptr || states == nullptr || details == nullptr) return false;
    std::fill_n(ids, count, kNoRow);
    std::fill_n(states, count, 0U);
    std::fill_n(details, count, 0U);
    return true;
  }
};

}  // namespace

uint32_t Execution::Impl::insert(const Insert& insert, size_t position, uint32_t count) {
  auto* values = scratch_array<Vector>(insert.values.size());
  auto* outcomes = scratch_array<InsertOutcome>(count);
  ChangeResults results;
  uint8_t* active = active_rows(insert.active, nullptr, count);
  if (values == nullptr || outcomes == nullptr || active == nullptr ||
      !results.allocate(scratch_, count)) {
    fail_memory();
    return 0;
  }
  table::Relation& relation = *relations_[prepared_->operators[position].relation];
  for (size_t i = 0; i < insert.values.size(); ++i) {
    const Register r = insert.values[i];
    values[i] = r == kNone ? Vector{relation.column_types()[i], false, nullptr, nullptr}
                           : flat(registers_[static_cast<size_t>(r)], count);
  }
  std::fill_n(outcomes, count, InsertOutcome::Failed);
  table::InsertRequest request;
  request.values = {values, insert.values.size()};
  request.row_count = count;
  request.active = insert.active == kNone ? nullptr : active;
  request.conflict = insert.conflict;
  request.index = insert.index;
  request.once = insert.once;
  request.row_ids = results.ids;
  request.outcomes = outcomes;
  request.states = results.states;
  request.details = results.details;
  relation.insert(*context_->transaction, request, scratch_);

  auto* inserted = active;  // from here on: rows that are new
  Vector conflicted;
  if (!vector::allocate(scratch_, PhysicalType::Bool, count, false, conflicted)) {
    fail_memory();
    return 0;
  }
  for (uint32_t row = 0; row < count; ++row) {
    const bool is_active = active[row] != 0;
    if (!is_active) results.ids[row] = kNoRow;
    conflicted.as<uint8_t>()[row] = is_active && outcomes[row] == InsertOutcome::Conflict ? 1 : 0;
    inserted[row] = is_active && outcomes[row] == InsertOutcome::Inserted ? 1 : 0;
  }
  note_changed(insert.ordinal, inserted, count);
  if (!write_row_ids(insert.row_id, results.ids, count)) return 0;
  if (insert.conflicted != kNone) registers_[static_cast<size_t>(insert.conflicted)] = conflicted;
  return settle_changes(position, count, results.states, results.details);
}

uint32_t Execution::Impl::update(const Update& update, size_t position, uint32_t count) {
  const RowId* ids = row_ids_of(update.row_id, count);
  const uint8_t* active = ids == nullptr ? nullptr : active_rows(update.active, ids, count);
  auto* columns = scratch_array<uint32_t>(update.columns.size());
  auto* values = scratch_array<Vector>(update.columns.size());
  ChangeResults results;
  if (active == nullptr || columns == nullptr || values == nullptr ||
      !results.allocate(scratch_, count)) {
    fail_memory();
    return 0;
  }
  for (size_t i = 0; i < update.columns.size(); ++i) {
    columns[i] = update.columns[i].column;
    values[i] = flat(registers_[static_cast<size_t>(update.columns[i].target)], count);
  }
  table::Relation& relation = *relations_[prepared_->operators[position].relation];
  relation.update(*context_->transaction, ids, count, active, {columns, update.columns.size()},
                  {values, update.columns.size()}, is_step() && instances_->count > 1, results.ids,
                  results.states, results.details, scratch_);
  auto* changed = scratch_array<uint8_t>(count);
  if (changed == nullptr) {
    fail_memory();
    return 0;
  }
  for (uint32_t row = 0; row < count; ++row) {
    if (active[row] == 0) results.ids[row] = kNoRow;
    changed[row] = results.ids[row] != kNoRow && results.states[row] == 0 ? 1 : 0;
  }
  note_changed(update.ordinal, changed, count);
  if (!write_row_ids(update.new_row_id, results.ids, count)) return 0;
  return settle_changes(position, count, results.states, results.details);
}

uint32_t Execution::Impl::erase(const Delete& erase, size_t position, uint32_t count) {
  const RowId* ids = row_ids_of(erase.row_id, count);
  const uint8_t* active = ids == nullptr ? nullptr : active_rows(erase.active, ids, count);
  auto* states = scratch_array<uint32_t>(count);
  if (active == nullptr || states == nullptr) {
    fail_memory();
    return 0;
  }
  std::fill_n(states, count, 0U);
  table::Relation& relation = *relations_[prepared_->operators[position].relation];
  relation.erase(*context_->transaction, ids, count, active, is_step() && instances_->count > 1,
                 states);
  note_changed(erase.ordinal, active, count);
  return settle_changes(position, count, states, nullptr);
}

uint32_t Execution::Impl::fetch(const Fetch& fetch, size_t position, uint32_t count) {
  const RowId* ids = row_ids_of(fetch.row_id, count);
  if (ids == nullptr) return 0;
  table::Relation& relation = *relations_[prepared_->operators[position].relation];
  for (const Load& load : fetch.columns) {
    Vector& target = registers_[static_cast<size_t>(load.target)];
    if (relation.fetch(ids, count, load.column, scratch_, target)) continue;
    fail_memory();
    return 0;
  }
  return count;
}

namespace {

// A column that the statement leaves out.
bool null_column(Arena& arena, PhysicalType type, Vector& out) {
  if (!vector::allocate(arena, type, 1, true, out)) return false;
  std::memset(out.values, 0, vector::width_of(type));
  out.validity[0] = 0;
  out.constant = true;
  return true;
}

}  // namespace

uint32_t Execution::Impl::append(const Append& append, size_t position, uint32_t count) {
  auto* values = scratch_array<Vector>(append.values.size());
  auto* states = scratch_array<uint32_t>(count);
  Vector ids;
  if (values == nullptr || states == nullptr ||
      !vector::allocate(scratch_, PhysicalType::Int64, count, false, ids)) {
    fail_memory();
    return 0;
  }
  std::fill_n(states, count, 0U);
  std::fill_n(ids.as<int64_t>(), count, 0);
  const PreparedOperator& prepared = prepared_->operators[position];
  const auto types = relations_[prepared.relation]->column_types();
  for (size_t i = 0; i < append.values.size(); ++i) {
    const Register r = append.values[i];
    if (r != kNone) {
      values[i] = registers_[static_cast<size_t>(r)];
    } else if (!null_column(scratch_, types[i], values[i])) {
      fail_memory();
      return 0;
    }
  }
  AppendRequest request;
  request.relation = append.relation;
  request.values = {values, append.values.size()};
  request.row_count = count;
  request.pipeline = pipeline_index_;
  request.ids = append.id == kNone ? nullptr : ids.as<int64_t>();
  request.states = states;
  if (is_step()) {
    const Vector ordinal = flat(registers_[static_cast<size_t>(append.ordinal)], count);
    for (uint32_t row = 0; row < count; ++row) {
      if (!ordinal.is_null(row)) continue;
      fail_shared({kInternalError, prepared.instruction, row});
      return 0;
    }
    request.ordinals = ordinal.as<int32_t>();
  }
  if (append.id != kNone) registers_[static_cast<size_t>(append.id)] = ids;
  if (context_->effects->append(request)) return count;
  return settle_changes(position, count, states, nullptr);
}

}  // namespace rowtine::program
