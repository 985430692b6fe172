// A table's columns in chunks of 64 K versions, each version with the sequences it begins and ends
// at. One writer fills them; readers on other threads look at versions that their snapshot sees.
//
// What readers may touch: begin, end, next and validity words are accessed atomically by everybody,
// since readers meet them while they change. Values, the row key and `previous` are plain: they are
// written before the version is published and then only after no reader can see it (Table::vacuum).
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/bits.h"
#include "table/chunk_layout.h"
#include "table/key.h"
#include "table/mapped_memory.h"
#include "table/sequence.h"
#include "table/transaction.h"
#include "table/versions.h"
#include "table/zone.h"
#include "vector/vector.h"

namespace rowtine::table {

/// 65,534 chunks: 4.29e9 versions, all that a VersionId can name.
inline constexpr uint32_t kChunksMax = (1U << (32 - kChunkRowBits)) - 2;

/// Indexes that a table may get after it was made.
inline constexpr uint32_t kAddedIndexesMax = 32;

/// Threads: as the file says; functions marked "writer" belong to the one writer.
class ChunkStore {
 public:
  ChunkStore(std::span<const vector::PhysicalType> types, uint32_t index_count);

  /// Versions in use, counted from 0. Acquire: pairs with begin_versions().
  uint32_t count() const { return count_.load(std::memory_order_acquire); }
  size_t row_bytes() const { return row_bytes_; }

  /// Makes room for version count(). Returns: false when memory or numbers are out. Writer.
  bool make_room();

  std::byte* chunk_of(VersionId version) const {
    return reference<std::byte*>(directory_.data(), 0, version >> kChunkRowBits)
        .load(std::memory_order_acquire);
  }

  // Versions -----------------------------------------------------------------------------------

  bool is_visible(VersionId version, Sequence snapshot) const {
    return versions_.is_visible(chunk_of(version), version % kChunkRows, snapshot);
  }
  /// The newest state of its row, committed or not. Writer.
  bool is_live(VersionId version) const { return end_of(version) == kNever; }
  Sequence begin_of(VersionId version) const {
    return versions_.begin_of(chunk_of(version), version % kChunkRows);
  }
  Sequence end_of(VersionId version) const {
    return versions_.end_of(chunk_of(version), version % kChunkRows);
  }
  /// Every version of the block begun by `snapshot` and none ended: to be asked for versions below
  /// a count() that was read before.
  bool is_plain(VersionId first, Sequence snapshot) const {
    return versions_.is_plain(chunk_of(first), first % kChunkRows, snapshot);
  }
  int64_t row_key(VersionId version) const {
    return versions_.key(chunk_of(version), version % kChunkRows);
  }

  /// Starts `count` versions of one chunk from count() on, whose cells are written and whose rows
  /// have the keys from `first_key` on, and shows them to scans. Writer.
  void begin_versions(uint32_t count, int64_t first_key, Sequence at);
  /// Starts a version that was cleared, of another row. Writer.
  void begin_again(VersionId version, int64_t key, Sequence at);
  /// Ends a live version, or makes an ended one live again. Writer.
  void end_version(VersionId version, Sequence at);
  void revive_version(VersionId version);
  /// Makes a version invisible to everybody: taken back, or free. Writer.
  void clear_version(VersionId version);

  // Cells --------------------------------------------------------------------------------------

  std::byte* values(std::byte* chunk, uint32_t column) const {
    return chunk + columns_[column].values;
  }
  /// The value, whether or not it is null.
  std::byte* value(VersionId version, uint32_t column) const {
    return chunk_of(version) + columns_[column].values +
           version % kChunkRows * columns_[column].width;
  }
  /// Acquire: pairs with set_cell(), so that the bitmap is there.
  bool has_nulls(std::byte* chunk, uint32_t column) const {
    return reference<uint8_t>(chunk, 0, column).load(std::memory_order_acquire) != 0;
  }
  uint64_t validity_word(std::byte* chunk, uint32_t column, uint32_t word) const {
    return reference<uint64_t>(chunk, columns_[column].validity, word)
        .load(std::memory_order_relaxed);
  }
  bool is_null(VersionId version, uint32_t column) const {
    std::byte* chunk = chunk_of(version);
    const uint32_t row = version % kChunkRows;
    return has_nulls(chunk, column) &&
           (validity_word(chunk, column, row / 64) >> (row % 64) & 1) == 0;
  }
  Cell cell(VersionId version, uint32_t column) const {
    return is_null(version, column) ? nullptr : value(version, column);
  }
  /// Copies one value in; nullptr makes it null (the value zero). Writer, before the version
  /// begins.
  void set_cell(VersionId version, uint32_t column, Cell cell);

