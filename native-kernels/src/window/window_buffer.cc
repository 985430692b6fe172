#include "window/window_buffer.h"

namespace rowtine::window {

bool resolve(const Spec& spec, std::vector<Evaluate>& out) {
  for (const Frame& frame : spec.frames) {
    if (frame.has_key() && spec.order.empty()) return false;
    if (frame.start == Bound::UnboundedFollowing || frame.end == Bound::UnboundedPreceding) {
      return false;
    }
  }
  for (const Call& call : spec.calls) {
    if (call.frame >= spec.frames.size()) return false;
    const Evaluate function = function_of(call);
    if (function == nullptr) return false;
    out.push_back(function);
  }
  return true;
}

void WindowBuffer::open(const Spec& spec, const WindowLayout& layout,
                        std::span<const Evaluate> functions, Arena& run,
                        size_t bytes_max) {
  spec_ = &spec;
  layout_ = &layout;
  functions_ = functions;
  run_ = &run;
  scratch_.reset();
  scratch_.set_bytes_max(bytes_max);
  rows_.open(layout.packed.row_bytes, run);
}

bool WindowBuffer::append(std::span<const vector::Vector> inputs, uint32_t count,
                          const uint8_t* stable, Arena& scratch) {
  auto* targets = scratch.allocate_array<uint8_t*>(count);
  if (targets == nullptr || !rows_.extend(count, targets)) return false;
  for (uint32_t i = 0; i < inputs.size(); ++i) {
    Arena* heap = stable[i] != 0 ? nullptr : run_;
    if (!join::scatter_column(layout_->packed, layout_->column_of_input(i), inputs[i], nullptr,
                              count, targets, heap)) {
      return false;
    }
  }
  return true;
}

SqlState WindowBuffer::finish(const std::atomic<bool>* cancel) {
  const auto partition_count = static_cast<uint32_t>(spec_->partition.size());
  const uint64_t count = rows_.count();
  uint64_t first = 0;
  for (uint64_t end = 1; end <= count; ++end) {
    if (end < count && same_values(*layout_, rows_.row(end - 1), rows_.row(end),
                                   layout_->first_partition, partition_count)) {
      continue;
    }
    if (cancel != nullptr && cancel->load(std::memory_order_relaxed)) return kQueryCanceled;
    const SqlState state = compute(first, end);
    if (!state.ok()) return state;
    first = end;
  }
  return kSuccess;
}

SqlState WindowBuffer::compute(uint64_t first, uint64_t end) {
  constexpr uint64_t kPartitionRowsMax = UINT32_MAX - 1;
  if (end - first > kPartitionRowsMax) return kProgramLimitExceeded;
  const Arena::Mark before = scratch_.mark();
  Partition partition(*layout_, rows_, first, static_cast<uint32_t>(end - first));
  if (!partition.find_peers(static_cast<uint32_t>(spec_->order.size()), scratch_)) {
    return kOutOfMemory;
  }
  for (size_t i = 0; i < functions_.size(); ++i) {
    const Arena::Mark mark = scratch_.mark();
    EvaluateRequest request{partition, *spec_,   spec_->calls[i], layout_->calls[i],
                            scratch_,  *run_, kSuccess};
    functions_[i](request);
    if (!request.error.ok()) return request.error;
    scratch_.rewind(mark);
  }
  scratch_.rewind(before);
  return kSuccess;
}

}  // namespace rowtine::window
