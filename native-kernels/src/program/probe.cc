// Joins against something built: one driver for all probe types and residual conditions over three
// matchers (index, hash table, loop). Output rows keep the order of the probing rows, whatever the
// batch size; a batch that expands is passed on in slices.
#include <algorithm>
#include <cstring>

#include "hash/hash_columns.h"
#include "program/interpreter.h"

namespace rowtine::program {
namespace {

// Pairs looked at in one go.
constexpr uint32_t kCandidatesMax = vector::kBatchRowsMax;

/// Reads packed rows; a null reference gives nulls.
bool read_packed(const join::PackedLayout& layout, uint32_t column, const Reference* references,
                 uint32_t count, Arena& arena, Vector& out) {
  static_assert(sizeof(Reference) == sizeof(const uint8_t*));
  return join::gather_column(layout, column, reinterpret_cast<const uint8_t* const*>(references),
                             count, arena, out);
}

class IndexMatcher {
 public:
  static constexpr Reference kNothing = static_cast<Reference>(-1);

  IndexMatcher(table::Relation& relation, table::Snapshot snapshot, uint32_t index,
               std::span<const Vector> keys, uint32_t count)
      : relation_(relation), snapshot_(snapshot), index_(index), keys_(keys), count_(count) {}

  uint32_t next(const uint8_t*, const Pairs& out, Arena&) {
    static_assert(sizeof(Reference) == sizeof(table::RowId));
    return relation_.probe(snapshot_, index_, keys_, count_, position_, kCandidatesMax, out.rows,
                           reinterpret_cast<table::RowId*>(out.references));
  }
  uint32_t finished_rows() const { return position_.row; }
  bool read(uint32_t column, const Reference* references, uint32_t count, Arena& arena,
            Vector& out) {
    return relation_.fetch(reinterpret_cast<const table::RowId*>(references), count, column, arena,
                           out);
  }
  void set_matched(Reference) {}

 private:
  table::Relation& relation_;
  table::Snapshot snapshot_;
  uint32_t index_;
  std::span<const Vector> keys_;
  uint32_t count_;
  table::ProbePosition position_;
};

class HashMatcher {
 public:
  static constexpr Reference kNothing = 0;

  HashMatcher(const join::HashTable& table, std::span<const Vector> keys, uint32_t count,
              uint64_t seed)
      : table_(table), keys_(keys), count_(count), seed_(seed) {}

  bool open(Arena& arena) {
    hashes_ = arena.allocate_array<uint64_t>(count_);
    runs_.begin = arena.allocate_array<uint32_t>(count_);
    runs_.end = arena.allocate_array<uint32_t>(count_);
    null_keys_ = arena.allocate_array<uint8_t>(count_);
    selected_ = arena.allocate_array<uint32_t>(kCandidatesMax);
    if (hashes_ == nullptr || runs_.begin == nullptr || runs_.end == nullptr ||
        null_keys_ == nullptr || selected_ == nullptr) {
      return false;
    }
    hash::hash_columns(keys_, count_, hashes_, seed_);
    std::memset(null_keys_, 0, count_);
    for (const Vector& key : keys_) note_nulls(key);
    table_.find_runs(hashes_, count_, null_keys_, runs_);
    return true;
  }

  uint32_t next(const uint8_t* done, const Pairs& out, Arena&) {
    const join::Candidates candidates{out.rows, reinterpret_cast<const uint8_t**>(out.references),
                                      kCandidatesMax};
    const uint32_t found = table_.candidates(hashes_, runs_, count_, done, cursor_, candidates);
    return keep_equal(join::NullRule::NeverEqual, out, found);
  }

