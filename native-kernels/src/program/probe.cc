// Joins against something built: one driver for all probe types and residual conditions over three
// matchers (index, hash table, loop). Output rows keep the order of the probing rows, whatever the
// batch size; a batch that expands is passed on in slices.
#include <algorithm>
#include <cstring>

#include "program/matchers.h"
#include "program/probe_progress.h"

namespace rowtine::program {
namespace {

bool pads_with_nulls(ProbeType type) {
  return type == ProbeType::Left || type == ProbeType::Single || type == ProbeType::Full;
}

bool only_decides(ProbeType type) {
  return type == ProbeType::Semi || type == ProbeType::Anti || type == ProbeType::Mark;
}

/// Has each of the batch's rows its one match? Then its columns need no copies.
bool names_all_rows(const uint32_t* rows, uint32_t count, uint32_t batch_count) {
  if (count != batch_count) return false;
  bool all = true;
  for (uint32_t i = 0; i < count; ++i) all &= rows[i] == i;
  return all;
}

}  // namespace

// ---- the three probes -------------------------------------------------------------------------

void Execution::Impl::index_probe(const IndexProbe& probe, size_t position, uint32_t count) {
  const PreparedOperator& prepared = prepared_->operators[position];
  auto* keys = scratch_array<Vector>(probe.keys.size());
  if (keys == nullptr) return fail_memory();
  for (size_t i = 0; i < probe.keys.size(); ++i) {
    keys[i] = flat(registers_[static_cast<size_t>(probe.keys[i])], count);
  }
  IndexMatcher matcher(*relations_[prepared.relation], snapshot_, probe.index,
                       {keys, probe.keys.size()}, count);
  const ProbeSpec spec{prepared,     position,   probe.type, probe.columns,
                       probe.row_id, probe.mark, probe.keep, probe.residual.condition,
                       false};
  this->probe(spec, matcher, count);
}

/// Of a probe into a state, whose rows have no id.
template <class Probe>
Execution::Impl::ProbeSpec Execution::Impl::spec_of(const Probe& probe, size_t position) const {
  return {prepared_->operators[position],
          position,
          probe.type,
          probe.outputs,
          kNone,
          probe.mark,
          probe.keep,
          probe.residual.condition,
          false};
}

void Execution::Impl::hash_probe(const HashProbe& probe, size_t position, uint32_t count) {
  if (fail_if_poisoned(probe.state, position, count) || !finish_state(probe.state)) return;
  auto* keys = scratch_array<Vector>(probe.keys.size());
  if (keys == nullptr) return fail_memory();
  for (size_t i = 0; i < probe.keys.size(); ++i) {
    keys[i] = registers_[static_cast<size_t>(probe.keys[i])];
  }
  HashMatcher matcher(*states_[probe.state].table, {keys, probe.keys.size()}, count);
  if (!matcher.open(scratch_)) return fail_memory();
  ProbeSpec spec = spec_of(probe, position);
  spec.null_aware = probe.null_aware;
  this->probe(spec, matcher, count);
}

void Execution::Impl::loop_probe(const LoopProbe& probe, size_t position, uint32_t count) {
  if (fail_if_poisoned(probe.state, position, count) || !finish_state(probe.state)) return;
  LoopMatcher matcher(states_[probe.state].rows, program_->states[probe.state].layout, count);
  this->probe(spec_of(probe, position), matcher, count);
}

// ---- the driver -------------------------------------------------------------------------------

template <class Matcher>
void Execution::Impl::probe(const ProbeSpec& spec, Matcher& matcher, uint32_t count) {
  ProbeProgress progress;
  progress.count = count;
  progress.pending = pending_count_;
  const size_t register_count = pipeline_->registers.size();
  progress.saved = scratch_array<Vector>(register_count);
  progress.selections = scratch_array<const uint32_t*>(register_count);
  progress.matched = scratch_array<uint8_t>(count);
  progress.unknown = scratch_array<uint8_t>(count);
  // A round's output: its pairs, and one padding row for each probing row it settles.
  if (progress.saved == nullptr || progress.selections == nullptr || progress.matched == nullptr || progress.unknown == nullptr ||
      !progress.pairs.allocate(scratch_, kCandidatesMax) ||
      !progress.output.allocate(scratch_, kCandidatesMax + count)) {
    return fail_memory();
  }
  std::copy_n(registers_.data(), register_count, progress.saved);
  std::copy_n(selections_.rows.data(), register_count, progress.selections);
  progress.has_selections = selections_.any;
  std::memset(progress.matched, 0, count);
  std::memset(progress.unknown, 0, count);
  if (!match_all(spec, matcher, progress)) return;
  if (only_decides(spec.type)) emit_decided(spec, progress);
}

// Returns: false when the pipeline cannot go on.
template <class Matcher>
bool Execution::Impl::match_all(const ProbeSpec& spec, Matcher& matcher, ProbeProgress& progress) {
  const bool decides = only_decides(spec.type);
  while (matcher.finished_rows() < progress.count && !progress.cut) {
    const Arena::Mark mark = scratch_.mark();
    const uint8_t* done = decides ? progress.matched : nullptr;
    uint32_t found = matcher.next(done, progress.pairs, scratch_);
    if (spec.condition != kNone) found = decide_residual(spec, matcher, progress, found);
    if (flow_ != Flow::Run) return false;
    take_matches(spec, matcher, progress, found);
    scratch_.rewind(mark);
    if (!check_limits()) return false;
    if (!decides && pending_count_ != progress.pending) return false;
  }
  if constexpr (requires { matcher.restart_with_unknown(); }) {
    if (spec.null_aware && !progress.cut) return find_unknown(spec, matcher, progress);
  }
  return true;
}

// Keeps the pairs for which the residual condition is true.
template <class Matcher>
uint32_t Execution::Impl::decide_residual(const ProbeSpec& spec, Matcher& matcher,
                                          ProbeProgress& progress, uint32_t count) {
  if (count == 0) return 0;
  const Pairs& pairs = progress.pairs;
  const auto refill = [&](Register r) {
    const auto at = static_cast<size_t>(r);
    return vector::gather(scratch_, progress.saved[at], pairs.rows, count, registers_[at]);
  };
  for (const Register r : spec.prepared.residual_inputs) {
    if (refill(r)) continue;
    fail_memory();
    return 0;
  }
  for (const uint32_t i : spec.prepared.residual_outputs) {
    Vector& target = registers_[static_cast<size_t>(spec.outputs[i].target)];
    if (matcher.read(spec.outputs[i].column, pairs.references, count, scratch_, target)) continue;
    fail_memory();
    return 0;
  }
  for (const PreparedCompute& instruction : spec.prepared.computes) {
    compute(instruction, count);
    count = settle_pair_errors(spec, progress, count);
    if (flow_ != Flow::Run) return 0;
  }
  auto* selected = scratch_array<uint32_t>(count);
  if (selected == nullptr) {
    fail_memory();
    return 0;
  }
  const Vector condition = flat(registers_[static_cast<size_t>(spec.condition)], count);
  const uint32_t kept = select_true(condition, count, selected);
  for (uint32_t i = 0; i < kept; ++i) {
    pairs.rows[i] = pairs.rows[selected[i]];
    pairs.references[i] = pairs.references[selected[i]];
  }
  return kept;
}

// Uses the pairs of a round, which are matches.
template <class Matcher>
void Execution::Impl::take_matches(const ProbeSpec& spec, Matcher& matcher, ProbeProgress& progress,
                                   uint32_t count) {
  const Pairs& pairs = progress.pairs;
  if (only_decides(spec.type)) {
    for (uint32_t i = 0; i < count; ++i) progress.matched[pairs.rows[i]] = 1;
    return;
  }
  if (spec.type == ProbeType::Right || spec.type == ProbeType::Full) {
    for (uint32_t i = 0; i < count; ++i) matcher.set_matched(pairs.references[i]);
  }
  if (spec.type == ProbeType::Single) fail_repeated(spec, progress, count);
  if (flow_ != Flow::Run) return;
  if (!pads_with_nulls(spec.type)) {
    return emit_matches(spec, matcher, progress, progress.pairs, count);
  }
  // Rows before `finished` have had all their pairs: those without a match are padded in place.
  const uint32_t finished = std::min(matcher.finished_rows(), progress.count);
  const Pairs& output = progress.output;
  uint32_t made = 0, next = 0;
  const auto take = [&](uint32_t row) {
    for (; next < count && pairs.rows[next] == row; ++next, ++made) {
      progress.matched[row] = 1;
      output.rows[made] = row;
      output.references[made] = pairs.references[next];
    }
  };
  for (; progress.settled < finished; ++progress.settled) {
    take(progress.settled);
    if (progress.matched[progress.settled] != 0) continue;
    output.rows[made] = progress.settled;
    output.references[made] = Matcher::kNothing;
    ++made;
  }
  if (next < count) take(pairs.rows[next]);
  emit_matches(spec, matcher, progress, output, made);
}

// The registers as they were before the probe: `kept` ones, and no selections that a slice made.
void Execution::Impl::restore(const ProbeProgress& progress, std::span<const Register> kept) {
  for (const Register r : kept) {
    registers_[static_cast<size_t>(r)] = progress.saved[static_cast<size_t>(r)];
  }
  std::copy_n(progress.selections, pipeline_->registers.size(), selections_.rows.data());
  selections_.any = progress.has_selections;
}

// Runs the rest of the pipeline for joined rows, a slice at a time.
template <class Matcher>
void Execution::Impl::emit_matches(const ProbeSpec& spec, Matcher& matcher,
                                   const ProbeProgress& progress, const Pairs& output,
                                   uint32_t count) {
  for (uint32_t first = 0; first < count; first += batch_rows_max_) {
    const uint32_t size = std::min(batch_rows_max_, count - first);
    const uint32_t* rows = output.rows + first;
    const Reference* references = output.references + first;
    const Arena::Mark mark = scratch_.mark();
    const bool is_whole = names_all_rows(rows, size, progress.count);
    restore(progress, spec.keep);
    if (!is_whole && !keep_rows(spec.keep, rows, size)) return;
    for (const Load& load : spec.outputs) {
      Vector& target = registers_[static_cast<size_t>(load.target)];
      if (!matcher.read(load.column, references, size, scratch_, target)) return fail_memory();
    }
    if (spec.row_id != kNone &&
        !write_row_ids(spec.row_id, reinterpret_cast<const table::RowId*>(references), size)) {
      return;
    }
    run_operators(spec.position + 1, size);
    scratch_.rewind(mark);
    if (!check_limits() || pending_count_ != progress.pending) return;
  }
}

// ---- semi, anti, mark -----------------------------------------------------------------------

// Finds the rows for which NOT IN is null rather than true.
template <class Matcher>
bool Execution::Impl::find_unknown(const ProbeSpec& spec, Matcher& matcher,
                                   ProbeProgress& progress) {
  auto* done = scratch_array<uint8_t>(progress.count);
  if (done == nullptr) {
    fail_memory();
    return false;
  }
  std::memcpy(done, progress.matched, progress.count);
  matcher.restart_with_unknown();
  while (matcher.finished_rows() < progress.count && !progress.cut) {
    const Arena::Mark mark = scratch_.mark();
    uint32_t found = matcher.next_unknown(done, progress.pairs);
    if (spec.condition != kNone) found = decide_residual(spec, matcher, progress, found);
    if (flow_ != Flow::Run) return false;
    for (uint32_t i = 0; i < found; ++i) {
      const uint32_t row = progress.pairs.rows[i];
      progress.unknown[row] = 1;
      done[row] = 1;
    }
    scratch_.rewind(mark);
    if (!check_limits()) return false;
  }
  return true;
}

}  // namespace rowtine::program
