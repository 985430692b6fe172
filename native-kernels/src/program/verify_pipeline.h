// Checks one pipeline after the other and prepares it; carries between them what states hold.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "program/prepared.h"

namespace rowtine::program {

/// What a register's or a state column's values stand for, beyond their type. Row ids and ordinals
/// are used as positions without further checks, so only ones with a known origin may be.
struct Meaning {
  enum class Kind : uint8_t { Value, Ordinal, RowId } kind = Kind::Value;
  uint32_t relation = 0;  // of a RowId: the catalog's id
  bool operator==(const Meaning&) const = default;
};

/// How long the bytes of a register's strings live.
enum class Lifetime : uint8_t { Batch, Relation, Run };

class PipelineVerifier {
 public:
  PipelineVerifier(PreparedProgram& prepared, const RelationLookup& relations);

  /// Checks pipeline `index` and fills prepared.pipelines[index]. Returns: false when refused.
  bool verify(uint32_t index);

  const std::string& reason() const { return reason_; }

 private:
  struct RegisterFacts {
    bool written = false, alive = false, constant = false;
    Lifetime lifetime = Lifetime::Batch;
    Meaning meaning;
  };
  struct StateFacts {
    bool filled = false, read = false;
    std::vector<Meaning> columns;
  };

  bool refuse(std::string reason);

  // Registers.
  bool readable(Register r, PhysicalType type, const char* use);
  bool optional_bool(Register r, const char* use);
  bool write(Register r, PhysicalType type, Lifetime lifetime, Meaning meaning, const char* use);
  PhysicalType type_of(Register r) const;
  bool kill_all_but(std::span<const Register> keep, const char* use);
  std::vector<Register> alive_registers() const;
  Register find_ordinal() const;
  int32_t find_guard() const;
  bool ordinal_if_step(Register r, const char* use);

  // Relations, states, locals, constants.
  bool row_id_register(Register r, uint32_t relation, const char* use);
  table::Relation* relation(uint32_t id, uint32_t& position, const char* use);
  bool load_columns(std::span<const Load> loads, std::span<const PhysicalType> types,
                    Lifetime lifetime, const char* use);
  bool load_state(uint32_t state, std::span<const Load> loads, const char* use);
  bool readable_state(uint32_t state, const char* use);
  // verify_recursion.cc
  bool is_within(int32_t loop) const;
  bool scannable(const StateScanSource&);
  bool comparable(const ScanRange& range, const table::Relation& relation);
  bool belongs_in_loop();
  bool fill_recursion(uint32_t state, const char* use);
  Lifetime lifetime_in(uint32_t state) const;
  bool local(int32_t index, PhysicalType type, const char* use);
  bool int64_constant(int32_t index, const char* use);
  uint32_t new_instruction(SourceSpan span);

  bool source();
  bool check(const DualSource&);
  bool check(const InstancesSource&);
  bool check(const ConstantsSource&);
  bool check(const ScanSource&);
  bool check(const StateScanSource&);
  bool check(const RecursionSource&);

  bool check(const Compute&, PreparedOperator&);
  bool check(const LoadConstant&, PreparedOperator&);
  bool check(const Filter&, PreparedOperator&);
  bool check(const IndexProbe&, PreparedOperator&);
  bool check(const HashProbe&, PreparedOperator&);
  bool check(const LoopProbe&, PreparedOperator&);
  bool check(const Series&, PreparedOperator&);
  bool check(const Limit&, PreparedOperator&);
  bool check(const Insert&, PreparedOperator&);
  bool check(const Update&, PreparedOperator&);
  bool check(const Delete&, PreparedOperator&);
  bool check(const Fetch&, PreparedOperator&);
  bool check(const Append&, PreparedOperator&);

  bool compute(const Compute& compute, PreparedOperator& out);
  bool mark(ProbeType type, Register mark);
  /// The residual over the registers alive before the probe and its outputs.
  bool residual(const Residual& residual, std::span<const Load> outputs, PreparedOperator& out);
  /// After the residual: only `keep` and, where the type yields matches, the outputs live on.
  bool end_probe(ProbeType type, std::span<const Register> keep, std::span<const Load> outputs,
                 Register row_id, Register mark);

  bool sink();
  bool check(const ResultSinkSpec&);
  bool check(const HashBuildSink&);
  bool check(const AggregateSink&);
  bool check(const SortSink&);
  void note_repeated_keys(const SortSink& sink, const SortState& state);
  bool check(const RowsSink&);
  bool check(const LocalsSink&);
  bool check(const DiscardSink&);
  bool check(const WindowSink&);
  bool fill_state(uint32_t state, size_t kind, const char* use);
  bool state_column(Register r, PhysicalType type, const char* use);
  void set_meanings(uint32_t state, std::span<const Meaning> meanings);

  PreparedProgram& prepared_;
  const Program& program_;
  const RelationLookup& relations_;
  std::vector<StateFacts> states_;
  std::vector<RegisterFacts> registers_;
  uint32_t index_ = 0;
  const Pipeline* pipeline_ = nullptr;
  PreparedPipeline* out_ = nullptr;
  std::vector<Register>* reads_ = nullptr;  // of the operator or sink at hand
  std::string reason_;
};

/// Finds the pipelines that each Recursion runs. Returns: what is wrong, nullptr when nothing is.
const char* place_recursions(PreparedProgram& prepared);

/// Tells every Recursion which states its rounds fill anew, once all pipelines are checked.
void list_round_states(PreparedProgram& prepared);

/// How long the strings that the relation hands out live: a table's are its own, a device may make
/// them for the batch.
Lifetime lifetime_of(const table::Relation& relation);

/// Adds `value` to an ascending list without repeats.
void add_once(std::vector<uint32_t>& list, uint32_t value);

}  // namespace rowtine::program
