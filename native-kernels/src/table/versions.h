// The sequences at which a chunk's versions begin and end, and the keys of their rows. Most blocks
// hold rows that one statement wrote one after the other and nobody changed since: for those it is
// noted once, and the 24 bytes of each version stay untouched, which halves what a large insert
// writes.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "table/chunk_layout.h"
#include "table/sequence.h"

namespace rowtine::table {

/// `chunk` is where the summaries lie, zeroed at first; `row` a version's place in it. A block is even
/// until the writer spells it out: all its versions began at one sequence, and none ended.
/// Threads: as chunk.h says. A version is spelled out before it differs, by sequences that come
/// after the snapshot of every reader that could still take the block for an even one.
class Versions {
 public:
  /// Bytes of a version that is spelled out.
  static constexpr size_t kBytes = 2 * sizeof(Sequence) + sizeof(int64_t);

  /// What a chunk's versions take when all are spelled out. It lies apart from the chunk: pages of
  /// 2 MiB are touched whole.
  static constexpr size_t kChunkBytes = kChunkRows * kBytes;

  /// Takes its places in the layout of a chunk.
  void lay_out(size_t& at);
  /// Says where a new chunk's versions are spelled out: kChunkBytes, aligned to a cache line.
  void attach(std::byte* chunk, std::byte* spelled) const {
    std::memcpy(chunk + spelled_, &spelled, sizeof spelled);
  }

  /// `end` is read first: a version slot is given to another row by setting `begin` and then `end`,
  /// so whoever sees the new end sees the new begin as well.
  bool is_visible(std::byte* chunk, uint32_t row, Sequence snapshot) const {
    if (is_even(chunk, row)) return first_begin(chunk, row) <= snapshot;
    if (ends(chunk, row).load(std::memory_order_acquire) <= snapshot) return false;
    return begins(chunk, row).load(std::memory_order_relaxed) <= snapshot;
  }
  Sequence begin_of(std::byte* chunk, uint32_t row) const {
    if (is_even(chunk, row)) return first_begin(chunk, row);
    return begins(chunk, row).load(std::memory_order_relaxed);
  }
  Sequence end_of(std::byte* chunk, uint32_t row) const {
    return is_even(chunk, row) ? kNever : ends(chunk, row).load(std::memory_order_relaxed);
  }
  /// Every version of the row's block begun by `snapshot` and none ended.
  bool is_plain(std::byte* chunk, uint32_t row, Sequence snapshot) const {
    // Pairs with the release in end() and begin_again(), as is_visible() with theirs.
    if (ended_counts(chunk, row).load(std::memory_order_acquire) != 0) return false;
    return newest_begins(chunk, row).load(std::memory_order_relaxed) <= snapshot;
  }
  int64_t key(std::byte* chunk, uint32_t row) const {
    if (is_counted(chunk, row)) return counted_key(chunk, row);
    return keys(chunk)[row];
  }
  /// Asks memory for what decides about a version.
  void prefetch(std::byte* chunk, uint32_t row) const {
    if (!is_even(chunk, row)) __builtin_prefetch(spelled(chunk) + row * 2 * sizeof(Sequence));
  }

  // By the writer; `begun` is how many versions of the chunk have begun ----------------------------

  /// Begins `count` versions behind those there are.
  void begin(std::byte* chunk, uint32_t row, uint32_t count, Sequence at);
  /// Begins a version that was cleared, for another row.
  void begin_again(std::byte* chunk, uint32_t row, Sequence at);
  /// Ends a live version, or makes an ended one live again.
  void end(std::byte* chunk, uint32_t row, Sequence at, uint32_t begun);
  void revive(std::byte* chunk, uint32_t row);
  /// Makes a version invisible to everybody: taken back, or free.
  void clear(std::byte* chunk, uint32_t row, uint32_t begun);

  /// Gives `count` versions behind those there are the keys from `first` on.
  void set_keys(std::byte* chunk, uint32_t row, uint32_t count, int64_t first);
  /// Gives a version that was cleared the key of another row.
  void set_key_again(std::byte* chunk, uint32_t row, int64_t key, uint32_t begun);

 private:
  template <class T>
  static std::atomic_ref<T> reference(std::byte* base, size_t offset, size_t index) {
    return std::atomic_ref<T>(reinterpret_cast<T*>(base + offset)[index]);
  }
  std::byte* spelled(std::byte* chunk) const {
    std::byte* memory;
    std::memcpy(&memory, chunk + spelled_, sizeof memory);
    return memory;
  }
  // Side by side: whoever looks at one of them needs the other.
  std::atomic_ref<Sequence> begins(std::byte* chunk, uint32_t row) const {
    return reference<Sequence>(spelled(chunk), 0, 2 * row);
  }
  std::atomic_ref<Sequence> ends(std::byte* chunk, uint32_t row) const {
    return reference<Sequence>(spelled(chunk), 0, 2 * row + 1);
  }
  int64_t* keys(std::byte* chunk) const {
    return reinterpret_cast<int64_t*>(spelled(chunk) + 2 * kChunkRows * sizeof(Sequence));
  }

  // Of the row's block:
  std::atomic_ref<uint32_t> ended_counts(std::byte* chunk, uint32_t row) const {
    return reference<uint32_t>(chunk, ended_counts_, row / kBlockRows);
  }
  std::atomic_ref<Sequence> newest_begins(std::byte* chunk, uint32_t row) const {
    return reference<Sequence>(chunk, newest_begins_, row / kBlockRows);
  }
  /// Never changes once the block has a version.
  Sequence& first_begin(std::byte* chunk, uint32_t row) const {
    return reinterpret_cast<Sequence*>(chunk + first_begins_)[row / kBlockRows];
  }
  int64_t& first_key(std::byte* chunk, uint32_t row) const {
    return reinterpret_cast<int64_t*>(chunk + first_keys_)[row / kBlockRows];
  }
  int64_t counted_key(std::byte* chunk, uint32_t row) const {
    return static_cast<int64_t>(static_cast<uint64_t>(first_key(chunk, row)) + row % kBlockRows);
  }
  std::atomic_ref<uint8_t> spelled_times(std::byte* chunk, uint32_t row) const {
    return reference<uint8_t>(chunk, spelled_times_, row / kBlockRows);
  }
  std::atomic_ref<uint8_t> spelled_keys(std::byte* chunk, uint32_t row) const {
    return reference<uint8_t>(chunk, spelled_keys_, row / kBlockRows);
  }
  /// Acquire: who sees that a block is spelled out sees what of it.
  bool is_even(std::byte* chunk, uint32_t row) const {
    return spelled_times(chunk, row).load(std::memory_order_acquire) == 0;
  }
  bool is_counted(std::byte* chunk, uint32_t row) const {
    return spelled_keys(chunk, row).load(std::memory_order_acquire) == 0;
  }

  void begin_in_block(std::byte* chunk, uint32_t row, uint32_t count, Sequence at);
  void spell_times(std::byte* chunk, uint32_t row, uint32_t begun);
  void set_keys_in_block(std::byte* chunk, uint32_t row, uint32_t count, int64_t first);
  void spell_keys(std::byte* chunk, uint32_t row, uint32_t begun);
  void count_ended(std::byte* chunk, uint32_t row, int32_t by);

  size_t spelled_ = 0, spelled_times_ = 0, spelled_keys_ = 0;
  size_t ended_counts_ = 0, first_begins_ = 0, newest_begins_ = 0, first_keys_ = 0;
};

}  // namespace rowtine::table
