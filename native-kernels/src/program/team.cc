// A statement run by a team: every member walks the same pipelines, a pipeline's rows are shared out
// by morsels, and between two pipelines all meet.
#include "program/team.h"

#include <algorithm>

#include "program/interpreter.h"

namespace rowtine::program {

Team::Team(uint32_t size) : state_(std::make_unique<TeamState>(size)) {}
Team::~Team() = default;

uint32_t Team::size() const { return state_->barrier.thread_count(); }

/// Waiting is no stage's time.
void Execution::Impl::meet() {
  const Profile::Place place = profile_ == nullptr ? 0 : profile_->go(Profile::kNowhere);
  team_->barrier.arrive_and_wait(context_->member);
  if (profile_ != nullptr) profile_->go(place);
}

Result<RunOutcome> Execution::Impl::run_together() {
  invariant(context_->transaction == nullptr || is_first(), "one member of a team writes");
  team_->arenas[context_->member] = &run_arena_;
  meet();
  if (is_first()) {
    open_states();
    open_pipeline(0);
  }
  meet();
  states_ = team_->slots;
  for (uint32_t i = 0; !team_->is_over; ++i) {
    if (profile_ != nullptr) profile_->begin(i);
    run_share(i);
    team_->members[context_->member].counts = counts_;
    meet();
    close_filled(i);
    if (profile_ != nullptr) profile_->end();
    if (is_first()) open_pipeline(i + 1);
    meet();
  }
  const Result<RunOutcome> outcome = outcome_of_team();
  release_memory();
  return outcome;
}

/// Member 0, while the others wait: decides whether the run goes on, and shares out its rows.
void Execution::Impl::open_pipeline(uint32_t pipeline) {
  team_->is_over = team_->has_failed() || pipeline == program_->pipelines.size();
  if (team_->is_over) return;
  const Source& source = program_->program.pipelines[pipeline].source;
  team_->slot_count = is_divided(pipeline) ? source_slots(source) : 0;
  team_->morsel_slots = kMorselBatches * batch_rows_max_;
  team_->next_morsel.store(0, std::memory_order_relaxed);
}

void Execution::Impl::open_states() {
  team_->slots.resize(program_->states.size());
  states_ = team_->slots;
  for (uint32_t i = 0; i < states_.size() && flow_ == Flow::Run; ++i) {
    if (!open_state(i)) fail_memory();
  }
  if (flow_ == Flow::Abort) note_failure();
}

namespace {

/// Member 0 writes, and what it has written it alone reads again.
bool is_read_before_writes(const PreparedProgram& program, uint32_t pipeline) {
  return std::none_of(program.pipelines.begin(), program.pipelines.begin() + pipeline + 1,
                      [](const PreparedPipeline& each) { return each.changes_tables; });
}

}  // namespace

/// Is each row of the pipeline on its own, whichever member has it?
bool Execution::Impl::is_divided(uint32_t index) const {
  const Pipeline& pipeline = program_->program.pipelines[index];
  const bool counts_rows = std::ranges::any_of(pipeline.operators, [](const Operator& each) {
    return std::holds_alternative<Limit>(each);
  });
  if (counts_rows || !is_read_before_writes(*program_, index)) return false;
  const bool is_result = std::holds_alternative<ResultSinkSpec>(pipeline.sink);
  if (const auto* state = std::get_if<StateScanSource>(&pipeline.source)) {
    const State& read = program_->program.states[state->state];
    const bool is_ordered =
        std::holds_alternative<SortState>(read) || std::holds_alternative<WindowState>(read);
    return is_result || (!is_ordered && is_shared(pipeline.sink));
  }
  return std::holds_alternative<ScanSource>(pipeline.source) &&
         (is_result || is_shared(pipeline.sink));
}

uint64_t Execution::Impl::source_slots(const Source& source) {
  if (const auto* scan = std::get_if<ScanSource>(&source)) {
    const auto found = std::ranges::find(program_->relations, scan->relation);
    return relations_[static_cast<size_t>(found - program_->relations.begin())]->scan_slots();
  }
  return state_row_count(std::get<StateScanSource>(source).state);
}

/// Runs the pipeline over this member's morsels; all of it on member 0 where it is not divided.
void Execution::Impl::run_share(uint32_t pipeline) {
  is_divided_ = team_->slot_count > 0;
  morsel_ = 0;
  if (!is_divided_ && !is_first()) return;
  run_pipeline(pipeline);
  if (flow_ == Flow::Abort || flow_ == Flow::EndRun) return note_failure();
  flow_ = Flow::Run;
}

/// Notes how this member's run ended, so that the others end theirs.
void Execution::Impl::note_failure() {
  TeamState::Member& member = team_->members[context_->member];
  member.error = run_error_;
  member.error_detail = error_detail_;
  member.error_text = error_text_.of(run_error_);
  if (pending_count_ > 0) {
    member.error_morsel = morsel_;
    team_->end_at(morsel_);
  } else {
    team_->aborted.store(true, std::memory_order_relaxed);
  }
}

/// After the last pipeline that fills a state: makes it ready for those that read it.
void Execution::Impl::close_filled(uint32_t pipeline) {
  const int32_t filled = program_->pipelines[pipeline].filled_state;
  if (filled == kNone) return;
  const auto state = static_cast<uint32_t>(filled);
  if (program_->states[state].writers.back() != pipeline) return;
  if (profile_ != nullptr) profile_->go(profile_->sink_of(pipeline));
  StateSlot& slot = states_[state];
  const State& declared = program_->program.states[state];
  if (std::holds_alternative<HashTableState>(declared)) build_together(*slot.table);
  if (std::holds_alternative<AggregateState>(declared)) merge_together(*slot.aggregator);
  if (std::holds_alternative<SortState>(declared)) merge_together(*slot.sort);
  if (!is_first()) return;
  slot.finished = true;
  const bool is_window = std::holds_alternative<WindowState>(declared);
  if (is_window && !team_->has_failed() && !finish_window(slot)) note_failure();
}

/// Begins a pass over a state that all members take part in, if the first says that it is `wanted`
/// and nobody has failed. Returns: whether there is a pass; the same for all.
bool Execution::Impl::begin_pass(bool wanted) {
  if (is_first()) team_->goes_on = wanted && !team_->has_failed();
  meet();
  return team_->goes_on;
}

void Execution::Impl::build_together(join::HashTable& table) {
  while (begin_pass(is_first() && !team_->has_failed() && table.plan())) {
    table.build();
    meet();
  }
  if (is_first() && !table.ok()) end_team(kOutOfMemory);
}

void Execution::Impl::merge_together(aggregate::Aggregator& groups) {
  if (is_first() && !team_->has_failed()) groups.plan();
  if (!begin_pass(true)) return;
  const uint32_t failure = groups.merge(context_->member);
  if (failure != 0) end_team(SqlState(failure));
  meet();
}

void Execution::Impl::merge_together(sort::SortBuffer& rows) {
  if (!begin_pass(true)) return;
  if (!rows.finish(context_->member)) end_team(kOutOfMemory);
  meet();
  while (begin_pass(is_first() && !team_->has_failed() && rows.plan())) {
    if (!rows.work(context_->member)) end_team(kOutOfMemory);
    meet();
  }
  if (is_first() && !rows.ok()) end_team(kOutOfMemory);
}

/// Ends the run for all of the team: the failure is of no row.
void Execution::Impl::end_team(SqlState state) {
  fail_run(state);
  note_failure();
}

bool Execution::Impl::take_morsel(Morsel& morsel) {
  if (!may_continue() || !team_->take(morsel)) return false;
  morsel_ = morsel.number;
  if (context_->results != nullptr) context_->results->begin_morsel(morsel.number);
  return true;
}

/// Publishes what this member holds. Returns: what all of them hold.
size_t Execution::Impl::bytes_of_team(size_t own) {
  team_->members[context_->member].bytes.store(own, std::memory_order_relaxed);
  size_t bytes = 0;
  for (const TeamState::Member& member : team_->members) {
    bytes += member.bytes.load(std::memory_order_relaxed);
  }
  return bytes;
}

/// The same for all members: the error of the earliest row, else an error of the run, else counts.
Result<RunOutcome> Execution::Impl::outcome_of_team() {
  RunOutcome sum;
  const TeamState::Member* failed = nullptr;
  for (const TeamState::Member& member : team_->members) {
    sum.counted += member.counts.counted;
    sum.rows += member.counts.rows;
    if (member.error.state.ok()) continue;
    if (failed == nullptr || member.error_morsel < failed->error_morsel) failed = &member;
  }
  if (failed == nullptr) return sum;
  error_detail_ = failed->error_detail;
  error_text_ = {failed->error.instruction, failed->error_text};
  run_error_ = failed->error;
  return failed->error;
}

}  // namespace rowtine::program
