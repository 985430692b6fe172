#include "program/decode.h"

#include <utility>

namespace rowtine::program {
namespace {

// Reads words in order. After the first mistake every read gives zero and ok() is false, so callers
// need no check of their own.
class Reader {
 public:
  explicit Reader(std::span<const int32_t> words) : words_(words) {}

  bool ok() const { return ok_; }
  bool at_end() const { return next_ == words_.size(); }
  void refuse() { ok_ = false; }

  int32_t word() {
    if (!ok_ || next_ == words_.size()) {
      ok_ = false;
      return 0;
    }
    return words_[next_++];
  }
  /// A number from 0 to limit - 1.
  uint32_t below(uint32_t limit) {
    const auto value = static_cast<uint32_t>(word());
    if (value >= limit) ok_ = false;
    return ok_ ? value : 0;
  }
  uint32_t number() { return below(1U << 31); }
  bool flag() { return below(2) == 1; }

  /// A list's length: its items take at least a word each, so a false count cannot allocate much.
  uint32_t count(uint32_t max) {
    const uint32_t value = number();
    if (value > max || value > words_.size() - next_) ok_ = false;
    return ok_ ? value : 0;
  }

 private:
  std::span<const int32_t> words_;
  size_t next_ = 0;
  bool ok_ = true;
};

template <class Item, class Read>
std::vector<Item> read_list(Reader& in, Read read, uint32_t max = kProgramWordsMax) {
  std::vector<Item> items;
  const uint32_t count = in.count(max);
  for (uint32_t i = 0; i < count && in.ok(); ++i) items.push_back(read(in));
  return items;
}

std::vector<int32_t> read_words(Reader& in) {
  return read_list<int32_t>(in, [](Reader& r) { return r.word(); });
}

PhysicalType read_type(Reader& in) {
  return static_cast<PhysicalType>(in.below(vector::kPhysicalTypeCount));
}

std::vector<PhysicalType> read_types(Reader& in) {
  return read_list<PhysicalType>(in, read_type, kRegistersMax);
}

std::vector<Load> read_loads(Reader& in) {
  return read_list<Load>(in, [](Reader& r) {
    const uint32_t column = r.number();
    return Load{column, r.word()};
  });
}

SourceSpan read_span(Reader& in) {
  const int32_t start = in.word();
  return {start, in.word()};
}

Constant read_constant(Reader& in) {
  Constant constant;
  constant.type = read_type(in);
  constant.is_null = in.flag();
  constant.offset = in.number();
  constant.size = in.number();
  return constant;
}

AggregateDeclaration read_aggregate(Reader& in) {
  AggregateDeclaration aggregate;
  aggregate.function = static_cast<AggregateFunction>(in.below(aggregate::kFunctionCount));
  aggregate.arguments = read_types(in);
  aggregate.result = read_type(in);
  aggregate.distinct = in.flag();
  return aggregate;
}

SortKeyDeclaration read_sort_key(Reader& in) {
  SortKeyDeclaration key;
  key.type = read_type(in);
  key.descending = in.flag();
  key.nulls_first = in.flag();
  return key;
}

State read_hash_table(Reader& in) {
  HashTableState state;
  state.keys = read_types(in);
  state.payload = read_types(in);
  return state;
}

State read_aggregate_state(Reader& in) {
  AggregateState state;
  state.groups = read_types(in);
  state.aggregates = read_list<AggregateDeclaration>(in, read_aggregate, kRegistersMax);
  return state;
}

State read_sort(Reader& in) {
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

State read_rows(Reader& in) { return RowsState{read_types(in)}; }

window::Frame read_frame(Reader& in) {
  window::Frame frame;
  frame.mode = static_cast<window::FrameMode>(in.below(window::kFrameModeCount));
  frame.start = static_cast<window::Bound>(in.below(window::kBoundCount));
  frame.end = static_cast<window::Bound>(in.below(window::kBoundCount));
  frame.exclude = static_cast<window::Exclusion>(in.below(window::kExclusionCount));
  frame.type = read_type(in);
  return frame;
}

window::Call read_window_call(Reader& in) {
  window::Call call;
  call.function = static_cast<window::Function>(in.below(window::kFunctionCount));
  call.arguments = read_types(in);
  call.result = read_type(in);
  call.filtered = in.flag();
  call.frame = in.number();
  return call;
}

State read_window(Reader& in) {
  WindowState state;
  state.spec.payload = read_types(in);
  state.spec.partition = read_types(in);
  state.spec.order = read_list<SortKeyDeclaration>(in, read_sort_key, kRegistersMax);
  state.spec.frames = read_list<window::Frame>(in, read_frame, kRegistersMax);
  state.spec.calls = read_list<window::Call>(in, read_window_call, kRegistersMax);
  return state;
}

State read_recursion_state(Reader& in) {
  RecursionState state;
  state.payload = read_types(in);
  state.distinct = in.flag();
  return state;
}

State read_state(Reader& in) {
  using Read = State (*)(Reader&);
  constexpr Read readers[] = {read_hash_table, read_aggregate_state, read_sort, read_rows,
                              read_window,     read_recursion_state};
  static_assert(std::size(readers) == std::variant_size_v<State>);
  return readers[in.below(std::size(readers))](in);
}

Source read_dual(Reader&) { return DualSource{}; }

Source read_instances(Reader& in) {
  InstancesSource source;
  source.event = read_loads(in);
  source.locals = read_loads(in);
  source.ordinal = in.word();
  source.guard = in.word();
  return source;
}

Source read_constants(Reader& in) {
  ConstantsSource source;
  source.registers = read_words(in);
  source.cells = read_words(in);
  return source;
}

Source read_scan(Reader& in) {
  ScanSource source;
  source.relation = in.number();
  source.columns = read_loads(in);
  source.row_id = in.word();
  return source;
}

Source read_state_scan(Reader& in) {
  StateScanSource source;
  source.state = in.number();
  source.what = in.below(kRoundRows + 1);
  source.columns = read_loads(in);
  return source;
}

Source read_recursion(Reader& in) {
  RecursionSource source;
  source.state = in.number();
  source.first = in.number();
  source.last = in.number();
  source.columns = read_loads(in);
  return source;
}

Source read_source(Reader& in) {
  using Read = Source (*)(Reader&);
  constexpr Read readers[] = {read_dual, read_instances, read_constants, read_scan,
                              read_state_scan, read_recursion};
  static_assert(std::size(readers) == std::variant_size_v<Source>);
  return readers[in.below(std::size(readers))](in);
}

Compute read_compute_fields(Reader& in) {
  Compute compute;
  compute.opcode = in.number();
  compute.result = in.word();
  compute.active = in.word();
  compute.arguments = read_words(in);
  compute.immediates = read_words(in);
  compute.span = read_span(in);
  return compute;
}

Residual read_residual(Reader& in) {
  Residual residual;
  residual.instructions = read_list<Compute>(in, read_compute_fields, kOperatorsMax);
  residual.condition = in.word();
  return residual;
}

ProbeType read_probe_type(Reader& in) { return static_cast<ProbeType>(in.below(kProbeTypeCount)); }

Operator read_compute(Reader& in) { return read_compute_fields(in); }

Operator read_load_constant(Reader& in) {
  LoadConstant load;
  load.constant = in.number();
  load.target = in.word();
  return load;
}

Operator read_filter(Reader& in) {
  Filter filter;
  filter.condition = in.word();
  filter.keep = read_words(in);
  return filter;
}

Operator read_index_probe(Reader& in) {
  IndexProbe probe;
  probe.relation = in.number();
  probe.index = in.number();
  probe.type = read_probe_type(in);
  probe.keys = read_words(in);
  probe.columns = read_loads(in);
  probe.row_id = in.word();
  probe.mark = in.word();
  probe.keep = read_words(in);
  probe.residual = read_residual(in);
  return probe;
}

Operator read_hash_probe(Reader& in) {
  HashProbe probe;
  probe.state = in.number();
  probe.type = read_probe_type(in);
  probe.keys = read_words(in);
  probe.outputs = read_loads(in);
  probe.mark = in.word();
  probe.keep = read_words(in);
  probe.residual = read_residual(in);
  probe.null_aware = in.flag();
  return probe;
}

Operator read_loop_probe(Reader& in) {
  LoopProbe probe;
  probe.state = in.number();
  probe.type = read_probe_type(in);
  probe.outputs = read_loads(in);
  probe.mark = in.word();
  probe.keep = read_words(in);
  probe.residual = read_residual(in);
  return probe;
}

Operator read_series(Reader& in) {
  Series series;
  series.start = in.word();
  series.stop = in.word();
  series.step = in.word();
  series.target = in.word();
  series.keep = read_words(in);
  return series;
}

Operator read_limit(Reader& in) {
  Limit limit;
  limit.limit = in.word();
  limit.offset = in.word();
  limit.ordinal = in.word();
  limit.keep = read_words(in);
  return limit;
}

Operator read_insert(Reader& in) {
  Insert insert;
  insert.relation = in.number();
  insert.values = read_words(in);
  insert.conflict = in.below(2);
  insert.index = in.word();
  insert.once = in.flag();
  insert.ordinal = in.word();
  insert.row_id = in.word();
  insert.conflicted = in.word();
  insert.active = in.word();
  insert.span = read_span(in);
  return insert;
}

Operator read_update(Reader& in) {
  Update update;
  update.relation = in.number();
  update.row_id = in.word();
  update.columns = read_loads(in);
  update.ordinal = in.word();
  update.new_row_id = in.word();
  update.active = in.word();
  update.span = read_span(in);
  return update;
}

Operator read_delete(Reader& in) {
  Delete erase;
  erase.relation = in.number();
  erase.row_id = in.word();
  erase.ordinal = in.word();
  erase.active = in.word();
  erase.span = read_span(in);
  return erase;
}

Operator read_fetch(Reader& in) {
  Fetch fetch;
  fetch.relation = in.number();
  fetch.row_id = in.word();
  fetch.columns = read_loads(in);
  return fetch;
}

Operator read_append(Reader& in) {
  Append append;
  append.relation = in.number();
  append.values = read_words(in);
  append.ordinal = in.word();
  append.id = in.word();
  append.span = read_span(in);
  return append;
}

Operator read_operator(Reader& in) {
  using Read = Operator (*)(Reader&);
  constexpr Read readers[] = {read_compute,    read_load_constant, read_filter, read_index_probe,
                              read_hash_probe, read_loop_probe,    read_series, read_limit,
                              read_insert,     read_update,        read_delete, read_fetch,
                              read_append};
  static_assert(std::size(readers) == std::variant_size_v<Operator>);
  return readers[in.below(std::size(readers))](in);
}

Sink read_result(Reader& in) { return ResultSinkSpec{read_words(in)}; }

Sink read_hash_build(Reader& in) {
  HashBuildSink sink;
  sink.state = in.number();
  sink.keys = read_words(in);
  sink.payload = read_words(in);
  return sink;
}

Sink read_aggregate_sink(Reader& in) {
  AggregateSink sink;
  sink.state = in.number();
  sink.groups = read_words(in);
  sink.inputs = read_list<AggregateInput>(in, [](Reader& r) {
    AggregateInput input;
    input.arguments = read_words(r);
    input.filter = r.word();
    return input;
  });
  return sink;
}

Sink read_sort_sink(Reader& in) {
  SortSink sink;
  sink.state = in.number();
  sink.keys = read_words(in);
  sink.payload = read_words(in);
  return sink;
}

Sink read_rows_sink(Reader& in) {
  RowsSink sink;
  sink.state = in.number();
  sink.payload = read_words(in);
  return sink;
}

Sink read_window_sink(Reader& in) {
  WindowSink sink;
  sink.state = in.number();
  sink.payload = read_words(in);
  sink.inputs = read_words(in);
  return sink;
}

Sink read_locals(Reader& in) {
  LocalsSink sink;
  sink.ordinal = in.word();
  sink.assign = read_list<Assignment>(in, [](Reader& r) {
    const uint32_t local = r.number();
    return Assignment{local, r.word()};
  });
  sink.found = in.word();
  sink.reset = in.flag();
  sink.strict = in.flag();
  return sink;
}

Sink read_discard(Reader& in) { return DiscardSink{in.flag()}; }

Sink read_sink(Reader& in) {
  using Read = Sink (*)(Reader&);
  constexpr Read readers[] = {read_result,    read_hash_build, read_aggregate_sink, read_sort_sink,
                              read_rows_sink, read_locals,     read_discard,        read_window_sink};
  static_assert(std::size(readers) == std::variant_size_v<Sink>);
  return readers[in.below(std::size(readers))](in);
}

Pipeline read_pipeline(Reader& in) {
  Pipeline pipeline;
  pipeline.registers = read_types(in);
  pipeline.source = read_source(in);
  pipeline.operators = read_list<Operator>(in, read_operator, kOperatorsMax);
  pipeline.sink = read_sink(in);
  return pipeline;
}

Region read_region(Reader& in) {
  Region region;
  region.first = in.number();
  region.last = in.number();
  region.state = in.word();
  region.message = in.word();
  region.place = in.word();
  return region;
}

bool constants_are_inside(const Program& program) {
  for (const Constant& constant : program.constants) {
    if (constant.offset > program.bytes.size()) return false;
    if (constant.size > program.bytes.size() - constant.offset) return false;
  }
  return true;
}

}  // namespace

Result<Program> decode(std::span<const int32_t> words, std::span<const std::byte> bytes) {
  if (words.size() > kProgramWordsMax || bytes.size() > kProgramBytesMax) return kInvalidProgram;
  Reader in(words);
  if (static_cast<uint32_t>(in.word()) != kProgramMagic) return kInvalidProgram;
  Program program;
  program.parameters = in.number();
  program.constants = read_list<Constant>(in, read_constant);
  program.event = in.word();
  program.locals = read_types(in);
  program.states = read_list<State>(in, read_state, kPipelinesMax);
  program.pipelines = read_list<Pipeline>(in, read_pipeline, kPipelinesMax);
  program.regions = read_list<Region>(in, read_region, kPipelinesMax);
  program.vectorised = in.flag();
  if (!in.ok() || !in.at_end()) return kInvalidProgram;
  program.bytes.assign(bytes.begin(), bytes.end());
  if (!constants_are_inside(program)) return kInvalidProgram;
  return program;
}

}  // namespace rowtine::program
