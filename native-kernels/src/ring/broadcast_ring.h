// The 1 → * buffer: one thread writes, every consumer reads every event, none is lost: the slowest
// consumer holds the producer back. (Overwriting what nobody has read yet would be faster and
// wrong.)
//
//   slot = sequence & (capacity - 1)
//        ▲              ▲        ▲           ▲
//   slowest consumer    others   others      producer      producer <= slowest + capacity
//        slots [slowest, producer) hold events; each consumer reads [its own position, producer)
//
// | call                 | who        | promise
// |----------------------|------------|-----------------------------------------------------------
// | try_claim, publish   | producer   | no slot is handed out that a consumer may still read
// | add_consumer         | producer   | the consumer sees every event from its first sequence on
// | peek, release        | consumer i | events in order, each once; not overwritten before release
// | leave                | consumer i | from here on it holds nobody back; its place is free again
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "base/invariant.h"
#include "ring/cursor.h"
#include "ring/slots.h"

namespace rowtine::ring {

/// Names a consumer's place; handed from the producer to the consumer's thread in a way that
/// synchronises, as threads being started or another ring do.
using ConsumerIndex = uint32_t;

inline constexpr ConsumerIndex kNoConsumer = UINT32_MAX;

/// Threads: one producer; one thread per consumer.
template <class Event, template <class> class Atomic = std::atomic>
class BroadcastRing {
 public:
  /// `capacity` is a power of two. With no consumers at all the producer is never held back.
  BroadcastRing(uint32_t capacity, uint32_t consumer_count_max)
      : slots_(capacity),
        consumer_memory_(std::make_unique<Cursor<Atomic>[]>(consumer_count_max)),
        consumers_(consumer_memory_.get(), consumer_count_max) {
    for (Cursor<Atomic>& consumer : consumers_) {
      // Relaxed: nobody else has the ring yet.
      consumer.published.store(kAbsent, std::memory_order_relaxed);
    }
  }

  uint64_t capacity() const { return slots_.capacity(); }

  // Producer --------------------------------------------------------------------------------------

  /// The sequence the next published event will have.
  Sequence next_sequence() const { return producer_.position; }

  /// The oldest sequence a new consumer may start from: older events are overwritten already.
  Sequence oldest_sequence() const {
    return next_sequence() - std::min<Sequence>(next_sequence(), capacity());
  }

  /// Makes place for a consumer that starts at `first`, between oldest_sequence() and
  /// next_sequence(). Not between try_claim() and publish(). Returns: kNoConsumer when every place
  /// is taken.
  ConsumerIndex add_consumer(Sequence first) {
    invariant(first >= oldest_sequence(), "the consumer's first event is still there");
    invariant(first <= next_sequence(), "a consumer starts in the past or now");
    for (ConsumerIndex i = 0; i < consumers_.size(); ++i) {
      // Acquire: pairs with leave(): its owner is done with the place and with every slot.
      if (consumers_[i].published.load(std::memory_order_acquire) != kAbsent) continue;
      consumers_[i].position = consumers_[i].other_cached = first;
      // Relaxed: the producer itself reads it in look_at_slowest(); the consumer's thread gets the
      // place by a hand-over that synchronises.
      consumers_[i].published.store(first, std::memory_order_relaxed);
      producer_.other_cached = std::min(producer_.other_cached, first);
      return i;
    }
    return kNoConsumer;
  }

  /// Returns up to `want` contiguous free slots: fewer where the memory wraps around or the slowest
  /// consumer is near, none when it is a whole ring behind.
  std::span<Event> try_claim(uint32_t want) {
    const Sequence next = producer_.position;
    return slots_.contiguous(next, std::min<uint64_t>(want, free_slots(next, want)));
  }

  /// Shows the first `count` claimed slots to all consumers.
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

  /// Returns the oldest events `consumer` has not released, contiguous in memory; none when it has
  /// seen all.
  std::span<const Event> peek(ConsumerIndex consumer) {
    Cursor<Atomic>& own = consumers_[consumer];
    const Sequence next = own.position;
    // A look that reaches the end of the memory is enough: a new one could not add to the span.
    if (own.other_cached < slots_.wrap_after(next)) own.look_at(producer_);
    return slots_.contiguous(next, own.other_cached - next);
  }

  /// Allows the `count` oldest events seen by `consumer` to be overwritten, as far as it is
  /// concerned.
  void release(ConsumerIndex consumer, uint32_t count) {
    Cursor<Atomic>& own = consumers_[consumer];
    const Sequence end = own.position + count;
    invariant(end <= own.other_cached, "only seen slots are released");
    own.move_to(end);
  }

  /// Ends `consumer`; its index means nothing afterwards.
  void leave(ConsumerIndex consumer) {
    // Release: pairs with look_at_slowest() and add_consumer(): its reads of slots happen before
    // they are overwritten.
    consumers_[consumer].published.store(kAbsent, std::memory_order_release);
  }

 private:
  // The position of a place without a consumer: later than every sequence, so it never is the
  // slowest.
  static constexpr Sequence kAbsent = UINT64_MAX;

  // Free slots as far as the producer knows; looks again when fewer than `want`.
  uint64_t free_slots(Sequence next, uint64_t want) {
    const uint64_t known = capacity() - (next - producer_.other_cached);
    if (known >= want) [[likely]] return known;
    return capacity() - (next - look_at_slowest(next));
  }

  Sequence look_at_slowest(Sequence next) {
    Sequence slowest = next;  // when there is no consumer at all
    for (const Cursor<Atomic>& consumer : consumers_) {
      // Acquire: pairs with move_to() in release() and with leave().
      slowest = std::min(slowest, consumer.published.load(std::memory_order_acquire));
    }
    producer_.other_cached = slowest;
    return slowest;
  }

  const Slots<Event> slots_;
  const std::unique_ptr<Cursor<Atomic>[]> consumer_memory_;
  const std::span<Cursor<Atomic>> consumers_;
  Cursor<Atomic> producer_;  // other_cached: the slowest consumer when last looked at
};

}  // namespace rowtine::ring
