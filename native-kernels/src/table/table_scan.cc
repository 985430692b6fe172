#include "table/table_scan.h"

#include <algorithm>

namespace rowtine::table {

TableScan::TableScan(const ChunkStore& chunks, std::span<const vector::PhysicalType> types,
                     Snapshot snapshot, std::span<const uint32_t> columns, VersionId first,
                     VersionId last)
    : chunks_(chunks),
      columns_(columns.begin(), columns.end()),
      snapshot_(snapshot.sequence),
      next_(first),
      end_(last) {
  for (const uint32_t column : columns) types_.push_back(types[column]);
}

/// The end of the block that next_ lies in, never past the end of the scan.
VersionId TableScan::block_end() const {
  return std::min<VersionId>(end_, (next_ / kBlockRows + 1) * kBlockRows);
}

/// Does the block hold nothing that the scan is to deliver?
bool TableScan::is_excluded(VersionId version) const {
  return std::ranges::any_of(ranges_, [&](const ColumnRange& each) {
    return !chunks_.may_hold(version, each.column, each.range);
  });
}

void TableScan::skip_excluded() {
  if (ranges_.empty()) return;
  while (next_ < end_ && is_excluded(next_)) {
    skipped_ += block_end() - next_;
    next_ = block_end();
  }
}

/// Versions from next_ on that lie in plain blocks of one chunk: delivered as they are.
uint32_t TableScan::plain_run(uint32_t rows_max) const {
  const VersionId chunk_end = std::min<VersionId>(end_, (next_ / kChunkRows + 1) * kChunkRows);
  const VersionId stop = std::min<VersionId>(chunk_end, next_ + rows_max);
  VersionId at = next_;
  while (at < stop && chunks_.is_plain(at, snapshot_) && (at == next_ || !is_excluded(at))) {
    at = (at / kBlockRows + 1) * kBlockRows;
  }
  return std::min(at, stop) - next_;
}

/// Collects visible rows of one chunk, up to a plain block, which is cheaper to deliver whole.
/// Returns: rows collected in selected_; next_ has moved past them.
uint32_t TableScan::select(uint32_t rows_max) {
  selected_.resize(rows_max);
  uint32_t count = 0;
  const VersionId chunk_end = std::min<VersionId>(end_, (next_ / kChunkRows + 1) * kChunkRows);
  do {
    for (const VersionId stop = block_end(); next_ < stop && count < rows_max; ++next_) {
      selected_[count] = next_ % kChunkRows;
      count += chunks_.is_visible(next_, snapshot_);
    }
  } while (next_ < chunk_end && count < rows_max && !chunks_.is_plain(next_, snapshot_) &&
           !is_excluded(next_));
  return count;
}

Result<uint32_t> TableScan::next(Arena& scratch, uint32_t rows_max,
                                 std::span<vector::Vector> columns, RowId* row_ids) {
  for (skip_excluded(); next_ < end_; skip_excluded()) {
    const VersionId start = next_;
    if (const uint32_t run = plain_run(rows_max); run > 0) {
      next_ += run;
      for (uint32_t i = 0; row_ids != nullptr && i < run; ++i) row_ids[i] = start + i;
      if (!slice(start, run, scratch, columns)) return kOutOfMemory;
      return run;
    }
    const uint32_t count = select(rows_max);
    if (count == 0) continue;
    const VersionId base = start / kChunkRows * kChunkRows;
    for (uint32_t i = 0; row_ids != nullptr && i < count; ++i) row_ids[i] = base + selected_[i];
    const bool is_dense = selected_[count - 1] - selected_[0] + 1 == count;
    const bool ok = is_dense ? slice(base + selected_[0], count, scratch, columns)
                             : gather(count, scratch, columns);
    if (!ok) return kOutOfMemory;
    return count;
  }
  return uint32_t{0};
}

bool TableScan::slice(VersionId first, uint32_t count, Arena& scratch,
                      std::span<vector::Vector> out) const {
  std::byte* chunk = chunks_.chunk_of(first);
  const uint32_t row = first % kChunkRows;
  for (size_t i = 0; i < columns_.size(); ++i) {
    const size_t width = vector::width_of(types_[i]);
    out[i] = {types_[i], false, chunks_.values(chunk, columns_[i]) + row * width, nullptr};
    if (!chunks_.has_nulls(chunk, columns_[i])) continue;
    // Copied: other bits of the same words change while this scan goes on.
    const size_t words = bitmap_words(count);
    auto* validity = static_cast<uint64_t*>(
        scratch.allocate(words * sizeof(uint64_t) + vector::kPaddingBytes, 64));
    if (validity == nullptr) return false;
    for (uint32_t word = 0; word < words; ++word) {
      const uint32_t from = row + word * 64;
      uint64_t bits = chunks_.validity_word(chunk, columns_[i], from / 64) >> (from % 64);
      if (from % 64 != 0 && from / 64 + 1 < kChunkRows / 64) {
        bits |= chunks_.validity_word(chunk, columns_[i], from / 64 + 1) << (64 - from % 64);
      }
      validity[word] = bits;
    }
    out[i].validity = validity;
  }
  return true;
}

bool TableScan::gather(uint32_t count, Arena& scratch, std::span<vector::Vector> out) const {
  std::byte* chunk = chunks_.chunk_of(next_ - 1);  // select() stayed in this chunk
  for (size_t i = 0; i < columns_.size(); ++i) {
    const vector::Vector whole{types_[i], false, chunks_.values(chunk, columns_[i]), nullptr};
    if (!vector::gather(scratch, whole, selected_.data(), count, out[i])) return false;
    if (!chunks_.has_nulls(chunk, columns_[i])) continue;
    const size_t words = bitmap_words(count);
    out[i].validity = static_cast<uint64_t*>(
        scratch.allocate(words * sizeof(uint64_t) + vector::kPaddingBytes, 64));
    if (out[i].validity == nullptr) return false;
    std::fill_n(out[i].validity, words, 0);
    for (uint32_t k = 0; k < count; ++k) {
      const uint32_t row = selected_[k];
      const uint64_t word = chunks_.validity_word(chunk, columns_[i], row / 64);
      out[i].validity[k / 64] |= (word >> (row % 64) & 1) << (k % 64);
    }
  }
  return true;
}

}  // namespace rowtine::table
