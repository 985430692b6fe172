// Build rows of a hash join as they come, column by column: a copy of each batch, cheap to take and
// cheap to read again in order. One object belongs to one member of a team.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/arena.h"
#include "vector/vector.h"

namespace rowtine::join {

using vector::PhysicalType;
using vector::Vector;

/// Up to kBatchRowsMax rows, no column constant.
struct StagedChunk {
  Vector* columns = nullptr;
  uint64_t* hashes = nullptr;  // of the keys; the table's, once it needs them
  uint32_t count = 0;
  uint32_t capacity = 0;
};

/// Threads: one owner until the team has met; then anybody reads.
class StagedRows {
 public:
  /// Starts empty; `types` outlives it. Chunks come from `memory`; copies of strings from `heap`.
  void open(std::span<const PhysicalType> types, Arena& memory, Arena& heap);

  /// Takes the rows named by `rows` (nullptr: 0..count-1). Strings of columns that are not `stable`
  /// are copied. Returns: false when an arena's limit is met.
  bool append(std::span<const Vector> columns, const uint32_t* rows, uint32_t count,
              const uint8_t* stable);

  std::span<StagedChunk> chunks() { return chunks_; }
  uint64_t count() const { return count_; }
  /// Was there a null in any column?
  bool has_nulls() const { return has_nulls_; }

 private:
  bool add_chunk(uint32_t rows_wanted);
  bool copy_into(StagedChunk& chunk, size_t column, const Vector& source, const uint32_t* rows,
                 uint32_t first, uint32_t count, bool stable);
  bool copy_nulls(Vector& target, uint32_t capacity, uint32_t at, const Vector& source,
                  const uint32_t* rows, uint32_t first, uint32_t count);
  bool own_strings(Vector& target, uint32_t at, uint32_t count);

  std::span<const PhysicalType> types_;
  std::vector<StagedChunk> chunks_;
  Arena* memory_ = nullptr;
  Arena* heap_ = nullptr;
  uint64_t count_ = 0;
  bool has_nulls_ = false;
};

}  // namespace rowtine::join
