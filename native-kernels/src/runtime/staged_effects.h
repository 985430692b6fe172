// What steps want to happen outside their tables (appends to event tables, requests to devices),
// kept until they may: the step has committed, and is durable where it claims something durable.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/arena.h"
#include "vector/vector.h"

namespace rowtine::runtime {

/// Rows that one Append operator staged in one call. All of it lies in the arena.
struct StagedPiece {
  uint32_t relation;
  uint32_t row_count;
  uint32_t run;       // which coroutine's run within the batch
  uint32_t pipeline;  // which pipeline of its program
  bool gated;         // waits for the store
  std::span<vector::Vector> columns;  // dense or constant; values == nullptr: the device's own
  uint32_t* event_rows;  // per row: which event of the batch it descends from
  uint8_t* dropped;      // per row: 1 when its instance failed afterwards
  int64_t* ids;          // per row: the request's id, for devices; nullptr for event tables
};

/// Which staged rows go to one relation, in the order that running event by event would give.
struct StagedOrder {
  struct Row {
    uint32_t piece;
    uint32_t row;
  };
  uint32_t relation;
  std::vector<Row> rows;
};

/// The effects of one batch of events, of all coroutines that ran for it. Threads: one owner.
class StagedEffects {
 public:
  /// Copies rows, strings included. Returns: the piece's number; UINT32_MAX when memory is out.
  uint32_t stage(uint32_t relation, std::span<const vector::Vector> columns, uint32_t row_count,
                 const uint32_t* event_rows, uint32_t run, uint32_t pipeline);

  /// Drops what `event_row` staged in `run`, from `since_pipeline` on.
  void discard(uint32_t event_row, uint32_t run, uint32_t since_pipeline);

  /// Forgets everything staged by `run` (its batch is run again, one by one).
  void discard_run(uint32_t run);

  /// Runs of rows for one relation each, event by event: the effects of an event leave before those
  /// of the next, coroutines in their order, statements in theirs. `grouped`: all rows of a relation
  /// in one run, where nobody can tell the difference. Valid until the next call.
  std::span<const StagedOrder> in_order(bool grouped);

  std::vector<StagedPiece>& pieces() { return pieces_; }
  const std::vector<StagedPiece>& pieces() const { return pieces_; }
  bool empty() const { return pieces_.empty(); }
  Arena& arena() { return arena_; }
  void clear();

 private:
  struct Entry {
    uint32_t event_row, run, pipeline, piece, row;
  };
  static constexpr size_t kKeptBytes = 1 << 20;  // what a full batch of small effects takes

  bool has_place(uint32_t relation, size_t before) const;
  void list_piece(uint32_t piece);
  void sort_entries();
  StagedOrder& add_order(uint32_t relation);
  void add_group(uint32_t relation, size_t first_piece);
  void add_turns();

  std::vector<StagedPiece> pieces_;
  Arena arena_{SIZE_MAX, kKeptBytes};
  // Reused from call to call: the first order_count_ orders count.
  std::vector<Entry> entries_;
  std::vector<StagedOrder> orders_;
  size_t order_count_ = 0;
};

/// Copies `row_count` rows of a column into `arena`, long strings included; a constant stays one.
/// Returns: false when memory is out.
bool copy_column(Arena& arena, const vector::Vector& source, uint32_t row_count,
                 vector::Vector& out);

}  // namespace rowtine::runtime
