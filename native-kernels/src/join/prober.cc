#include "join/prober.h"

#include <algorithm>
#include <cstring>

#include "hash/hash_columns.h"

namespace rowtine::join {

bool Prober::open(Arena& arena) {
  selected_ = arena.allocate_array<uint32_t>(vector::kBatchRowsMax);
  if (selected_ == nullptr || !note_nulls(arena)) return false;
  return table_.has_slots() || open_runs(arena);
}

bool Prober::note_nulls(Arena& arena) {
  for (const Vector& key : keys_) {
    if (key.validity == nullptr) continue;
    if (null_keys_ == nullptr) {
      null_keys_ = arena.allocate_array<uint8_t>(count_);
      if (null_keys_ == nullptr) return false;
      std::memset(null_keys_, 0, count_);
    }
    for (uint32_t row = 0; row < count_; ++row) {
      if (key.is_null(row)) null_keys_[row] = 1;
    }
  }
  return true;
}

bool Prober::open_runs(Arena& arena) {
  hashes_ = arena.allocate_array<uint64_t>(count_);
  runs_.begin = arena.allocate_array<uint32_t>(count_);
  runs_.end = arena.allocate_array<uint32_t>(count_);
  if (hashes_ == nullptr || runs_.begin == nullptr || runs_.end == nullptr) return false;
  if (table_.runs().has_hashes()) hash::hash_columns(keys_, count_, hashes_, table_.seed());
  table_.runs().find_runs(keys_[0], hashes_, count_, null_keys_, runs_);
  return true;
}

uint32_t Prober::next(const uint8_t* done, const Candidates& out) {
  if (table_.has_slots()) {
    // One pair a row at most: the first round is the only one, and nothing is done before it.
    cursor_.row = count_;
    return table_.slots().find(keys_[0], count_, null_keys_, out);
  }
  const uint32_t found =
      table_.runs().candidates(keys_, hashes_, runs_, count_, done, cursor_, out);
  return table_.runs().is_exact() ? found : keep_equal(NullRule::NeverEqual, out, found);
}

void Prober::restart_with_unknown() {
  cursor_ = {};
  place_started_ = false;
}

uint32_t Prober::next_unknown(const uint8_t* done, const Candidates& out) {
  uint32_t found = 0;
  for (; cursor_.row < count_; ++cursor_.row, place_started_ = false) {
    if (done[cursor_.row] != 0) continue;
    if (!place_started_) {
      const bool is_null = null_keys_ != nullptr && null_keys_[cursor_.row] != 0;
      place_ = is_null ? 0 : table_.keyed_places();
      place_started_ = true;
    }
    while (place_ < table_.place_count()) {
      const uint64_t room = out.capacity - found;
      if (room == 0) return keep_equal(NullRule::MaybeEqual, out, found);
      const auto taken =
          static_cast<uint32_t>(std::min<uint64_t>(room, table_.place_count() - place_));
      const uint32_t rows = table_.rows_at(place_, taken, false, out.packed_rows + found);
      std::fill_n(out.batch_rows + found, rows, cursor_.row);
      found += rows;
      place_ += taken;
    }
  }
  return keep_equal(NullRule::MaybeEqual, out, found);
}

uint32_t Prober::keep_equal(NullRule nulls, const Candidates& pairs, uint32_t count) {
  for (uint32_t i = 0; i < count; ++i) selected_[i] = i;
  uint32_t kept = count, rejected = 0;
  for (uint32_t column = 0; column < keys_.size(); ++column) {
    kept = match_column(table_.layout(), column, keys_[column], pairs.batch_rows, pairs.packed_rows,
                        nulls, selected_, kept, nullptr, rejected);
  }
  if (kept == count) return kept;
  for (uint32_t i = 0; i < kept; ++i) {
    pairs.batch_rows[i] = pairs.batch_rows[selected_[i]];
    pairs.packed_rows[i] = pairs.packed_rows[selected_[i]];
  }
  return kept;
}

}  // namespace rowtine::join
