// Operators from words.
#include <iterator>
#include <variant>

#include "program/decode_parts.h"

namespace rowtine::program {
namespace {

Compute read_compute_fields(WordReader& in) {
  Compute compute;
  compute.opcode = in.number();
  compute.result = in.word();
  compute.active = in.word();
  compute.arguments = read_words(in);
  compute.immediates = read_words(in);
  compute.span = read_span(in);
  return compute;
}

Residual read_residual(WordReader& in) {
  Residual residual;
  residual.instructions = read_list<Compute>(in, read_compute_fields, kOperatorsMax);
  residual.condition = in.word();
  return residual;
}

ProbeType read_probe_type(WordReader& in) {
  return static_cast<ProbeType>(in.below(kProbeTypeCount));
}

Operator read_compute(WordReader& in) { return read_compute_fields(in); }

Operator read_load_constant(WordReader& in) {
  LoadConstant load;
  load.constant = in.number();
  load.target = in.word();
  return load;
}

Operator read_filter(WordReader& in) {
  Filter filter;
  filter.condition = in.word();
  filter.keep = read_words(in);
  return filter;
}

Operator read_index_probe(WordReader& in) {
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

Operator read_hash_probe(WordReader& in) {
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

Operator read_loop_probe(WordReader& in) {
  LoopProbe probe;
  probe.state = in.number();
  probe.type = read_probe_type(in);
  probe.outputs = read_loads(in);
  probe.mark = in.word();
  probe.keep = read_words(in);
  probe.residual = read_residual(in);
  return probe;
}

Operator read_series(WordReader& in) {
  Series series;
  series.start = in.word();
  series.stop = in.word();
  series.step = in.word();
  series.target = in.word();
  series.keep = read_words(in);
  return series;
}

Operator read_limit(WordReader& in) {
  Limit limit;
  limit.limit = in.word();
  limit.offset = in.word();
  limit.ordinal = in.word();
  limit.keep = read_words(in);
  return limit;
}

Operator read_insert(WordReader& in) {
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

Operator read_update(WordReader& in) {
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

Operator read_delete(WordReader& in) {
  Delete erase;
  erase.relation = in.number();
  erase.row_id = in.word();
  erase.ordinal = in.word();
  erase.active = in.word();
  erase.span = read_span(in);
  return erase;
}

Operator read_fetch(WordReader& in) {
  Fetch fetch;
  fetch.relation = in.number();
  fetch.row_id = in.word();
  fetch.columns = read_loads(in);
  return fetch;
}

Operator read_append(WordReader& in) {
  Append append;
  append.relation = in.number();
  append.values = read_words(in);
  append.ordinal = in.word();
  append.id = in.word();
  append.span = read_span(in);
  return append;
}

}  // namespace

Operator read_operator(WordReader& in) {
  using Read = Operator (*)(WordReader&);
  constexpr Read readers[] = {read_compute,    read_load_constant, read_filter, read_index_probe,
                              read_hash_probe, read_loop_probe,    read_series, read_limit,
                              read_insert,     read_update,        read_delete, read_fetch,
                              read_append};
  static_assert(std::size(readers) == std::variant_size_v<Operator>);
  return readers[in.below(std::size(readers))](in);
}

}  // namespace rowtine::program
