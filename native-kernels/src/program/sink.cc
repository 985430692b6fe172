// Where a pipeline's batches go: states, the client, the instances' locals.
#include <algorithm>
#include <cstring>

#include "program/interpreter.h"

namespace rowtine::program {

using vector::StringView;

void Execution::Impl::run_sink(uint32_t count) {
  struct Run {
    Impl& impl;
    uint32_t count;
    void operator()(const ResultSinkSpec&) const { impl.sink_result(count); }
    void operator()(const LocalsSink& sink) const { impl.sink_locals(sink, count); }
    void operator()(const DiscardSink& sink) const {
      if (sink.counted) impl.counts_.counted += count;
    }
    void operator()(const HashBuildSink&) const { fill(); }
    void operator()(const AggregateSink&) const { fill(); }
    void operator()(const SortSink&) const { fill(); }
    void operator()(const RowsSink&) const { fill(); }
    void operator()(const WindowSink&) const { fill(); }
    void fill() const {
      if (!impl.sink_state(count)) impl.fail_memory();
    }
  };
  std::visit(Run{*this, count}, pipeline_->sink);
}

namespace {

int64_t constant_or(const Vector* constants, int32_t index, int64_t otherwise) {
  if (index == kNone || constants[index].is_null(0)) return otherwise;
  return constants[index].as<int64_t>()[0];
}

template <class T>
T& made(std::unique_ptr<T>& owner) {
  if (owner == nullptr) owner = std::make_unique<T>();
  return *owner;
}

}  // namespace

aggregate::AggregatorSpec Execution::Impl::aggregator_spec(uint32_t state) const {
  const PreparedState& prepared = program_->states[state];
  return {&prepared.layout, prepared.key_count, prepared.accumulators, prepared.distinct_layouts,
          context_->hash_seed};
}

/// Can several members fill it at a time?
bool Execution::Impl::is_shared(const Sink& sink) const {
  if (const auto* aggregate = std::get_if<AggregateSink>(&sink)) {
    return aggregator_spec(aggregate->state).is_mergeable();
  }
  return std::holds_alternative<DiscardSink>(sink) || std::holds_alternative<HashBuildSink>(sink) ||
         std::holds_alternative<SortSink>(sink);
}

bool Execution::Impl::open_state(uint32_t state) {
  StateSlot& slot = states_[state];
  if (slot.opened) return true;
  slot.opened = true;
  const PreparedState& prepared = program_->states[state];
  const State& declared = program_->program.states[state];
  Arena& memory = memory_of_loop(prepared.loop);
  Arena* const own[] = {&memory};
  const std::span<Arena* const> arenas =
      is_team() ? std::span<Arena* const>(team_->arenas) : std::span<Arena* const>(own);
  if (std::holds_alternative<HashTableState>(declared)) {
    const join::BuildOptions options{prepared.key_count, prepared.keep_null_keys,
                                     static_cast<uint32_t>(arenas.size()), context_->hash_seed};
    made(slot.table).open(prepared.layout, options, memory);
  } else if (std::holds_alternative<AggregateState>(declared)) {
    const aggregate::AggregatorSpec spec = aggregator_spec(state);
    return made(slot.aggregator).open(spec, spec.is_mergeable() ? arenas : arenas.first(1));
  } else if (const auto* sort = std::get_if<SortState>(&declared)) {
    const int64_t limit = constant_or(constants_, sort->limit, -1);
    const int64_t offset = constant_or(constants_, sort->offset, 0);
    made(slot.sort).open({&prepared.sort, std::max<int64_t>(limit, -1), std::max<int64_t>(offset, 0),
                          sort->group_limit},
                         arenas, context_->memory_limit_bytes);
  } else if (const auto* window = std::get_if<WindowState>(&declared)) {
    made(slot.window).open(window->spec, prepared.window, prepared.window_functions, memory,
                           context_->memory_limit_bytes);
  } else if (const auto* recursion = std::get_if<RecursionState>(&declared)) {
    made(slot.frontier).open(prepared.layout, {recursion->distinct, context_->hash_seed,
                                               context_->memory_limit_bytes});
  } else {
    slot.rows.open(prepared.layout.row_bytes, memory);
  }
  return true;
}

// Closes a state for reading, once. A team has closed its states before anybody reads them.
bool Execution::Impl::finish_state(uint32_t state) {
  StateSlot& slot = states_[state];
  if (!open_state(state)) {
    fail_memory();
    return false;
  }
  if (slot.finished) return true;
  slot.finished = true;
  const std::vector<uint32_t>& writers = program_->states[state].writers;
  if (profile_ == nullptr || writers.empty()) return finish_slot(state);
  // It is the last work of those who filled it.
  const Profile::Place reader = profile_->go(profile_->sink_of(writers.back()));
  const bool ok = finish_slot(state);
  profile_->go(reader);
  return ok;
}

bool Execution::Impl::finish_slot(uint32_t state) {
  StateSlot& slot = states_[state];
  const State& declared = program_->program.states[state];
  bool ok = true;
  if (std::holds_alternative<HashTableState>(declared)) ok = slot.table->finish();
  if (std::holds_alternative<SortState>(declared)) ok = slot.sort->finish(0);
  if (std::holds_alternative<WindowState>(declared)) return finish_window(slot);
  if (!ok) fail_memory();
  return ok;
}

/// A sum out of range fails whoever reads the window: its rows are all there only now.
bool Execution::Impl::finish_window(StateSlot& slot) {
  const SqlState state = slot.window->finish(context_->cancel);
  if (state.ok()) return true;
  if (state == kOutOfMemory || state == kQueryCanceled) {
    fail_run(state);
    return false;
  }
  const uint32_t place = prepared_ == nullptr ? 0 : prepared_->source_instruction;
  if (slot.poison.state.ok()) slot.poison = {state, place, 0};
  return true;
}

bool Execution::Impl::sink_state(uint32_t count) {
  const auto state = static_cast<uint32_t>(prepared_->filled_state);
  StateSlot& slot = states_[state];
  if (!open_state(state)) return false;
  sink_vectors_.clear();
  for (const Register r : prepared_->sink_columns) {
    sink_vectors_.push_back(registers_[static_cast<size_t>(r)]);
  }
  const std::span<const Vector> columns = sink_vectors_;
  const uint8_t* stable = prepared_->sink_stable.data();
  const PreparedState& prepared = program_->states[state];
  if (std::holds_alternative<HashBuildSink>(pipeline_->sink)) {
    return slot.table->append(context_->member, columns, count, stable, scratch_);
  }
  if (const auto* sink = std::get_if<AggregateSink>(&pipeline_->sink)) {
    return sink_aggregate(*sink, columns, count);
  }
  if (const auto* sink = std::get_if<SortSink>(&pipeline_->sink)) {
    return slot.sort->append(context_->member, columns.first(sink->payload.size()),
                             columns.subspan(sink->payload.size()), count, stable, scratch_);
  }
  if (std::holds_alternative<WindowSink>(pipeline_->sink)) {
    return slot.window->append(columns, count, stable, scratch_);
  }
  if (std::holds_alternative<RecursionState>(program_->program.states[state])) {
    return slot.frontier->append(columns, count, stable, scratch_);
  }
  auto* targets = scratch_array<uint8_t*>(count);
  if (targets == nullptr || !slot.rows.extend(count, targets)) return false;
  Arena& memory = memory_of_loop(prepared.loop);
  for (uint32_t i = 0; i < columns.size(); ++i) {
    Arena* heap = stable[i] != 0 ? nullptr : &memory;
    if (!join::scatter_column(prepared.layout, i, columns[i], nullptr, count, targets, heap)) {
      return false;
    }
  }
  return true;
}

bool Execution::Impl::sink_aggregate(const AggregateSink& sink, std::span<const Vector> groups,
                                     uint32_t count) {
  auto* inputs = scratch_array<aggregate::AggregateInputs>(sink.inputs.size());
  if (inputs == nullptr) return false;
  for (size_t i = 0; i < sink.inputs.size(); ++i) {
    const AggregateInput& input = sink.inputs[i];
    auto* arguments = scratch_array<Vector>(input.arguments.size());
    if (arguments == nullptr) return false;
    for (size_t a = 0; a < input.arguments.size(); ++a) {
      arguments[a] = registers_[static_cast<size_t>(input.arguments[a])];
    }
    const Vector* filter =
        input.filter == kNone ? nullptr : &registers_[static_cast<size_t>(input.filter)];
    inputs[i] = {{arguments, input.arguments.size()}, filter};
  }
  const auto state = static_cast<uint32_t>(prepared_->filled_state);
  const bool ok = states_[state].aggregator->add(
      context_->member, groups, {inputs, sink.inputs.size()}, count, prepared_->sink_stable.data(),
      error_states_.data(), errors_.any, scratch_);
  if (!errors_.any) return ok;
  for (uint32_t row = 0; row < count; ++row) {
    if (error_states_[row] != 0) error_instructions_[row] = prepared_->sink_instruction;
  }
  settle_errors(pipeline_->operators.size(), count);
  return ok;
}

void Execution::Impl::sink_result(uint32_t count) {
  sink_vectors_.clear();
  for (const Register r : prepared_->sink_columns) {
    sink_vectors_.push_back(registers_[static_cast<size_t>(r)]);
  }
  counts_.rows += count;
  if (!context_->results->rows(sink_vectors_, count) && flow_ == Flow::Run) flow_ = Flow::EndRun;
}

// ---- locals -----------------------------------------------------------------------------------

namespace {

void set_null(Vector& local, uint32_t instance) {
  clear_bit(local.validity, instance);
  std::memset(static_cast<uint8_t*>(local.values) + instance * vector::width_of(local.type), 0,
              vector::width_of(local.type));
}

void set_bool(Vector& local, uint32_t instance, bool value) {
  local.as<uint8_t>()[instance] = value ? 1 : 0;
  set_bit(local.validity, instance);
}

}  // namespace

// Those that got no row. At the end of the pipeline, which reads the locals as they were.
void Execution::Impl::reset_locals(const LocalsSink& sink, const uint32_t* instances,
                                   uint32_t count) {
  if (!sink.reset || assigned_ == nullptr || flow_ == Flow::Abort) return;
  for (uint32_t i = 0; i < count; ++i) {
    if (get_bit(assigned_, instances[i]) || is_skipping(instances[i])) continue;
    for (const Assignment& assign : sink.assign) {
      set_null(instances_->locals[assign.local], instances[i]);
    }
    if (sink.found != kNone) {
      set_bool(instances_->locals[static_cast<size_t>(sink.found)], instances[i], false);
    }
  }
}

bool Execution::Impl::store_local(uint32_t local, uint32_t instance, const Vector& source,
                                  uint32_t row, bool stable) {
  Vector& target = instances_->locals[local];
  if (source.is_null(row)) {
    set_null(target, instance);
    return true;
  }
  const size_t width = vector::width_of(source.type);
  std::memcpy(static_cast<uint8_t*>(target.values) + instance * width,
              static_cast<const uint8_t*>(source.values) + source.index_of(row) * width, width);
  set_bit(target.validity, instance);
  if (source.type != PhysicalType::String || stable) return true;
  StringView& view = target.as<StringView>()[instance];
  if (view.is_inline()) return true;
  auto* bytes = static_cast<char*>(instances_->arena->allocate(view.size, 1));
  if (bytes == nullptr) {
    set_null(target, instance);
    return false;
  }
  std::memcpy(bytes, view.pointer, view.size);
  view.pointer = bytes;
  return true;
}

void Execution::Impl::sink_locals(const LocalsSink& sink, uint32_t count) {
  const Vector& ordinal = registers_[static_cast<size_t>(sink.ordinal)];
  for (uint32_t row = 0; row < count; ++row) {
    if (ordinal.is_null(row)) continue;
    const auto instance = static_cast<uint32_t>(ordinal.as<int32_t>()[ordinal.index_of(row)]);
    if (get_bit(assigned_, instance)) {
      if (!sink.strict) continue;
      error_states_[row] = kCardinalityViolation.packed;
      error_instructions_[row] = prepared_->sink_instruction;
      errors_.any = true;
      continue;
    }
    set_bit(assigned_, instance);
    for (size_t i = 0; i < sink.assign.size(); ++i) {
      const Vector& source = registers_[static_cast<size_t>(sink.assign[i].source)];
      const bool stable = prepared_->sink_stable[i] != 0;
      if (!store_local(sink.assign[i].local, instance, source, row, stable)) return fail_memory();
    }
    if (sink.found != kNone) {
      set_bool(instances_->locals[static_cast<size_t>(sink.found)], instance, true);
    }
  }
  settle_errors(pipeline_->operators.size(), count);
}

}  // namespace rowtine::program
