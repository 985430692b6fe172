// Events in memory: a ring of blocks with dense sequence numbers, appended by one thread and read
// by any. What is published never changes; retention takes blocks away from the old end.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/cache_line.h"
#include "table/event_block.h"
#include "table/relation.h"

namespace rowtine::table {

/// What append() does when a registered consumer is `capacity_rows` behind, or when memory that is
/// pinned passes bytes_max.
enum class OnOverflow : uint8_t { Block, DropOldest, DropNew, Error, Disconnect };

inline constexpr uint64_t kRetainBytesDefault = 64ULL << 20;
inline constexpr int64_t kRetainMicrosecondsDefault = 600LL * 1'000'000;
inline constexpr uint64_t kEventCapacityRowsDefault = 1ULL << 20;
inline constexpr uint32_t kEventCursorsMax = 256;

struct EventTableDefinition {
  uint32_t id = 0;
  std::vector<vector::PhysicalType> types =
      {};                       // the user's columns; seq, at, root, cause are added
  uint32_t append_columns = 0;  // leading columns that SQL may give
  uint64_t retain_rows = 0;     // 0: no bound of that kind
  uint64_t retain_bytes = kRetainBytesDefault;
  int64_t retain_us = kRetainMicrosecondsDefault;
  uint64_t capacity_rows = kEventCapacityRowsDefault;
  uint64_t bytes_max = 0;  // hard limit whatever is pinned; 0: from retain_bytes
  OnOverflow on_overflow = OnOverflow::Block;
};

/// Rows to append; vectors may be constant and may lie in scratch memory.
struct EventAppend {
  std::span<const vector::Vector> columns;  // the user's columns; values == nullptr: null
  uint32_t row_count = 0;
  int64_t at_us = 0;          // moved up to the last event's when it lies before
  vector::Vector root = {};   // Int64; values == nullptr: each event is its own root
  vector::Vector cause = {};  // Int64; values == nullptr: null
};

enum class AppendStatus : uint8_t {
  Appended,
  Blocked,       // nothing was taken: try again when the consumer has moved
  DroppedNew,    // nothing was taken, and the loss was counted
  Refused,       // nothing was taken: the producer gets an error (54000)
  Disconnected,  // nothing was taken: the producer's connection is to be closed
  OutOfMemory,   // nothing was taken (53200)
};

struct AppendOutcome {
  AppendStatus status = AppendStatus::Appended;
  int64_t first_seq = 0;  // of the appended rows
};

/// Consecutive events; valid while it lives and scratch memory it was read with does. May be moved
/// to another thread together with that memory.
struct EventBatch {
  std::vector<vector::Vector> columns;  // in the order asked for
  int64_t first_seq = 0;
  uint32_t row_count = 0;
  uint64_t lost =
      0;  // events between the sequence asked for and first_seq, gone before they were read
  EventPin pin;
};

class EventTable final : public Relation {
 public:
  explicit EventTable(EventTableDefinition definition);

  // Relation: any thread ---------------------------------------------------------------------

  std::span<const vector::PhysicalType> column_types() const override { return types_; }
  uint64_t row_count() const override { return static_cast<uint64_t>(next_seq() - first_seq()); }
  uint32_t append_column_count() const override { return definition_.append_columns; }
  /// Delivers what is retained and published when it is called. The snapshot names table rows and
  /// plays no part. Row ids are the events' sequence numbers.
  std::unique_ptr<Scan> scan(Snapshot snapshot, std::span<const uint32_t> columns) override;

  // The appender -----------------------------------------------------------------------------

  /// Copies the rows in, all or none, and publishes them. Where they need a new block, what
  /// retention no longer keeps goes first: its memory is what the block gets.
  AppendOutcome append(const EventAppend& request);
  /// Takes away what retention no longer keeps and nobody pins. Cheap when there is nothing to do.
  void trim(int64_t now_us);

  // Consumers: any thread --------------------------------------------------------------------

  /// Registers a consumer at `seq`: what it has not read stays (until on_overflow says otherwise).
  /// Returns: its number, -1 when kEventCursorsMax are taken. Threads: the appender.
  int32_t add_cursor(int64_t seq);
  /// The consumer has dealt with everything before `seq`. Threads: the consumer.
  void move_cursor(int32_t cursor, int64_t seq);
  void remove_cursor(int32_t cursor);

  /// Reads events from `seq` on, at most `row_count_max` and within one block.
  /// Returns: false when there is none yet. Errors: none; memory for validity comes from `scratch`
  /// (false when its limit is met).
  bool read(int64_t seq, uint32_t row_count_max, std::span<const uint32_t> columns, Arena& scratch,
            EventBatch& out);

  int64_t first_seq() const { return first_seq_.load(std::memory_order_acquire); }
  int64_t next_seq() const { return next_seq_.load(std::memory_order_acquire); }
  size_t memory_bytes() const { return memory_bytes_.load(std::memory_order_relaxed); }
  uint64_t dropped_count() const { return dropped_.load(std::memory_order_relaxed); }
  /// The slowest consumer's position; next_seq() when there is none.
  int64_t slowest_cursor() const;

  uint32_t id() const { return definition_.id; }
  const EventTableDefinition& definition() const { return definition_; }
  uint32_t seq_column() const { return static_cast<uint32_t>(definition_.types.size()); }

 private:
  enum : uint32_t { kSeq, kAt, kRoot, kCause, kSystemColumns };

  AppendStatus make_way(uint32_t row_count);
  AppendStatus overflow(uint32_t row_count, int64_t first_seq_wanted);
  bool write_rows(const EventAppend& request, int64_t at_us);
  bool write_slice(EventBlock& block, const EventAppend& request, uint32_t from, uint32_t count,
                   int64_t seq, int64_t at_us);
  void take_back(uint64_t first_new, uint32_t old_rows);
  bool is_full(uint32_t row_count) const;
  bool needs_block() const;
  EventBlock* open_block(int64_t seq);
  int64_t retained_from(int64_t now_us);
  int64_t first_younger_than(int64_t cutoff_us);
  void forget_before(int64_t seq);
  void add_bytes(int64_t bytes);
  EventPin pin_block(int64_t& seq, uint64_t& number);
  class RetainedScan;

  EventTableDefinition definition_;
  std::vector<vector::PhysicalType> types_;
  uint32_t block_rows_;
  size_t block_heap_bytes_;
  EventRing ring_;
  int64_t last_at_ = 0;
  std::atomic<int64_t> first_seq_{1};
  alignas(kCacheLineBytes) std::atomic<int64_t> next_seq_{1};
  std::atomic<size_t> memory_bytes_{0};
  std::atomic<uint64_t> dropped_{0};
  std::unique_ptr<std::atomic<int64_t>[]> cursors_;
  uint32_t cursor_count_ = 0;  // cursors ever used
};

}  // namespace rowtine::table
