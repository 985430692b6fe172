// What becomes of probing rows, whatever they are matched with: errors of their pairs, and the rows
// that semi, anti and mark joins pass on.
#include <algorithm>
#include <cstring>

#include "program/probe_progress.h"

namespace rowtine::program {

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

void Execution::Impl::emit_decided(const ProbeSpec& spec, ProbeProgress& progress) {
  // A round that met an error leaves its own row undecided; the rows before it are complete.
  const uint32_t count = progress.count;
  restore(progress, spec.keep);
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
