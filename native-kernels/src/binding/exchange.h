// Memory that a database shares with JavaScript for small reads: values of parameters in, a few rows out,
// without an object made for either. engine/exchange.ts is the other side and describes the same layout.
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>

#include "binding/reader.h"
#include "runtime/row_export.h"

namespace rowtine::binding {

/// In: int32 words of the parameters, then their bytes (planner/encode.ts). Out: int32 words
/// [row count, bytes used], then kColumnWords for each column, then the columns' buffers, each at a
/// multiple of 16 bytes. Positions count from the start; a string's offsets do, too.
/// Threads: the main thread's.
class Exchange {
 public:
  static constexpr size_t kBytes = 64 * 1024;
  static constexpr size_t kHeaderWords = 2;
  /// Type and null count, then the positions of validity (if there are nulls), values and offsets
  /// (of strings).
  static constexpr size_t kColumnWords = 5;

  std::span<const std::byte> bytes() const { return memory_; }
  /// Returns: false when the rows have no room.
  bool write(const runtime::ExportBatch& batch);

 private:
  size_t place(const void* from, size_t bytes);
  size_t place_offsets(const runtime::ExportBuffer<int32_t>& offsets, size_t base);
  int32_t* words() { return reinterpret_cast<int32_t*>(memory_.data()); }

  alignas(64) std::array<std::byte, kBytes> memory_{};
  size_t used_ = 0;
};

/// The exchange as an ArrayBuffer, which keeps it alive; made once.
Napi::Value share(Napi::Env env, const std::shared_ptr<Exchange>& exchange);

}  // namespace rowtine::binding
