// What programs say of windows: the state that computes one, and the sink that fills it.
#pragma once

#include <cstdint>
#include <vector>

#include "window/window_spec.h"

namespace rowtine::program {

struct WindowState {
  window::Spec spec;
};

/// Registers, in the order that the state declares its inputs.
struct WindowSink {
  uint32_t state = 0;
  std::vector<int32_t> payload, inputs;
};

}  // namespace rowtine::program
