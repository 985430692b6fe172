// What the verifier makes of a program and the interpreter walks: kernels resolved, relations
// numbered, liveness written down. Internal to this folder.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "aggregate/accumulator.h"
#include "base/arena.h"
#include "expr/kernel.h"
#include "join/packed_rows.h"
#include "program/program.h"
#include "program/verifier.h"
#include "sort/sort_layout.h"
#include "vector/vector.h"
#include "window/window_buffer.h"

namespace rowtine::program {

struct PreparedCompute {
  expr::KernelFunction function = nullptr;
  PhysicalType type = PhysicalType::Bool;
  bool immutable = true;
  Register result = kNone, active = kNone;
  std::vector<Register> arguments;
  std::vector<int64_t> immediates;
  uint32_t instruction = 0;
};

struct PreparedOperator {
  /// A Compute's own kernel, or the instructions of a probe's residual condition.
  std::vector<PreparedCompute> computes;
  /// Registers of the probing row that the residual condition reads, and positions in the probe's
  /// outputs that it reads.
  std::vector<Register> residual_inputs;
  std::vector<uint32_t> residual_outputs;
  /// Registers whose values the operator looks at, the residual condition's among them.
  std::vector<Register> reads;
  uint32_t instruction = 0;
  uint32_t relation = 0;  // position in PreparedProgram::relations
  /// Registers that live on after the operator, without those of constants.
  std::vector<Register> alive;
  /// A register that names each row's instance after the operator; kNone: unknown.
  Register ordinal = kNone;
};

struct PreparedPipeline {
  std::vector<PreparedOperator> operators;
  std::vector<Register> alive_at_source;
  Register ordinal_at_source = kNone;
  uint32_t source_relation = 0;  // position in PreparedProgram::relations
  uint32_t source_instruction = 0, sink_instruction = 0;
  std::vector<uint32_t> scan_columns;   // of a Scan
  std::vector<uint32_t> probed_states;  // by HashProbe and LoopProbe
  int32_t scanned_state = kNone, filled_state = kNone;
  std::vector<Register> sink_reads;    // as PreparedOperator::reads
  std::vector<Register> sink_columns;  // what a state or result gets, in the state's order
  std::vector<uint8_t> sink_stable;    // of sink_columns: strings outlive the run
  int32_t region = kNone;              // the innermost
  /// The pipeline whose Recursion runs this one, the innermost; kNone: the run itself does.
  int32_t loop = kNone;
  std::vector<uint32_t> round_states;  // of a Recursion: filled anew in every round
  /// The local that guards the instances whose rows come here, also by way of states; kNone: all.
  int32_t guard = kNone;
  bool changes_tables = false;
  /// In a step: fills a state from shared rows and does nothing else, so it can wait until a
  /// pipeline that has rows needs the state.
  bool deferrable = false;
};

struct PreparedState {
  std::vector<PhysicalType> columns;  // as a StateScan or a probe sees them
  join::PackedLayout layout;
  uint32_t key_count = 0;
  bool keep_null_keys = false;                       // HashTable
  std::vector<aggregate::Accumulator> accumulators;  // Aggregate
  std::vector<join::PackedLayout> distinct_layouts;  // Aggregate: per accumulator, empty if not
  sort::SortLayout sort;                             // Sort
  window::WindowLayout window;                       // Window
  std::vector<window::Evaluate> window_functions;    // Window: per call
  std::vector<uint32_t> writers;                     // pipelines
  /// The pipeline whose Recursion fills it anew in every round; kNone: it lasts for the run.
  int32_t loop = kNone;
  int32_t recursion = kNone;  // the pipeline whose Recursion hands it out
};

struct PreparedProgram {
  Program program;
  Arena constant_memory;
  std::vector<vector::Vector> constants;
  std::vector<InstructionPlace> instructions;
  std::vector<uint32_t> relations;  // ids of all relations used
  std::vector<PreparedPipeline> pipelines;
  std::vector<PreparedState> states;
  std::vector<PhysicalType> result_types;
  std::vector<uint32_t> reads, writes, appends;
  uint32_t register_count_max = 0;
  bool has_result = false;
  bool recurses = false;
  bool writes_durable = false;
};

}  // namespace rowtine::program
