// The addon: every call by its name.
#include "base/cpu.h"
#include "binding/calls.h"
#include "binding/run_kernel.h"

namespace rowtine::binding {
namespace {

void add_calls(Napi::Env env, Napi::Object& exports, std::span<const Call> calls) {
  for (const Call& call : calls) {
    exports.Set(call.name, Napi::Function::New(env, call.function, call.name));
  }
}

Napi::Value name_of_cpu(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), name_of(cpu()));
}

Napi::Object init(Napi::Env env, Napi::Object exports) {
  constexpr Call kKernels[] = {{"runKernel", run_kernel}, {"cpu", name_of_cpu}};
  for (const auto calls : {engine_calls(), relation_calls(), coroutine_calls(), statement_calls(),
                           store_calls(), std::span<const Call>(kKernels)}) {
    add_calls(env, exports, calls);
  }
  return exports;
}

}  // namespace

NODE_API_MODULE(rowtine, init)

}  // namespace rowtine::binding
