// Values of other rows: so many before or after this one, or at a place of its frame.
#include "vector/dispatch.h"
#include "window/evaluate.h"

namespace rowtine::window {
namespace {

template <class T>
void copy_value(EvaluateRequest& request, uint32_t to, uint32_t from, uint32_t column) {
  const uint8_t* source = request.partition.row(from);
  if (request.layout().is_null(source, column)) return request.give_null(to);
  request.give<T>(to, request.layout().read<T>(source, column));
}

// Arguments: value, offset, what to give where there is no such row.
template <class T, bool kForward>
void shifted(EvaluateRequest& request) {
  const uint32_t value = request.columns.first_argument;
  const int64_t count = request.partition.count();
  for (uint32_t row = 0; row < request.partition.count(); ++row) {
    const uint8_t* packed = request.partition.row(row);
    if (request.layout().is_null(packed, value + 1)) {
      request.give_null(row);
      continue;
    }
    const int64_t offset = request.layout().read<int32_t>(packed, value + 1);
    const int64_t from = kForward ? row + offset : row - offset;
    const bool is_there = from >= 0 && from < count;
    copy_value<T>(request, row, is_there ? static_cast<uint32_t>(from) : row,
                  is_there ? value : value + 2);
  }
}

template <class T, bool kLast>
void edge_value(EvaluateRequest& request) {
  FrameFinder frames = request.frames();
  for (uint32_t row = 0; row < request.partition.count(); ++row) {
    const FrameRows rows = frames.rows_of(row);
    if (rows.count == 0) {
      request.give_null(row);
      continue;
    }
    const uint32_t at = kLast ? rows.parts[rows.count - 1].end - 1 : rows.parts[0].first;
    copy_value<T>(request, row, at, request.columns.first_argument);
  }
}

template <class T>
void nth_value(EvaluateRequest& request) {
  const uint32_t value = request.columns.first_argument;
  FrameFinder frames = request.frames();
  for (uint32_t row = 0; row < request.partition.count(); ++row) {
    const uint8_t* packed = request.partition.row(row);
    const bool is_null = request.layout().is_null(packed, value + 1);
    const int64_t place = is_null ? 0 : request.layout().read<int32_t>(packed, value + 1);
    const FrameRows rows = frames.rows_of(row);
    if (place < 1 || static_cast<uint64_t>(place) > rows.size()) {
      request.give_null(row);
    } else {
      copy_value<T>(request, row, rows.at(static_cast<uint64_t>(place - 1)), value);
    }
  }
}

template <class T>
Evaluate value_function_of(Function function) {
  switch (function) {
    case Function::Lag: return shifted<T, false>;
    case Function::Lead: return shifted<T, true>;
    case Function::FirstValue: return edge_value<T, false>;
    case Function::LastValue: return edge_value<T, true>;
    case Function::NthValue: return nth_value<T>;
    default: return nullptr;
  }
}

bool fits(const Call& call) {
  const auto& types = call.arguments;
  if (call.filtered || types.empty() || types[0] != call.result) return false;
  switch (call.function) {
    case Function::Lag:
    case Function::Lead:
      return types.size() == 3 && types[1] == PhysicalType::Int32 && types[2] == types[0];
    case Function::NthValue:
      return types.size() == 2 && types[1] == PhysicalType::Int32;
    default:
      return types.size() == 1;
  }
}

}  // namespace

Evaluate value_function(const Call& call) {
  if (!fits(call)) return nullptr;
  return vector::with_type(call.result, [&](auto tag) {
    return value_function_of<typename decltype(tag)::Type>(call.function);
  });
}

}  // namespace rowtine::window
