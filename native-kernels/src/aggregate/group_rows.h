// The rows of one thread's groups. A few lie one after the other, in the order they came; of many,
// each goes to the pages of its partition, so that threads can later join partition by partition
// and every one lies together.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/arena.h"
#include "join/packed_rows.h"

namespace rowtine::aggregate {

inline constexpr uint32_t kPartitionBits = 8;
inline constexpr uint32_t kPartitions = 1U << kPartitionBits;

/// Bits of the hash that neither choose an entry nor tell entries apart.
inline uint32_t partition_of(uint64_t hash) { return (hash >> 40) & (kPartitions - 1); }

/// Threads: one owner. Rows never move.
class GroupRows {
 public:
  /// Rows that stay in order before the rest is partitioned: about what a cache holds.
  static constexpr uint64_t kOrderedRowsMax = 4096;

  /// Starts empty. `partitioned`: with many rows; otherwise all stay in order.
  void open(uint32_t row_bytes, bool partitioned, Arena& arena);

  /// Makes a row of zeros for a key of this hash. Returns: nullptr when a limit is met.
  uint8_t* add(uint64_t hash);

  uint64_t count() const { return ordered_.count() + partitioned_count_; }

  /// The rows that are in order.
  const join::PackedRows& ordered() const { return ordered_; }

  /// Rows of one partition besides those, `row_bytes` apart.
  struct Page {
    uint8_t* rows;
    uint32_t count;
  };
  std::span<const Page> pages(uint32_t partition) const {
    return pages_.empty() ? std::span<const Page>{} : std::span<const Page>(pages_[partition]);
  }

  template <class Visit>
  void for_each(Visit&& visit) const {
    for (uint64_t i = 0; i < ordered_.count(); ++i) visit(ordered_.row(i));
    for (const auto& partition : pages_) {
      for (const Page& page : partition) {
        for (uint32_t i = 0; i < page.count; ++i) visit(page.rows + size_t{i} * row_bytes_);
      }
    }
  }

 private:
  uint8_t* add_to(std::vector<Page>& partition);

  Arena* arena_ = nullptr;
  uint32_t row_bytes_ = 0;
  uint32_t page_rows_ = 0;
  bool partitioned_ = false;
  uint64_t partitioned_count_ = 0;
  join::PackedRows ordered_;
  std::vector<std::vector<Page>> pages_;
};

}  // namespace rowtine::aggregate
