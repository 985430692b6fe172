// Which part of a table's rows lies in a range: zones say it of blocks that lie wholly within or
// outside, a few rows of those that lie across the range's ends.
#include <algorithm>

#include "table/table.h"

namespace rowtine::table {
namespace {

constexpr uint32_t kBlocksSampled = 256;
constexpr uint32_t kRowsPerBlock = 4;

double width_of(const ValueRange& range) {
  return static_cast<double>(range.high) - static_cast<double>(range.low) + 1;
}

/// As if the zone's values lay evenly in it.
double overlap_of(const ValueRange& zone, const ValueRange& range) {
  const ValueRange both{std::max(zone.low, range.low), std::min(zone.high, range.high)};
  return both.is_empty() ? 0 : std::min(1.0, width_of(both) / width_of(zone));
}

}  // namespace

/// What the zone alone says counts as much as one row that was looked at: of a range that is hardly
/// ever met, no row may be among those.
double Table::share_in_block(Snapshot snapshot, VersionId first, uint32_t column,
                             const ValueRange& range) const {
  const ValueRange zone = chunks_.zone_range(first, column);
  if (zone.is_empty() || !zone.meets(range)) return 0;
  double share = overlap_of(zone, range), rows = 1;
  const bool is_within = range.low <= zone.low && zone.high <= range.high;
  const uint32_t count = std::min(kBlockRows, chunks_.count() - first);
  for (uint32_t i = 0; i < kRowsPerBlock && !is_within; ++i) {
    const VersionId version = first + static_cast<uint32_t>(uint64_t{count} * i / kRowsPerBlock);
    if (!chunks_.is_visible(version, snapshot.sequence)) continue;
    const Cell cell = chunks_.cell(version, column);
    rows += 1;
    if (cell == nullptr) continue;
    const int64_t rank = rank_of(definition_.types[column], cell);
    share += range.low <= rank && rank <= range.high ? 1 : 0;
  }
  return share / rows;
}

double Table::share_within(Snapshot snapshot, uint32_t column, const ValueRange& range) const {
  const uint32_t blocks = (chunks_.count() + kBlockRows - 1) / kBlockRows;
  if (blocks == 0) return 0;
  const uint32_t sampled = std::min(blocks, kBlocksSampled);
  double share = 0;
  for (uint32_t i = 0; i < sampled; ++i) {
    const auto block = static_cast<uint32_t>(uint64_t{blocks} * i / sampled);
    share += share_in_block(snapshot, block * kBlockRows, column, range);
  }
  return share / sampled;
}

}  // namespace rowtine::table
