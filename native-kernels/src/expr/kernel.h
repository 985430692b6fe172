// What a kernel is: a function from dense argument vectors to one result vector that computes every
// row and fails rows, never the batch. Everything a kernel may use comes in through KernelContext.
#pragma once

#include <cstdint>
#include <span>

#include "base/arena.h"
#include "base/sql_state.h"
#include "vector/vector.h"

namespace rowtine::expr {

using vector::PhysicalType;
using vector::StringView;
using vector::Vector;

/// The failures of a batch: the first one of a row wins. The arrays have row_count entries.
struct RowErrors {
  uint32_t* states;        // packed SqlState, 0 = fine
  uint32_t* instructions;  // where the row failed; meaningful where states is not 0
  uint32_t* details = nullptr;  // zeros: what only writes know; set where a failure is passed on
  bool any = false;
};

/// What volatile kernels draw from; owned by the worker, seeded by the engine.
struct KernelState {
  uint64_t random[2] = {0x9e3779b97f4a7c15, 0xbf58476d1ce4e5b9};  // xoroshiro128+, not both zero
  int64_t clock_us = 0;  // the wall clock at the start of the turn
};

/// One call. `active` is Bool bytes: errors of inactive rows are dropped; nullptr means all rows
/// are active. A kernel called with row_count 1 for constant arguments is called with `active`
/// null or that one byte; the caller spreads its error over the rows that are active.
struct KernelContext {
  Arena& scratch;  // for bytes of result strings; lives as long as the result
  int64_t now_us;
  RowErrors& errors;
  uint32_t row_count;
  const uint8_t* active;
  bool active_constant;  // one byte for all rows
  uint32_t instruction;
  std::span<const int64_t> immediates;
  KernelState* state;
};

/// Shapes: arguments have row_count rows or are constant; result.values has room for row_count
///         values and padding; result.validity has bitmap_words(row_count) words, all bits set.
/// Nulls:  result.validity is set to nullptr when no row can be null.
/// Errors: recorded per row by fail(); the value of a failed row is unspecified but initialised.
/// Threads: one; kernels have no other state.
using KernelFunction = void (*)(KernelContext&, std::span<const Vector> arguments, Vector& result);

inline bool is_active(const KernelContext& context, uint32_t row) {
  return context.active == nullptr || context.active[context.active_constant ? 0 : row] != 0;
}

/// Notes that `row` failed, if it is active and has not failed before.
inline void fail(KernelContext& context, uint32_t row, SqlState state) {
  if (!is_active(context, row) || context.errors.states[row] != 0) return;
  context.errors.states[row] = state.packed;
  context.errors.instructions[row] = context.instruction;
  context.errors.any = true;
}

}  // namespace rowtine::expr
