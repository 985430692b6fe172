// Where pipelines begin and end, from words: sources and sinks.
#include <iterator>
#include <variant>

#include "program/decode_parts.h"

namespace rowtine::program {
namespace {

Source read_dual(WordReader&) { return DualSource{}; }

Source read_instances(WordReader& in) {
  InstancesSource source;
  source.event = read_loads(in);
  source.locals = read_loads(in);
  source.ordinal = in.word();
  source.guard = in.word();
  return source;
}

Source read_constants(WordReader& in) {
  ConstantsSource source;
  source.registers = read_words(in);
  source.cells = read_words(in);
  return source;
}

Source read_scan(WordReader& in) {
  ScanSource source;
  source.relation = in.number();
  source.columns = read_loads(in);
  source.row_id = in.word();
  source.ranges = read_list<ScanRange>(in, [](WordReader& r) {
    const uint32_t column = r.number();
    const auto end = static_cast<RangeEnd>(r.below(kRangeEndCount));
    return ScanRange{column, end, r.word()};
  });
  return source;
}

Source read_state_scan(WordReader& in) {
  StateScanSource source;
  source.state = in.number();
  source.what = in.below(kRoundRows + 1);
  source.columns = read_loads(in);
  return source;
}

Source read_recursion(WordReader& in) {
  RecursionSource source;
  source.state = in.number();
  source.first = in.number();
  source.last = in.number();
  source.columns = read_loads(in);
  return source;
}

Sink read_result(WordReader& in) { return ResultSinkSpec{read_words(in)}; }

Sink read_hash_build(WordReader& in) {
  HashBuildSink sink;
  sink.state = in.number();
  sink.keys = read_words(in);
  sink.payload = read_words(in);
  return sink;
}

Sink read_aggregate_sink(WordReader& in) {
  AggregateSink sink;
  sink.state = in.number();
  sink.groups = read_words(in);
  sink.inputs = read_list<AggregateInput>(in, [](WordReader& r) {
    AggregateInput input;
    input.arguments = read_words(r);
    input.filter = r.word();
    return input;
  });
  return sink;
}

Sink read_sort_sink(WordReader& in) {
  SortSink sink;
  sink.state = in.number();
  sink.keys = read_words(in);
  sink.payload = read_words(in);
  return sink;
}

Sink read_rows_sink(WordReader& in) {
  RowsSink sink;
  sink.state = in.number();
  sink.payload = read_words(in);
  return sink;
}

Sink read_window_sink(WordReader& in) {
  WindowSink sink;
  sink.state = in.number();
  sink.payload = read_words(in);
  sink.inputs = read_words(in);
  return sink;
}

Sink read_locals(WordReader& in) {
  LocalsSink sink;
  sink.ordinal = in.word();
  sink.assign = read_list<Assignment>(in, [](WordReader& r) {
    const uint32_t local = r.number();
    return Assignment{local, r.word()};
  });
  sink.found = in.word();
  sink.reset = in.flag();
  sink.strict = in.flag();
  return sink;
}

Sink read_discard(WordReader& in) { return DiscardSink{in.flag()}; }

}  // namespace

Source read_source(WordReader& in) {
  using Read = Source (*)(WordReader&);
  constexpr Read readers[] = {read_dual, read_instances, read_constants, read_scan,
                              read_state_scan, read_recursion};
  static_assert(std::size(readers) == std::variant_size_v<Source>);
  return readers[in.below(std::size(readers))](in);
}

Sink read_sink(WordReader& in) {
  using Read = Sink (*)(WordReader&);
  constexpr Read readers[] = {read_result,    read_hash_build, read_aggregate_sink, read_sort_sink,
                              read_rows_sink, read_locals,     read_discard,        read_window_sink};
  static_assert(std::size(readers) == std::variant_size_v<Sink>);
  return readers[in.below(std::size(readers))](in);
}

}  // namespace rowtine::program
