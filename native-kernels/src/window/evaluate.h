// One call of a window over one partition: finds the function for its types, and runs it.
#pragma once

#include "base/arena.h"
#include "base/sql_state.h"
#include "window/frame.h"
#include "window/partition.h"

namespace rowtine::window {

struct EvaluateRequest {
  const Partition& partition;
  const Spec& spec;
  const Call& call;
  const CallColumns& columns;
  Arena& scratch;                // rewound after the call
  Arena& heap;                   // for bytes of result strings
  SqlState error = kSuccess;     // out

  const WindowLayout& layout() const { return partition.layout(); }
  FrameFinder frames() const {
    const bool descending = !spec.order.empty() && spec.order[0].descending;
    return {spec.frames[call.frame], layout().frames[call.frame], descending, partition};
  }
  bool takes(uint32_t row) const {
    if (columns.filter == kNoColumn) return true;
    const auto filter = static_cast<uint32_t>(columns.filter);
    const uint8_t* packed = partition.row(row);
    return !layout().is_null(packed, filter) && layout().read<uint8_t>(packed, filter) != 0;
  }
  template <class T>
  void give(uint32_t row, const T& value) const {
    layout().write(partition.row(row), columns.result, value);
  }
  void give_null(uint32_t row) const { layout().write_null(partition.row(row), columns.result); }
};

/// Writes the result of every row of the partition, or sets the error.
using Evaluate = void (*)(EvaluateRequest&);

/// Returns: nullptr when there is no such function over these types.
Evaluate ranking_function(const Call& call);
Evaluate value_function(const Call& call);
Evaluate aggregate_function(const Call& call);
Evaluate text_aggregate_function(const Call& call);

inline Evaluate function_of(const Call& call) {
  if (call.function <= Function::Ntile) return ranking_function(call);
  if (call.function <= Function::NthValue) return value_function(call);
  const bool is_text = call.function >= Function::StringAgg && call.function <= Function::JsonObjectAgg;
  return is_text ? text_aggregate_function(call) : aggregate_function(call);
}

}  // namespace rowtine::window
