// What recursion adds to PipelineVerifier: which pipelines a Recursion runs, and that what lasts for
// a round is read in that round only.
#include <algorithm>
#include <vector>

#include "program/verify_pipeline.h"

namespace rowtine::program {
namespace {

struct Loop {
  int32_t pipeline;  // the one with the Recursion
  const RecursionSource* source;
};

uint32_t length_of(const Loop& loop) { return loop.source->last - loop.source->first; }

const char* collect(PreparedProgram& prepared, std::vector<Loop>& loops) {
  const Program& program = prepared.program;
  for (size_t i = 0; i < program.pipelines.size(); ++i) {
    const auto* source = std::get_if<RecursionSource>(&program.pipelines[i].source);
    if (source == nullptr) continue;
    if (source->first > source->last || source->last >= i) return "a recursion is malformed";
    if (source->state >= program.states.size() ||
        !std::holds_alternative<RecursionState>(program.states[source->state])) {
      return "a recursion has no such state";
    }
    PreparedState& state = prepared.states[source->state];
    if (state.recursion != kNone) return "two recursions share a state";
    state.recursion = static_cast<int32_t>(i);
    loops.push_back({static_cast<int32_t>(i), source});
  }
  return nullptr;
}

/// Longer ones have been placed. Returns: false when it overlaps one of them.
bool place(PreparedProgram& prepared, const Loop& loop, int32_t& parent) {
  auto& pipelines = prepared.pipelines;
  parent = pipelines[loop.source->first].loop;
  for (uint32_t i = loop.source->first; i <= loop.source->last; ++i) {
    if (pipelines[i].loop != parent) return false;
    pipelines[i].loop = loop.pipeline;
  }
  return true;
}

uint32_t depth_of(const PreparedProgram& prepared, int32_t loop) {
  uint32_t depth = 0;
  for (; loop != kNone && depth <= kRecursionDepthMax; ++depth) {
    loop = prepared.pipelines[static_cast<size_t>(loop)].loop;
  }
  return depth;
}

}  // namespace

const char* place_recursions(PreparedProgram& prepared) {
  std::vector<Loop> loops;
  if (const char* reason = collect(prepared, loops)) return reason;
  if (loops.empty()) return nullptr;
  if (prepared.program.is_step()) return "a step does not recurse";
  prepared.recurses = true;
  std::ranges::stable_sort(loops, std::ranges::greater{}, length_of);
  std::vector<int32_t> parents(loops.size(), kNone);
  for (size_t i = 0; i < loops.size(); ++i) {
    if (!place(prepared, loops[i], parents[i])) return "recursions overlap";
  }
  for (size_t i = 0; i < loops.size(); ++i) {
    if (prepared.pipelines[static_cast<size_t>(loops[i].pipeline)].loop != parents[i]) {
      return "a recursion stands outside of the round that it is part of";
    }
    if (depth_of(prepared, loops[i].pipeline) > kRecursionDepthMax) {
      return "too many recursions within one another";
    }
    prepared.states[loops[i].source->state].loop = parents[i];
  }
  return nullptr;
}

void list_round_states(PreparedProgram& prepared) {
  for (uint32_t i = 0; i < prepared.states.size(); ++i) {
    const int32_t loop = prepared.states[i].loop;
    if (loop == kNone) continue;
    prepared.pipelines[static_cast<size_t>(loop)].round_states.push_back(i);
  }
}

/// Does the pipeline at hand run in rounds of `loop`, or of one within?
bool PipelineVerifier::is_within(int32_t loop) const {
  int32_t own = out_->loop;
  while (own != loop && own != kNone) own = prepared_.pipelines[static_cast<size_t>(own)].loop;
  return own == loop;
}

bool PipelineVerifier::scannable(const StateScanSource& source) {
  const State& state = program_.states[source.state];
  const bool recurses = std::holds_alternative<RecursionState>(state);
  if (source.what > kRoundRows) return refuse("StateScan: no such choice of rows");
  if (source.what == kUnmatchedRows && !std::holds_alternative<HashTableState>(state)) {
    return refuse("StateScan: only a HashTable knows unmatched rows");
  }
  if (recurses != (source.what == kRoundRows)) {
    return refuse("StateScan: only a Recursion has rounds, and nothing else");
  }
  if (!recurses) return true;
  const int32_t recursion = prepared_.states[source.state].recursion;
  return (recursion != kNone && is_within(recursion)) ||
         refuse("StateScan: rows of a round are read in the round");
}

bool PipelineVerifier::check(const RecursionSource& source) {
  return readable_state(source.state, "Recursion") &&
         load_state(source.state, source.columns, "Recursion");
}

/// What runs in rounds ends in a state.
bool PipelineVerifier::belongs_in_loop() {
  return out_->loop == kNone || out_->filled_state != kNone ||
         refuse("Recursion: a round only fills states");
}

/// By pipelines before the rounds and in them.
bool PipelineVerifier::fill_recursion(uint32_t state, const char* use) {
  const PreparedState& prepared = prepared_.states[state];
  if (prepared.recursion == kNone) return refuse(std::string(use) + ": nothing recurses over it");
  const auto& source =
      std::get<RecursionSource>(program_.pipelines[static_cast<size_t>(prepared.recursion)].source);
  const bool is_before = index_ < source.first && out_->loop == prepared.loop;
  if (!is_before && out_->loop != prepared.recursion) {
    return refuse(std::string(use) + ": a recursion is filled before its rounds and in them");
  }
  out_->filled_state = static_cast<int32_t>(state);
  prepared_.states[state].writers.push_back(index_);
  return true;
}

/// The strings of a round's state are gone with the round.
Lifetime PipelineVerifier::lifetime_in(uint32_t state) const {
  const auto* recursion = std::get_if<RecursionState>(&program_.states[state]);
  const bool lasts = prepared_.states[state].loop == kNone &&
                     (recursion == nullptr || recursion->distinct);
  return lasts ? Lifetime::Relation : Lifetime::Batch;
}

}  // namespace rowtine::program
