// OVER: keeps rows that come ordered by partition and order, and when all are there computes the
// window's calls over each partition.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

#include "base/arena.h"
#include "base/status.h"
#include "join/packed_rows.h"
#include "window/evaluate.h"
#include "window/window_layout.h"

namespace rowtine::window {

/// The functions of a spec's calls. Returns: false when one does not exist over its types, a call
/// names no frame, or a range's frame has no order to go by.
bool resolve(const Spec& spec, std::vector<Evaluate>& out);

/// Threads: one owner.
class WindowBuffer {
 public:
  /// Starts empty. Rows lie in `run`; what computing needs is at most `bytes_max`. `spec`, `layout` and
  /// `functions` outlive the buffer's use.
  void open(const Spec& spec, const WindowLayout& layout, std::span<const Evaluate> functions,
            Arena& run, size_t bytes_max);

  /// Takes `count` rows: `inputs` as layout.inputs declares. Strings of inputs not in `stable` are copied.
  /// Returns: false when a limit is met (53200).
  bool append(std::span<const vector::Vector> inputs, uint32_t count, const uint8_t* stable,
              Arena& scratch);

  /// Computes the calls. Errors: 22003 or 22008 a sum out of range; 22023 a json_object_agg key that is
  /// null; 53200 memory; 54000 a text too long; 57014 cancelled, which is seen between partitions.
  SqlState finish(const std::atomic<bool>* cancel);

  /// Gives back the memory of computing.
  void close() { scratch_.reset(); }
  size_t bytes_reserved() const { return scratch_.bytes_reserved(); }
  uint64_t count() const { return rows_.count(); }
  void addresses(uint64_t first, uint32_t count, const uint8_t** out) const {
    rows_.addresses(first, count, out);
  }

 private:
  SqlState compute(uint64_t first, uint64_t end);

  const Spec* spec_ = nullptr;
  const WindowLayout* layout_ = nullptr;
  std::span<const Evaluate> functions_;
  Arena* run_ = nullptr;
  Arena scratch_;
  join::PackedRows rows_;
};

}  // namespace rowtine::window
