// One thread's groups: finds or makes the row of each key of a batch. Keys are compared as images
// (key_image.h); integers in a narrow range find their group by themselves, without a hash table.
#pragma once

#include <cstdint>
#include <span>

#include "aggregate/direct_groups.h"
#include "aggregate/group_rows.h"
#include "aggregate/key_image.h"
#include "base/arena.h"

namespace rowtine::aggregate {

/// Open addressing over salted pointers, at most half full.
/// Threads: one owner.
class LocalGroups {
 public:
  /// Starts empty. With `partitioned`, a key may after many others get a second row: joining the
  /// threads' groups puts both together. Without, rows are in the order in which keys came.
  void open(const join::PackedLayout& layout, bool partitioned, uint64_t seed, Arena& run);

  /// Writes the address of each key's row to `rows`. Strings of new keys not in `stable` are
  /// copied. Returns: false when a limit is met.
  bool find_or_insert(std::span<const Vector> keys, uint32_t count, const uint8_t* stable,
                      Arena& scratch, uint8_t** rows);

  const GroupRows& rows() const { return rows_; }
  const ImageLayout& image() const { return image_; }

 private:
  /// Keys of a batch, or those of its rows that are looked for.
  struct Lookup {
    uint64_t* images = nullptr;
    uint64_t* hashes = nullptr;
    uint8_t** rows = nullptr;    // out
    uint32_t* misses = nullptr;  // out: positions not settled at first sight
    const uint8_t* stable = nullptr;
    uint32_t count = 0;
    bool has_long = false;  // strings
  };
  bool write_images(std::span<const Vector> keys, const uint32_t* selected, uint32_t count,
                    const uint8_t* stable, Arena& scratch, Lookup& out) const;
  bool look_up(std::span<const Vector> keys, const uint32_t* selected, uint32_t count,
               const uint8_t* stable, Arena& scratch, Lookup& out);
  bool find_by_number(std::span<const Vector> keys, uint32_t count, const uint8_t* stable,
                      Arena& scratch, uint8_t** rows);
  bool find_plain(std::span<const Vector> keys, const uint64_t* words, uint32_t count,
                  const uint8_t* stable, Arena& scratch, uint8_t** rows);
  bool settle_selected(std::span<const Vector> keys, const uint32_t* selected, uint32_t count,
                       const uint8_t* stable, Arena& scratch, uint8_t** rows);
  template <uint32_t kSkipped, uint32_t kWords>
  uint32_t match(const uint64_t* keys, const Lookup& lookup) const;
  uint32_t match_all(const Lookup& lookup) const;
  bool settle(const Lookup& lookup, uint32_t position);
  uint8_t* make_row(const Lookup& lookup, uint32_t position);
  bool grow();
  bool resize(uint64_t entry_count);
  bool start_over();
  void place(uint8_t* row, uint64_t hash);

  static constexpr uint64_t kPointerMask = (1ULL << 48) - 1;
  static uint64_t entry_of(const uint8_t* row, uint64_t hash) {
    return (reinterpret_cast<uintptr_t>(row) & kPointerMask) | (hash & ~kPointerMask);
  }
  static uint8_t* row_of(uint64_t entry) {
    return reinterpret_cast<uint8_t*>(entry & kPointerMask);
  }

  ImageLayout image_;
  Arena* run_ = nullptr;
  GroupRows rows_;
  DirectGroups direct_;
  uint64_t seed_ = 0;
  uint64_t* entries_ = nullptr;  // none while groups are found by their number
  uint64_t mask_ = 0;
  uint64_t entry_count_ = 0;  // in use
  uint64_t row_count_ = 0;    // batch rows since the entries were empty
  bool partitioned_ = false;
  bool spills_ = false;  // most keys are new: entries are emptied instead of growing
};

}  // namespace rowtine::aggregate
