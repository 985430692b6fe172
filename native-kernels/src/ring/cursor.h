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

/// What one side of a ring owns. The other side reads `published` and nothing else, so the owner's
/// working copies stay in its own cache: it stores into the shared line and never waits to read it.
/// Looking at the other side only when the last look is used up keeps that side's line from
/// bouncing on every event (Rigtorp's SPSCQueue notes, "Implementation").
///
///   | published ......................... |   read by the other side, written by the owner
///   | position  other_cached ............ |   the owner's alone
template <template <class> class Atomic>
struct Cursor {
  alignas(kCacheLineBytes) Atomic<Sequence> published{0};
  alignas(kCacheLineBytes) Sequence position = 0;  // always equal to `published`
  Sequence other_cached = 0;                       // the other side's `published` at the last look

  /// Owner only. Moves on by `count` and lets the other side see it.
  void advance(Sequence count) {
    position += count;
    // Release: pairs with the acquire load in look_at() on the other side. One writer per cursor,
    // so a plain store does; no read-modify-write.
    published.store(position, std::memory_order_release);
  }

  /// Owner only. Refreshes the copy of the other side's position.
  Sequence look_at(const Cursor& other) {
    // Acquire: pairs with the release store in advance(): what the other side did to the slots
    // before it happens before what we do to them now.
    other_cached = other.published.load(std::memory_order_acquire);
    return other_cached;
  }
};

static_assert(sizeof(Cursor<std::atomic>) == 2 * kCacheLineBytes, "cursors must not share lines");
static_assert(std::atomic<Sequence>::is_always_lock_free);

}  // namespace rowtine::ring
