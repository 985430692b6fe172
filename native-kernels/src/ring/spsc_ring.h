// The 1 → 1 buffer: one thread writes, one thread reads, nobody waits for a lock. The other
// patterns (lanes, outside in) are made of it.
//
//   sequence   0 1 2 3 4 5 6 7 8 9 …             slot = sequence & (capacity - 1)
//                    ▲           ▲
//        consumer ───┘           └─── producer   consumer <= producer <= consumer + capacity
//        slots [consumer, producer) hold events: the consumer's
//        slots [producer, consumer + capacity) are free: the producer's
//
// | call               | who      | promise
// |--------------------|----------|---------------------------------------------------------------
// | try_claim, publish | producer | a slot is not visible before publish(); order is kept
// | peek, release      | consumer | a slot is not overwritten before release()
// | try_push, try_pop  | either   | the same for one event
// | empty, size        | any      | a look that may be old when it is read
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <span>
#include <utility>

#include "base/invariant.h"
#include "ring/cursor.h"
#include "ring/slots.h"

namespace rowtine::ring {

/// Threads: at any time at most one producer and one consumer; either role may move to another
/// thread through any hand-over that synchronises.
template <class Event, template <class> class Atomic = std::atomic>
class SpscRing {
 public:
  /// `capacity` is a power of two: the most events in the ring at a time.
  explicit SpscRing(uint32_t capacity) : slots_(capacity) {}

  uint64_t capacity() const { return slots_.capacity(); }

  // Producer --------------------------------------------------------------------------------------

  /// Returns up to `want` contiguous free slots to write to: fewer where the memory wraps around or
  /// the ring is nearly full, none when it is full. Claiming again without publish() returns the
  /// same slots.
  std::span<Event> try_claim(uint32_t want) {
    const Sequence next = producer_.position;
    return slots_.contiguous(next, std::min<uint64_t>(want, free_slots(next, want)));
  }

  /// Hands the first `count` claimed slots to the consumer.
  void publish(uint32_t count) {
    const Sequence end = producer_.position + count;
    invariant(end <= producer_.other_cached + capacity(), "only claimed slots are published");
    producer_.move_to(end);
  }

  /// Moves `event` into the ring. Returns: false when it is full; `event` is then untouched.
  template <class Source>
  bool try_push(Source&& event) {
    const Sequence next = producer_.position;
    if (free_slots(next, 1) == 0) return false;
    slots_[next] = std::forward<Source>(event);
    producer_.move_to(next + 1);
    return true;
  }

  // Consumer --------------------------------------------------------------------------------------

  /// Returns the oldest events, contiguous in memory; none when the ring is empty. They may be
  /// changed or moved from. A reader that releases all it got sees everything that is there in two
  /// calls: up to the end of the memory, then from its start.
  std::span<Event> peek() {
    const Sequence next = consumer_.position;
    // A look that reaches the end of the memory is enough: a new one could not add to the span.
    if (consumer_.other_cached < slots_.wrap_after(next)) consumer_.look_at(producer_);
    return slots_.contiguous(next, consumer_.other_cached - next);
  }

  /// Gives the `count` oldest slots back to the producer.
  void release(uint32_t count) {
    const Sequence end = consumer_.position + count;
    invariant(end <= consumer_.other_cached, "only seen slots are released");
    consumer_.move_to(end);
  }

  /// Moves the oldest event to `out`. Returns: false when the ring is empty; `out` is then
  /// untouched.
  bool try_pop(Event& out) {
    const Sequence next = consumer_.position;
    if (available(next) == 0) return false;
    out = std::move(slots_[next]);
    consumer_.move_to(next + 1);
    return true;
  }

  // Any thread ------------------------------------------------------------------------------------

  /// Events in the ring a moment ago; exact for a side while the other one rests.
  uint64_t size() const {
    // Acquire twice: pairs with move_to(). The consumer is read first, so that the difference is
    // never negative: the producer's position only grows in between.
    const Sequence consumed = consumer_.published.load(std::memory_order_acquire);
    return producer_.published.load(std::memory_order_acquire) - consumed;
  }

  bool empty() const { return size() == 0; }

  /// Events ever published: what a reader of many lanes sums to see whether anything has arrived.
  Sequence published() const {
    // Acquire: pairs with move_to() in publish().
    return producer_.published.load(std::memory_order_acquire);
  }

 private:
  // Free slots as far as the producer knows; looks again when fewer than `want`.
  uint64_t free_slots(Sequence next, uint64_t want) {
    const uint64_t known = capacity() - (next - producer_.other_cached);
    if (known >= want) [[likely]] return known;
    return capacity() - (next - producer_.look_at(consumer_));
  }

  // Unread events as far as the consumer knows; looks again when none.
  uint64_t available(Sequence next) {
    const uint64_t known = consumer_.other_cached - next;
    if (known != 0) [[likely]] return known;
    return consumer_.look_at(producer_) - next;
  }

  const Slots<Event> slots_;  // written once, then read by both: a line of its own
  Cursor<Atomic> producer_;
  Cursor<Atomic> consumer_;
};

}  // namespace rowtine::ring
