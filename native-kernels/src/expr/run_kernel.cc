#include "expr/run_kernel.h"

namespace rowtine::expr {

SqlState run_kernel(const KernelCall& call, Arena& arena, KernelState& state, KernelOutcome& out) {
  std::vector<PhysicalType> types;
  for (const Vector& argument : call.arguments) types.push_back(argument.type);
  Resolved resolved;
  if (call.row_count > vector::kBatchRowsMax) return kInvalidProgram;
  if (!resolve(call.opcode, types, call.immediates, resolved)) return kInvalidProgram;
  if (!vector::allocate(arena, resolved.result, call.row_count, true, out.result)) {
    return kOutOfMemory;
  }
  out.states.assign(call.row_count, 0);
  std::vector<uint32_t> instructions(call.row_count, 0);
  RowErrors errors{out.states.data(), instructions.data()};
  KernelContext context{arena, call.now_us, errors,          call.row_count, call.active,
                        false, 0,           call.immediates, &state};
  resolved.function(context, call.arguments, out.result);
  return kSuccess;
}

}  // namespace rowtine::expr
