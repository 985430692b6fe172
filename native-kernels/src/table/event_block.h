// The blocks of an event table and the ring that names them. Block objects live as long as the ring
// and are used again and again, so a reader may announce itself on one (a pin) before it knows
// whether the block is still the one it wanted.
//
//        freed          first                      next
//   ......|  unlinked,   |   linked: what readers   |......
//         |  pinned yet  |   find; last one is open |
//
// Memory goes back in order, so a pin on one block keeps all that follow as well.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/cache_line.h"
#include "table/event_heap.h"
#include "table/mapped_memory.h"
#include "vector/vector.h"

namespace rowtine::table {

/// Some consecutive events, column by column, and the bytes of their long strings.
/// Threads: one appender writes rows past the published ones; readers that hold a pin read those.
class EventBlock {
 public:
  /// Lays out `row_capacity` rows. Returns: false when memory is out. Appender, while unlinked.
  bool open(std::span<const vector::PhysicalType> types, uint32_t row_capacity, int64_t first_seq);
  /// Forgets the rows and gives the memory to `spare`, whose own is freed: the next open() finds
  /// pages that were touched already.
  struct Spare {
    MappedMemory memory;
    EventHeap heap;
  };
  void close(Spare& spare);
  void take(Spare& spare);

  int64_t first_seq() const { return first_seq_.load(std::memory_order_relaxed); }
  uint32_t row_count() const { return rows_.load(std::memory_order_acquire); }
  int64_t end_seq() const { return first_seq() + row_count(); }
  uint32_t free_rows() const { return row_capacity_ - rows_.load(std::memory_order_relaxed); }
  uint32_t row_capacity() const { return row_capacity_; }
  /// What its rows take, by use rather than by what is laid out.
  size_t bytes() const { return rows_.load(std::memory_order_relaxed) * row_bytes_ + heap_.used_bytes(); }
  size_t heap_bytes() const { return heap_.used_bytes(); }

  // Appender: fill rows past row_count(), then publish them (or not: nobody has seen them).

  /// Copies rows `from`.. of `source` behind the published ones, long strings into the block's
  /// heap. source.values == nullptr: nulls. Returns: false: no memory.
  bool write(uint32_t column, const vector::Vector& source, uint32_t from, uint32_t count);
  /// Numbers rows: first, first + 1, ...
  void write_numbers(uint32_t column, int64_t first, uint32_t count);
  void publish(uint32_t row_count) { rows_.store(row_count, std::memory_order_release); }

  // Readers. The count of those that are here, or looking whether they are right here.
  std::atomic<uint32_t>& pins() { return pins_; }

  // Readers with a pin, for published rows.

  /// A column's rows [row, row + count); validity is copied to `scratch` since its words change
  /// under the appender's hands. Returns: false when scratch memory is out.
  bool slice(uint32_t column, uint32_t row, uint32_t count, Arena& scratch,
             vector::Vector& out) const;
  int64_t number(uint32_t column, uint32_t row) const {
    return reinterpret_cast<const int64_t*>(memory_.data() + places_[column].values)[row];
  }

 private:
  struct Place {
    size_t values;
    size_t validity;
    vector::PhysicalType type;
  };
  std::atomic_ref<uint64_t> validity_word(uint32_t column, size_t word) const {
    auto* words = reinterpret_cast<uint64_t*>(memory_.data() + places_[column].validity);
    return std::atomic_ref<uint64_t>(words[word]);
  }
  /// Does the column's bitmap count? At the start of the block's memory, one byte per column.
  std::atomic_ref<uint8_t> nulls_flag(uint32_t column) const {
    return std::atomic_ref<uint8_t>(reinterpret_cast<uint8_t*>(memory_.data())[column]);
  }
  void set_validity(uint32_t column, uint32_t row, bool is_valid);
  void use_validity(uint32_t column);
  void write_nulls(uint32_t column, uint32_t row, uint32_t count);
  void write_validity(uint32_t column, uint32_t row, const vector::Vector& source, uint32_t from,
                      uint32_t count);
  bool write_strings(uint32_t column, uint32_t row, const vector::Vector& source, uint32_t from,
                     uint32_t count);

  std::atomic<uint32_t> pins_{0};
  std::atomic<uint32_t> rows_{0};
  std::atomic<int64_t> first_seq_{0};
  uint32_t row_capacity_ = 0;
  std::vector<Place> places_;
  MappedMemory memory_;
  EventHeap heap_;
  size_t row_bytes_ = 0;
};

/// Keeps a block and all later ones in memory while it lives. Threads: may be moved between them.
class EventPin {
 public:
  EventPin() = default;
  explicit EventPin(std::atomic<uint32_t>* pins) : pins_(pins) {}
  EventPin(EventPin&& other) noexcept : pins_(std::exchange(other.pins_, nullptr)) {}
  EventPin& operator=(EventPin&& other) noexcept {
    std::swap(pins_, other.pins_);
    return *this;
  }
  ~EventPin() { release(); }

  explicit operator bool() const { return pins_ != nullptr; }
  void release() {
    // Release: what was read under the pin comes before the appender's reuse of the block.
    if (pins_ != nullptr) std::exchange(pins_, nullptr)->fetch_sub(1, std::memory_order_release);
  }

 private:
  std::atomic<uint32_t>* pins_ = nullptr;
};

/// Numbers blocks from 0, monotonically; the slot of a number is `number & mask`.
class EventRing {
 public:
  /// `slot_count` is a power of two.
  explicit EventRing(uint32_t slot_count);

  uint64_t first() const { return first_.load(std::memory_order_seq_cst); }
  uint64_t next() const { return next_.load(std::memory_order_acquire); }

  // Appender.

  /// Opens the next block, unlinked; nullptr when all slots are in use or memory is out.
  EventBlock* claim(std::span<const vector::PhysicalType> types, uint32_t row_capacity,
                    int64_t first_seq);
  /// Links the claimed block: readers find it.
  void link() { next_.store(next_.load(std::memory_order_relaxed) + 1, std::memory_order_release); }
  /// Takes back blocks from `number` on that were linked and have no published row. Returns: bytes
  /// of rows that are gone.
  size_t unlink_from(uint64_t number);
  /// Hides the oldest block from readers.
  void unlink_first() { first_.store(first() + 1, std::memory_order_seq_cst); }
  /// Takes the memory of unlinked blocks back as far as nobody pins them.
  /// Returns: bytes of rows that are gone.
  size_t free_unpinned();
  /// Fewer than `block_count` slots are free.
  bool is_short_of(uint32_t block_count) const {
    return next_.load(std::memory_order_relaxed) - freed_ + block_count > mask_ + 1;
  }
  bool has_unlinked() const { return freed_ < first_.load(std::memory_order_relaxed); }

  // Any thread.

  /// The appender's for every number, a reader's for what it has pinned.
  EventBlock& operator[](uint64_t number) { return blocks_[number & mask_]; }
  const EventBlock& operator[](uint64_t number) const { return blocks_[number & mask_]; }
  /// Pins a block if it is still linked.
  EventPin pin(uint64_t number);
  /// The newest linked block that begins at or before `seq`. What it says is to be checked under a
  /// pin.
  uint64_t find(int64_t seq) const;

 private:
  std::unique_ptr<EventBlock[]> blocks_;
  uint64_t mask_;
  uint64_t freed_ = 0;
  EventBlock::Spare spare_;  // memory of the block freed last
  alignas(kCacheLineBytes) std::atomic<uint64_t> first_{0};
  alignas(kCacheLineBytes) std::atomic<uint64_t> next_{0};
};

}  // namespace rowtine::table
