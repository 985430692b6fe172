// The C++ twin of planner/encode.ts, for tests and fuzzers: a Program back to its words.
#pragma once

#include <cstdint>
#include <vector>

#include "program/program.h"

namespace rowtine::program::test {

class Encoder {
 public:
  std::vector<int32_t> encode(const Program& program) {
    put(kProgramMagic);
    put(program.parameters);
    each(program.constants, [&](const Constant& constant) {
      put(constant.type, constant.is_null, constant.offset, constant.size);
    });
    put(program.event);
    types(program.locals);
    each(program.states, [&](const State& state) { tagged(state); });
    each(program.pipelines, [&](const Pipeline& pipeline) {
      types(pipeline.registers);
      tagged(pipeline.source);
      each(pipeline.operators, [&](const Operator& one) { tagged(one); });
      tagged(pipeline.sink);
    });
    each(program.regions, [&](const Region& region) {
      put(region.first, region.last, region.state, region.message, region.place);
    });
    put(program.vectorised);
    return std::move(words_);
  }

 private:
  template <class... T>
  void put(T... values) {
    (words_.push_back(static_cast<int32_t>(values)), ...);
  }
  template <class T, class Write>
  void each(const std::vector<T>& items, Write write) {
    put(items.size());
    for (const T& item : items) write(item);
  }
  void numbers(const std::vector<int32_t>& values) {
    each(values, [&](int32_t value) { put(value); });
  }
  void types(const std::vector<PhysicalType>& values) {
    each(values, [&](PhysicalType type) { put(type); });
  }
  void loads(const std::vector<Load>& values) {
    each(values, [&](const Load& load) { put(load.column, load.target); });
  }
  template <class Variant>
  void tagged(const Variant& variant) {
    put(variant.index());
    std::visit([&](const auto& one) { fields(one); }, variant);
  }

  void fields(const HashTableState& state) { types(state.keys), types(state.payload); }
  void fields(const AggregateState& state) {
    types(state.groups);
    each(state.aggregates, [&](const AggregateDeclaration& one) {
      put(one.function);
      types(one.arguments);
      put(one.result, one.distinct);
    });
  }
  void fields(const SortState& state) {
    each(state.keys,
         [&](const SortKeyDeclaration& key) { put(key.type, key.descending, key.nulls_first); });
    types(state.payload);
    put(state.limit, state.offset);
    const sort::GroupLimitSpec& groups = state.group_limit;
    put(groups.key_count, groups.row_count, groups.drops_ties);
  }
  void fields(const RowsState& state) { types(state.payload); }
  void fields(const WindowState& state) {
    const window::Spec& spec = state.spec;
    types(spec.payload), types(spec.partition);
    each(spec.order,
         [&](const SortKeyDeclaration& key) { put(key.type, key.descending, key.nulls_first); });
    each(spec.frames, [&](const window::Frame& frame) {
      put(frame.mode, frame.start, frame.end, frame.exclude, frame.type);
    });
    each(spec.calls, [&](const window::Call& call) {
      put(call.function);
      types(call.arguments);
      put(call.result, call.filtered, call.frame);
    });
  }

  void fields(const RecursionState& state) {
    types(state.payload);
    put(state.distinct);
  }

  void fields(const DualSource&) {}
  void fields(const InstancesSource& source) {
    loads(source.event), loads(source.locals);
    put(source.ordinal, source.guard);
  }
  void fields(const ConstantsSource& source) { numbers(source.registers), numbers(source.cells); }
  void fields(const ScanSource& source) {
    put(source.relation);
    loads(source.columns);
    put(source.row_id);
    each(source.ranges, [&](const ScanRange& range) {
      put(range.column, range.end, range.constant);
    });
  }
  void fields(const StateScanSource& source) {
    put(source.state, source.what);
    loads(source.columns);
  }
  void fields(const RecursionSource& source) {
    put(source.state, source.first, source.last);
    loads(source.columns);
  }

  void fields(const Compute& one) {
    put(one.opcode, one.result, one.active);
    numbers(one.arguments), numbers(one.immediates);
    put(one.span.start, one.span.end);
  }
  void residual(const Residual& one) {
    each(one.instructions, [&](const Compute& instruction) { fields(instruction); });
    put(one.condition);
  }
  void fields(const LoadConstant& one) { put(one.constant, one.target); }
  void fields(const Filter& one) {
    put(one.condition);
    numbers(one.keep);
  }
  void fields(const IndexProbe& one) {
    put(one.relation, one.index, one.type);
    numbers(one.keys);
    loads(one.columns);
    put(one.row_id, one.mark);
    numbers(one.keep);
    residual(one.residual);
  }
  void fields(const HashProbe& one) {
    put(one.state, one.type);
    numbers(one.keys);
    loads(one.outputs);
    put(one.mark);
    numbers(one.keep);
    residual(one.residual);
    put(one.null_aware);
  }
  void fields(const LoopProbe& one) {
    put(one.state, one.type);
    loads(one.outputs);
    put(one.mark);
    numbers(one.keep);
    residual(one.residual);
  }
  void fields(const Series& one) {
    put(one.start, one.stop, one.step, one.target);
    numbers(one.keep);
  }
  void fields(const Limit& one) {
    put(one.limit, one.offset, one.ordinal);
    numbers(one.keep);
  }
  void fields(const Insert& one) {
    put(one.relation);
    numbers(one.values);
    put(one.conflict, one.index, one.once, one.ordinal, one.row_id, one.conflicted, one.active,
        one.span.start, one.span.end);
  }
  void fields(const Update& one) {
    put(one.relation, one.row_id);
    loads(one.columns);
    put(one.ordinal, one.new_row_id, one.active, one.span.start, one.span.end);
  }
  void fields(const Delete& one) {
    put(one.relation, one.row_id, one.ordinal, one.active, one.span.start, one.span.end);
  }
  void fields(const Fetch& one) {
    put(one.relation, one.row_id);
    loads(one.columns);
  }
  void fields(const Append& one) {
    put(one.relation);
    numbers(one.values);
    put(one.ordinal, one.id, one.span.start, one.span.end);
  }

  void fields(const ResultSinkSpec& sink) { numbers(sink.registers); }
  void fields(const HashBuildSink& sink) {
    put(sink.state);
    numbers(sink.keys), numbers(sink.payload);
  }
  void fields(const AggregateSink& sink) {
    put(sink.state);
    numbers(sink.groups);
    each(sink.inputs, [&](const AggregateInput& input) {
      numbers(input.arguments);
      put(input.filter);
    });
  }
  void fields(const SortSink& sink) {
    put(sink.state);
    numbers(sink.keys), numbers(sink.payload);
  }
  void fields(const RowsSink& sink) {
    put(sink.state);
    numbers(sink.payload);
  }
  void fields(const LocalsSink& sink) {
    put(sink.ordinal);
    each(sink.assign, [&](const Assignment& one) { put(one.local, one.source); });
    put(sink.found, sink.reset, sink.strict);
  }
  void fields(const DiscardSink& sink) { put(sink.counted); }
  void fields(const WindowSink& sink) {
    put(sink.state);
    numbers(sink.payload), numbers(sink.inputs);
  }

  std::vector<int32_t> words_;
};

}  // namespace rowtine::program::test
