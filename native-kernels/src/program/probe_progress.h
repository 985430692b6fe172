// What a probe does, and how far one probing batch is. Internal to the probes.
#pragma once

#include "program/interpreter.h"

namespace rowtine::program {

struct Execution::Impl::ProbeSpec {
  const PreparedOperator& prepared;
  size_t position;  // in the pipeline's operators
  ProbeType type;
  std::span<const Load> outputs;
  Register row_id;
  Register mark;
  std::span<const Register> keep;
  Register condition;
  bool null_aware;
};

/// One probing batch on its way.
struct Execution::Impl::ProbeProgress {
  uint32_t count = 0;          // probing rows that still matter; less after a statement's error
  Vector* saved = nullptr;     // all registers as they were before the probe
  const uint32_t** selections = nullptr;  // of all registers then
  bool has_selections = false;
  uint8_t* matched = nullptr;  // per probing row
  uint8_t* unknown = nullptr;  // per probing row: NOT IN cannot tell
  Pairs pairs;                 // of the current round
  Pairs output;                // pairs and padding of the current round
  uint32_t settled = 0;        // probing rows whose padding is decided
  uint32_t pending = 0;        // pending_count_ when the probe began
  bool cut = false;            // an error was met: nothing after this round
};

}  // namespace rowtine::program
