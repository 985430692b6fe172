// A position in a sequence-numbered buffer, laid out for one writer: what others may look at stands
// on one cache line, what only the owner needs on another.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/cache_line.h"

namespace rowtine::ring {

/// Counts events since the ring was made; never wraps (2^64 at 1e9/s is 584 years).
/// The slot of a sequence is `sequence & mask`.
using Sequence = uint64_t;

/// What one side of a ring owns: the position it publishes, and its last look at the other side's.
/// Looking again only when the last look is used up keeps the other side's line from bouncing on
/// every event (Rigtorp's SPSCQueue notes, "Implementation"). The owner keeps a copy of its own
/// position too: a reader that polls takes the published line away, and reading it back first made
/// a message take 100 ns instead of 70 (ring_latency_bench, near).
///
///   | published ......................... |   written by the owner, read by the other side
///   | position  other_cached ............ |   the owner's alone
template <template <class> class Atomic>
struct Cursor {
  alignas(kCacheLineBytes) Atomic<Sequence> published{0};
  alignas(kCacheLineBytes) Sequence position = 0;  // always equal to `published`
  Sequence other_cached = 0;

  /// Owner only. Moves on to `next` and lets the other side see it.
  void move_to(Sequence next) {
    position = next;
    // Release: pairs with the acquire load in look_at() on the other side. One writer per cursor,
    // so a plain store does; no read-modify-write.
    published.store(next, std::memory_order_release);
  }

  /// Owner only. Refreshes the copy of the other side's position.
  Sequence look_at(const Cursor& other) {
    // Acquire: pairs with the release store in move_to(): what the other side did to the slots
    // before it happens before what we do to them now.
    other_cached = other.published.load(std::memory_order_acquire);
    return other_cached;
  }
};

static_assert(sizeof(Cursor<std::atomic>) == 2 * kCacheLineBytes, "cursors must not share lines");
static_assert(std::atomic<Sequence>::is_always_lock_free);

}  // namespace rowtine::ring
