// Where a pipeline's batches come from.
#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>

#include "program/interpreter.h"

namespace rowtine::program {
namespace {

// Ordinals of a whole batch of instances, shared by all runs; padded like any vector's values.
struct Iota {
  alignas(64) std::array<int32_t, vector::kBatchRowsMax + vector::kPaddingBytes / 4> values;
  constexpr Iota() : values() {
    for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<int32_t>(i);
  }
};
constinit Iota iota{};

}  // namespace

void Execution::Impl::run_source() {
  struct Run {
    Impl& impl;
    void operator()(const DualSource&) const { impl.source_dual(); }
    void operator()(const InstancesSource& source) const { impl.source_instances(source); }
    void operator()(const ConstantsSource& source) const { impl.source_constants(source); }
    void operator()(const ScanSource& source) const { impl.source_scan(source); }
    void operator()(const StateScanSource& source) const { impl.source_state(source); }
    void operator()(const RecursionSource& source) const { impl.source_recursion(source); }
  };
  std::visit(Run{*this}, pipeline_->source);
}

void Execution::Impl::run_batch(uint32_t count) {
  selections_.forget();
  run_operators(0, count);
}

void Execution::Impl::source_dual() { run_batch(1); }

// Lists the instances that take part, ascending. Returns: how many.
uint32_t Execution::Impl::live_instances(int32_t guard, uint32_t* live) const {
  const Vector* mask = guard == kNone ? nullptr : &instances_->locals[static_cast<size_t>(guard)];
  uint32_t count = 0;
  for (uint32_t i = 0; i < instances_->count; ++i) {
    live[count] = i;
    const bool guarded = mask == nullptr || (mask->as<uint8_t>()[i] != 0 && !mask->is_null(i));
    count += guarded && !is_skipping(i) ? 1 : 0;
  }
  return count;
}

bool Execution::Impl::load_instances(const InstancesSource& source, const uint32_t* live,
                                     uint32_t first, uint32_t count) {
  const bool whole = count == instances_->count;
  // A pipeline that assigns locals reads them as they were before it.
  const bool shares_locals = whole && !std::holds_alternative<LocalsSink>(pipeline_->sink);
  const auto load = [&](std::span<const Load> loads, std::span<const Vector> columns, bool share) {
    for (const Load& each : loads) {
      Vector& target = registers_[static_cast<size_t>(each.target)];
      if (share) {
        target = columns[each.column];
      } else if (!vector::gather(scratch_, columns[each.column], live + first, count, target)) {
        return false;
      }
    }
    return true;
  };
  if (!load(source.event, instances_->event, whole)) return false;
  if (!load(source.locals, instances_->locals, shares_locals)) return false;
  if (source.ordinal == kNone) return true;
  Vector& ordinal = registers_[static_cast<size_t>(source.ordinal)];
  if (whole && count <= vector::kBatchRowsMax) {
    ordinal = {PhysicalType::Int32, false, iota.values.data(), nullptr};
    return true;
  }
  if (!vector::allocate(scratch_, PhysicalType::Int32, count, false, ordinal)) return false;
  for (uint32_t i = 0; i < count; ++i) {
    ordinal.as<int32_t>()[i] = static_cast<int32_t>(live[first + i]);
  }
  return true;
}

void Execution::Impl::source_instances(const InstancesSource& source) {
  auto* live = scratch_array<uint32_t>(instances_->count);
  if (live == nullptr) return fail_memory();
  const uint32_t live_count = live_instances(source.guard, live);
  if (live_count == 0) return;
  require_states(*prepared_);
  start_pipeline(pipeline_index_);
  for (uint32_t first = 0; first < live_count && may_continue(); first += batch_rows_max_) {
    const Arena::Mark mark = scratch_.mark();
    const uint32_t count = std::min(batch_rows_max_, live_count - first);
    if (!load_instances(source, live, first, count)) return fail_memory();
    run_batch(count);
    scratch_.rewind(mark);
  }
  if (const auto* sink = std::get_if<LocalsSink>(&pipeline_->sink)) {
    reset_locals(*sink, live, live_count);
  }
}

void Execution::Impl::source_constants(const ConstantsSource& source) {
  const size_t width = source.registers.size();
  const size_t row_count = width == 0 ? 0 : source.cells.size() / width;
  for (size_t first = 0; first < row_count && may_continue(); first += batch_rows_max_) {
    const Arena::Mark mark = scratch_.mark();
    const auto count = static_cast<uint32_t>(std::min<size_t>(batch_rows_max_, row_count - first));
    for (size_t column = 0; column < width; ++column) {
      Vector& target = registers_[static_cast<size_t>(source.registers[column])];
      const PhysicalType type = pipeline_->registers[static_cast<size_t>(source.registers[column])];
      if (!vector::allocate(scratch_, type, count, true, target)) return fail_memory();
      const size_t bytes = vector::width_of(type);
      for (uint32_t i = 0; i < count; ++i) {
        const Vector& cell =
            constants_[static_cast<size_t>(source.cells[(first + i) * width + column])];
        std::memcpy(static_cast<uint8_t*>(target.values) + i * bytes, cell.values, bytes);
        if (cell.is_null(0)) clear_bit(target.validity, i);
      }
    }
    run_batch(count);
    scratch_.rewind(mark);
  }
}

void Execution::Impl::source_scan(const ScanSource& source) {
  table::Relation& relation = *relations_[prepared_->source_relation];
  if (!is_divided_) return scan_rows(source, *relation.scan(snapshot_, prepared_->scan_columns));
  for (Morsel morsel; take_morsel(morsel);) {
    scan_rows(source, *relation.scan_range(snapshot_, prepared_->scan_columns, morsel.first,
                                           morsel.last));
  }
}

namespace {

void narrow(const ScanSource& source, const Vector* constants, table::Scan& scan) {
  for (const ScanRange& each : source.ranges) {
    const Vector& constant = constants[static_cast<size_t>(each.constant)];
    table::ValueRange range;  // nothing compares with null
    if (!constant.is_null(0)) {
      range = table::kAllValues;
      const int64_t rank = table::rank_of(constant.type, constant.values);
      if (each.end != RangeEnd::AtMost) range.low = rank;
      if (each.end != RangeEnd::AtLeast) range.high = rank;
    }
    scan.narrow(each.column, range);
  }
}

}  // namespace

void Execution::Impl::scan_rows(const ScanSource& source, table::Scan& scan) {
  narrow(source, constants_, scan);
  const Arena::Mark start = scratch_.mark();
  auto* columns = scratch_array<Vector>(source.columns.size());
  if (columns == nullptr) return fail_memory();
  while (may_continue()) {
    const Arena::Mark mark = scratch_.mark();
    table::RowId* row_ids = nullptr;
    Vector ids{PhysicalType::Int64, false, nullptr, nullptr};
    if (source.row_id != kNone) {
      if (!vector::allocate(scratch_, PhysicalType::Int64, batch_rows_max_, false, ids)) {
        return fail_memory();
      }
      row_ids = ids.as<table::RowId>();
    }
    const Result<uint32_t> delivered =
        scan.next(scratch_, batch_rows_max_, {columns, source.columns.size()}, row_ids);
    if (!delivered.ok()) return fail_run(delivered.error().state);
    const uint32_t count = delivered.value();
    if (count == 0) break;
    for (size_t i = 0; i < source.columns.size(); ++i) {
      registers_[static_cast<size_t>(source.columns[i].target)] = columns[i];
    }
    if (source.row_id != kNone) registers_[static_cast<size_t>(source.row_id)] = ids;
    run_batch(count);
    scratch_.rewind(mark);
  }
  if (profile_ != nullptr) profile_->skip(scan.skipped());
  scratch_.rewind(start);
}

namespace {

/// Reads a column of the rows of a state. Returns: false when memory is out.
bool read_packed(const State& state, const PreparedState& prepared, const StateSlot& slot,
                 uint32_t column, const uint8_t* const* rows, uint32_t count, Arena& arena,
                 Vector& out) {
  if (std::holds_alternative<AggregateState>(state)) {
    return slot.aggregator->read(column, rows, count, arena, out);
  }
  if (std::holds_alternative<SortState>(state)) {
    return slot.sort->read(column, rows, count, arena, out);
  }
  const bool is_table = std::holds_alternative<HashTableState>(state);
  const join::PackedLayout& layout = is_table ? slot.table->layout() : prepared.layout;
  return join::gather_column(layout, column, rows, count, arena, out);
}

}  // namespace

void Execution::Impl::emit_packed(uint32_t index, std::span<const Load> columns,
                                  const uint8_t* const* rows, uint32_t count) {
  const State& state = program_->program.states[index];
  const PreparedState& prepared = program_->states[index];
  for (const Load& load : columns) {
    Vector& target = registers_[static_cast<size_t>(load.target)];
    if (!read_packed(state, prepared, states_[index], load.column, rows, count, scratch_, target)) {
      return fail_memory();
    }
  }
  run_batch(count);
}

namespace {

/// Returns: how many rows there are; places of a hash table may be empty.
uint32_t addresses_of(const State& state, const StateSlot& slot, uint64_t first, uint32_t count,
                      bool only_unmatched, const uint8_t** out) {
  switch (state.index()) {
    case 0:
      return slot.table->rows_at(first, count, only_unmatched, out);
    case 1:
      slot.aggregator->addresses(first, count, out);
      return count;
    case 2:
      slot.sort->addresses(first, count, out);
      return count;
    case 4:
      slot.window->addresses(first, count, out);
      return count;
    case 5:
      slot.frontier->addresses(first, count, out);
      return count;
    default:
      slot.rows.addresses(first, count, out);
      return count;
  }
}

}  // namespace

uint64_t Execution::Impl::state_row_count(uint32_t state) const {
  const StateSlot& slot = states_[state];
  switch (program_->program.states[state].index()) {
    case 0:
      return slot.table->place_count();
    case 1:
      return slot.aggregator->group_count();
    case 2:
      return slot.sort->count();
    case 4:
      return slot.window->count();
    case 5:
      return slot.frontier->count();
    default:
      return slot.rows.count();
  }
}

void Execution::Impl::source_state(const StateScanSource& source) {
  require_state(source.state);
  StateSlot& slot = states_[source.state];
  if (!slot.poison.state.ok()) return fail_shared(slot.poison);
  if (flow_ != Flow::Run || !finish_state(source.state)) return;
  if (!slot.poison.state.ok()) return fail_shared(slot.poison);
  const uint64_t total = state_row_count(source.state);
  if (total > 0) {
    require_states(*prepared_);
    if (flow_ != Flow::Run) return;
  }
  start_pipeline(pipeline_index_);
  if (is_divided_) {
    for (Morsel morsel; take_morsel(morsel);) {
      scan_packed(source.state, source.what, source.columns, morsel.first, morsel.last);
    }
  } else {
    scan_packed(source.state, source.what, source.columns, 0, total);
  }
  if (const auto* sink = std::get_if<LocalsSink>(&pipeline_->sink)) {
    auto* live = scratch_array<uint32_t>(instances_->count);
    if (live == nullptr) return fail_memory();
    reset_locals(*sink, live, live_instances(prepared_->guard, live));
  }
}

void Execution::Impl::scan_packed(uint32_t index, uint32_t what, std::span<const Load> columns,
                                  uint64_t first, uint64_t last) {
  const State& state = program_->program.states[index];
  const StateSlot& slot = states_[index];
  const Arena::Mark start = scratch_.mark();
  auto* rows = scratch_array<const uint8_t*>(batch_rows_max_);
  if (rows == nullptr) return fail_memory();
  for (; first < last && may_continue(); first += batch_rows_max_) {
    const Arena::Mark mark = scratch_.mark();
    const auto places = static_cast<uint32_t>(std::min<uint64_t>(batch_rows_max_, last - first));
    const uint32_t count =
        addresses_of(state, slot, first, places, what == kUnmatchedRows, rows);
    if (count > 0) emit_packed(index, columns, rows, count);
    scratch_.rewind(mark);
  }
  scratch_.rewind(start);
}

}  // namespace rowtine::program