  /// Starts over with what NOT IN cannot rule out: pairs whose keys are equal or null. A row with a
  /// null key has to look at all build rows, others at those with a null key.
  void restart_with_unknown() {
    cursor_ = {};
    for (uint32_t row = 0; row < count_; ++row) {
      runs_.begin[row] = null_keys_[row] != 0 ? 0 : table_.keyed_count();
      runs_.end[row] = table_.row_count();
    }
  }
  uint32_t next_unknown(const uint8_t* done, const Pairs& out) {
    uint32_t found = 0;
    for (; cursor_.row < count_; ++cursor_.row, cursor_.offset = 0) {
      if (done[cursor_.row] != 0) continue;
      for (uint32_t i = runs_.begin[cursor_.row] + cursor_.offset; i < runs_.end[cursor_.row];
           ++i) {
        if (found == kCandidatesMax) {
          cursor_.offset = i - runs_.begin[cursor_.row];
          return keep_equal(join::NullRule::MaybeEqual, out, found);
        }
        out.rows[found] = cursor_.row;
        out.references[found] = reinterpret_cast<Reference>(table_.row(i));
        ++found;
      }
    }
    return keep_equal(join::NullRule::MaybeEqual, out, found);
  }

  uint32_t finished_rows() const { return cursor_.row; }
  bool read(uint32_t column, const Reference* references, uint32_t count, Arena& arena,
            Vector& out) {
    return read_packed(table_.layout(), column, references, count, arena, out);
  }
  void set_matched(Reference row) { table_.set_matched(reinterpret_cast<const uint8_t*>(row)); }

 private:
  void note_nulls(const Vector& key) {
    if (key.validity == nullptr) return;
    for (uint32_t row = 0; row < count_; ++row) {
      if (key.is_null(row)) null_keys_[row] = 1;
    }
  }

  uint32_t keep_equal(join::NullRule nulls, const Pairs& pairs, uint32_t count) {
    for (uint32_t i = 0; i < count; ++i) selected_[i] = i;
    uint32_t kept = count, rejected = 0;
    for (uint32_t column = 0; column < keys_.size(); ++column) {
      kept = join::match_column(table_.layout(), column, keys_[column], pairs.rows,
                                reinterpret_cast<const uint8_t* const*>(pairs.references), nulls,
                                selected_, kept, nullptr, rejected);
    }
    if (kept == count) return kept;
    for (uint32_t i = 0; i < kept; ++i) {
      pairs.rows[i] = pairs.rows[selected_[i]];
      pairs.references[i] = pairs.references[selected_[i]];
    }
    return kept;
  }

  const join::HashTable& table_;
  std::span<const Vector> keys_;
  uint32_t count_;
  uint64_t seed_;
  uint64_t* hashes_ = nullptr;
  uint8_t* null_keys_ = nullptr;
  uint32_t* selected_ = nullptr;
  join::Runs runs_{nullptr, nullptr};
  join::ProbeCursor cursor_;
};

class LoopMatcher {
 public:
  static constexpr Reference kNothing = 0;

  LoopMatcher(const join::PackedRows& rows, const join::PackedLayout& layout, uint32_t count)
      : rows_(rows), layout_(layout), count_(count) {}

  uint32_t next(const uint8_t* done, const Pairs& out, Arena&) {
    uint32_t found = 0;
    for (; row_ < count_; ++row_, inner_ = 0) {
      if (done != nullptr && done[row_] != 0) continue;
      for (; inner_ < rows_.count(); ++inner_) {
        if (found == kCandidatesMax) return found;
        out.rows[found] = row_;
        out.references[found] = reinterpret_cast<Reference>(rows_.row(inner_));
        ++found;
      }
    }
    return found;
  }
  uint32_t finished_rows() const { return row_; }
  bool read(uint32_t column, const Reference* references, uint32_t count, Arena& arena,
            Vector& out) {
    return read_packed(layout_, column, references, count, arena, out);
  }
  void set_matched(Reference) {}

