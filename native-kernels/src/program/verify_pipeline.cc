#include "program/verify_pipeline.h"

#include <algorithm>
#include <utility>

namespace rowtine::program {
namespace {

bool can_hand_out_row_ids(const table::Relation& relation) {
  return relation.is_table() || relation.index_count() > 0;
}

Meaning row_id_of(uint32_t relation) { return {Meaning::Kind::RowId, relation}; }

}  // namespace

Lifetime lifetime_of(const table::Relation& relation) {
  return relation.is_table() ? Lifetime::Relation : Lifetime::Batch;
}

void add_once(std::vector<uint32_t>& list, uint32_t value) {
  const auto at = std::ranges::lower_bound(list, value);
  if (at == list.end() || *at != value) list.insert(at, value);
}

PipelineVerifier::PipelineVerifier(PreparedProgram& prepared, const RelationLookup& relations)
    : prepared_(prepared),
      program_(prepared.program),
      relations_(relations),
      states_(prepared.program.states.size()) {
  for (size_t i = 0; i < states_.size(); ++i) {
    states_[i].columns.resize(prepared.states[i].columns.size());
  }
}

bool PipelineVerifier::verify(uint32_t index) {
  index_ = index;
  pipeline_ = &program_.pipelines[index];
  out_ = &prepared_.pipelines[index];
  if (pipeline_->registers.size() > kRegistersMax) return refuse("too many registers");
  registers_.assign(pipeline_->registers.size(), {});
  prepared_.register_count_max =
      std::max(prepared_.register_count_max, static_cast<uint32_t>(registers_.size()));
  reads_ = nullptr;
  if (!source()) return false;
  out_->alive_at_source = alive_registers();
  out_->ordinal_at_source = find_ordinal();
  out_->operators.resize(pipeline_->operators.size());
  for (size_t i = 0; i < pipeline_->operators.size(); ++i) {
    PreparedOperator& prepared = out_->operators[i];
    reads_ = &prepared.reads;
    const bool ok = std::visit([&](const auto& each) { return check(each, prepared); },
                               pipeline_->operators[i]);
    if (!ok) return false;
    prepared.alive = alive_registers();
    prepared.ordinal = find_ordinal();
  }
  out_->guard = find_guard();
  reads_ = &out_->sink_reads;
  return sink();
}

// Rows that come out of a state are of the instances that went in. Where they went in under several
// guards, rows of all instances have to be expected.
int32_t PipelineVerifier::find_guard() const {
  if (const auto* source = std::get_if<InstancesSource>(&pipeline_->source)) return source->guard;
  std::vector<uint32_t> states = out_->probed_states;
  if (out_->scanned_state != kNone) states = {static_cast<uint32_t>(out_->scanned_state)};
  int32_t guard = kNone;
  for (const uint32_t state : states) {
    for (const uint32_t writer : prepared_.states[state].writers) {
      const int32_t theirs = prepared_.pipelines[writer].guard;
      if (theirs == kNone) continue;
      if (guard != kNone && guard != theirs) return kNone;
      guard = theirs;
    }
  }
  return guard;
}

bool PipelineVerifier::refuse(std::string reason) {
  if (reason_.empty()) reason_ = std::move(reason);
  return false;
}

// ---- registers ------------------------------------------------------------------------------

bool PipelineVerifier::readable(Register r, PhysicalType type, const char* use) {
  if (r < 0 || static_cast<size_t>(r) >= registers_.size()) {
    return refuse(std::string(use) + ": no such register");
  }
  if (!registers_[static_cast<size_t>(r)].alive) {
    return refuse(std::string(use) + ": the register has no value here");
  }
  if (type_of(r) != type) return refuse(std::string(use) + ": the register has another type");
  if (reads_ != nullptr && std::ranges::find(*reads_, r) == reads_->end()) reads_->push_back(r);
  return true;
}

bool PipelineVerifier::optional_bool(Register r, const char* use) {
  return r == kNone || readable(r, PhysicalType::Bool, use);
}

bool PipelineVerifier::write(Register r, PhysicalType type, Lifetime lifetime, Meaning meaning,
                             const char* use) {
  if (r < 0 || static_cast<size_t>(r) >= registers_.size()) {
    return refuse(std::string(use) + ": no such register");
  }
  RegisterFacts& facts = registers_[static_cast<size_t>(r)];
  if (facts.written) return refuse(std::string(use) + ": the register is written twice");
  if (type_of(r) != type) return refuse(std::string(use) + ": the register has another type");
  facts = {true, true, false, lifetime, meaning};
  return true;
}

PhysicalType PipelineVerifier::type_of(Register r) const {
  return pipeline_->registers[static_cast<size_t>(r)];
}

bool PipelineVerifier::kill_all_but(std::span<const Register> keep, const char* use) {
  std::vector<bool> kept(registers_.size());
  for (const Register r : keep) {
    if (r < 0 || static_cast<size_t>(r) >= registers_.size() ||
        !registers_[static_cast<size_t>(r)].alive) {
      return refuse(std::string(use) + ": keeps a register that has no value");
    }
    kept[static_cast<size_t>(r)] = true;
  }
  for (size_t r = 0; r < registers_.size(); ++r) {
    registers_[r].alive = registers_[r].alive && (kept[r] || registers_[r].constant);
  }
  return true;
}

std::vector<Register> PipelineVerifier::alive_registers() const {
  std::vector<Register> alive;
  for (size_t r = 0; r < registers_.size(); ++r) {
    if (registers_[r].alive && !registers_[r].constant) alive.push_back(static_cast<Register>(r));
  }
  return alive;
}

Register PipelineVerifier::find_ordinal() const {
  for (size_t r = 0; r < registers_.size(); ++r) {
    if (registers_[r].alive && registers_[r].meaning.kind == Meaning::Kind::Ordinal) {
      return static_cast<Register>(r);
    }
  }
  return kNone;
}

bool PipelineVerifier::ordinal_if_step(Register r, const char* use) {
  if (!program_.is_step()) {
    return r == kNone || refuse(std::string(use) + ": only a step has ordinals");
  }
  if (!readable(r, PhysicalType::Int32, use)) return false;
  return registers_[static_cast<size_t>(r)].meaning.kind == Meaning::Kind::Ordinal ||
         refuse(std::string(use) + ": the register is no ordinal");
}

// ---- relations, states, locals, constants -------------------------------------------------------

table::Relation* PipelineVerifier::relation(uint32_t id, uint32_t& position, const char* use) {
  table::Relation* found = relations_.find(id);
  if (found == nullptr) {
    refuse(std::string(use) + ": no such relation");
    return nullptr;
  }
  auto& list = prepared_.relations;
  const auto at = std::ranges::find(list, id);
  position = static_cast<uint32_t>(at - list.begin());
  if (at == list.end()) list.push_back(id);
  return found;
}

bool PipelineVerifier::load_columns(std::span<const Load> loads,
                                    std::span<const PhysicalType> types, Lifetime lifetime,
                                    const char* use) {
  for (const Load& load : loads) {
    if (load.column >= types.size()) return refuse(std::string(use) + ": no such column");
    if (!write(load.target, types[load.column], lifetime, {}, use)) return false;
  }
  return true;
}

bool PipelineVerifier::readable_state(uint32_t state, const char* use) {
  if (state >= states_.size()) return refuse(std::string(use) + ": no such state");
  if (!states_[state].filled) return refuse(std::string(use) + ": nothing filled the state");
  if (!is_within(prepared_.states[state].loop)) {
    return refuse(std::string(use) + ": the state is gone after its round");
  }
  states_[state].read = true;
  return true;
}

bool PipelineVerifier::load_state(uint32_t state, std::span<const Load> loads, const char* use) {
  const PreparedState& prepared = prepared_.states[state];
  for (const Load& load : loads) {
    if (load.column >= prepared.columns.size()) {
      return refuse(std::string(use) + ": no such column");
    }
    const Meaning meaning = states_[state].columns[load.column];
    if (!write(load.target, prepared.columns[load.column], lifetime_in(state), meaning, use)) {
      return false;
    }
  }
  return true;
}

bool PipelineVerifier::local(int32_t index, PhysicalType type, const char* use) {
  if (index < 0 || static_cast<size_t>(index) >= program_.locals.size()) {
    return refuse(std::string(use) + ": no such local");
  }
  return program_.locals[static_cast<size_t>(index)] == type ||
         refuse(std::string(use) + ": the local has another type");
}

bool PipelineVerifier::int64_constant(int32_t index, const char* use) {
  if (index == kNone) return true;
  if (index < 0 || static_cast<size_t>(index) >= program_.constants.size()) {
    return refuse(std::string(use) + ": no such constant");
  }
  return program_.constants[static_cast<size_t>(index)].type == PhysicalType::Int64 ||
         refuse(std::string(use) + ": the constant is no Int64");
}

uint32_t PipelineVerifier::new_instruction(SourceSpan span) {
  prepared_.instructions.push_back({index_, span});
  return static_cast<uint32_t>(prepared_.instructions.size() - 1);
}

// ---- sources --------------------------------------------------------------------------------

bool PipelineVerifier::source() {
  out_->source_instruction = new_instruction({});
  return std::visit([&](const auto& each) { return check(each); }, pipeline_->source);
}

bool PipelineVerifier::check(const DualSource&) { return true; }

bool PipelineVerifier::check(const InstancesSource& source) {
  if (!program_.is_step()) return refuse("Instances: the program is no step");
  uint32_t position = 0;
  const table::Relation* event =
      relation(static_cast<uint32_t>(program_.event), position, "Instances");
  if (event == nullptr) return false;
  if (!load_columns(source.event, event->column_types(), Lifetime::Run, "Instances")) return false;
  if (!load_columns(source.locals, program_.locals, Lifetime::Run, "Instances")) return false;
  if (source.guard != kNone && !local(source.guard, PhysicalType::Bool, "Instances")) return false;
  return source.ordinal == kNone || write(source.ordinal, PhysicalType::Int32, Lifetime::Run,
                                          {Meaning::Kind::Ordinal, 0}, "Instances");
}

bool PipelineVerifier::check(const ConstantsSource& source) {
  const size_t width = source.registers.size();
  if (width == 0 ? !source.cells.empty() : source.cells.size() % width != 0) {
    return refuse("Constants: the cells do not fill whole rows");
  }
  for (const Register r : source.registers) {
    if (r < 0 || static_cast<size_t>(r) >= registers_.size()) {
      return refuse("Constants: no such register");
    }
    if (!write(r, type_of(r), Lifetime::Run, {}, "Constants")) return false;
  }
  for (size_t i = 0; i < source.cells.size(); ++i) {
    const int32_t cell = source.cells[i];
    if (cell < 0 || static_cast<size_t>(cell) >= program_.constants.size()) {
      return refuse("Constants: no such constant");
    }
    if (program_.constants[static_cast<size_t>(cell)].type !=
        type_of(source.registers[i % width])) {
      return refuse("Constants: a cell has another type than its register");
    }
  }
  return true;
}

bool PipelineVerifier::comparable(const ScanRange& range, const table::Relation& relation) {
  const auto types = relation.column_types();
  const auto constant = static_cast<size_t>(range.constant);
  if (range.column >= types.size()) return refuse("Scan: no such column");
  if (range.constant < 0 || constant >= program_.constants.size()) {
    return refuse("Scan: no such constant");
  }
  return (table::has_ranks(types[range.column]) &&
          program_.constants[constant].type == types[range.column]) ||
         refuse("Scan: a range of another type than its column");
}

bool PipelineVerifier::check(const ScanSource& source) {
  const table::Relation* found = relation(source.relation, out_->source_relation, "Scan");
  if (found == nullptr) return false;
  add_once(prepared_.reads, source.relation);
  for (const ScanRange& range : source.ranges) {
    if (!comparable(range, *found)) return false;
  }
  for (const Load& load : source.columns) out_->scan_columns.push_back(load.column);
  if (!load_columns(source.columns, found->column_types(), lifetime_of(*found), "Scan")) {
    return false;
  }
  if (source.row_id == kNone) return true;
  if (!can_hand_out_row_ids(*found)) return refuse("Scan: the relation has no row ids");
  return write(source.row_id, PhysicalType::Int64, Lifetime::Batch, row_id_of(source.relation),
               "Scan");
}

bool PipelineVerifier::check(const StateScanSource& source) {
  if (!readable_state(source.state, "StateScan") || !scannable(source)) return false;
  out_->scanned_state = static_cast<int32_t>(source.state);
  return load_state(source.state, source.columns, "StateScan");
}

// ---- sinks ----------------------------------------------------------------------------------

bool PipelineVerifier::sink() {
  out_->sink_instruction = new_instruction({});
  if (!std::visit([&](const auto& each) { return check(each); }, pipeline_->sink)) return false;
  const bool shares = !std::holds_alternative<InstancesSource>(pipeline_->source);
  const bool acts = std::ranges::any_of(pipeline_->operators, [](const Operator& each) {
    return std::holds_alternative<Insert>(each) || std::holds_alternative<Update>(each) ||
           std::holds_alternative<Delete>(each) || std::holds_alternative<Append>(each);
  });
  const bool recurses = std::holds_alternative<RecursionSource>(pipeline_->source);
  if (acts && (recurses || out_->loop != kNone)) {
    return refuse("Recursion: a round changes nothing");
  }
  if (!belongs_in_loop()) return false;
  out_->deferrable = program_.is_step() && shares && !acts && out_->filled_state != kNone;
  return true;
}

bool PipelineVerifier::check(const ResultSinkSpec& sink) {
  if (program_.is_step()) return refuse("Result: a step has no client");
  std::vector<PhysicalType> types;
  for (const Register r : sink.registers) {
    if (r < 0 || static_cast<size_t>(r) >= registers_.size()) {
      return refuse("Result: no such register");
    }
    if (!state_column(r, type_of(r), "Result")) return false;
    types.push_back(type_of(r));
  }
  if (prepared_.has_result && prepared_.result_types != types) {
    return refuse("Result: two sinks with different columns");
  }
  prepared_.has_result = true;
  prepared_.result_types = std::move(types);
  return true;
}

bool PipelineVerifier::fill_state(uint32_t state, size_t kind, const char* use) {
  if (state >= states_.size()) return refuse(std::string(use) + ": no such state");
  if (program_.states[state].index() != kind) {
    return refuse(std::string(use) + ": the state is of another kind");
  }
  if (states_[state].read) return refuse(std::string(use) + ": the state was read before");
  if (states_[state].filled && prepared_.states[state].loop != out_->loop) {
    return refuse(std::string(use) + ": the state is filled in a round and outside");
  }
  prepared_.states[state].loop = out_->loop;
  out_->filled_state = static_cast<int32_t>(state);
  prepared_.states[state].writers.push_back(index_);
  return true;
}

bool PipelineVerifier::state_column(Register r, PhysicalType type, const char* use) {
  if (!readable(r, type, use)) return false;
  out_->sink_columns.push_back(r);
  out_->sink_stable.push_back(
      registers_[static_cast<size_t>(r)].lifetime >= Lifetime::Relation ? 1 : 0);
  return true;
}

// Columns keep a meaning only as far as all writers agree.
void PipelineVerifier::set_meanings(uint32_t state, std::span<const Meaning> meanings) {
  StateFacts& facts = states_[state];
  for (size_t i = 0; i < facts.columns.size(); ++i) {
    const Meaning meaning = i < meanings.size() ? meanings[i] : Meaning{};
    facts.columns[i] = !facts.filled || facts.columns[i] == meaning ? meaning : Meaning{};
  }
  facts.filled = true;
}

bool PipelineVerifier::check(const HashBuildSink& sink) {
  if (!fill_state(sink.state, 0, "HashBuild")) return false;
  const auto& state = std::get<HashTableState>(program_.states[sink.state]);
  if (sink.keys.size() != state.keys.size() || sink.payload.size() != state.payload.size()) {
    return refuse("HashBuild: another number of columns than the state");
  }
  std::vector<Meaning> meanings;
  for (size_t i = 0; i < sink.keys.size() + sink.payload.size(); ++i) {
    const bool is_key = i < sink.keys.size();
    const size_t at = is_key ? i : i - sink.keys.size();
    const Register r = is_key ? sink.keys[at] : sink.payload[at];
    const PhysicalType type = is_key ? state.keys[at] : state.payload[at];
    if (!state_column(r, type, "HashBuild")) return false;
    meanings.push_back(registers_[static_cast<size_t>(r)].meaning);
  }
  set_meanings(sink.state, meanings);
  return true;
}

bool PipelineVerifier::check(const AggregateSink& sink) {
  if (!fill_state(sink.state, 1, "Aggregate")) return false;
  const auto& state = std::get<AggregateState>(program_.states[sink.state]);
  if (sink.groups.size() != state.groups.size() || sink.inputs.size() != state.aggregates.size()) {
    return refuse("Aggregate: another number of columns than the state");
  }
  std::vector<Meaning> meanings;
  for (size_t i = 0; i < sink.groups.size(); ++i) {
    if (!state_column(sink.groups[i], state.groups[i], "Aggregate")) return false;
    meanings.push_back(registers_[static_cast<size_t>(sink.groups[i])].meaning);
  }
  for (size_t i = 0; i < sink.inputs.size(); ++i) {
    const AggregateDeclaration& declared = state.aggregates[i];
    const AggregateInput& input = sink.inputs[i];
    if (input.arguments.size() != declared.arguments.size()) {
      return refuse("Aggregate: another number of arguments than declared");
    }
    for (size_t a = 0; a < input.arguments.size(); ++a) {
      if (!readable(input.arguments[a], declared.arguments[a], "Aggregate")) return false;
    }
    if (!optional_bool(input.filter, "Aggregate")) return false;
    const bool chooses = declared.function == AggregateFunction::First ||
                         declared.function == AggregateFunction::Min ||
                         declared.function == AggregateFunction::Max;
    meanings.push_back(chooses ? registers_[static_cast<size_t>(input.arguments[0])].meaning
                               : Meaning{});
  }
  set_meanings(sink.state, meanings);
  return true;
}

/// Payload that a key repeats, in every pipeline that fills the state, need not be kept beside it.
void PipelineVerifier::note_repeated_keys(const SortSink& sink, const SortState& state) {
  PreparedState& prepared = prepared_.states[sink.state];
  std::vector<int32_t> repeated = prepared.sort.key_of_payload;
  const bool is_first_writer = prepared.writers.size() == 1;
  for (size_t i = 0; i < sink.payload.size(); ++i) {
    const auto key = std::ranges::find(sink.keys, sink.payload[i]);
    const auto found = key == sink.keys.end() ? sort::kNoKey
                                              : static_cast<int32_t>(key - sink.keys.begin());
    repeated[i] = is_first_writer || repeated[i] == found ? found : sort::kNoKey;
  }
  prepared.sort = sort::SortLayout::of(state.keys, state.payload, repeated);
}

bool PipelineVerifier::check(const SortSink& sink) {
  if (!fill_state(sink.state, 2, "Sort")) return false;
  const auto& state = std::get<SortState>(program_.states[sink.state]);
  if (sink.keys.size() != state.keys.size() || sink.payload.size() != state.payload.size()) {
    return refuse("Sort: another number of columns than the state");
  }
  std::vector<Meaning> meanings;
  for (size_t i = 0; i < sink.payload.size(); ++i) {
    if (!state_column(sink.payload[i], state.payload[i], "Sort")) return false;
    meanings.push_back(registers_[static_cast<size_t>(sink.payload[i])].meaning);
  }
  for (size_t i = 0; i < sink.keys.size(); ++i) {
    if (!state_column(sink.keys[i], state.keys[i].type, "Sort")) return false;
  }
  set_meanings(sink.state, meanings);
  note_repeated_keys(sink, state);
  return true;
}

bool PipelineVerifier::check(const RowsSink& sink) {
  if (sink.state >= states_.size()) return refuse("Rows: no such state");
  const bool is_recursion = std::holds_alternative<RecursionState>(program_.states[sink.state]);
  if (is_recursion ? !fill_recursion(sink.state, "Rows") : !fill_state(sink.state, 3, "Rows")) {
    return false;
  }
  const std::vector<PhysicalType>& payload = prepared_.states[sink.state].columns;
  if (sink.payload.size() != payload.size()) {
    return refuse("Rows: another number of columns than the state");
  }
  std::vector<Meaning> meanings;
  for (size_t i = 0; i < sink.payload.size(); ++i) {
    if (!state_column(sink.payload[i], payload[i], "Rows")) return false;
    const Meaning meaning = registers_[static_cast<size_t>(sink.payload[i])].meaning;
    // Rounds read a recursion before all its writers are known.
    meanings.push_back(is_recursion ? Meaning{} : meaning);
  }
  set_meanings(sink.state, meanings);
  return true;
}

bool PipelineVerifier::check(const WindowSink& sink) {
  if (!fill_state(sink.state, 4, "Window")) return false;
  const window::WindowLayout& layout = prepared_.states[sink.state].window;
  const size_t payload = layout.columns.size() - layout.result_count;
  if (sink.payload.size() != payload ||
      sink.payload.size() + sink.inputs.size() != layout.inputs.size()) {
    return refuse("Window: another number of columns than the state");
  }
  std::vector<Meaning> meanings(layout.result_count);
  for (size_t i = 0; i < layout.inputs.size(); ++i) {
    const Register r = i < payload ? sink.payload[i] : sink.inputs[i - payload];
    if (!state_column(r, layout.inputs[i], "Window")) return false;
    if (i < payload) meanings.push_back(registers_[static_cast<size_t>(r)].meaning);
  }
  set_meanings(sink.state, meanings);
  return true;
}

bool PipelineVerifier::check(const LocalsSink& sink) {
  if (!program_.is_step()) return refuse("Locals: the program is no step");
  if (!ordinal_if_step(sink.ordinal, "Locals")) return false;
  for (const Assignment& assign : sink.assign) {
    if (assign.source < 0 || static_cast<size_t>(assign.source) >= registers_.size()) {
      return refuse("Locals: no such register");
    }
    const PhysicalType type = type_of(assign.source);
    if (!readable(assign.source, type, "Locals")) return false;
    if (!local(static_cast<int32_t>(assign.local), type, "Locals")) return false;
    out_->sink_columns.push_back(assign.source);
    out_->sink_stable.push_back(
        registers_[static_cast<size_t>(assign.source)].lifetime == Lifetime::Run ? 1 : 0);
  }
  return sink.found == kNone || local(sink.found, PhysicalType::Bool, "Locals");
}

bool PipelineVerifier::check(const DiscardSink&) { return true; }

}  // namespace rowtine::program
