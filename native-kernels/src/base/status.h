// How native code reports a mistake in the data: a value, never an exception.
#pragma once

#include <cstdint>
#include <utility>
#include <variant>

#include "base/invariant.h"
#include "base/sql_state.h"

namespace rowtine {

/// A failure caused by the data. Kernels know rows, not SQL text: the engine maps
/// `instruction` back to the expression's source span before a user sees it.
struct DataError {
  SqlState state;
  uint32_t instruction = 0;  // index into the program's instruction list
  uint32_t row = 0;          // first offending row in the batch
};

/// A value or the error that kept it from being made.
template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}          // NOLINT: implicit on purpose
  Result(DataError error) : state_(error) {}             // NOLINT
  Result(SqlState state) : state_(DataError{state}) {}   // NOLINT
  bool ok() const { return state_.index() == 0; }
  T& value() {
    invariant(ok(), "a Result is read only after ok()");
    return *std::get_if<0>(&state_);
  }
  const T& value() const {
    invariant(ok(), "a Result is read only after ok()");
    return *std::get_if<0>(&state_);
  }
  const DataError& error() const {
    invariant(!ok(), "only a failed Result has an error");
    return *std::get_if<1>(&state_);
  }

 private:
  std::variant<T, DataError> state_;
};

}  // namespace rowtine
