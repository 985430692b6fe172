// The operators' half of PipelineVerifier.
#include <algorithm>

#include "expr/signature.h"
#include "program/opcode.h"
#include "program/verify_pipeline.h"

namespace rowtine::program {
namespace {

bool yields_matches(ProbeType type) {
  return type == ProbeType::Inner || type == ProbeType::Left || type == ProbeType::Single ||
         type == ProbeType::Right || type == ProbeType::Full;
}

bool contains(std::span<const Register> registers, Register r) {
  return std::ranges::find(registers, r) != registers.end();
}

}  // namespace

// ---- expressions ----------------------------------------------------------------------------

bool PipelineVerifier::compute(const Compute& compute, PreparedOperator& out) {
  if (compute.opcode >= kOpcodeCount) return refuse("Compute: no such opcode");
  const std::string name(kOpcodeNames[compute.opcode]);
  if (compute.arguments.size() > expr::kArgumentCountMax)
    return refuse(name + ": too many arguments");
  std::vector<PhysicalType> types;
  for (const Register r : compute.arguments) {
    if (r < 0 || static_cast<size_t>(r) >= registers_.size()) {
      return refuse(name + ": no such register");
    }
    if (!readable(r, type_of(r), name.c_str())) return false;
    types.push_back(type_of(r));
  }
  if (!optional_bool(compute.active, name.c_str())) return false;
  PreparedCompute prepared;
  prepared.immediates.assign(compute.immediates.begin(), compute.immediates.end());
  expr::Resolved resolved;
  if (!expr::resolve(static_cast<expr::Opcode>(compute.opcode), types, prepared.immediates,
                     resolved)) {
    return refuse(name + ": no such form of the opcode");
  }
  if (!write(compute.result, resolved.result, Lifetime::Batch, {}, name.c_str())) return false;
  prepared.function = resolved.function;
  prepared.type = resolved.result;
  prepared.immutable = resolved.immutable;
  prepared.result = compute.result;
  prepared.active = compute.active;
  prepared.arguments = compute.arguments;
  prepared.instruction = new_instruction(compute.span);
  out.computes.push_back(std::move(prepared));
  return true;
}

bool PipelineVerifier::check(const Compute& each, PreparedOperator& out) {
  return compute(each, out);
}

bool PipelineVerifier::check(const LoadConstant& load, PreparedOperator&) {
  if (load.constant >= program_.constants.size()) return refuse("LoadConstant: no such constant");
  const PhysicalType type = program_.constants[load.constant].type;
  if (!write(load.target, type, Lifetime::Run, {}, "LoadConstant")) return false;
  registers_[static_cast<size_t>(load.target)].constant = true;
  return true;
}

bool PipelineVerifier::check(const Filter& filter, PreparedOperator&) {
  return readable(filter.condition, PhysicalType::Bool, "Filter") &&
         kill_all_but(filter.keep, "Filter");
}

// ---- probes ---------------------------------------------------------------------------------

bool PipelineVerifier::mark(ProbeType type, Register mark) {
  if (type == ProbeType::Mark) {
    return write(mark, PhysicalType::Bool, Lifetime::Batch, {}, "probe mark");
  }
  return mark == kNone || refuse("probe: only a Mark probe has a mark");
}

bool PipelineVerifier::residual(const Residual& residual, std::span<const Load> outputs,
                                PreparedOperator& out) {
  if (residual.condition == kNone) {
    return residual.instructions.empty() || refuse("residual: instructions without a condition");
  }
  std::vector<Register> outer = alive_registers();
  std::erase_if(outer, [&](Register r) {
    return std::ranges::any_of(outputs, [&](const Load& load) { return load.target == r; });
  });
  const auto note_use = [&](Register r) {
    if (contains(outer, r) && !contains(out.residual_inputs, r)) out.residual_inputs.push_back(r);
    for (uint32_t i = 0; i < outputs.size(); ++i) {
      const bool known = std::ranges::find(out.residual_outputs, i) != out.residual_outputs.end();
      if (outputs[i].target == r && !known) out.residual_outputs.push_back(i);
    }
  };
  for (const Compute& each : residual.instructions) {
    if (!compute(each, out)) return false;
    for (const Register r : each.arguments) note_use(r);
    note_use(each.active);
  }
  note_use(residual.condition);
  return readable(residual.condition, PhysicalType::Bool, "residual");
}

bool PipelineVerifier::end_probe(ProbeType type, std::span<const Register> keep,
                                 std::span<const Load> outputs, Register row_id, Register mark) {
  std::vector<Register> survivors(keep.begin(), keep.end());
  for (const Register r : keep) {
    const bool is_output =
        std::ranges::any_of(outputs, [&](const Load& load) { return load.target == r; });
    if (is_output || r == mark || (row_id != kNone && r == row_id)) {
      return refuse("probe: keeps a register that it writes");
    }
  }
  if (yields_matches(type)) {
    for (const Load& load : outputs) survivors.push_back(load.target);
    if (row_id != kNone) survivors.push_back(row_id);
  }
  if (type == ProbeType::Mark) survivors.push_back(mark);
  return kill_all_but(survivors, "probe");
}

bool PipelineVerifier::check(const IndexProbe& probe, PreparedOperator& out) {
  const table::Relation* found = relation(probe.relation, out.relation, "IndexProbe");
  if (found == nullptr) return false;
  add_once(prepared_.reads, probe.relation);
  if (probe.type == ProbeType::Right || probe.type == ProbeType::Full) {
    return refuse("IndexProbe: an index does not remember matches");
  }
  if (probe.index >= found->index_count()) return refuse("IndexProbe: no such index");
  const auto key_columns = found->index_columns(probe.index);
  if (key_columns.size() != probe.keys.size()) return refuse("IndexProbe: wrong number of keys");
  const auto types = found->column_types();
  for (size_t i = 0; i < probe.keys.size(); ++i) {
    if (!readable(probe.keys[i], types[key_columns[i]], "IndexProbe")) return false;
  }
  out.instruction = new_instruction({});
  if (!load_columns(probe.columns, types, lifetime_of(*found), "IndexProbe")) return false;
  if (probe.row_id != kNone) {
    const Meaning meaning{Meaning::Kind::RowId, probe.relation};
    if (!write(probe.row_id, PhysicalType::Int64, Lifetime::Batch, meaning, "IndexProbe")) {
      return false;
    }
    // Written after the residual condition is decided, so not readable in it; and only of matches.
    registers_[static_cast<size_t>(probe.row_id)].alive = false;
  }
  if (!residual(probe.residual, probe.columns, out) || !mark(probe.type, probe.mark)) return false;
  if (probe.row_id != kNone) registers_[static_cast<size_t>(probe.row_id)].alive = true;
  return end_probe(probe.type, probe.keep, probe.columns, probe.row_id, probe.mark);
}

bool PipelineVerifier::check(const HashProbe& probe, PreparedOperator& out) {
  if (!readable_state(probe.state, "HashProbe")) return false;
  const auto* state = std::get_if<HashTableState>(&program_.states[probe.state]);
  if (state == nullptr) return refuse("HashProbe: the state is no HashTable");
  if (probe.keys.size() != state->keys.size()) return refuse("HashProbe: wrong number of keys");
  for (size_t i = 0; i < probe.keys.size(); ++i) {
    if (!readable(probe.keys[i], state->keys[i], "HashProbe")) return false;
  }
  const bool decides = probe.type == ProbeType::Mark || probe.type == ProbeType::Anti;
  if (probe.null_aware && !decides) return refuse("HashProbe: only Mark and Anti are null-aware");
  if (probe.null_aware) prepared_.states[probe.state].keep_null_keys = true;
  out_->probed_states.push_back(probe.state);
  out.instruction = new_instruction({});
  return load_state(probe.state, probe.outputs, "HashProbe") &&
         residual(probe.residual, probe.outputs, out) && mark(probe.type, probe.mark) &&
         end_probe(probe.type, probe.keep, probe.outputs, kNone, probe.mark);
}

bool PipelineVerifier::check(const LoopProbe& probe, PreparedOperator& out) {
  if (!readable_state(probe.state, "LoopProbe")) return false;
  if (!std::holds_alternative<RowsState>(program_.states[probe.state])) {
    return refuse("LoopProbe: the state is no Rows");
  }
  if (probe.type == ProbeType::Right || probe.type == ProbeType::Full) {
    return refuse("LoopProbe: a Rows state does not remember matches");
  }
  out_->probed_states.push_back(probe.state);
  out.instruction = new_instruction({});
  return load_state(probe.state, probe.outputs, "LoopProbe") &&
         residual(probe.residual, probe.outputs, out) && mark(probe.type, probe.mark) &&
         end_probe(probe.type, probe.keep, probe.outputs, kNone, probe.mark);
}

bool PipelineVerifier::check(const Series& series, PreparedOperator& out) {
  out.instruction = new_instruction({});
  return readable(series.start, PhysicalType::Int64, "Series") &&
         readable(series.stop, PhysicalType::Int64, "Series") &&
         readable(series.step, PhysicalType::Int64, "Series") &&
         kill_all_but(series.keep, "Series") &&
         write(series.target, PhysicalType::Int64, Lifetime::Batch, {}, "Series");
}

bool PipelineVerifier::check(const Limit& limit, PreparedOperator& out) {
  out.instruction = new_instruction({});
  if (!int64_constant(limit.limit, "Limit") || !int64_constant(limit.offset, "Limit")) return false;
  if (limit.ordinal != kNone) {
    if (!program_.is_step()) return refuse("Limit: only a step has ordinals");
    if (!ordinal_if_step(limit.ordinal, "Limit")) return false;
  }
  return kill_all_but(limit.keep, "Limit");
}

// ---- changes --------------------------------------------------------------------------------

bool PipelineVerifier::check(const Insert& insert, PreparedOperator& out) {
  const table::Relation* found = relation(insert.relation, out.relation, "Insert");
  if (found == nullptr) return false;
  if (!found->is_table()) return refuse("Insert: the relation is no table");
  const auto types = found->column_types();
  if (insert.values.size() != types.size()) return refuse("Insert: wrong number of columns");
  for (size_t i = 0; i < types.size(); ++i) {
    if (insert.values[i] == kNone) {
      if (found->identity_column() != static_cast<int32_t>(i)) {
        return refuse("Insert: only the identity column numbers itself");
      }
    } else if (!readable(insert.values[i], types[i], "Insert")) {
      return false;
    }
  }
  if (insert.conflict > 1) return refuse("Insert: no such conflict rule");
  if (insert.index < kNone || insert.index >= static_cast<int64_t>(found->index_count())) {
    return refuse("Insert: no such index");
  }
  if (!ordinal_if_step(insert.ordinal, "Insert") || !optional_bool(insert.active, "Insert")) {
    return false;
  }
  out.instruction = new_instruction(insert.span);
  out_->changes_tables = true;
  add_once(prepared_.writes, insert.relation);
  prepared_.writes_durable = prepared_.writes_durable || found->is_durable();
  const Meaning meaning{Meaning::Kind::RowId, insert.relation};
  return (insert.row_id == kNone ||
          write(insert.row_id, PhysicalType::Int64, Lifetime::Batch, meaning, "Insert")) &&
         (insert.conflicted == kNone ||
          write(insert.conflicted, PhysicalType::Bool, Lifetime::Batch, {}, "Insert"));
}

bool PipelineVerifier::row_id_register(Register r, uint32_t relation, const char* use) {
  if (!readable(r, PhysicalType::Int64, use)) return false;
  const Meaning meaning{Meaning::Kind::RowId, relation};
  return registers_[static_cast<size_t>(r)].meaning == meaning ||
         refuse(std::string(use) + ": the register names no rows of the relation");
}

bool PipelineVerifier::check(const Update& update, PreparedOperator& out) {
  const table::Relation* found = relation(update.relation, out.relation, "Update");
  if (found == nullptr) return false;
  if (!found->is_table()) return refuse("Update: the relation is no table");
  if (!row_id_register(update.row_id, update.relation, "Update")) return false;
  const auto types = found->column_types();
  std::vector<bool> set(types.size());
  for (const Load& load : update.columns) {
    if (load.column >= types.size()) return refuse("Update: no such column");
    if (set[load.column]) return refuse("Update: a column is set twice");
    set[load.column] = true;
    if (!readable(load.target, types[load.column], "Update")) return false;
  }
  if (!ordinal_if_step(update.ordinal, "Update") || !optional_bool(update.active, "Update")) {
    return false;
  }
  out.instruction = new_instruction(update.span);
  out_->changes_tables = true;
  add_once(prepared_.writes, update.relation);
  prepared_.writes_durable = prepared_.writes_durable || found->is_durable();
  const Meaning meaning{Meaning::Kind::RowId, update.relation};
  return update.new_row_id == kNone ||
         write(update.new_row_id, PhysicalType::Int64, Lifetime::Batch, meaning, "Update");
}

bool PipelineVerifier::check(const Delete& erase, PreparedOperator& out) {
  const table::Relation* found = relation(erase.relation, out.relation, "Delete");
  if (found == nullptr) return false;
  if (!found->is_table()) return refuse("Delete: the relation is no table");
  out.instruction = new_instruction(erase.span);
  out_->changes_tables = true;
  add_once(prepared_.writes, erase.relation);
  prepared_.writes_durable = prepared_.writes_durable || found->is_durable();
  return row_id_register(erase.row_id, erase.relation, "Delete") &&
         ordinal_if_step(erase.ordinal, "Delete") && optional_bool(erase.active, "Delete");
}

bool PipelineVerifier::check(const Fetch& fetch, PreparedOperator& out) {
  const table::Relation* found = relation(fetch.relation, out.relation, "Fetch");
  if (found == nullptr) return false;
  add_once(prepared_.reads, fetch.relation);
  return row_id_register(fetch.row_id, fetch.relation, "Fetch") &&
         load_columns(fetch.columns, found->column_types(), lifetime_of(*found), "Fetch");
}

bool PipelineVerifier::check(const Append& append, PreparedOperator& out) {
  const table::Relation* found = relation(append.relation, out.relation, "Append");
  if (found == nullptr) return false;
  if (append.values.empty() || append.values.size() > found->append_column_count()) {
    return refuse("Append: wrong number of columns");
  }
  const auto types = found->column_types();
  for (size_t i = 0; i < append.values.size(); ++i) {
    if (append.values[i] == kNone) continue;
    if (i >= types.size()) return refuse("Append: no such column");
    if (!readable(append.values[i], types[i], "Append")) return false;
  }
  if (!ordinal_if_step(append.ordinal, "Append")) return false;
  out.instruction = new_instruction(append.span);
  add_once(prepared_.appends, append.relation);
  return append.id == kNone || write(append.id, PhysicalType::Int64, Lifetime::Batch, {}, "Append");
}

}  // namespace rowtine::program
