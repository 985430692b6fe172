// What the workers tell the main thread, and how: a lane per worker that never blocks the worker.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/sql_state.h"
#include "runtime/row_export.h"

namespace rowtine::runtime {

/// An error on its way to a person: TypeScript finds the text and the names.
struct Refusal {
  SqlState state;
  int32_t span_start = 0;  // in the statement's text; -1 - n: note n of the program; both 0: unknown
  int32_t span_end = 0;
  int32_t relation = -1;  // that refused a row, with the index or the column that did, -1: none
  int32_t index = -1;
  int32_t column = -1;
  std::string message;  // where native code knows more than the state says
};

/// A refusal that native code has the words for.
inline Refusal refused(SqlState state, std::string message) {
  Refusal refusal;
  refusal.state = state;
  refusal.message = std::move(message);
  return refusal;
}

/// One message to the main thread; `kind` says which fields count (native-kernels/binding.ts NativeEvent).
struct MainEvent {
  enum class Kind : uint8_t { Batch, Done, Followed, Listening, Stopped };
  Kind kind;
  uint32_t id = 0;  // statement, follow or listener
  ExportBatch batch;
  uint64_t count = 0;  // Done: rows affected; Followed: rows lost
  std::string protocol, address;
  std::vector<double> profile;  // Done of a profiled statement: program::Profile::numbers()
  bool failed = false;
  Refusal error;
};

}  // namespace rowtine::runtime
