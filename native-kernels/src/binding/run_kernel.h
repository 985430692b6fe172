// One kernel called from JavaScript: for the tests that hold kernels against their twins.
#pragma once

#include <napi.h>

namespace rowtine::binding {

/// runKernel(opcode, columns, rowCount, constants, immediates, nowMicroseconds):
/// NativeKernelResult. Throws: TypeError (22023) for malformed arguments, RD001 for a call that no
/// program may contain.
Napi::Value run_kernel(const Napi::CallbackInfo& info);

}  // namespace rowtine::binding
