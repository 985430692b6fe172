#include "table/batch_relation.h"

#include <algorithm>

#include "base/bits.h"
#include "base/invariant.h"

namespace rowtine::table {

using vector::StringView;
using vector::Vector;

class BatchRelation::BatchScan final : public Scan {
 public:
  BatchScan(const BatchRelation& relation, std::span<const uint32_t> columns, uint64_t first,
            uint64_t last)
      : relation_(relation), columns_(columns.begin(), columns.end()), next_(first), end_(last) {
    const auto after = std::ranges::upper_bound(relation.starts_, first);
    batch_ = static_cast<size_t>(std::max<ptrdiff_t>(after - relation.starts_.begin() - 1, 0));
  }

  Result<uint32_t> next(Arena& scratch, uint32_t rows_max, std::span<Vector> columns,
                        RowId* row_ids) override {
    if (next_ >= end_) return uint32_t{0};
    while (relation_.starts_[batch_ + 1] <= next_) ++batch_;
    const uint64_t start = relation_.starts_[batch_];
    const uint64_t stop = std::min(relation_.starts_[batch_ + 1], end_);
    const auto count = static_cast<uint32_t>(std::min<uint64_t>(rows_max, stop - next_));
    const auto row = static_cast<uint32_t>(next_ - start);
    for (size_t i = 0; i < columns_.size(); ++i) {
      const Vector& whole = relation_.batches_[batch_][columns_[i]];
      invariant(whole.values != nullptr, "a column that is read was filled");
      if (!slice(whole, row, count, scratch, columns[i])) return kOutOfMemory;
    }
    if (row_ids != nullptr) std::fill_n(row_ids, count, RowId{-1});
    next_ += count;
    return count;
  }

 private:
  static bool slice(const Vector& whole, uint32_t row, uint32_t count, Arena& scratch, Vector& out) {
    auto* values = whole.as<uint8_t>() + size_t{row} * vector::width_of(whole.type);
    out = {whole.type, false, const_cast<uint8_t*>(values), nullptr};
    if (whole.validity == nullptr) return true;
    if (row % 64 == 0) {
      out.validity = whole.validity + row / 64;
      return true;
    }
    const size_t words = bitmap_words(count);
    out.validity = static_cast<uint64_t*>(
        scratch.allocate(words * sizeof(uint64_t) + vector::kPaddingBytes, 64));
    if (out.validity == nullptr) return false;
    // Bitmaps have words to spare, so the word after the last may be read.
    const uint64_t* from = whole.validity + row / 64;
    for (size_t i = 0; i < words; ++i) {
      out.validity[i] = from[i] >> (row % 64) | from[i + 1] << (64 - row % 64);
    }
    return true;
  }

  const BatchRelation& relation_;
  std::vector<uint32_t> columns_;
  uint64_t next_;
  uint64_t end_;
  size_t batch_;
};

std::unique_ptr<Scan> BatchRelation::scan(Snapshot snapshot, std::span<const uint32_t> columns) {
  return scan_range(snapshot, columns, 0, row_count());
}

std::unique_ptr<Scan> BatchRelation::scan_range(Snapshot, std::span<const uint32_t> columns,
                                                uint64_t first, uint64_t last) {
  return std::make_unique<BatchScan>(*this, columns, first, last);
}

void BatchRelation::add(std::vector<Vector> columns, uint32_t row_count) {
  invariant(columns.size() == types_.size(), "a batch has all columns of its relation");
  for (size_t i = 0; i < columns.size(); ++i) {
    invariant(columns[i].values == nullptr || columns[i].type == types_[i],
              "a batch's columns have the relation's types");
    invariant(!columns[i].constant, "a batch's columns are dense");
  }
  if (row_count == 0) return;
  if (starts_.empty()) starts_.push_back(0);
  starts_.push_back(starts_.back() + row_count);
  batches_.push_back(std::move(columns));
}

bool own_strings(StringView* views, uint32_t count, Arena& memory) {
  for (uint32_t i = 0; i < count; ++i) {
    if (views[i].is_inline()) continue;
    auto* bytes = static_cast<char*>(memory.allocate(views[i].size, 1));
    if (bytes == nullptr) return false;
    std::memcpy(bytes, views[i].pointer, views[i].size);
    views[i].pointer = bytes;
  }
  return true;
}

}  // namespace rowtine::table
