// The clock of changes and the readers' hold on it: what a snapshot sees, and what the writer may
// take back. One writer (the sequencer) takes and publishes sequences; any thread reads.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "base/cache_line.h"
#include "base/invariant.h"
#include "table/relation.h"

namespace rowtine::table {

/// Greater than every sequence: the `end` of a live version.
inline constexpr Sequence kNever = UINT64_MAX;

/// Threads: take/publish/latest belong to the writer; published() is for all.
class SequenceClock {
 public:
  /// The next sequence, not published yet.
  Sequence take() { return ++latest_; }
  Sequence latest() const { return latest_; }

  /// Makes everything up to `sequence` visible to readers that look from now on. Sequentially
  /// consistent, because SnapshotRegistry pairs it with a store of its own (see hold()).
  void publish(Sequence sequence) { published_.store(sequence, std::memory_order_seq_cst); }

  /// Pairs with publish(): what was written before it is seen.
  Sequence published() const { return published_.load(std::memory_order_seq_cst); }

  /// Publishes a sequence without changes, so that what waits for later snapshots goes on. Does
  /// nothing inside a transaction, whose changes it would show.
  void tick() {
    if (latest_ == published_.load(std::memory_order_relaxed)) publish(take());
  }

 private:
  Sequence latest_ = 0;
  alignas(kCacheLineBytes) std::atomic<Sequence> published_{0};
};

/// Who reads at which sequence: one slot per concurrent run. What a version needs to outlive is
/// `horizon()`, the oldest snapshot in use.
class SnapshotRegistry {
 public:
  SnapshotRegistry(const SequenceClock& clock, uint32_t slot_count)
      : clock_(clock), slots_(std::make_unique<Slot[]>(slot_count)), slot_count_(slot_count) {}

  /// Starts reading the newest published state. The slot belongs to one thread and is free.
  Snapshot hold(uint32_t slot) {
    invariant(slot < slot_count_, "a snapshot slot is one of the registry's");
    std::atomic<Sequence>& held = slots_[slot].held;
    Sequence sequence = clock_.published();
    // Announce, then look again: either horizon() sees the announcement, or this loop sees what was
    // published before horizon() looked. Both sides need sequential consistency for that.
    for (;;) {
      held.store(sequence, std::memory_order_seq_cst);
      const Sequence newest = clock_.published();
      if (newest == sequence) return {sequence};
      sequence = newest;
    }
  }

  /// Ends reading: release, so that the writer's reuse of memory comes after every read.
  void release(uint32_t slot) { slots_[slot].held.store(kNever, std::memory_order_release); }

  /// The oldest snapshot that some reader has or may still get. Threads: any.
  Sequence horizon() const {
    Sequence oldest = clock_.published();
    for (uint32_t i = 0; i < slot_count_; ++i) {
      const Sequence held = slots_[i].held.load(std::memory_order_seq_cst);
      if (held < oldest) oldest = held;
    }
    return oldest;
  }

 private:
  struct alignas(kCacheLineBytes) Slot {
    std::atomic<Sequence> held{kNever};
  };
  const SequenceClock& clock_;
  std::unique_ptr<Slot[]> slots_;
  uint32_t slot_count_;
};

}  // namespace rowtine::table
