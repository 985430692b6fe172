#include "join/hash_table.h"

#include <algorithm>
#include <cstring>

#include "base/invariant.h"
#include "vector/dispatch.h"

namespace rowtine::join {
namespace {

// Keys looked at before a large build tries whether they are unique.
constexpr uint64_t kSampleRows = 16 * 1024;
constexpr uint64_t kSampledShare = 16;  // at most one row of so many

bool has_null_key(std::span<const Vector> keys, uint32_t row) {
  for (const Vector& key : keys) {
    if (key.is_null(row)) return true;
  }
  return false;
}

void add_keys(const Vector& keys, uint32_t count, std::vector<int64_t>& out) {
  vector::with_type(keys.type, [&](auto tag) {
    using T = typename decltype(tag)::Type;
    if constexpr (std::is_integral_v<T> && sizeof(T) <= sizeof(int64_t)) {
      out.insert(out.end(), keys.as<T>(), keys.as<T>() + count);
    }
  });
}

}  // namespace

void HashTable::open(const PackedLayout& layout, const BuildOptions& options, Arena& run) {
  layout_ = &layout;
  options_ = options;
  run_ = &run;
  while (members_.size() < options.members) members_.push_back(std::make_unique<Member>());
  for (const auto& member : members_) {
    member->memory.reset();
    member->heap.reset();
    member->keyed.open(layout.types, member->memory, member->heap);
    member->null_keyed.open(layout.types, member->memory, member->heap);
    member->range = {};
  }
  pass_ = Pass::Collect;
  ok_ = true;
  has_slots_ = false;
  first_row_ = nullptr;
  matched_ = nullptr;
  keyed_count_ = null_count_ = keyed_places_ = 0;
}

// ---- collecting -------------------------------------------------------------------------------

bool HashTable::has_integer_key() const {
  return options_.key_count == 1 && is_integer(layout_->types[0]);
}

bool HashTable::append(uint32_t member, std::span<const Vector> columns, uint32_t count,
                       const uint8_t* stable, Arena& scratch) {
  Member& own = *members_[member];
  const auto keys = columns.first(options_.key_count);
  const bool may_be_null =
      std::ranges::any_of(keys, [](const Vector& key) { return key.validity != nullptr; });
  uint32_t* rows = nullptr;
  uint32_t keyed = count, null_keyed = 0;
  uint32_t* null_rows = nullptr;
  if (may_be_null) {
    rows = scratch.allocate_array<uint32_t>(count);
    null_rows = scratch.allocate_array<uint32_t>(count);
    if (rows == nullptr || null_rows == nullptr) return false;
    keyed = 0;
    for (uint32_t row = 0; row < count; ++row) {
      const bool is_null = has_null_key(keys, row);
      rows[keyed] = row;
      null_rows[null_keyed] = row;
      keyed += is_null ? 0 : 1;
      null_keyed += is_null ? 1 : 0;
    }
  }
  if (has_integer_key()) own.range.include(range_of(keys[0], rows, keyed));
  if (!own.keyed.append(columns, rows, keyed, stable)) return false;
  return !options_.keep_null_keys || own.null_keyed.append(columns, null_rows, null_keyed, stable);
}

void HashTable::collect() {
  chunks_.clear();
  null_chunks_.clear();
  range_ = {};
  has_nulls_ = false;
  for (const auto& member : members_) {
    for (StagedChunk& chunk : member->keyed.chunks()) chunks_.push_back(&chunk);
    for (StagedChunk& chunk : member->null_keyed.chunks()) null_chunks_.push_back(&chunk);
    keyed_count_ += member->keyed.count();
    null_count_ += member->null_keyed.count();
    has_nulls_ |= member->keyed.has_nulls() || member->null_keyed.has_nulls();
    range_.include(member->range);
  }
  ok_ = keyed_count_ + null_count_ <= RunTable::kRowsMax;
}

// ---- passes -----------------------------------------------------------------------------------

bool HashTable::plan() {
  switch (pass_) {
    case Pass::Collect:
      collect();
      if (!ok_) break;
      if (has_integer_key() && may_be_unique() &&
          slots_.plan(layout_->types, has_nulls_, keyed_count_, range_, options_.seed)) {
        plan_slots();
      } else {
        plan_runs();
      }
      break;
    case Pass::ClearSlots: begin(Pass::InsertSlots, chunks_.size()); break;
    case Pass::InsertSlots: after_insert(); break;
    case Pass::ClearRuns: begin(Pass::CountRuns, chunks_.size()); break;
    case Pass::CountRuns: begin(Pass::SumRuns, runs_.range_count()); break;
    case Pass::SumRuns:
      runs_.scan();
      begin(Pass::StartRuns, runs_.range_count());
      break;
    case Pass::StartRuns: begin(Pass::PlaceRuns, chunks_.size()); break;
    case Pass::PlaceRuns: finish_rows(); break;
    case Pass::Done: break;
  }
  return ok_ && pass_ != Pass::Done;
}

void HashTable::begin(Pass pass, uint64_t task_count) {
  pass_ = pass;
  task_count_ = task_count;
  next_task_.store(0, std::memory_order_relaxed);
}

// The members meet between plan() and build(); the counter itself orders nothing.
void HashTable::build() {
  for (;;) {
    const uint64_t task = next_task_.fetch_add(1, std::memory_order_relaxed);
    if (task >= task_count_) return;
    run_task(task);
  }
}

bool HashTable::finish() {
  while (plan()) build();
  return ok_;
}

void HashTable::run_task(uint64_t task) {
  switch (pass_) {
    case Pass::ClearSlots: {
      const uint64_t first = task * RunTable::kRangeSlots;
      return slots_.clear(first, std::min(RunTable::kRangeSlots, slots_.slot_count() - first));
    }
    case Pass::InsertSlots: return insert_chunk(*chunks_[task]);
    case Pass::ClearRuns: return runs_.clear(task);
    case Pass::CountRuns: return runs_.count(*chunks_[task], is_shared());
    case Pass::SumRuns: return runs_.sum(task);
    case Pass::StartRuns: return runs_.start(task);
    case Pass::PlaceRuns: return runs_.place(*chunks_[task], is_shared());
    case Pass::Collect:
    case Pass::Done: break;
  }
}

// A sample saves most of the work lost on keys that turn out to come twice.
bool HashTable::may_be_unique() const {
  const uint64_t wanted = std::min(kSampleRows, keyed_count_ / kSampledShare);
  if (wanted < kSampleRows / kSampledShare) return true;
  const uint64_t of_each = wanted / chunks_.size() + 2;
  std::vector<int64_t> keys;
  for (const StagedChunk* chunk : chunks_) {
    add_keys(chunk->columns[0], static_cast<uint32_t>(std::min<uint64_t>(of_each, chunk->count)),
             keys);
    if (keys.size() >= wanted) break;
  }
  std::ranges::sort(keys);
  return std::ranges::adjacent_find(keys) == keys.end();
}

void HashTable::plan_slots() {
  before_slots_ = run_->mark();
  not_unique_.store(false, std::memory_order_relaxed);
  ok_ = slots_.allocate(*run_, null_count_);
  const uint64_t slots = slots_.slot_count();
  begin(Pass::ClearSlots, (slots + RunTable::kRangeSlots - 1) / RunTable::kRangeSlots);
}

void HashTable::insert_chunk(const StagedChunk& chunk) {
  if (not_unique_.load(std::memory_order_relaxed)) return;
  if (slots_.insert(chunk, is_shared()) == SlotTable::Inserted::All) return;
  not_unique_.store(true, std::memory_order_relaxed);
}

void HashTable::after_insert() {
  if (not_unique_.load(std::memory_order_relaxed)) {
    run_->rewind(before_slots_);
    return plan_runs();
  }
  has_slots_ = true;
  first_row_ = slots_.row(0);
  keyed_places_ = slots_.slot_count();
  finish_rows();
}

void HashTable::plan_runs() {
  const KeyRange range = has_integer_key() ? range_ : KeyRange{};
  ok_ = runs_.open(*layout_, options_.key_count, keyed_count_, null_count_, has_nulls_, range,
                   options_.seed, *run_);
  if (!ok_) return;
  first_row_ = runs_.row(0);
  keyed_places_ = keyed_count_;
  for (StagedChunk* chunk : chunks_) {
    if (!runs_.has_hashes()) break;
    chunk->hashes = members_[0]->memory.allocate_array<uint64_t>(chunk->count);
    ok_ = ok_ && chunk->hashes != nullptr;
  }
  begin(Pass::ClearRuns, runs_.range_count());
}

// Rows with a null key go behind the others; then nothing is needed of what was collected.
void HashTable::finish_rows() {
  pass_ = Pass::Done;
  uint8_t* targets[vector::kBatchRowsMax];
  uint8_t* next = first_row_ + keyed_places_ * layout().row_bytes;
  for (const StagedChunk* chunk : null_chunks_) {
    for (uint32_t i = 0; i < chunk->count; ++i, next += layout().row_bytes) {
      layout().clear_nulls(next);
      targets[i] = next;
    }
    for (uint32_t column = 0; column < layout().types.size(); ++column) {
      scatter_column(layout(), column, chunk->columns[column], nullptr, chunk->count, targets,
                     nullptr);
    }
  }
  if (options_.keep_null_keys) {
    matched_ = run_->allocate_array<uint8_t>(place_count());
    ok_ = matched_ != nullptr;
    if (ok_) std::memset(matched_, 0, place_count());
  }
  for (const auto& member : members_) member->memory.reset();
}

void HashTable::close() {
  for (const auto& member : members_) {
    member->memory.reset();
    member->heap.reset();
  }
}

size_t HashTable::bytes_reserved(uint32_t member) const {
  return members_[member]->memory.bytes_reserved() + members_[member]->heap.bytes_reserved();
}

size_t HashTable::bytes_reserved() const {
  size_t bytes = 0;
  for (uint32_t member = 0; member < members_.size(); ++member) bytes += bytes_reserved(member);
  return bytes;
}

// ---- reading ----------------------------------------------------------------------------------

uint32_t HashTable::rows_at(uint64_t first, uint32_t count, bool only_unmatched,
                            const uint8_t** out) const {
  invariant(!only_unmatched || matched_ != nullptr, "a table that is asked keeps what matched");
  uint32_t kept = 0;
  for (uint64_t place = first; place < first + count; ++place) {
    const bool is_hole = has_slots_ && place < keyed_places_ && slots_.is_empty(place);
    const bool is_done = only_unmatched && matched_[place] != 0;
    out[kept] = row(place);
    kept += is_hole || is_done ? 0 : 1;
  }
  return kept;
}

// Read only after the barrier that ends the probing pipeline.
void HashTable::set_matched(const uint8_t* row) const {
  const auto place = static_cast<uint64_t>(row - first_row_) / layout().row_bytes;
  std::atomic_ref(matched_[place]).store(1, std::memory_order_relaxed);
}

}  // namespace rowtine::join
