// How far a run has come. Internal to this folder.
#pragma once

#include <cstdint>

namespace rowtine::program {

/// How execution goes on.
enum class Flow : uint8_t {
  Run,
  EndPipeline,  // no more rows are wanted
  EndRun,       // the client wants no more; no error
  Abort,        // run_error_ or outcome_.conflict says why
};

/// An instance's standing within a step.
struct InstanceProgress {
  uint32_t skips_until = 0;  // pipelines before it are not for this instance
  uint32_t changed_at = 0;   // 1 + the last pipeline in which it changed a table
};

}  // namespace rowtine::program
