// The rows of a small read that is answered where it was asked: one batch, whose memory is used again.
#pragma once

#include <span>

#include "program/run.h"
#include "runtime/row_export.h"

namespace rowtine::runtime {

/// Threads: one owner.
class ReadBatch final : public program::ResultSink {
 public:
  /// Forgets the rows of the read before.
  void begin();
  bool rows(std::span<const vector::Vector> columns, uint32_t row_count) override;
  /// There were more rows than a batch may have; the run ended early.
  bool is_full() const { return is_full_; }
  /// Its columns mean nothing when it has no rows. Valid until begin().
  ExportBatch& batch() { return batch_; }

 private:
  ExportBatch batch_;
  bool is_full_ = false;
};

}  // namespace rowtine::runtime
