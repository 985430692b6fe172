#include "aggregate/aggregator.h"

#include <cstring>

#include "hash/hash_columns.h"

namespace rowtine::aggregate {

bool Aggregator::open(const join::PackedLayout& layout, uint32_t group_columns,
                      std::span<const Accumulator> accumulators,
                      std::span<const join::PackedLayout> distinct_layouts, Arena& run,
                      uint64_t hash_seed) {
  layout_ = &layout;
  accumulators_ = accumulators;
  group_columns_ = group_columns;
  run_ = &run;
  hash_seed_ = hash_seed;
  if (!groups_.open(layout, run)) return false;
  if (distinct_.size() < accumulators.size()) distinct_.resize(accumulators.size());
  for (size_t i = 0; i < accumulators.size(); ++i) {
    if (accumulators[i].distinct && !distinct_[i].open(distinct_layouts[i], run)) return false;
  }
  uint8_t* only = nullptr;
  return group_columns > 0 || groups_.add_row(only);
}

bool Aggregator::add(std::span<const Vector> groups, std::span<const AggregateInputs> inputs,
                     uint32_t count, const uint8_t* stable, uint32_t* errors, bool& any_error,
                     Arena& scratch) {
  auto* rows = scratch.allocate_array<uint8_t*>(count);
  if (rows == nullptr) return false;
  if (group_columns_ == 0) {
    std::fill_n(rows, count, groups_.row(0));
  } else {
    auto* hashes = scratch.allocate_array<uint64_t>(count);
    if (hashes == nullptr) return false;
    hash::hash_columns(groups, count, hashes, hash_seed_);
    if (!groups_.find_or_insert(groups, hashes, count, stable, scratch, rows, nullptr))
      return false;
  }
  for (size_t i = 0; i < accumulators_.size(); ++i) {
    if (!add_one(i, inputs[i], rows, count, errors, any_error, scratch)) return false;
  }
  return true;
}

namespace {

uint32_t select_rows(const AggregateInputs& input, uint32_t count, uint32_t* rows) {
  uint32_t selected = 0;
  for (uint32_t row = 0; row < count; ++row) {
    rows[selected] = row;
    const bool passes =
        input.filter == nullptr || (!input.filter->is_null(row) &&
                                    input.filter->as<uint8_t>()[input.filter->index_of(row)] != 0);
    selected += passes ? 1 : 0;
  }
  return selected;
}

}  // namespace

bool Aggregator::add_one(size_t index, const AggregateInputs& input, uint8_t* const* groups,
                         uint32_t count, uint32_t* errors, bool& any_error, Arena& scratch) {
  const Accumulator& accumulator = accumulators_[index];
  auto* rows = scratch.allocate_array<uint32_t>(count);
  auto* states = scratch.allocate_array<uint8_t*>(count);
  if (rows == nullptr || states == nullptr) return false;
  uint32_t selected = select_rows(input, count, rows);
  if (accumulator.distinct && !drop_repeated(index, input, groups, rows, selected, scratch)) {
    return false;
  }
  if (selected == 0) return true;
  for (uint32_t i = 0; i < selected; ++i) states[i] = groups[rows[i]] + accumulator.state_offset;
  AddRequest request;
  request.arguments = input.arguments;
  request.rows = rows;
  request.states = states;
  request.count = selected;
  request.single = group_columns_ == 0;
  request.heap = run_;
  request.errors = errors;
  accumulator.add(request);
  any_error = any_error || request.any_error;
  return true;
}

// Keeps the rows whose arguments their group has not met yet.
bool Aggregator::drop_repeated(size_t index, const AggregateInputs& input, uint8_t* const* groups,
                               uint32_t* rows, uint32_t& count, Arena& scratch) {
  const size_t key_count = 1 + input.arguments.size();
  auto* keys = scratch.allocate_array<Vector>(key_count);
  auto* hashes = scratch.allocate_array<uint64_t>(count);
  auto* found = scratch.allocate_array<uint8_t*>(count);
  auto* is_new = scratch.allocate_array<uint8_t>(count);
  if (keys == nullptr || hashes == nullptr || found == nullptr || is_new == nullptr) return false;
  if (!vector::allocate(scratch, PhysicalType::Int64, count, false, keys[0])) return false;
  for (uint32_t i = 0; i < count; ++i) {
    keys[0].as<int64_t>()[i] = static_cast<int64_t>(reinterpret_cast<intptr_t>(groups[rows[i]]));
  }
  for (size_t a = 0; a < input.arguments.size(); ++a) {
    if (!vector::gather(scratch, input.arguments[a], rows, count, keys[a + 1])) return false;
  }
  hash::hash_columns({keys, key_count}, count, hashes, hash_seed_);
  if (!distinct_[index].find_or_insert({keys, key_count}, hashes, count, nullptr, scratch, found,
                                       is_new)) {
    return false;
  }
  uint32_t kept = 0;
  for (uint32_t i = 0; i < count; ++i) {
    rows[kept] = rows[i];
    kept += is_new[i];
  }
  count = kept;
  return true;
}

bool Aggregator::read(uint32_t column, const uint8_t* const* rows, uint32_t count, Arena& arena,
                      Vector& out) const {
  if (column < group_columns_) {
    return join::gather_column(*layout_, column, rows, count, arena, out);
  }
  const Accumulator& accumulator = accumulators_[column - group_columns_];
  auto* states = arena.allocate_array<const uint8_t*>(count);
  if (states == nullptr || !vector::allocate(arena, accumulator.result, count, true, out)) {
    return false;
  }
  for (uint32_t i = 0; i < count; ++i) states[i] = rows[i] + accumulator.state_offset;
  accumulator.finish(states, count, out);
  return true;
}

}  // namespace rowtine::aggregate
