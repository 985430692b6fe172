#include "program/verifier.h"

#include <cstring>
#include <utility>

#include "program/parameters.h"
#include "program/prepared.h"
#include "program/verify_pipeline.h"

namespace rowtine::program {
namespace {

// Offsets and lengths are rechecked: a Program made by hand has not been decoded.
bool constant_is_sound(const Program& program, const Constant& constant) {
  if (constant.offset > program.bytes.size()) return false;
  if (constant.size > program.bytes.size() - constant.offset) return false;
  return constant.is_null || constant.type == PhysicalType::String ||
         constant.size == vector::width_of(constant.type);
}

bool prepare_constant(const Constant& constant, PreparedProgram& prepared) {
  const std::span<const std::byte> bytes(prepared.program.bytes.data() + constant.offset, constant.size);
  vector::Vector value;
  if (!make_constant(prepared.constant_memory, constant.type, constant.is_null, bytes, value)) {
    return false;
  }
  prepared.constants.push_back(value);
  return true;
}

bool prepare_constants(PreparedProgram& prepared) {
  for (const Constant& constant : prepared.program.constants) {
    if (!constant_is_sound(prepared.program, constant)) return false;
    if (!prepare_constant(constant, prepared)) return false;
  }
  return prepared.program.parameters <= prepared.constants.size();
}

constexpr uint32_t kStateColumnsMax = 8192;

bool prepare(const Program&, const HashTableState& state, PreparedState& out) {
  out.columns = state.keys;
  out.columns.insert(out.columns.end(), state.payload.begin(), state.payload.end());
  out.key_count = static_cast<uint32_t>(state.keys.size());
  out.layout = join::PackedLayout::of(out.columns);
  return true;
}

bool prepare_accumulator(const AggregateDeclaration& declared, uint32_t& extra_bytes,
                         PreparedState& out) {
  aggregate::Accumulator accumulator;
  if (!aggregate::resolve(declared.function, declared.arguments, declared.result, accumulator)) {
    return false;
  }
  accumulator.distinct = declared.distinct && !declared.arguments.empty();
  accumulator.state_offset = extra_bytes;
  extra_bytes += accumulator.state_bytes;
  out.columns.push_back(declared.result);
  join::PackedLayout distinct;
  if (accumulator.distinct) {
    std::vector<PhysicalType> keys{PhysicalType::Int64};  // the group
    keys.insert(keys.end(), declared.arguments.begin(), declared.arguments.end());
    distinct = join::PackedLayout::of(keys);
  }
  out.distinct_layouts.push_back(std::move(distinct));
  out.accumulators.push_back(accumulator);
  return true;
}

bool prepare(const Program&, const AggregateState& state, PreparedState& out) {
  out.columns = state.groups;
  out.key_count = static_cast<uint32_t>(state.groups.size());
  uint32_t extra_bytes = 0;
  for (const AggregateDeclaration& declared : state.aggregates) {
    if (!prepare_accumulator(declared, extra_bytes, out)) return false;
  }
  out.layout = join::PackedLayout::of(state.groups, extra_bytes);
  for (aggregate::Accumulator& accumulator : out.accumulators) {
    accumulator.state_offset += out.layout.row_bytes - extra_bytes;
  }
  return true;
}

bool is_int64_constant(const Program& program, int32_t index) {
  if (index == kNone) return true;
  return index >= 0 && static_cast<size_t>(index) < program.constants.size() &&
         program.constants[static_cast<size_t>(index)].type == PhysicalType::Int64;
}

// Which payload the keys repeat is known when the sinks are.
bool prepare(const Program& program, const SortState& state, PreparedState& out) {
  if (!is_int64_constant(program, state.limit) || !is_int64_constant(program, state.offset)) {
    return false;
  }
  out.columns = state.payload;
  out.key_count = static_cast<uint32_t>(state.keys.size());
  out.sort = sort::SortLayout::of(state.keys, state.payload, {});
  const sort::GroupLimitSpec& groups = state.group_limit;
  if (groups.row_count > 0 &&
      (state.limit != kNone || state.offset != kNone ||
       !sort::GroupLimitSpec::is_possible(out.sort.keys, groups.key_count, groups.row_count))) {
    return false;
  }
  return true;
}

bool prepare(const Program&, const RowsState& state, PreparedState& out) {
  out.columns = state.payload;
  out.layout = join::PackedLayout::of(out.columns);
  return true;
}

bool prepare(const Program&, const RecursionState& state, PreparedState& out) {
  out.columns = state.payload;
  out.layout = join::PackedLayout::of(out.columns);
  return true;
}

bool prepare(const Program&, const WindowState& state, PreparedState& out) {
  if (!window::resolve(state.spec, out.window_functions)) return false;
  out.window = window::WindowLayout::of(state.spec);
  out.columns = out.window.columns;
  out.layout = out.window.packed;
  return true;
}

size_t column_count(const HashTableState& state) {
  return state.keys.size() + state.payload.size();
}
size_t column_count(const AggregateState& state) {
  return state.groups.size() + state.aggregates.size();
}
size_t column_count(const SortState& state) { return state.keys.size() + state.payload.size(); }
size_t column_count(const RowsState& state) { return state.payload.size(); }
size_t column_count(const RecursionState& state) { return state.payload.size(); }
size_t column_count(const WindowState& state) {
  const window::Spec& spec = state.spec;
  size_t count = spec.payload.size() + spec.partition.size() + spec.order.size();
  count += 3 * spec.frames.size();
  for (const window::Call& call : spec.calls) count += call.arguments.size() + 2;
  return count;
}

bool prepare_states(PreparedProgram& prepared) {
  for (const State& state : prepared.program.states) {
    PreparedState& out = prepared.states.emplace_back();
    const bool ok = std::visit(
        [&](const auto& each) {
          return column_count(each) <= kStateColumnsMax && prepare(prepared.program, each, out);
        },
        state);
    if (!ok) return false;
  }
  return true;
}

bool local_has_type(const Program& program, int32_t local, PhysicalType type) {
  return local >= 0 && static_cast<size_t>(local) < program.locals.size() &&
         program.locals[static_cast<size_t>(local)] == type;
}

bool regions_nest(const Region& a, const Region& b) {
  const bool apart = a.last < b.first || b.last < a.first;
  const bool a_in_b = b.first <= a.first && a.last <= b.last;
  const bool b_in_a = a.first <= b.first && b.last <= a.last;
  return apart || a_in_b || b_in_a;
}

bool regions_are_sound(const Program& program) {
  if (!program.regions.empty() && !program.is_step()) return false;
  for (const Region& region : program.regions) {
    if (region.first > region.last || region.last >= program.pipelines.size()) return false;
    if (!local_has_type(program, region.state, PhysicalType::Int32)) return false;
    if (region.message != kNone && !local_has_type(program, region.message, PhysicalType::String)) {
      return false;
    }
    if (region.place != kNone && !local_has_type(program, region.place, PhysicalType::Int64)) {
      return false;
    }
    for (const Region& other : program.regions) {
      if (!regions_nest(region, other)) return false;
    }
  }
  return true;
}

int32_t innermost_region(const Program& program, uint32_t pipeline) {
  int32_t best = kNone;
  for (size_t i = 0; i < program.regions.size(); ++i) {
    const Region& region = program.regions[i];
    if (pipeline < region.first || pipeline > region.last) continue;
    const auto length = [&](int32_t at) {
      const Region& r = program.regions[static_cast<size_t>(at)];
      return r.last - r.first;
    };
    const auto candidate = static_cast<int32_t>(i);
    if (best == kNone || length(candidate) < length(best)) best = candidate;
  }
  return best;
}

constexpr uint32_t kRegionsMax = 256;

const char* check_frame(PreparedProgram& prepared) {
  const Program& program = prepared.program;
  if (program.pipelines.size() > kPipelinesMax) return "too many pipelines";
  if (program.states.size() > kPipelinesMax) return "too many states";
  if (program.locals.size() > kRegistersMax) return "too many locals";
  if (program.regions.size() > kRegionsMax) return "too many regions";
  if (program.event < kNone) return "no such event relation";
  if (!program.is_step() && !program.locals.empty()) return "only a step has locals";
  if (!prepare_constants(prepared)) return "a constant is malformed";
  if (!prepare_states(prepared)) return "a state is malformed";
  if (!regions_are_sound(program)) return "a region is malformed";
  return nullptr;
}

DataError refuse(Refusal* refusal, std::string reason, int32_t pipeline) {
  if (refusal != nullptr) *refusal = {std::move(reason), pipeline};
  return {kInvalidProgram};
}

// Null keys matter to whoever scans the whole table, too.
void keep_scanned_null_keys(PreparedProgram& prepared) {
  for (const PreparedPipeline& pipeline : prepared.pipelines) {
    if (pipeline.scanned_state == kNone) continue;
    prepared.states[static_cast<size_t>(pipeline.scanned_state)].keep_null_keys = true;
  }
}

}  // namespace

Result<VerifiedProgram> verify(Program program, const RelationLookup& relations, Refusal* refusal) {
  auto prepared = std::make_unique<PreparedProgram>();
  prepared->program = std::move(program);
  if (const char* reason = check_frame(*prepared)) return refuse(refusal, reason, kNone);
  const auto count = static_cast<uint32_t>(prepared->program.pipelines.size());
  prepared->pipelines.resize(count);
  if (const char* reason = place_recursions(*prepared)) return refuse(refusal, reason, kNone);
  PipelineVerifier pipelines(*prepared, relations);
  for (uint32_t i = 0; i < count; ++i) {
    if (!pipelines.verify(i)) {
      return refuse(refusal, pipelines.reason(), static_cast<int32_t>(i));
    }
    prepared->pipelines[i].region = innermost_region(prepared->program, i);
  }
  keep_scanned_null_keys(*prepared);
  list_round_states(*prepared);
  return VerifiedProgram(std::move(prepared));
}

VerifiedProgram::VerifiedProgram(std::unique_ptr<const PreparedProgram> prepared)
    : prepared_(std::move(prepared)) {}
VerifiedProgram::VerifiedProgram(VerifiedProgram&&) noexcept = default;
VerifiedProgram& VerifiedProgram::operator=(VerifiedProgram&&) noexcept = default;
VerifiedProgram::~VerifiedProgram() = default;

const Program& VerifiedProgram::program() const { return prepared_->program; }
std::span<const InstructionPlace> VerifiedProgram::instructions() const {
  return prepared_->instructions;
}
PhysicalType VerifiedProgram::parameter_type(uint32_t index) const {
  invariant(index < prepared_->program.parameters, "parameters are asked by position");
  return prepared_->program.constants[index].type;
}
std::span<const PhysicalType> VerifiedProgram::result_types() const {
  return prepared_->result_types;
}
std::span<const uint32_t> VerifiedProgram::reads() const { return prepared_->reads; }
std::span<const uint32_t> VerifiedProgram::writes() const { return prepared_->writes; }
std::span<const uint32_t> VerifiedProgram::appends() const { return prepared_->appends; }
bool VerifiedProgram::has_result() const { return prepared_->has_result; }
bool VerifiedProgram::recurses() const { return prepared_->recurses; }
bool VerifiedProgram::writes_durable() const { return prepared_->writes_durable; }

}  // namespace rowtine::program
