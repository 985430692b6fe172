// Indexes that come to a table with rows. The writer fills one while readers go on; they hear of it
// when it is whole.
#include "table/table.h"

namespace rowtine::table {

SqlState Table::add_index(const IndexDefinition& index) {
  if (indexes_.size() == indexes_.capacity()) return kProgramLimitExceeded;
  if (!chunks_.add_index_links()) return kOutOfMemory;
  const auto number = static_cast<uint32_t>(indexes_.size());
  auto fresh = std::make_unique<HashIndex>(number, index.columns, index.unique, definition_.types,
                                           definition_.hash_seed, chunks_);
  if (const SqlState state = fill_index(*fresh); !state.ok()) {
    chunks_.remove_index_links();
    return state;
  }
  indexes_.push_back(std::move(fresh));
  places_.resize(indexes_.size());
  index_count_.store(number + 1, std::memory_order_release);
  account();
  return kSuccess;
}

/// Links every version that the other indexes have, or vacuum() would look for it in vain: the dead
/// before the living, so that a living one heads its chain, as check_keys() expects.
SqlState Table::fill_index(HashIndex& index) const {
  const uint32_t count = chunks_.count();
  std::vector<bool> is_out(count);
  for (const VersionId version : free_versions_) is_out[version] = true;
  for (const Unlinked& unlinked : unlinked_.items()) is_out[unlinked.version] = true;
  std::vector<Cell> cells(definition_.types.size());
  for (const bool living : {false, true}) {
    for (VersionId version = 0; version < count; ++version) {
      if (is_out[version] || chunks_.is_live(version) != living) continue;
      for (const uint32_t column : index.columns()) cells[column] = chunks_.cell(version, column);
      if (!index.make_room(cells, kNobodyReads)) return kOutOfMemory;
      const HashIndex::Place place = index.find(cells);
      const bool is_taken = place.head != kNoVersion && chunks_.is_live(place.head);
      if (index.is_unique() && living && is_taken) return kUniqueViolation;
      index.link(place, version);
    }
  }
  return kSuccess;
}

void Table::drop_index(uint32_t index) { indexes_[index]->allow_duplicates(); }

}  // namespace rowtine::table
