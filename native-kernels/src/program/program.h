// The program as planner/program.ts means it, field by field, in plain values. Nothing is trusted:
// the verifier turns a Program into a VerifiedProgram before anything runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <variant>
#include <vector>

#include "aggregate/accumulator.h"
#include "program/recursion_parts.h"
#include "program/scan_range.h"
#include "program/window_parts.h"
#include "sort/group_limit.h"

namespace rowtine::program {

using vector::PhysicalType;

inline constexpr uint32_t kProgramMagic = 0x52'57'50'01;

/// Bounds on what may be decoded. A list may besides never be longer than the words that are left.
inline constexpr uint32_t kProgramWordsMax = 16U << 20;
inline constexpr uint32_t kProgramBytesMax = 64U << 20;
inline constexpr uint32_t kRegistersMax = 32'768;
inline constexpr uint32_t kPipelinesMax = 4096;
inline constexpr uint32_t kOperatorsMax = 65'536;

struct Constant {
  PhysicalType type = PhysicalType::Bool;
  bool is_null = false;
  uint32_t offset = 0;  // into Program::bytes
  uint32_t size = 0;
};

using AggregateFunction = aggregate::Function;

struct AggregateDeclaration {
  AggregateFunction function = AggregateFunction::CountStar;
  std::vector<PhysicalType> arguments;
  PhysicalType result = PhysicalType::Int64;
  bool distinct = false;
};

using SortKeyDeclaration = sort::SortKey;

struct HashTableState {
  std::vector<PhysicalType> keys, payload;
};
struct AggregateState {
  std::vector<PhysicalType> groups;
  std::vector<AggregateDeclaration> aggregates;
};
struct SortState {
  std::vector<SortKeyDeclaration> keys;
  std::vector<PhysicalType> payload;
  int32_t limit = kNone, offset = kNone;  // constants
  sort::GroupLimitSpec group_limit;
};
struct RowsState {
  std::vector<PhysicalType> payload;
};
using State = std::variant<HashTableState, AggregateState, SortState, RowsState, WindowState,
                           RecursionState>;

struct DualSource {};
struct InstancesSource {
  std::vector<Load> event, locals;
  Register ordinal = kNone;
  int32_t guard = kNone;  // local
};
struct ConstantsSource {
  std::vector<Register> registers;
  std::vector<int32_t> cells;
};
struct ScanSource {
  uint32_t relation = 0;
  std::vector<Load> columns;
  Register row_id = kNone;
  std::vector<ScanRange> ranges = {};
};
/// What a StateScan delivers.
inline constexpr uint32_t kAllRows = 0;
inline constexpr uint32_t kUnmatchedRows = 1;
inline constexpr uint32_t kRoundRows = 2;
struct StateScanSource {
  uint32_t state = 0;
  uint32_t what = kAllRows;
  std::vector<Load> columns;
};
using Source = std::variant<DualSource, InstancesSource, ConstantsSource, ScanSource,
                            StateScanSource, RecursionSource>;

enum class ProbeType : uint8_t { Inner, Left, Semi, Anti, Mark, Single, Right, Full };
inline constexpr uint32_t kProbeTypeCount = 8;

/// Where an expression or a change stands in the SQL text.
struct SourceSpan {
  int32_t start = 0, end = 0;
};

struct Compute {
  uint32_t opcode = 0;
  Register result = kNone;
  Register active = kNone;
  std::vector<Register> arguments;
  std::vector<int32_t> immediates;
  SourceSpan span;
};

struct Residual {
  std::vector<Compute> instructions;
  Register condition = kNone;
};

struct LoadConstant {
  uint32_t constant = 0;
  Register target = kNone;
};
struct Filter {
  Register condition = kNone;
  std::vector<Register> keep;
};
struct IndexProbe {
  uint32_t relation = 0, index = 0;
  ProbeType type = ProbeType::Inner;
  std::vector<Register> keys;
  std::vector<Load> columns;
  Register row_id = kNone, mark = kNone;
  std::vector<Register> keep;
  Residual residual;
};
struct HashProbe {
  uint32_t state = 0;
  ProbeType type = ProbeType::Inner;
  std::vector<Register> keys;
  std::vector<Load> outputs;
  Register mark = kNone;
  std::vector<Register> keep;
  Residual residual;
  bool null_aware = false;
};
struct LoopProbe {
  uint32_t state = 0;
  ProbeType type = ProbeType::Inner;
  std::vector<Load> outputs;
  Register mark = kNone;
  std::vector<Register> keep;
  Residual residual;
};
struct Series {
  Register start = kNone, stop = kNone, step = kNone, target = kNone;
  std::vector<Register> keep;
};
struct Limit {
  int32_t limit = kNone, offset = kNone;  // constants
  Register ordinal = kNone;
  std::vector<Register> keep;
};
struct Insert {
  uint32_t relation = 0;
  std::vector<Register> values;
  uint32_t conflict = 0;
  int32_t index = kNone;
  bool once = false;
  Register ordinal = kNone, row_id = kNone, conflicted = kNone, active = kNone;
  SourceSpan span;
};
struct Update {
  uint32_t relation = 0;
  Register row_id = kNone;
  std::vector<Load> columns;
  Register ordinal = kNone, new_row_id = kNone, active = kNone;
  SourceSpan span;
};
struct Delete {
  uint32_t relation = 0;
  Register row_id = kNone, ordinal = kNone, active = kNone;
  SourceSpan span;
};
struct Fetch {
  uint32_t relation = 0;
  Register row_id = kNone;
  std::vector<Load> columns;
};
struct Append {
  uint32_t relation = 0;
  std::vector<Register> values;
  Register ordinal = kNone, id = kNone;
  SourceSpan span;
};
/// In the order of `operatorKinds`: index() is the encoded kind.
using Operator = std::variant<Compute, LoadConstant, Filter, IndexProbe, HashProbe, LoopProbe,
                              Series, Limit, Insert, Update, Delete, Fetch, Append>;

struct ResultSinkSpec {
  std::vector<Register> registers;
};
struct HashBuildSink {
  uint32_t state = 0;
  std::vector<Register> keys, payload;
};
struct AggregateInput {
  std::vector<Register> arguments;
  Register filter = kNone;
};
struct AggregateSink {
  uint32_t state = 0;
  std::vector<Register> groups;
  std::vector<AggregateInput> inputs;
};
struct SortSink {
  uint32_t state = 0;
  std::vector<Register> keys, payload;
};
struct RowsSink {
  uint32_t state = 0;
  std::vector<Register> payload;
};
struct Assignment {
  uint32_t local = 0;
  Register source = kNone;
};
struct LocalsSink {
  Register ordinal = kNone;
  std::vector<Assignment> assign;
  int32_t found = kNone;  // local
  bool reset = false, strict = false;
};
struct DiscardSink {
  bool counted = false;
};
using Sink = std::variant<ResultSinkSpec, HashBuildSink, AggregateSink, SortSink, RowsSink,
                          LocalsSink, DiscardSink, WindowSink>;

struct Pipeline {
  std::vector<PhysicalType> registers;
  Source source;
  std::vector<Operator> operators;
  Sink sink;
};

struct Region {
  uint32_t first = 0, last = 0;            // pipelines, both inside
  int32_t state = kNone, message = kNone, place = kNone;  // locals
};

struct Program {
  uint32_t parameters = 0;
  std::vector<Constant> constants;
  int32_t event = kNone;  // relation; kNone when the program is no step
  std::vector<PhysicalType> locals;
  std::vector<State> states;
  std::vector<Pipeline> pipelines;
  std::vector<Region> regions;
  bool vectorised = false;
  std::vector<std::byte> bytes;  // values of constants

  bool is_step() const { return event != kNone; }
};

}  // namespace rowtine::program
