// A statement on its way from the main thread to the sequencer.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "program/verifier.h"

namespace rowtine::runtime {

struct Statement {
  uint32_t id = 0;
  std::shared_ptr<const program::VerifiedProgram> program;  // nullptr: settle, see Engine::settle()
  std::shared_ptr<std::atomic<bool>> cancel;
  bool touches_durable = false;
};

}  // namespace rowtine::runtime