  /// Copies the cells of `count` new versions of one chunk in: `values` and `validity` (bit
  /// `first_bit` is the first; nullptr: all are valid) lie one after the other. Writer.
  void set_cells(VersionId first, uint32_t count, uint32_t column, const void* values,
                 const uint64_t* validity, uint32_t first_bit);

  /// Could the block of `version` hold a value of the column that lies in `range`? A null does not.
  /// Columns without ranks may hold any.
  bool may_hold(VersionId version, uint32_t column, const ValueRange& range) const {
    return columns_[column].zone == kNoZone || zone_of(version, column).range().meets(range);
  }
  /// The block's zone of a column with ranks: the values that any version in it had ever.
  ValueRange zone_range(VersionId version, uint32_t column) const {
    return zone_of(version, column).range();
  }

  // Chains of versions with equal keys, one pair of links per index ------------------------------

  /// Makes a pair of links for one index more, zero for every version there is and will be.
  /// Returns: false when memory is out, or kAddedIndexesMax are there. Writer.
  bool add_index_links();
  /// Takes back what add_index_links() made last, which no reader has heard of. Writer.
  void remove_index_links();

  std::atomic_ref<uint32_t> next(VersionId version, uint32_t index) const {
    return link(version, 2 * index);
  }
  std::atomic_ref<uint32_t> previous(VersionId version, uint32_t index) const {
    return link(version, 2 * index + 1);
  }

  /// Asks memory for what decides about a version: when it lived, and the value to compare.
  void prefetch(VersionId version, uint32_t column, bool with_value) const {
    std::byte* chunk = chunk_of(version);
    const uint32_t row = version % kChunkRows;
    versions_.prefetch(chunk, row);
    if (!with_value) return;
    __builtin_prefetch(chunk + columns_[column].values + row * columns_[column].width);
  }

 private:
  struct Column {
    size_t values;
    size_t validity;
    uint32_t width;
    uint32_t zone;  // its number in a block's zones; kNoZone: the type has no ranks
    vector::PhysicalType type;
  };
  static constexpr uint32_t kNoZone = UINT32_MAX;

  // Those of one block side by side: a row that is written touches a few lines.
  Zone& zone_of(VersionId version, uint32_t column) const {
    const uint32_t block = version % kChunkRows / kBlockRows;
    auto* zones = reinterpret_cast<Zone*>(chunk_of(version) + zones_);
    return zones[size_t{block} * zone_count_ + columns_[column].zone];
  }
  void widen_zones(VersionId first, uint32_t count, uint32_t column, const void* values,
                   const uint64_t* validity, uint32_t first_bit);
  template <class T>
  static std::atomic_ref<T> reference(std::byte* base, size_t offset, size_t index) {
    return std::atomic_ref<T>(reinterpret_cast<T*>(base + offset)[index]);
  }
  std::atomic_ref<uint32_t> link(VersionId version, uint32_t number) const {
    std::byte* base = nullptr;
    size_t offset = 0;
    if (number < link_count_) [[likely]] {
      base = chunk_of(version);
      offset = links_ + size_t{number} * kChunkRows * sizeof(uint32_t);
    } else {
      const uint32_t added = number - link_count_;
      std::byte* directory = added_links_[added / 2].directory.data();
      base = reference<std::byte*>(directory, 0, version >> kChunkRowBits)
                 .load(std::memory_order_acquire);
      offset = added % 2 * kChunkRows * sizeof(uint32_t);
    }
    return reference<uint32_t>(base, offset, version % kChunkRows);
  }
  uint32_t begun_in_chunk(VersionId version) const;
  void start_bitmap(std::byte* chunk, uint32_t column);

  /// Links of an index that was made after the table: per chunk an array of its own.
  struct AddedLinks {
    MappedMemory directory;  // of addresses, never moved
    std::vector<MappedMemory> chunks;
  };
  static bool add_chunk(AddedLinks& links);
  std::byte* next_chunk();

  std::vector<AddedLinks> added_links_;  // never moved: readers look up theirs
  uint32_t link_count_ = 0;              // of those inside of the chunks
  std::vector<Column> columns_;
  Versions versions_;
  size_t links_ = 0, zones_ = 0;
  uint32_t zone_count_ = 0;  // of a block
  size_t chunk_bytes_ = 0;
  size_t row_bytes_ = 0;
  MappedMemory directory_;  // of chunk addresses, never moved
  std::vector<MappedMemory> memory_;  // the first chunk, then kMappedChunks at a time
  uint32_t chunk_count_ = 0;
  std::atomic<uint32_t> count_{0};
};

}  // namespace rowtine::table
