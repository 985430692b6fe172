// States from words.
#include <iterator>
#include <variant>

#include "program/decode_parts.h"

namespace rowtine::program {
namespace {

AggregateDeclaration read_aggregate(WordReader& in) {
  AggregateDeclaration aggregate;
  aggregate.function = static_cast<AggregateFunction>(in.below(aggregate::kFunctionCount));
  aggregate.arguments = read_types(in);
  aggregate.result = read_type(in);
  aggregate.distinct = in.flag();
  return aggregate;
}

SortKeyDeclaration read_sort_key(WordReader& in) {
  SortKeyDeclaration key;
  key.type = read_type(in);
  key.descending = in.flag();
  key.nulls_first = in.flag();
  return key;
}

State read_hash_table(WordReader& in) {
  HashTableState state;
  state.keys = read_types(in);
  state.payload = read_types(in);
  return state;
}

State read_aggregate_state(WordReader& in) {
  AggregateState state;
  state.groups = read_types(in);
  state.aggregates = read_list<AggregateDeclaration>(in, read_aggregate, kRegistersMax);
  return state;
}

State read_sort(WordReader& in) {
  SortState state;
  state.keys = read_list<SortKeyDeclaration>(in, read_sort_key, kRegistersMax);
  state.payload = read_types(in);
  state.limit = in.word();
  state.offset = in.word();
  state.group_limit.key_count = in.below(kRegistersMax);
  state.group_limit.row_count = in.below(sort::kGroupRowsMax + 1);
  state.group_limit.drops_ties = in.flag();
  return state;
}

State read_rows(WordReader& in) { return RowsState{read_types(in)}; }

window::Frame read_frame(WordReader& in) {
  window::Frame frame;
  frame.mode = static_cast<window::FrameMode>(in.below(window::kFrameModeCount));
  frame.start = static_cast<window::Bound>(in.below(window::kBoundCount));
  frame.end = static_cast<window::Bound>(in.below(window::kBoundCount));
  frame.exclude = static_cast<window::Exclusion>(in.below(window::kExclusionCount));
  frame.type = read_type(in);
  return frame;
}

window::Call read_window_call(WordReader& in) {
  window::Call call;
  call.function = static_cast<window::Function>(in.below(window::kFunctionCount));
  call.arguments = read_types(in);
  call.result = read_type(in);
  call.filtered = in.flag();
  call.frame = in.number();
  return call;
}

State read_window(WordReader& in) {
  WindowState state;
  state.spec.payload = read_types(in);
  state.spec.partition = read_types(in);
  state.spec.order = read_list<SortKeyDeclaration>(in, read_sort_key, kRegistersMax);
  state.spec.frames = read_list<window::Frame>(in, read_frame, kRegistersMax);
  state.spec.calls = read_list<window::Call>(in, read_window_call, kRegistersMax);
  return state;
}

State read_recursion_state(WordReader& in) {
  RecursionState state;
  state.payload = read_types(in);
  state.distinct = in.flag();
  return state;
}

}  // namespace

State read_state(WordReader& in) {
  using Read = State (*)(WordReader&);
  constexpr Read readers[] = {read_hash_table, read_aggregate_state, read_sort, read_rows,
                              read_window,     read_recursion_state};
  static_assert(std::size(readers) == std::variant_size_v<State>);
  return readers[in.below(std::size(readers))](in);
}

}  // namespace rowtine::program
