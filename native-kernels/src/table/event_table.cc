// How events come in and go: appending, overflow, retention. event_read.cc has the readers' side.
#include "table/event_table.h"

#include <algorithm>

#include "base/invariant.h"

namespace rowtine::table {
namespace {

using vector::PhysicalType;

/// Slots of a ring. Blocks are sized so that what may be retained or pinned takes half of them.
constexpr uint32_t kBlockCountMax = 512;
constexpr uint64_t kBlockRowsMin = 1024;
constexpr uint64_t kBlockRowsMax = 64 * 1024;
constexpr uint64_t kBlockBytesMin = 64 * 1024;
constexpr uint64_t kBlockBytesMax = 16ULL << 20;
constexpr int64_t kNoCursor = INT64_MAX;

/// Bytes at which a block is full: large enough to be few, small enough that retention by bytes is
/// exact to one part in 64.
uint64_t block_bytes(const EventTableDefinition& definition) {
  const uint64_t kept =
      definition.retain_bytes != 0 ? definition.retain_bytes : kRetainBytesDefault;
  return std::clamp(kept / 64, kBlockBytesMin, kBlockBytesMax);
}

uint32_t block_rows(const EventTableDefinition& definition) {
  uint64_t row_bytes = 4 * sizeof(int64_t);
  for (const PhysicalType type : definition.types) row_bytes += vector::width_of(type);
  const uint64_t by_bytes = block_bytes(definition) / row_bytes;
  const uint64_t by_rows =
      std::max(definition.capacity_rows, definition.retain_rows) / (kBlockCountMax / 2);
  return static_cast<uint32_t>(
      std::clamp(std::max(by_bytes, by_rows), kBlockRowsMin, kBlockRowsMax));
}

vector::Vector constant_of(const int64_t* value) {
  return {PhysicalType::Int64, true, const_cast<int64_t*>(value), nullptr};
}

}  // namespace

EventTable::EventTable(EventTableDefinition definition)
    : definition_(std::move(definition)),
      types_(definition_.types),
      block_rows_(block_rows(definition_)),
      block_heap_bytes_(block_bytes(definition_)),
      ring_(kBlockCountMax),
      cursors_(std::make_unique<std::atomic<int64_t>[]>(kEventCursorsMax)) {
  types_.insert(types_.end(), kSystemColumns, PhysicalType::Int64);
  if (definition_.bytes_max == 0) {
    definition_.bytes_max = block_bytes(definition_) * (kBlockCountMax / 2);
  }
  // Retention is a wish, bytes_max a limit; half of it is for what is pinned beyond retention.
  const uint64_t keep_max = definition_.bytes_max / 2;
  if (definition_.retain_bytes == 0 || definition_.retain_bytes > keep_max) {
    definition_.retain_bytes = keep_max;
  }
  definition_.retain_rows = std::min<uint64_t>(definition_.retain_rows, INT64_MAX);
  definition_.capacity_rows = std::min<uint64_t>(definition_.capacity_rows, INT64_MAX / 2);
  for (uint32_t i = 0; i < kEventCursorsMax; ++i) cursors_[i].store(kNoCursor);
}

// Appending --------------------------------------------------------------------------------------

AppendOutcome EventTable::append(const EventAppend& request) {
  invariant(request.columns.size() == definition_.types.size(), "an append gives every column");
  const int64_t seq = next_seq_.load(std::memory_order_relaxed);
  if (request.row_count == 0) return {AppendStatus::Appended, seq};
  if (const AppendStatus status = make_way(request.row_count); status != AppendStatus::Appended) {
    return {status, seq};
  }
  const int64_t at_us = std::max(last_at_, request.at_us);
  if (needs_block()) trim(at_us);
  if (!write_rows(request, at_us)) return {AppendStatus::OutOfMemory, seq};
  last_at_ = at_us;
  // Release: pairs with every reader's look at next_seq().
  next_seq_.store(seq + request.row_count, std::memory_order_release);
  return {AppendStatus::Appended, seq};
}

/// Writes all rows past the published ones, or takes back what it wrote.
bool EventTable::write_rows(const EventAppend& request, int64_t at_us) {
  const uint64_t first_new = ring_.next();
  const uint32_t old_rows = ring_.first() < first_new ? ring_[first_new - 1].row_count() : 0;
  const int64_t first_seq = next_seq_.load(std::memory_order_relaxed);
  for (uint32_t done = 0; done < request.row_count;) {
    EventBlock* block = open_block(first_seq + done);
    uint32_t count = 0;
    if (block != nullptr) {
      count = std::min(block->free_rows(), request.row_count - done);
      const auto bytes_before = static_cast<int64_t>(block->bytes());
      const bool ok = write_slice(*block, request, done, count, first_seq + done, at_us);
      if (ok) block->publish(block->row_count() + count);
      add_bytes(static_cast<int64_t>(block->bytes()) - bytes_before);
      done += count;
      if (ok) continue;
    }
    take_back(first_new, old_rows);
    return false;
  }
  return true;
}

/// Forgets blocks from `first_new` on and rows after the first `old_rows` of the one before.
void EventTable::take_back(uint64_t first_new, uint32_t old_rows) {
  add_bytes(-static_cast<int64_t>(ring_.unlink_from(first_new)));
  if (ring_.first() == first_new) return;
  EventBlock& tail = ring_[first_new - 1];
  const auto bytes_before = static_cast<int64_t>(tail.bytes());
  tail.publish(old_rows);
  add_bytes(static_cast<int64_t>(tail.bytes()) - bytes_before);
}

/// Is there no block that takes another row?
bool EventTable::needs_block() const {
  if (ring_.first() == ring_.next()) return true;
  const EventBlock& tail = ring_[ring_.next() - 1];
  return tail.free_rows() == 0 || tail.heap_bytes() >= block_heap_bytes_;
}

/// The block that the next row goes to: the open one, or a new one when that is full.
EventBlock* EventTable::open_block(int64_t seq) {
  if (!needs_block()) return &ring_[ring_.next() - 1];
  EventBlock* block = ring_.claim(types_, block_rows_, seq);
  if (block != nullptr) ring_.link();
  return block;
}

bool EventTable::write_slice(EventBlock& block, const EventAppend& request, uint32_t from,
                             uint32_t count, int64_t seq, int64_t at_us) {
  const auto columns = static_cast<uint32_t>(definition_.types.size());
  for (uint32_t column = 0; column < columns; ++column) {
    if (!block.write(column, request.columns[column], from, count)) return false;
  }
  block.write_numbers(columns + kSeq, seq, count);
  block.write(columns + kAt, constant_of(&at_us), 0, count);
  if (request.root.values != nullptr) {
    block.write(columns + kRoot, request.root, from, count);
  } else {
    block.write_numbers(columns + kRoot, seq, count);
  }
  return block.write(columns + kCause, request.cause, from, count);
}

void EventTable::add_bytes(int64_t bytes) {
  memory_bytes_.store(memory_bytes_.load(std::memory_order_relaxed) + static_cast<size_t>(bytes),
                      std::memory_order_relaxed);
}

// Overflow ---------------------------------------------------------------------------------------

/// Sees to it that the rows may come in, by the policy where a limit is met.
AppendStatus EventTable::make_way(uint32_t row_count) {
  const int64_t next = next_seq_.load(std::memory_order_relaxed);
  const int64_t oldest_allowed = next + row_count - static_cast<int64_t>(definition_.capacity_rows);
  if (cursor_count_ > 0 && slowest_cursor() < oldest_allowed) {
    return overflow(row_count, oldest_allowed);
  }
  if (!is_full(row_count)) return AppendStatus::Appended;
  trim(last_at_);
  if (!is_full(row_count)) return AppendStatus::Appended;
  // What nobody waits for gives way before its time.
  forget_before(std::min(slowest_cursor(), first_seq() + (next - first_seq() + 1) / 2));
  if (!is_full(row_count)) return AppendStatus::Appended;
  // Half of what is kept: the next rows find room as well.
  return overflow(row_count, first_seq() + (next - first_seq() + 1) / 2);
}

bool EventTable::is_full(uint32_t row_count) const {
  return memory_bytes() >= definition_.bytes_max || ring_.is_short_of(2 + row_count / block_rows_);
}

AppendStatus EventTable::overflow(uint32_t row_count, int64_t first_seq_wanted) {
  switch (definition_.on_overflow) {
    case OnOverflow::Block: return AppendStatus::Blocked;
    case OnOverflow::Error: return AppendStatus::Refused;
    case OnOverflow::Disconnect: return AppendStatus::Disconnected;
    case OnOverflow::DropNew: break;
    case OnOverflow::DropOldest: {
      const int64_t wanted = std::min(first_seq_wanted, next_seq_.load(std::memory_order_relaxed));
      const int64_t unread = std::max<int64_t>(0, wanted - std::max(slowest_cursor(), first_seq()));
      dropped_.fetch_add(static_cast<uint64_t>(unread), std::memory_order_relaxed);
      forget_before(wanted);
      if (!is_full(row_count)) return AppendStatus::Appended;
    }
  }
  dropped_.fetch_add(row_count, std::memory_order_relaxed);
  return AppendStatus::DroppedNew;
}

// Retention --------------------------------------------------------------------------------------

void EventTable::trim(int64_t now_us) {
  const int64_t from = retained_from(now_us);
  if (from > first_seq_.load(std::memory_order_relaxed) || ring_.has_unlinked())
    forget_before(from);
}

/// Hides what lies before `seq` and frees the blocks that nobody pins.
void EventTable::forget_before(int64_t seq) {
  // Before the blocks go: a reader that finds its block gone finds the reason in first_seq().
  first_seq_.store(std::max(seq, first_seq()), std::memory_order_release);
  while (ring_.first() < ring_.next() && ring_[ring_.first()].end_seq() <= seq) {
    ring_.unlink_first();
  }
  add_bytes(-static_cast<int64_t>(ring_.free_unpinned()));
}

/// The first event that some rule still keeps, or that a consumer has not read.
int64_t EventTable::retained_from(int64_t now_us) {
  const int64_t next = next_seq_.load(std::memory_order_relaxed);
  int64_t from = first_seq_.load(std::memory_order_relaxed);
  if (definition_.retain_rows != 0) {
    from = std::max(from, next - static_cast<int64_t>(definition_.retain_rows));
  }
  if (definition_.retain_us != 0) {
    from = std::max(from, first_younger_than(now_us - definition_.retain_us));
  }
  if (definition_.retain_bytes != 0 && memory_bytes() > definition_.retain_bytes) {
    size_t bytes = 0;
    uint64_t at = ring_.next();
    while (at > ring_.first() && bytes <= definition_.retain_bytes) bytes += ring_[--at].bytes();
    if (bytes > definition_.retain_bytes) from = std::max(from, ring_[at].end_seq());
  }
  return std::min(from, slowest_cursor());
}

int64_t EventTable::first_younger_than(int64_t cutoff_us) {
  const uint32_t at_column = seq_column() + kAt;
  int64_t seq = first_seq_.load(std::memory_order_relaxed);
  for (uint64_t at = ring_.first(); at < ring_.next(); ++at) {
    EventBlock& block = ring_[at];
    const uint32_t rows = block.row_count();
    if (rows == 0 || block.number(at_column, rows - 1) < cutoff_us) {
      seq = block.end_seq();
      continue;
    }
    uint32_t low = 0;
    for (uint32_t high = rows - 1; low < high;) {
      const uint32_t middle = low + (high - low) / 2;
      if (block.number(at_column, middle) < cutoff_us) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return block.first_seq() + low;
  }
  return seq;
}

}  // namespace rowtine::table
