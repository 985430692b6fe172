// The readers' side of an event table: cursors, batches and scans, from any thread.
#include <algorithm>

#include "base/invariant.h"
#include "table/event_table.h"

namespace rowtine::table {

/// Pins everything from its first event on, so that it delivers all it promised however long it
/// takes.
class EventTable::RetainedScan final : public Scan {
 public:
  RetainedScan(EventTable& table, std::span<const uint32_t> columns)
      : table_(table),
        columns_(columns.begin(), columns.end()),
        end_(table.next_seq()),
        seq_(table.first_seq()) {
    if (seq_ < end_) pin_ = table.pin_block(seq_, block_);
    if (!pin_) seq_ = end_;
  }

  Result<uint32_t> next(Arena& scratch, uint32_t rows_max, std::span<vector::Vector> columns,
                        RowId* row_ids) override {
    if (seq_ >= end_) return uint32_t{0};
    while (table_.ring_[block_].end_seq() <= seq_) ++block_;
    const EventBlock& block = table_.ring_[block_];
    const auto row = static_cast<uint32_t>(seq_ - block.first_seq());
    const auto count =
        static_cast<uint32_t>(std::min<int64_t>(rows_max, std::min(end_, block.end_seq()) - seq_));
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (!block.slice(columns_[i], row, count, scratch, columns[i])) return kOutOfMemory;
    }
    for (uint32_t i = 0; row_ids != nullptr && i < count; ++i) row_ids[i] = seq_ + i;
    seq_ += count;
    return count;
  }

 private:
  EventTable& table_;
  std::vector<uint32_t> columns_;
  int64_t end_;
  int64_t seq_;
  uint64_t block_ = 0;
  EventPin pin_;
};

std::unique_ptr<Scan> EventTable::scan(Snapshot, std::span<const uint32_t> columns) {
  return std::make_unique<RetainedScan>(*this, columns);
}

/// Pins the block of `seq`, or of the first event after it that is still there; moves `seq` to
/// that. Returns: no pin when everything published is gone.
EventPin EventTable::pin_block(int64_t& seq, uint64_t& number) {
  for (;;) {
    seq = std::max(seq, first_seq());
    if (seq >= next_seq()) return {};
    number = ring_.find(seq);
    EventPin pin = ring_.pin(number);
    if (pin && ring_[number].first_seq() <= seq && seq < ring_[number].end_seq()) return pin;
    // Trimmed between the two looks: first_seq() has moved, or is about to.
  }
}

bool EventTable::read(int64_t seq, uint32_t row_count_max, std::span<const uint32_t> columns,
                      Arena& scratch, EventBatch& out) {
  uint64_t number = 0;
  out.first_seq = seq;
  out.pin = pin_block(out.first_seq, number);
  out.lost = static_cast<uint64_t>(std::max<int64_t>(0, out.first_seq - seq));
  if (!out.pin) return false;
  const EventBlock& block = ring_[number];
  const int64_t end = std::min(next_seq(), block.end_seq());
  const auto row = static_cast<uint32_t>(out.first_seq - block.first_seq());
  out.row_count = static_cast<uint32_t>(std::min<int64_t>(row_count_max, end - out.first_seq));
  out.columns.resize(columns.size());
  for (size_t i = 0; i < columns.size(); ++i) {
    if (!block.slice(columns[i], row, out.row_count, scratch, out.columns[i])) {
      out.pin.release();
      return false;
    }
  }
  return true;
}

// Cursors ----------------------------------------------------------------------------------------

int32_t EventTable::add_cursor(int64_t seq) {
  for (uint32_t i = 0; i < kEventCursorsMax; ++i) {
    // Acquire: pairs with remove_cursor() of the one that had it before.
    if (cursors_[i].load(std::memory_order_acquire) != INT64_MAX) continue;
    cursors_[i].store(seq, std::memory_order_relaxed);
    cursor_count_ = std::max(cursor_count_, i + 1);
    return static_cast<int32_t>(i);
  }
  return -1;
}

void EventTable::move_cursor(int32_t cursor, int64_t seq) {
  // Release: what the consumer read comes before the appender's reuse.
  cursors_[static_cast<size_t>(cursor)].store(seq, std::memory_order_release);
}

void EventTable::remove_cursor(int32_t cursor) {
  cursors_[static_cast<size_t>(cursor)].store(INT64_MAX, std::memory_order_release);
}

int64_t EventTable::slowest_cursor() const {
  int64_t slowest = next_seq();
  for (uint32_t i = 0; i < cursor_count_; ++i) {
    slowest = std::min(slowest, cursors_[i].load(std::memory_order_acquire));
  }
  return slowest;
}

}  // namespace rowtine::table
