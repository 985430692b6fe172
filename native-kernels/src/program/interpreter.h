// The machine that runs a verified program: batches are pushed from a source through operators into
// a sink. An operator that makes several batches of one runs the rest of the pipeline for each.
// Internal to this folder; run.h is the interface.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/arena.h"
#include "expr/kernel.h"
#include "program/failure_text.h"
#include "program/pairs.h"
#include "program/prepared.h"
#include "program/profile.h"
#include "program/progress.h"
#include "program/run.h"
#include "program/selections.h"
#include "program/state_slot.h"
#include "program/team_state.h"
#include "table/transaction.h"

namespace rowtine::program {

using vector::Vector;

class Execution::Impl {
 public:
  Result<RunOutcome> run_statement(const VerifiedProgram& program,
                                   std::span<const Parameter> parameters, RunContext& context);
  const StepOutcome& run_step(const VerifiedProgram& program, Instances& instances,
                              RunContext& context);
  uint32_t error_detail() const { return error_detail_; }
  std::string error_text() const { return error_text_.of(run_error_); }

 private:
  struct ProbeSpec;
  struct ProbeProgress;
  struct OperatorOutcome {
    bool passed_on = false;  // the operator ran the rest of the pipeline itself
    bool exhausted = false;  // a limit wants nothing after this batch
  };

  // interpreter.cc: runs, pipelines, operators
  bool start(const VerifiedProgram& program, RunContext& context);
  bool bind_parameters(std::span<const Parameter> parameters);
  void release_memory();
  void run_pipelines();
  void run_pipeline(uint32_t index);
  void start_pipeline(uint32_t index);
  void require_states(const PreparedPipeline& pipeline);
  void require_state(uint32_t state);
  void require_all_before(uint32_t pipeline);
  void run_operators(size_t position, uint32_t count);
  uint32_t run_operator(size_t position, uint32_t count, OperatorOutcome& outcome);
  Register ordinal_before(size_t position) const;
  std::span<const Register> alive_before(size_t position) const;
  uint32_t drop_failed(size_t position, uint32_t count);
  bool keep_rows(std::span<const Register> registers, const uint32_t* rows, uint32_t count);
  bool settle(std::span<const Register> registers, uint32_t count);
  bool may_continue();
  bool check_limits();
  size_t bytes_held();

  // team.cc
  Result<RunOutcome> run_together();
  void meet();
  void open_pipeline(uint32_t pipeline);
  bool is_divided(uint32_t pipeline) const;
  uint64_t source_slots(const Source& source);
  void run_share(uint32_t pipeline);
  void close_filled(uint32_t pipeline);
  void build_together(join::HashTable& table);
  void merge_together(aggregate::Aggregator& groups);
  void merge_together(sort::SortBuffer& rows);
  bool begin_pass(bool wanted);
  void end_team(SqlState state);
  void open_states();
  void note_failure();
  Result<RunOutcome> outcome_of_team();
  bool is_shared(const Sink& sink) const;
  aggregate::AggregatorSpec aggregator_spec(uint32_t state) const;
  uint64_t state_row_count(uint32_t state) const;
  bool take_morsel(Morsel& morsel);
  size_t bytes_of_team(size_t own);
  bool is_team() const { return team_ != nullptr; }
  bool is_first() const { return context_->member == 0; }

  // compute.cc
  void compute(const PreparedCompute& instruction, uint32_t count);
  const uint8_t* active_bytes(Register active, uint32_t count, bool& is_constant);
  uint32_t filter(const Filter& filter, uint32_t count);
  uint32_t select_true(const Vector& condition, uint32_t count, uint32_t* rows);
  uint32_t limit(const Limit& limit, size_t position, uint32_t count, bool& exhausted);
  Vector flat(const Vector& vector, uint32_t count);

  // series.cc
  uint32_t refuse_zero_steps(const Vector& step, size_t position, uint32_t count);
  void series(const Series& series, size_t position, uint32_t count);

  // source.cc
  void run_source();
  void run_batch(uint32_t count);
  void source_dual();
  void source_instances(const InstancesSource& source);
  void source_constants(const ConstantsSource& source);
  void source_scan(const ScanSource& source);
  void scan_rows(const ScanSource& source, table::Scan& scan);
  void source_state(const StateScanSource& source);
  void scan_packed(uint32_t state, uint32_t what, std::span<const Load> columns, uint64_t first,
                   uint64_t last);
  uint32_t live_instances(int32_t guard, uint32_t* live) const;
  bool load_instances(const InstancesSource& source, const uint32_t* live, uint32_t first,
                      uint32_t count);
  void emit_packed(uint32_t state, std::span<const Load> columns, const uint8_t* const* rows,
                   uint32_t count);

  // recursion.cc
  void source_recursion(const RecursionSource& source);
  void run_round(const RecursionSource& source);
  Arena& memory_of_loop(int32_t loop);

  // sink.cc
  void run_sink(uint32_t count);
  bool open_state(uint32_t state);
  bool finish_state(uint32_t state);
  bool finish_slot(uint32_t state);
  bool finish_window(StateSlot& slot);
  bool sink_state(uint32_t count);
  bool sink_aggregate(const AggregateSink& sink, std::span<const Vector> groups, uint32_t count);
  void sink_result(uint32_t count);
  void sink_locals(const LocalsSink& sink, uint32_t count);
  void reset_locals(const LocalsSink& sink, const uint32_t* instances, uint32_t count);
  bool store_local(uint32_t local, uint32_t instance, const Vector& source, uint32_t row,
                   bool stable);

