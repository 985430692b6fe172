// The loops that all accumulators share. An accumulator is a type with a State that is empty when
// zero, `add` for one row (returning a packed SQLSTATE, 0: fine) and `finish`.
#pragma once

#include <cstring>
#include <type_traits>

#include "aggregate/accumulator.h"
#include "base/bits.h"

namespace rowtine::aggregate {

template <class State>
State& state_at(const AddRequest& request, uint32_t i) {
  return *reinterpret_cast<State*>(request.states[request.single ? 0 : i]);
}

template <class T>
const T& value_at(const AddRequest& request, size_t argument, uint32_t row) {
  const Vector& vector = request.arguments[argument];
  return vector.as<T>()[vector.index_of(row)];
}

template <class Op>
constexpr bool takes_nulls() {
  if constexpr (requires { Op::kTakesNulls; }) return Op::kTakesNulls;
  return false;
}

template <class Op>
bool skips(const AddRequest& request, uint32_t row) {
  return !takes_nulls<Op>() && request.arguments[0].is_null(row);
}

inline void note_error(AddRequest& request, uint32_t row, uint32_t state) {
  if (request.errors[row] == 0) request.errors[row] = state;
  request.any_error = true;
}

template <class Op>
void add_rows(AddRequest& request) {
  using State = typename Op::State;
  if (request.single) {
    // In registers: a store per row would make each addition wait for the one before.
    State state;
    std::memcpy(&state, request.states[0], sizeof(State));
    for (uint32_t i = 0; i < request.count; ++i) {
      const uint32_t row = request.rows[i];
      if (skips<Op>(request, row)) continue;
      if (const uint32_t error = Op::add(state, request, row)) note_error(request, row, error);
    }
    std::memcpy(request.states[0], &state, sizeof(State));
    return;
  }
  for (uint32_t i = 0; i < request.count; ++i) {
    const uint32_t row = request.rows[i];
    if (skips<Op>(request, row)) continue;
    State& state = *reinterpret_cast<State*>(request.states[i]);
    if (const uint32_t error = Op::add(state, request, row)) note_error(request, row, error);
  }
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
  out.add = add_rows<Op>;
  out.finish = finish_groups<Op, T>;
  out.state_bytes = (sizeof(State) + 15) & ~15U;
  return true;
}

}  // namespace rowtine::aggregate
