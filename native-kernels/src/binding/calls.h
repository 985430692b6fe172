// The functions that JavaScript sees, area by area: those of native-kernels/binding.ts.
#pragma once

#include <napi.h>

#include <span>

namespace rowtine::binding {

/// Checks its arguments, converts them, calls the engine, converts back.
struct Call {
  const char* name;
  Napi::Value (*function)(const Napi::CallbackInfo&);
};

std::span<const Call> engine_calls();
std::span<const Call> relation_calls();
std::span<const Call> coroutine_calls();
std::span<const Call> statement_calls();
std::span<const Call> store_calls();

}  // namespace rowtine::binding