  // probe.cc
  void index_probe(const IndexProbe& probe, size_t position, uint32_t count);
  void hash_probe(const HashProbe& probe, size_t position, uint32_t count);
  void loop_probe(const LoopProbe& probe, size_t position, uint32_t count);
  bool fail_if_poisoned(uint32_t state, size_t position, uint32_t count);
  template <class Probe>
  ProbeSpec spec_of(const Probe& probe, size_t position) const;
  template <class Matcher>
  void probe(const ProbeSpec& spec, Matcher& matcher, uint32_t count);
  template <class Matcher>
  bool match_all(const ProbeSpec& spec, Matcher& matcher, ProbeProgress& progress);
  template <class Matcher>
  uint32_t decide_residual(const ProbeSpec& spec, Matcher& matcher, ProbeProgress& progress,
                           uint32_t count);
  template <class Matcher>
  void take_matches(const ProbeSpec& spec, Matcher& matcher, ProbeProgress& progress,
                    uint32_t count);
  template <class Matcher>
  void emit_matches(const ProbeSpec& spec, Matcher& matcher, const ProbeProgress& progress,
                    const Pairs& output, uint32_t count);
  uint32_t settle_pair_errors(const ProbeSpec& spec, ProbeProgress& progress, uint32_t count);
  void cut_at(ProbeProgress& progress, uint32_t row, const DataError& error);
  void fail_repeated(const ProbeSpec& spec, ProbeProgress& progress, uint32_t& count);
  void restore(const ProbeProgress& progress, std::span<const Register> kept);
  template <class Matcher>
  bool find_unknown(const ProbeSpec& spec, Matcher& matcher, ProbeProgress& progress);
  void emit_decided(const ProbeSpec& spec, ProbeProgress& progress);

  // change.cc
  uint32_t insert(const Insert& insert, size_t position, uint32_t count);
  uint32_t update(const Update& update, size_t position, uint32_t count);
  uint32_t erase(const Delete& erase, size_t position, uint32_t count);
  uint32_t fetch(const Fetch& fetch, size_t position, uint32_t count);
  uint32_t append(const Append& append, size_t position, uint32_t count);
  table::RowId* row_ids_of(Register r, uint32_t count);
  uint8_t* active_rows(Register active, const table::RowId* ids, uint32_t count);
  bool write_row_ids(Register target, const table::RowId* ids, uint32_t count);
  uint32_t settle_changes(size_t position, uint32_t count, const uint32_t* states,
                          const uint32_t* details);
  bool is_instance_conflict(uint32_t state, bool once) const;
  void note_changed(Register ordinal, const uint8_t* active, uint32_t count);

  // failure.cc
  uint32_t settle_errors(size_t position, uint32_t count);
  void note_text(size_t position, const DataError& error);
  void fail_row(const Vector* ordinal, uint32_t row, const DataError& error);
  void fail_shared(const DataError& error);
  void fail_instance(uint32_t instance, const DataError& error);
  void fail_run(SqlState state);
  void fail_memory() { fail_run(kOutOfMemory); }
  void undo_changes(uint32_t instance, uint32_t since_pipeline, int32_t region);
  void report_conflict();
  void set_message(int32_t local, const InstanceFailure& failure);

  bool is_step() const { return instances_ != nullptr; }
  bool is_skipping(uint32_t i) const { return progress_[i].skips_until > pipeline_index_; }
  template <class T>
  T* scratch_array(size_t count) {
    return scratch_.allocate_array<T>(count);
  }

  // Of the run.
  const PreparedProgram* program_ = nullptr;
  RunContext* context_ = nullptr;
  Profile* profile_ = nullptr;  // what it asks for
  Instances* instances_ = nullptr;
  std::vector<table::Relation*> relations_;
  std::vector<Vector> bound_constants_;
  const Vector* constants_ = nullptr;
  std::vector<StateSlot> own_states_;
  std::span<StateSlot> states_;  // the team's or own ones
  TeamState* team_ = nullptr;
  bool is_divided_ = false;  // the pipeline at hand goes by morsels
  uint64_t morsel_ = 0;
  std::vector<uint8_t> deferred_;  // pipelines that wait until their state is needed
  std::vector<InstanceProgress> progress_;
  std::vector<table::Transaction::Mark> region_marks_;
  table::Transaction::Mark run_mark_ = 0;
  uint32_t batch_rows_max_ = 1;
  uint32_t failure_epoch_ = 0;  // failures of instances so far
  RunOutcome counts_;
  StepOutcome outcome_;
  DataError run_error_;
  uint32_t error_detail_ = 0;
  FailureText error_text_;
  Flow flow_ = Flow::Run;
  Arena run_arena_{SIZE_MAX, 1U << 20};
  Arena scratch_{SIZE_MAX, 8U << 20};

  // Of the pipeline.
  uint32_t pipeline_index_ = 0;
  const Pipeline* pipeline_ = nullptr;
  const PreparedPipeline* prepared_ = nullptr;
  table::Snapshot snapshot_;
  std::vector<Vector> registers_;
  Selections selections_;
  std::vector<uint64_t*> limit_counts_;  // per operator
  uint64_t* assigned_ = nullptr;         // Locals: instances that got their row
  /// A statement's error: rows before it in the pipeline are still run, as one might fail earlier.
  DataError pending_;
  uint32_t pending_count_ = 0;

  // Of the batch.
  std::array<uint32_t, vector::kBatchRowsMax> error_states_{};
  std::array<uint32_t, vector::kBatchRowsMax> error_instructions_{};
  std::array<uint32_t, vector::kBatchRowsMax> error_details_{};
  expr::RowErrors errors_{error_states_.data(), error_instructions_.data(), error_details_.data()};
  std::array<Vector, 256> arguments_;
  std::vector<Vector> sink_vectors_;
};

}  // namespace rowtine::program
