#include "reactor/byte_buffer.h"

#include <algorithm>

namespace rowtine::reactor {

void ByteBuffer::reallocate(uint64_t bytes_min) {
  invariant(bytes_min < UINT32_MAX - http::kParserPaddingBytes, "limits keep buffers under 4 GiB");
  constexpr uint64_t kBytesMin = BufferPool::kPooledBytes - http::kParserPaddingBytes;
  const uint64_t doubled = std::min<uint64_t>(uint64_t{capacity_} * 2, UINT32_MAX / 2);
  const auto capacity = static_cast<uint32_t>(std::max({bytes_min, doubled, kBytesMin}));
  // Not value-initialised: what is reserved is written before it is read.
  std::unique_ptr<char[]> memory(new char[capacity + http::kParserPaddingBytes]);
  if (size_ != 0) std::memcpy(memory.get(), memory_.get(), size_);
  memory_ = std::move(memory);
  capacity_ = capacity;
}

}  // namespace rowtine::reactor
