// The engines of this process, which JavaScript knows by number, and the arguments that most calls
// begin with.
#pragma once

#include <napi.h>

#include <cstdint>
#include <memory>

#include "binding/exchange.h"
#include "binding/reader.h"
#include "binding/wake.h"
#include "runtime/engine.h"

namespace rowtine::binding {

struct OpenEngine {
  std::unique_ptr<runtime::Engine> engine;
  Wake main;
  Wake store;
  std::shared_ptr<Exchange> exchange = std::make_shared<Exchange>();
};

/// Threads: the main thread and store threads. Returns: the number that names it from now on.
uint32_t add_engine(std::shared_ptr<OpenEngine> engine);
/// Returns: nullptr when there is none of that number.
std::shared_ptr<OpenEngine> find_engine(uint32_t number);
/// Stops the threads; the wakes are closed on the thread that owns them.
void destroy_engine(uint32_t number);

/// The engine that argument 0 names; a mistake when there is none.
std::shared_ptr<OpenEngine> engine_of(Reader& reader, const Napi::CallbackInfo& info);
uint32_t number_at(Reader& reader, const Napi::CallbackInfo& info, size_t index, const char* name);
/// A prepared statement's handle: a JavaScript number, so that they never run out.
uint64_t handle_at(Reader& reader, const Napi::CallbackInfo& info, size_t index);

}  // namespace rowtine::binding
