// Finds the exchange of an unanswered request by the request's ordinal: open addressing, one owner.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/invariant.h"

namespace rowtine::reactor {

class RequestTable {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  RequestTable() : cells_(kCellsMin) {}

  size_t size() const { return size_; }

  /// `ordinal` is not 0 and not in the table.
  void insert(uint64_t ordinal, uint32_t exchange) {
    if (2 * (size_ + 1) > cells_.size()) rehash(2 * cells_.size());
    place({ordinal, exchange});
    ++size_;
  }

  /// Returns: kNone when nobody waits for `ordinal`.
  uint32_t find(uint64_t ordinal) const {
    if (ordinal == 0) return kNone;
    for (size_t at = home(ordinal);; at = next(at)) {
      if (cells_[at].ordinal == ordinal) return cells_[at].exchange;
      if (cells_[at].ordinal == 0) return kNone;
    }
  }

  /// Closes the gap by moving followers back, so that there are no tombstones.
  void erase(uint64_t ordinal) {
    size_t gap = home(ordinal);
    while (cells_[gap].ordinal != ordinal) {
      invariant(cells_[gap].ordinal != 0, "only a request that waits is erased");
      gap = next(gap);
    }
    for (size_t at = next(gap); cells_[at].ordinal != 0; at = next(at)) {
      const size_t wanted = home(cells_[at].ordinal);
      const bool stays = gap < at ? gap < wanted && wanted <= at : gap < wanted || wanted <= at;
      if (stays) continue;
      cells_[gap] = cells_[at];
      gap = at;
    }
    cells_[gap] = {};
    --size_;
  }

 private:
  static constexpr size_t kCellsMin = 1024;

  struct Cell {
    uint64_t ordinal = 0;  // 0: empty
    uint32_t exchange = 0;
  };

  /// Ordinals are consecutive: unscattered they would form one long run, slow to erase from.
  size_t home(uint64_t ordinal) const {
    return (ordinal * 0x9e3779b97f4a7c15ULL) >> (64 - std::countr_zero(cells_.size()));
  }
  size_t next(size_t at) const { return (at + 1) & (cells_.size() - 1); }
  void place(const Cell& cell) {
    size_t at = home(cell.ordinal);
    while (cells_[at].ordinal != 0) at = next(at);
    cells_[at] = cell;
  }
  void rehash(size_t count) {
    std::vector<Cell> old(count);
    old.swap(cells_);
    for (const Cell& cell : old) {
      if (cell.ordinal != 0) place(cell);
    }
  }

  std::vector<Cell> cells_;
  size_t size_ = 0;
};

}  // namespace rowtine::reactor
