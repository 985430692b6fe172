// The loops that all accumulators share. An accumulator is a type with a State that is empty when
// zero and `finish`. One with a `Value` adds single values of its one argument, nulls left out, and
// may take whole columns (`add_block`); any other adds rows. Both return a packed SQLSTATE, 0:
// fine.
#pragma once

#include <algorithm>
#include <bit>
#include <cstring>
#include <type_traits>

#include "aggregate/accumulator.h"
#include "base/bits.h"

namespace rowtine::aggregate {

template <class T>
const T& value_at(const AddRequest& request, size_t argument, uint32_t row) {
  const Vector& vector = request.arguments[argument];
  return vector.as<T>()[vector.index_of(row)];
}

inline uint32_t row_at(const AddRequest& request, uint32_t i) {
  return request.rows == nullptr ? i : request.rows[i];
}

template <class State>
State& state_of(const AddRequest& request, uint32_t row) {
  return *reinterpret_cast<State*>(request.groups[request.single ? 0 : row] + request.state_offset);
}

inline void note_error(AddRequest& request, uint32_t row, uint32_t state) {
  if (request.errors[row] == 0) request.errors[row] = state;
  request.any_error = true;
}

// ---- rows -------------------------------------------------------------------------------------

template <class Op>
constexpr bool takes_nulls() {
  if constexpr (requires { Op::kTakesNulls; }) return Op::kTakesNulls;
  return false;
}

template <class Op>
void add_rows(AddRequest& request) {
  for (uint32_t i = 0; i < request.count; ++i) {
    const uint32_t row = row_at(request, i);
    if (!takes_nulls<Op>() && request.arguments[0].is_null(row)) continue;
    auto& state = state_of<typename Op::State>(request, row);
    if (const uint32_t error = Op::add(state, request, row)) note_error(request, row, error);
  }
}

// ---- values -----------------------------------------------------------------------------------

/// Rows first .. first + count - 1, none null, into one state.
template <class Op>
void add_run(AddRequest& request, typename Op::State& state, uint32_t first, uint32_t count) {
  const auto* values = request.arguments[0].as<typename Op::Value>();
  if constexpr (requires { Op::add_block(state, values, count); }) {
    if (Op::add_block(state, values + first, count)) return;
  }
  for (uint32_t row = first; row < first + count; ++row) {
    const uint32_t error = Op::add(state, values[row], *request.heap);
    if (error != 0) [[unlikely]]
      note_error(request, row, error);
  }
}

/// A whole flat column into one state, which is held in registers: a store per row would make each
/// addition wait for the one before.
template <class Op>
void add_column(AddRequest& request) {
  uint8_t* const target = request.groups[0] + request.state_offset;
  typename Op::State state;
  std::memcpy(&state, target, sizeof state);
  const uint64_t* validity = request.arguments[0].validity;
  if (validity == nullptr) {
    add_run<Op>(request, state, 0, request.count);
  } else {
    for (uint32_t first = 0; first < request.count; first += 64) {
      const uint32_t count = std::min(64U, request.count - first);
      const uint64_t all = ~uint64_t{0} >> (64 - count);
      uint64_t word = validity[first / 64] & all;
      if (word == all) {
        add_run<Op>(request, state, first, count);
        continue;
      }
      for (; word != 0; word &= word - 1) {
        add_run<Op>(request, state, first + static_cast<uint32_t>(std::countr_zero(word)), 1);
      }
    }
  }
  std::memcpy(target, &state, sizeof state);
}

/// A whole flat column without nulls into many groups.
template <class Op>
void add_dense(AddRequest& request) {
  const auto* values = request.arguments[0].as<typename Op::Value>();
  uint8_t* const* groups = request.groups;
  const uint32_t offset = request.state_offset;
  Arena& heap = *request.heap;
  for (uint32_t row = 0; row < request.count; ++row) {
    auto& state = *reinterpret_cast<typename Op::State*>(groups[row] + offset);
    const uint32_t error = Op::add(state, values[row], heap);
    if (error != 0) [[unlikely]]
      note_error(request, row, error);
  }
}

template <class Op>
void add_values(AddRequest& request) {
  const Vector& argument = request.arguments[0];
  if (request.rows == nullptr && !argument.constant) {
    if (request.single) return add_column<Op>(request);
    if (argument.validity == nullptr) return add_dense<Op>(request);
  }
  for (uint32_t i = 0; i < request.count; ++i) {
    const uint32_t row = row_at(request, i);
    if (argument.is_null(row)) continue;
    const auto& value = argument.as<typename Op::Value>()[argument.index_of(row)];
    auto& state = state_of<typename Op::State>(request, row);
    const uint32_t error = Op::add(state, value, *request.heap);
    if (error != 0) [[unlikely]]
      note_error(request, row, error);
  }
}

// ---- joining and finishing --------------------------------------------------------------------

template <class Op>
uint32_t merge_groups(const MergeRequest& request) {
  uint32_t first_error = 0;
  for (uint32_t i = 0; i < request.count; ++i) {
    auto& into = *reinterpret_cast<typename Op::State*>(request.into[i] + request.state_offset);
    const auto& from =
        *reinterpret_cast<const typename Op::State*>(request.from[i] + request.state_offset);
    const uint32_t error = Op::merge(into, from);
    if (first_error == 0) first_error = error;
  }
  return first_error;
}

template <class Op, class T>
void finish_groups(const uint8_t* const* states, uint32_t count, Vector& out) {
  bool any_null = false;
  for (uint32_t i = 0; i < count; ++i) {
    T value{};
    const auto& state = *reinterpret_cast<const typename Op::State*>(states[i]);
    const bool has_value = Op::finish(state, value);
    out.as<T>()[i] = has_value ? value : T{};
    if (!has_value) clear_bit(out.validity, i);
    any_null = any_null || !has_value;
  }
  if (!any_null) out.validity = nullptr;
}

/// Fills in the functions of Op, which gives values of T.
template <class Op, class T>
bool set(Accumulator& out) {
  using State = typename Op::State;
  static_assert(std::is_trivially_copyable_v<State> && alignof(State) <= 16);
  if constexpr (requires { typename Op::Value; }) {
    out.add = add_values<Op>;
  } else {
    out.add = add_rows<Op>;
  }
  if constexpr (requires { &Op::merge; }) out.merge = merge_groups<Op>;
  out.finish = finish_groups<Op, T>;
  out.state_bytes = (sizeof(State) + 15) & ~15U;
  return true;
}

}  // namespace rowtine::aggregate
