#include "runtime/export_segment.h"

#include <new>

#include "base/bits.h"
#include "base/block_cache.h"
#include "base/invariant.h"

namespace rowtine::runtime {

static_assert(ExportSegment::kBytes >= kKeptBlockBytesMin, "segments are kept for the next result");

ExportSegment::ExportSegment() : memory_(take_large_block(kBytes, kBytes).memory) {
  if (memory_ == nullptr) memory_ = new (std::nothrow) std::byte[kBytes];
  invariant(memory_ != nullptr, "there is memory for the rows of a result");
}

ExportSegment::~ExportSegment() { give_large_block({memory_, kBytes}); }

std::byte* ExportSegment::take(size_t bytes) {
  const size_t start = round_up(used_, kAlignment);
  if (start > kBytes || bytes > kBytes - start) return nullptr;
  used_ = start + bytes;
  return memory_ + start;
}

}  // namespace rowtine::runtime
