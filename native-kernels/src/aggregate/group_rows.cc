#include "aggregate/group_rows.h"

#include <algorithm>
#include <cstring>

namespace rowtine::aggregate {
namespace {

constexpr uint32_t kPageBytes = 8 * 1024;

}  // namespace

void GroupRows::open(uint32_t row_bytes, bool partitioned, Arena& arena) {
  arena_ = &arena;
  row_bytes_ = row_bytes;
  page_rows_ = std::max(1U, kPageBytes / row_bytes);
  partitioned_ = partitioned;
  partitioned_count_ = 0;
  ordered_.open(row_bytes, arena);
  pages_.clear();
}

uint8_t* GroupRows::add(uint64_t hash) {
  if (!partitioned_ || ordered_.count() < kOrderedRowsMax) {
    uint8_t* row = nullptr;
    return ordered_.extend(1, &row) ? row : nullptr;
  }
  if (pages_.empty()) pages_.resize(kPartitions);
  return add_to(pages_[partition_of(hash)]);
}

uint8_t* GroupRows::add_to(std::vector<Page>& partition) {
  if (partition.empty() || partition.back().count == page_rows_) {
    auto* memory = static_cast<uint8_t*>(arena_->allocate(size_t{page_rows_} * row_bytes_, 64));
    if (memory == nullptr) return nullptr;
    partition.push_back({memory, 0});
  }
  Page& page = partition.back();
  uint8_t* row = page.rows + size_t{page.count++} * row_bytes_;
  std::memset(row, 0, row_bytes_);
  ++partitioned_count_;
  return row;
}

}  // namespace rowtine::aggregate
