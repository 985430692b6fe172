// Drops rows of a sort that cannot be among the first rows of their group, as they come: what a
// filter by row_number() or rank() would drop in the end.
#pragma once

#include <cstdint>
#include <span>

#include "base/arena.h"
#include "sort/sort_key.h"

namespace rowtine::sort {

/// Rows that agree in the first `key_count` sort keys are a group, of which the first `row_count`
/// rows are wanted; no limit while `row_count` is 0.
struct GroupLimitSpec {
  uint32_t key_count = 0, row_count = 0;
  /// Equal rows need not be kept beyond row_count (row_number(), not rank()).
  bool drops_ties = false;

  /// Tells whether these sort keys can be limited so: groups are told apart by few bytes.
  static bool is_possible(const KeyLayout& layout, uint32_t key_count, uint32_t row_count);
};

inline constexpr uint32_t kGroupRowsMax = 64;
inline constexpr uint32_t kGroupKeyBytesMax = 32;

/// One thread's groups and the least order keys of each, by their first eight bytes. Gives up, and
/// drops nothing, where that saves little or groups are too many for it to be worth the memory.
/// Threads: one owner.
class GroupLimit {
 public:
  void open(const GroupLimitSpec& spec, const KeyLayout& layout, Arena& arena);

  /// Keeps those of the `count` rows in `selected` that may be wanted. `keys`: normalised, with
  /// eight readable bytes behind the last. Returns: how many.
  uint32_t select(const uint8_t* keys, uint32_t* selected, uint32_t count, Arena& scratch);

 private:
  uint32_t select_some(const uint8_t* keys, std::span<const uint32_t> rows, uint64_t* groups,
                       uint32_t* out);
  bool notes(const uint64_t* group, uint64_t hash, const uint8_t* key);
  bool grow();
  uint64_t* find(const uint64_t* group, uint64_t hash);
  bool takes(uint64_t* entry, uint64_t order) const;
  bool takes_among_many(uint64_t* entry, uint64_t order) const;
  void read(const uint8_t* key, uint64_t* group) const;
  uint64_t order_of(const uint8_t* key) const;

  GroupLimitSpec spec_;
  Arena* arena_ = nullptr;
  uint32_t key_bytes_ = 0;    // of a whole normalised key
  uint32_t group_bytes_ = 0;  // of it
  uint32_t group_words_ = 0;
  uint32_t entry_words_ = 0;  // rows kept, the group, its order keys from the greatest
  uint64_t* entries_ = nullptr;
  uint64_t mask_ = 0;
  uint64_t group_count_ = 0;
  uint64_t seen_ = 0, kept_ = 0;
  bool is_active_ = false;
};

}  // namespace rowtine::sort
