#include "program/interpreter.h"

#include <algorithm>
#include <cstring>

namespace rowtine::program {

// ---- runs -----------------------------------------------------------------------------------

bool Execution::Impl::start(const VerifiedProgram& program, RunContext& context) {
  program_ = &program.prepared();
  context_ = &context;
  profile_ = context.profile;
  if (profile_ != nullptr) profile_->open(program.program());
  run_error_ = {};
  error_detail_ = 0;
  error_text_ = {};
  pending_ = {};
  pending_count_ = 0;
  flow_ = Flow::Run;
  prepared_ = nullptr;
  counts_ = {};
  run_arena_.set_bytes_max(context.memory_limit_bytes);
  scratch_.set_bytes_max(context.memory_limit_bytes);
  batch_rows_max_ = std::clamp(context.batch_rows_max, 1U, vector::kBatchRowsMax);
  constants_ = program_->constants.data();
  if (registers_.size() < program_->register_count_max) {
    registers_.resize(program_->register_count_max);
    selections_.rows.resize(program_->register_count_max);
  }
  team_ = context.team == nullptr ? nullptr : &context.team->state();
  is_divided_ = false;
  if (own_states_.size() < program_->states.size()) own_states_.resize(program_->states.size());
  states_ = own_states_;
  for (size_t i = 0; i < program_->states.size(); ++i) {
    states_[i].opened = states_[i].finished = false;
    states_[i].poison = {};
  }
  relations_.clear();
  for (const uint32_t id : program_->relations) {
    relations_.push_back(context.relations->find(id));
    if (relations_.back() == nullptr) {
      run_error_.state = "42P01";
      return false;
    }
  }
  return true;
}

namespace {

// A limit or offset in the text is checked by the planner; a parameter's value is known only now. Where
// rows are counted as they pass, Impl::limit() looks too.
SqlState row_count_mistake(const Program& program, const Vector* constants) {
  const auto is_negative = [constants](int32_t constant) {
    return constant != kNone && !constants[constant].is_null(0) &&
           constants[constant].as<int64_t>()[0] < 0;
  };
  for (const State& state : program.states) {
    const auto* sort = std::get_if<SortState>(&state);
    if (sort == nullptr) continue;
    if (is_negative(sort->limit)) return "2201W";
    if (is_negative(sort->offset)) return "2201X";
  }
  return kSuccess;
}

}  // namespace

bool Execution::Impl::bind_parameters(std::span<const Parameter> parameters) {
  invariant(parameters.size() == program_->program.parameters, "every parameter has its value");
  if (parameters.empty()) return true;
  bound_constants_ = program_->constants;
  for (size_t i = 0; i < parameters.size(); ++i) {
    invariant(parameters[i].type == bound_constants_[i].type && parameters[i].constant,
              "a parameter is a constant of the declared type");
    bound_constants_[i] = parameters[i];
  }
  constants_ = bound_constants_.data();
  constexpr uint32_t kNowhere = UINT32_MAX;  // no instruction counts a sort's rows
  run_error_ = {row_count_mistake(program_->program, constants_), kNowhere, 0};
  return run_error_.state.ok();
}

Result<RunOutcome> Execution::Impl::run_statement(const VerifiedProgram& program,
                                                  std::span<const Parameter> parameters,
                                                  RunContext& context) {
  invariant(!program.program().is_step(), "a step is run by run_step()");
  instances_ = nullptr;
  if (!start(program, context)) return run_error_;
  if (!bind_parameters(parameters)) return run_error_;
  deferred_.assign(program_->pipelines.size(), 0);
  invariant(!is_team() || !program.recurses(), "one thread runs the rounds of a recursion");
  if (is_team()) return run_together();
  run_pipelines();
  release_memory();
  if (flow_ == Flow::Abort) return run_error_;
  return counts_;
}

const StepOutcome& Execution::Impl::run_step(const VerifiedProgram& program, Instances& instances,
                                             RunContext& context) {
  invariant(program.program().is_step(), "a statement is run by run_statement()");
  invariant(program.program().parameters == 0, "a step has no parameters");
  outcome_.conflict = false;
  outcome_.error = {};
  outcome_.counted = 0;
  outcome_.failures.clear();
  instances_ = &instances;
  if (!start(program, context)) {
    outcome_.error = run_error_;
    return outcome_;
  }
  if (instances.count > 1 && !program.program().vectorised) {
    outcome_.conflict = true;
    return outcome_;
  }
  failure_epoch_ = 0;
  progress_.assign(instances.count, {});
  deferred_.resize(program_->pipelines.size());
  for (size_t i = 0; i < deferred_.size(); ++i) {
    deferred_[i] = program_->pipelines[i].deferrable ? 1 : 0;
  }
  region_marks_.assign(program_->program.regions.size(), 0);
  if (context.transaction != nullptr) run_mark_ = context.transaction->savepoint();
  run_pipelines();
  release_memory();
  outcome_.counted = counts_.counted;
  if (flow_ == Flow::Abort && !outcome_.conflict) outcome_.error = run_error_;
  return outcome_;
}

// What a large run needed is not held until the next one; what a small one needs is.
void Execution::Impl::release_memory() {
  run_arena_.reset();
  scratch_.reset();
  for (size_t i = 0; i < program_->states.size(); ++i) {
    if (own_states_[i].table != nullptr) own_states_[i].table->close();
    if (own_states_[i].sort != nullptr) own_states_[i].sort->close();
    if (own_states_[i].window != nullptr) own_states_[i].window->close();
    if (own_states_[i].frontier != nullptr) own_states_[i].frontier->close();
  }
}

// ---- pipelines ------------------------------------------------------------------------------

void Execution::Impl::run_pipelines() {
  for (uint32_t i = 0; i < program_->pipelines.size(); ++i) {
    for (size_t r = 0; r < program_->program.regions.size(); ++r) {
      const bool begins = program_->program.regions[r].first == i;
      if (begins && context_->transaction != nullptr) {
        region_marks_[r] = context_->transaction->savepoint();
      }
    }
    if (deferred_[i] != 0 || program_->pipelines[i].loop != kNone) continue;
    if (profile_ != nullptr) profile_->begin(i);
    run_pipeline(i);
    if (profile_ != nullptr) profile_->end();
    if (flow_ == Flow::Abort || flow_ == Flow::EndRun) return;
  }
}

// Sources of a step that may find nothing to do call start_pipeline() themselves, after making sure
// that the states they probe are filled.
void Execution::Impl::run_pipeline(uint32_t index) {
  pipeline_index_ = index;
  pipeline_ = &program_->program.pipelines[index];
  prepared_ = &program_->pipelines[index];
  flow_ = Flow::Run;
  const Arena::Mark mark = scratch_.mark();
  const bool prepares_itself = std::holds_alternative<InstancesSource>(pipeline_->source) ||
                               std::holds_alternative<StateScanSource>(pipeline_->source);
  if (!prepares_itself) {
    require_states(*prepared_);
    if (flow_ == Flow::Run) start_pipeline(index);
  }
  if (flow_ == Flow::Run) run_source();
  scratch_.rewind(mark);
  if (!pending_.state.ok() && flow_ != Flow::Abort) {
    run_error_ = pending_;
    flow_ = Flow::Abort;
  }
}

// Statements see what earlier ones did, never themselves: a pipeline that changes tables reads the
// state before its own changes.
void Execution::Impl::start_pipeline(uint32_t index) {
  table::Transaction* transaction = context_->transaction;
  assigned_ = nullptr;
  if (prepared_->changes_tables) {
    invariant(transaction != nullptr, "a program that writes runs in a transaction");
    if (is_step()) require_all_before(index);
    if (flow_ != Flow::Run) return;
    transaction->begin_statement();
    snapshot_ = transaction->snapshot();
  } else if (transaction != nullptr && transaction->is_open()) {
    snapshot_ = {transaction->statement()};
  } else {
    snapshot_ = context_->snapshot;
  }
  const size_t operator_count = pipeline_->operators.size();
  limit_counts_.assign(operator_count, nullptr);
  for (size_t i = 0; i < operator_count; ++i) {
    const auto* limit = std::get_if<Limit>(&pipeline_->operators[i]);
    if (limit == nullptr) continue;
    const size_t counters = limit->ordinal == kNone ? 1 : instances_->count;
    limit_counts_[i] = memory_of_loop(prepared_->loop).allocate_array<uint64_t>(counters);
    if (limit_counts_[i] == nullptr) return fail_memory();
    std::fill_n(limit_counts_[i], counters, 0);
  }
  if (std::holds_alternative<LocalsSink>(pipeline_->sink)) {
    const size_t words = bitmap_words(instances_->count);
    assigned_ = run_arena_.allocate_array<uint64_t>(words);
    if (assigned_ == nullptr) return fail_memory();
    std::fill_n(assigned_, words, 0);
  }
}

// ---- states that wait until they are needed -----------------------------------------------------

void Execution::Impl::require_states(const PreparedPipeline& pipeline) {
  for (const uint32_t state : pipeline.probed_states) require_state(state);
}

// Runs the deferred pipelines that fill `state`. The pipeline at hand has not started yet and is
// taken up again afterwards.
void Execution::Impl::require_state(uint32_t state) {
  if (!is_step()) return;
  const uint32_t resumed = pipeline_index_;
  for (const uint32_t writer : program_->states[state].writers) {
    if (deferred_[writer] == 0 || flow_ != Flow::Run) continue;
    deferred_[writer] = 0;
    run_pipeline(writer);
    if (flow_ == Flow::EndPipeline) flow_ = Flow::Run;
  }
  pipeline_index_ = resumed;
  pipeline_ = &program_->program.pipelines[resumed];
  prepared_ = &program_->pipelines[resumed];
}

// Shared rows are read before a change that they were meant not to see.
void Execution::Impl::require_all_before(uint32_t pipeline) {
  for (uint32_t i = 0; i < pipeline; ++i) {
    if (deferred_[i] == 0) continue;
    require_state(static_cast<uint32_t>(program_->pipelines[i].filled_state));
  }
}

// ---- operators ------------------------------------------------------------------------------

Register Execution::Impl::ordinal_before(size_t position) const {
  return position == 0 ? prepared_->ordinal_at_source : prepared_->operators[position - 1].ordinal;
}

std::span<const Register> Execution::Impl::alive_before(size_t position) const {
  return position == 0 ? prepared_->alive_at_source : prepared_->operators[position - 1].alive;
}

bool Execution::Impl::may_continue() { return pending_count_ == 0 && check_limits(); }

// Memory and cancellation are looked at once a batch.
bool Execution::Impl::check_limits() {
  if (flow_ != Flow::Run) return false;
  const bool is_cancelled =
      context_->cancel != nullptr && context_->cancel->load(std::memory_order_relaxed);
  if (is_cancelled || --context_->batches_left == 0) {
    fail_run(kQueryCanceled);
    return false;
  }
  const size_t bytes = bytes_held();
  if (profile_ != nullptr) profile_->note_bytes(bytes);
  if (bytes > context_->memory_limit_bytes) fail_memory();
  return flow_ == Flow::Run && (!is_team() || !team_->aborted.load(std::memory_order_relaxed));
}

size_t Execution::Impl::bytes_held() {
  size_t bytes = run_arena_.bytes_reserved() + scratch_.bytes_reserved();
  for (size_t i = 0; i < program_->states.size(); ++i) {
    const StateSlot& slot = states_[i];
    if (!slot.opened) continue;
    if (slot.table != nullptr) bytes += slot.table->bytes_reserved(context_->member);
    if (slot.sort != nullptr && is_first()) bytes += slot.sort->bytes_reserved();
    if (slot.window != nullptr && is_first()) bytes += slot.window->bytes_reserved();
    if (slot.frontier != nullptr) bytes += slot.frontier->bytes_reserved();
  }
  return is_team() ? bytes_of_team(bytes) : bytes;
}

// Each register is from now on `rows`, which live as long as the batch, of what it was.
bool Execution::Impl::keep_rows(std::span<const Register> registers, const uint32_t* rows,
                                uint32_t count) {
  const uint32_t* known = nullptr;  // mostly all have the same
  const uint32_t* composed = nullptr;
  for (const Register r : registers) {
    const uint32_t*& own = selections_.rows[static_cast<size_t>(r)];
    if (own == nullptr) {
      own = rows;
      continue;
    }
    if (own != known) {
      auto* both = scratch_array<uint32_t>(count);
      if (both == nullptr) {
        fail_memory();
        return false;
      }
      for (uint32_t i = 0; i < count; ++i) both[i] = own[rows[i]];
      known = own;
      composed = both;
    }
    own = composed;
  }
  selections_.any = true;
  // Rows of a step can fail anywhere, and then their instances are looked up in a register.
  return !is_step() || settle(registers, count);
}

// Copies what was only selected so far, for somebody who looks at it.
bool Execution::Impl::settle(std::span<const Register> registers, uint32_t count) {
  if (!selections_.any) return true;
  for (const Register r : registers) {
    const auto at = static_cast<size_t>(r);
    const uint32_t* rows = selections_.rows[at];
    if (rows == nullptr) continue;
    const Vector source = registers_[at];
    selections_.rows[at] = nullptr;
    if (vector::gather(scratch_, source, rows, count, registers_[at])) continue;
    fail_memory();
    return false;
  }
  return true;
}

// Rows of instances that failed since they were read go no further.
uint32_t Execution::Impl::drop_failed(size_t position, uint32_t count) {
  const Register ordinal = ordinal_before(position);
  if (ordinal == kNone) return count;
  const Vector ordinals = registers_[static_cast<size_t>(ordinal)];
  auto* rows = scratch_array<uint32_t>(count);
  if (rows == nullptr) {
    fail_memory();
    return 0;
  }
  uint32_t kept = 0;
  for (uint32_t row = 0; row < count; ++row) {
    rows[kept] = row;
    const bool failed =
        !ordinals.is_null(row) &&
        is_skipping(static_cast<uint32_t>(ordinals.as<int32_t>()[ordinals.index_of(row)]));
    kept += failed ? 0 : 1;
  }
  if (kept == count || kept == 0) return kept;
  return keep_rows(alive_before(position), rows, kept) ? kept : 0;
}

void Execution::Impl::run_operators(size_t position, uint32_t count) {
  uint32_t epoch = 0;
  OperatorOutcome outcome;
  const Profile::Place caller = profile_ == nullptr ? 0 : profile_->place();
  const size_t operator_count = pipeline_->operators.size();
  for (; position < operator_count; ++position) {
    if (epoch != failure_epoch_) {
      count = drop_failed(position, count);
      epoch = failure_epoch_;
    }
    if (count == 0 || flow_ != Flow::Run) break;
    if (profile_ != nullptr) profile_->reach(position + 1, count);
    if (!settle(prepared_->operators[position].reads, count)) return;
    count = run_operator(position, count, outcome);
    if (outcome.passed_on) break;
  }
  if (!outcome.passed_on) {
    if (epoch != failure_epoch_) count = drop_failed(position, count);
    if (count > 0 && flow_ == Flow::Run) {
      if (profile_ != nullptr) profile_->reach(operator_count + 1, count);
      if (settle(prepared_->sink_reads, count)) run_sink(count);
    }
  }
  if (profile_ != nullptr) profile_->go(caller);
  if (outcome.exhausted && flow_ == Flow::Run) flow_ = Flow::EndPipeline;
}

// Returns: rows for the next operator, unless this one has passed them on itself.
uint32_t Execution::Impl::run_operator(size_t position, uint32_t count, OperatorOutcome& outcome) {
  const Operator& each = pipeline_->operators[position];
  switch (each.index()) {
    case 0:
      compute(prepared_->operators[position].computes[0], count);
      return settle_errors(position, count);
    case 1: {
      const auto& load = *std::get_if<LoadConstant>(&each);
      registers_[static_cast<size_t>(load.target)] = constants_[load.constant];
      return count;
    }
    case 2:
      return filter(*std::get_if<Filter>(&each), count);
    case 7:
      return limit(*std::get_if<Limit>(&each), position, count, outcome.exhausted);
    case 8:
      return insert(*std::get_if<Insert>(&each), position, count);
    case 9:
      return update(*std::get_if<Update>(&each), position, count);
    case 10:
      return erase(*std::get_if<Delete>(&each), position, count);
    case 11:
      return fetch(*std::get_if<Fetch>(&each), position, count);
    case 12:
      return append(*std::get_if<Append>(&each), position, count);
    default:
      break;
  }
  outcome.passed_on = true;
  if (const auto* probe = std::get_if<IndexProbe>(&each)) {
    index_probe(*probe, position, count);
  } else if (const auto* hash = std::get_if<HashProbe>(&each)) {
    hash_probe(*hash, position, count);
  } else if (const auto* loop = std::get_if<LoopProbe>(&each)) {
    loop_probe(*loop, position, count);
  } else {
    series(*std::get_if<Series>(&each), position, count);
  }
  return 0;
}

// ---- the interface --------------------------------------------------------------------------

Execution::Execution() : impl_(std::make_unique<Impl>()) {}
Execution::~Execution() = default;

Result<RunOutcome> Execution::run_statement(const VerifiedProgram& program,
                                            std::span<const Parameter> parameters,
                                            RunContext& context) {
  return impl_->run_statement(program, parameters, context);
}

const StepOutcome& Execution::run_step(const VerifiedProgram& program, Instances& instances,
                                       RunContext& context) {
  return impl_->run_step(program, instances, context);
}

uint32_t Execution::error_detail() const { return impl_->error_detail(); }

std::string Execution::error_text() const { return impl_->error_text(); }

bool make_locals(const VerifiedProgram& program, uint32_t count, Arena& arena,
                 std::vector<Vector>& locals) {
  locals.clear();
  for (const PhysicalType type : program.program().locals) {
    Vector& local = locals.emplace_back();
    if (!vector::allocate(arena, type, count, true, local)) return false;
    std::memset(local.values, 0, count * vector::width_of(type));
    std::memset(local.validity, 0, bitmap_words(count) * sizeof(uint64_t));
  }
  return true;
}

}  // namespace rowtine::program
