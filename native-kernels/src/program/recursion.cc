// Recursive queries: what was found is handed out, then the recursive term's pipelines run over it,
// round by round. A reader that wants no more ends the rounds.
#include "program/interpreter.h"

namespace rowtine::program {

void Execution::Impl::source_recursion(const RecursionSource& source) {
  if (!open_state(source.state)) return fail_memory();
  Frontier& frontier = *states_[source.state].frontier;
  while (may_continue() && frontier.advance()) {
    scan_packed(source.state, kRoundRows, source.columns, 0, frontier.count());
    if (flow_ != Flow::Run || pending_count_ != 0) return;
    run_round(source);
  }
}

// The pipeline at hand is between two batches: none of its registers is alive, but it goes on
// counting its rows.
void Execution::Impl::run_round(const RecursionSource& source) {
  const uint32_t resumed = pipeline_index_;
  const table::Snapshot snapshot = snapshot_;
  std::vector<uint64_t*> limit_counts = std::move(limit_counts_);
  const auto profiled = profile_ == nullptr ? Profile::Suspended{} : profile_->suspend();
  for (const uint32_t state : program_->pipelines[resumed].round_states) {
    states_[state].opened = states_[state].finished = false;
    states_[state].poison = {};
  }
  for (uint32_t i = source.first; i <= source.last; ++i) {
    if (program_->pipelines[i].loop != static_cast<int32_t>(resumed)) continue;
    if (profile_ != nullptr) profile_->begin(i);
    run_pipeline(i);
    if (profile_ != nullptr) profile_->end();
    if (flow_ == Flow::Abort) return;
  }
  if (profile_ != nullptr) profile_->resume(profiled);
  flow_ = Flow::Run;
  pipeline_index_ = resumed;
  pipeline_ = &program_->program.pipelines[resumed];
  prepared_ = &program_->pipelines[resumed];
  snapshot_ = snapshot;
  limit_counts_ = std::move(limit_counts);
}

/// Where the state's rows lie: as long as the run takes, or the round that fills it.
Arena& Execution::Impl::memory_of_loop(int32_t loop) {
  if (loop == kNone) return run_arena_;
  const auto& source =
      std::get<RecursionSource>(program_->program.pipelines[static_cast<size_t>(loop)].source);
  return states_[source.state].frontier->round_memory();
}

}  // namespace rowtine::program