 private:
  const join::PackedRows& rows_;
  const join::PackedLayout& layout_;
  uint32_t count_;
  uint32_t row_ = 0;
  uint64_t inner_ = 0;
};

bool pads_with_nulls(ProbeType type) {
  return type == ProbeType::Left || type == ProbeType::Single || type == ProbeType::Full;
}

bool only_decides(ProbeType type) {
  return type == ProbeType::Semi || type == ProbeType::Anti || type == ProbeType::Mark;
}

}  // namespace

/// One probing batch on its way.
struct Execution::Impl::ProbeProgress {
  uint32_t count = 0;          // probing rows that still matter; less after a statement's error
  Vector* saved = nullptr;     // all registers as they were before the probe
  uint8_t* matched = nullptr;  // per probing row
  uint8_t* unknown = nullptr;  // per probing row: NOT IN cannot tell
  Pairs pairs;                 // of the current round
  Pairs output;                // pairs and padding of the current round
  uint32_t settled = 0;        // probing rows whose padding is decided
  uint32_t pending = 0;        // pending_count_ when the probe began
  bool cut = false;            // an error was met: nothing after this round
};

// ---- the three probes -------------------------------------------------------------------------

bool Execution::Impl::fail_if_poisoned(uint32_t state, size_t position, uint32_t count) {
  const DataError& poison = states_[state].poison;
  if (poison.state.ok()) return false;
  for (uint32_t row = 0; row < count; ++row) {
    error_states_[row] = poison.state.packed;
    error_instructions_[row] = poison.instruction;
  }
  errors_.any = true;
  settle_errors(position, count);
  return true;
}

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

void Execution::Impl::hash_probe(const HashProbe& probe, size_t position, uint32_t count) {
  if (fail_if_poisoned(probe.state, position, count) || !finish_state(probe.state)) return;
  auto* keys = scratch_array<Vector>(probe.keys.size());
  if (keys == nullptr) return fail_memory();
  for (size_t i = 0; i < probe.keys.size(); ++i) {
    keys[i] = registers_[static_cast<size_t>(probe.keys[i])];
  }
  HashMatcher matcher(*states_[probe.state].table, {keys, probe.keys.size()}, count,
                      context_->hash_seed);
  if (!matcher.open(scratch_)) return fail_memory();
  const ProbeSpec spec{prepared_->operators[position],
                       position,
                       probe.type,
                       probe.outputs,
                       kNone,
                       probe.mark,
                       probe.keep,
                       probe.residual.condition,
                       probe.null_aware};
  this->probe(spec, matcher, count);
}

void Execution::Impl::loop_probe(const LoopProbe& probe, size_t position, uint32_t count) {
  if (fail_if_poisoned(probe.state, position, count) || !finish_state(probe.state)) return;
  LoopMatcher matcher(states_[probe.state].rows, program_->states[probe.state].layout, count);
  const ProbeSpec spec{prepared_->operators[position],
                       position,
                       probe.type,
                       probe.outputs,
                       kNone,
                       probe.mark,
                       probe.keep,
                       probe.residual.condition,
                       false};
  this->probe(spec, matcher, count);
}

// ---- the driver -------------------------------------------------------------------------------

template <class Matcher>
void Execution::Impl::probe(const ProbeSpec& spec, Matcher& matcher, uint32_t count) {
  ProbeProgress progress;
  progress.count = count;
  progress.pending = pending_count_;
  const size_t register_count = pipeline_->registers.size();
  progress.saved = scratch_array<Vector>(register_count);
  progress.matched = scratch_array<uint8_t>(count);
  progress.unknown = scratch_array<uint8_t>(count);
  // A round's output: its pairs, and one padding row for each probing row it settles.
  if (progress.saved == nullptr || progress.matched == nullptr || progress.unknown == nullptr ||
      !progress.pairs.allocate(scratch_, kCandidatesMax) ||
      !progress.output.allocate(scratch_, kCandidatesMax + count)) {
    return fail_memory();
  }
  std::copy_n(registers_.data(), register_count, progress.saved);
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

// Errors of pairs are errors of their probing rows. A statement keeps the pairs before the first.
uint32_t Execution::Impl::settle_pair_errors(const ProbeSpec& spec, ProbeProgress& progress,
                                             uint32_t count) {
  if (!errors_.any) return count;
  errors_.any = false;
  const Register ordinal = is_step() ? ordinal_before(spec.position) : kNone;
  const Vector* ordinals =
      ordinal == kNone ? nullptr : &progress.saved[static_cast<size_t>(ordinal)];
  uint32_t going_on = count;
  for (uint32_t pair = 0; pair < count; ++pair) {
    if (error_states_[pair] == 0) continue;
    const uint32_t row = progress.pairs.rows[pair];
    const DataError error{SqlState(error_states_[pair]), error_instructions_[pair], row};
    error_states_[pair] = 0;
    if (is_step()) {
      fail_row(ordinals, row, error);
    } else if (pair < going_on) {
      cut_at(progress, row, error);
      going_on = pair;
    }
  }
  return going_on;
}

void Execution::Impl::cut_at(ProbeProgress& progress, uint32_t row, const DataError& error) {
  pending_ = error;
  ++pending_count_;
  progress.count = std::min(progress.count, row);
  progress.pending = pending_count_;
  progress.cut = true;
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

// A second match of a row that may have one is 21000.
void Execution::Impl::fail_repeated(const ProbeSpec& spec, ProbeProgress& progress,
                                    uint32_t& count) {
  const Register ordinal = is_step() ? ordinal_before(spec.position) : kNone;
  const Vector* ordinals =
      ordinal == kNone ? nullptr : &progress.saved[static_cast<size_t>(ordinal)];
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t row = progress.pairs.rows[i];
    const bool repeated =
        progress.matched[row] != 0 || (i > 0 && progress.pairs.rows[i - 1] == row);
    if (!repeated) continue;
    const DataError error{kCardinalityViolation, spec.prepared.instruction, row};
    if (is_step()) {
      fail_row(ordinals, row, error);
      continue;
    }
    cut_at(progress, row, error);
    while (count > 0 && progress.pairs.rows[count - 1] >= row) --count;
    return;
  }
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
    for (const Register r : spec.keep) {
      const auto at = static_cast<size_t>(r);
      if (!vector::gather(scratch_, progress.saved[at], rows, size, registers_[at])) {
        return fail_memory();
      }
    }
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

void Execution::Impl::emit_decided(const ProbeSpec& spec, ProbeProgress& progress) {
  // A round that met an error leaves its own row undecided; the rows before it are complete.
  const uint32_t count = progress.count;
  std::copy_n(progress.saved, pipeline_->registers.size(), registers_.data());
  if (count == 0) return;
  if (spec.type == ProbeType::Mark) {
    Vector& mark = registers_[static_cast<size_t>(spec.mark)];
    if (!vector::allocate(scratch_, PhysicalType::Bool, count, spec.null_aware, mark)) {
      return fail_memory();
    }
    std::memcpy(mark.values, progress.matched, count);
    for (uint32_t row = 0; row < count; ++row) {
      if (progress.unknown[row] != 0) clear_bit(mark.validity, row);
    }
    return run_operators(spec.position + 1, count);
  }
  auto* rows = scratch_array<uint32_t>(count);
  if (rows == nullptr) return fail_memory();
  uint32_t kept = 0;
  for (uint32_t row = 0; row < count; ++row) {
    rows[kept] = row;
    const bool passes = spec.type == ProbeType::Semi
                            ? progress.matched[row] != 0
                            : progress.matched[row] == 0 && progress.unknown[row] == 0;
    kept += passes ? 1 : 0;
  }
  if (kept == 0 || (kept < count && !keep_rows(spec.keep, rows, kept))) return;
  run_operators(spec.position + 1, kept);
}

}  // namespace rowtine::program
