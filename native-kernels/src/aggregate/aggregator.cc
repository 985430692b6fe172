#include "aggregate/aggregator.h"

#include <algorithm>

#include "base/invariant.h"
#include "hash/hash_columns.h"

namespace rowtine::aggregate {

/// What one thread works on. Lines of its own keep the others' writes away.
struct alignas(kCacheLineBytes) Aggregator::Member {
  Arena* run = nullptr;
  uint8_t* only = nullptr;  // the group when there are no group columns
  LocalGroups groups;
  GroupTable any_groups;             // of keys that are not compared as images
  std::vector<GroupTable> distinct;  // per accumulator: (group, arguments) seen
};

Aggregator::Aggregator() = default;
Aggregator::~Aggregator() = default;

bool AggregatorSpec::is_mergeable() const {
  if (group_columns > 0 && !ImageLayout::covers(*layout)) return false;
  return std::ranges::all_of(accumulators,
                             [](const Accumulator& each) { return each.is_mergeable(); });
}

bool Aggregator::open(const AggregatorSpec& spec, std::span<Arena* const> arenas) {
  invariant(arenas.size() == 1 || spec.is_mergeable(), "several threads can join their groups");
  spec_ = spec;
  by_image_ = spec.group_columns > 0 && ImageLayout::covers(*spec.layout);
  member_count_ = static_cast<uint32_t>(arenas.size());
  while (members_.size() < arenas.size()) members_.push_back(std::make_unique<Member>());
  only_failure_ = 0;
  if (by_image_ && member_count_ > 1) merge_.open(*spec.layout, spec.accumulators);
  for (uint32_t i = 0; i < member_count_; ++i) {
    if (!open_member(*members_[i], *arenas[i])) return false;
  }
  return true;
}

bool Aggregator::open_member(Member& member, Arena& run) {
  member.run = &run;
  const auto accumulators = spec_.accumulators;
  if (member.distinct.size() < accumulators.size()) member.distinct.resize(accumulators.size());
  for (size_t i = 0; i < accumulators.size(); ++i) {
    if (!accumulators[i].distinct) continue;
    if (!member.distinct[i].open(spec_.distinct_layouts[i], run)) return false;
  }
  if (by_image_) {
    member.groups.open(*spec_.layout, member_count_ > 1, spec_.hash_seed, run);
    return true;
  }
  return member.any_groups.open(*spec_.layout, run) &&
         (spec_.group_columns > 0 || member.any_groups.add_row(member.only));
}

bool Aggregator::find_groups(Member& member, std::span<const Vector> groups, uint32_t count,
                             const uint8_t* stable, Arena& scratch, uint8_t** rows) {
  if (by_image_) return member.groups.find_or_insert(groups, count, stable, scratch, rows);
  auto* hashes = scratch.allocate_array<uint64_t>(count);
  if (hashes == nullptr) return false;
  hash::hash_columns(groups, count, hashes, spec_.hash_seed);
  return member.any_groups.find_or_insert(groups, hashes, count, stable, scratch, rows, nullptr);
}

bool Aggregator::add(uint32_t index, std::span<const Vector> groups,
                     std::span<const AggregateInputs> inputs, uint32_t count, const uint8_t* stable,
                     uint32_t* errors, bool& any_error, Arena& scratch) {
  Member& member = *members_[index];
  uint8_t** rows = &member.only;
  if (spec_.group_columns > 0) {
    rows = scratch.allocate_array<uint8_t*>(count);
    if (rows == nullptr || !find_groups(member, groups, count, stable, scratch, rows)) return false;
  }
  for (size_t i = 0; i < spec_.accumulators.size(); ++i) {
    if (!add_one(member, i, inputs[i], rows, count, errors, any_error, scratch)) return false;
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

bool Aggregator::add_one(Member& member, size_t index, const AggregateInputs& input,
                         uint8_t* const* groups, uint32_t count, uint32_t* errors, bool& any_error,
                         Arena& scratch) {
  const Accumulator& accumulator = spec_.accumulators[index];
  uint32_t* rows = nullptr;
  if (input.filter != nullptr || accumulator.distinct) {
    rows = scratch.allocate_array<uint32_t>(count);
    if (rows == nullptr) return false;
    count = select_rows(input, count, rows);
  }
  if (accumulator.distinct && !drop_repeated(member, index, input, groups, rows, count, scratch)) {
    return false;
  }
  if (count == 0) return true;
  AddRequest request;
  request.arguments = input.arguments;
  request.rows = rows;
  request.groups = groups;
  request.state_offset = accumulator.state_offset;
  request.count = count;
  request.single = spec_.group_columns == 0;
  request.heap = member.run;
  request.errors = errors;
  accumulator.add(request);
  any_error = any_error || request.any_error;
  return true;
}

// Keeps the rows whose arguments their group has not met yet.
bool Aggregator::drop_repeated(Member& member, size_t index, const AggregateInputs& input,
                               uint8_t* const* groups, uint32_t* rows, uint32_t& count,
                               Arena& scratch) {
  const bool single = spec_.group_columns == 0;
  const size_t key_count = 1 + input.arguments.size();
  auto* keys = scratch.allocate_array<Vector>(key_count);
  auto* hashes = scratch.allocate_array<uint64_t>(count);
  auto* found = scratch.allocate_array<uint8_t*>(count);
  auto* is_new = scratch.allocate_array<uint8_t>(count);
  if (keys == nullptr || hashes == nullptr || found == nullptr || is_new == nullptr) return false;
  if (!vector::allocate(scratch, PhysicalType::Int64, count, false, keys[0])) return false;
  for (uint32_t i = 0; i < count; ++i) {
    const uint8_t* group = groups[single ? 0 : rows[i]];
    keys[0].as<int64_t>()[i] = static_cast<int64_t>(reinterpret_cast<intptr_t>(group));
  }
  for (size_t a = 0; a < input.arguments.size(); ++a) {
    if (!vector::gather(scratch, input.arguments[a], rows, count, keys[a + 1])) return false;
  }
  hash::hash_columns({keys, key_count}, count, hashes, spec_.hash_seed);
  if (!member.distinct[index].find_or_insert({keys, key_count}, hashes, count, nullptr, scratch,
                                             found, is_new)) {
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

void Aggregator::plan() {
  if (member_count_ == 1) return;
  if (spec_.group_columns == 0) {
    only_failure_ = merge_only_groups();
    return;
  }
  std::vector<const LocalGroups*> groups;
  for (uint32_t i = 0; i < member_count_; ++i) groups.push_back(&members_[i]->groups);
  merge_.plan(groups);
}

uint32_t Aggregator::merge_only_groups() {
  uint32_t first_failure = 0;
  for (uint32_t i = 1; i < member_count_; ++i) {
    for (const Accumulator& accumulator : spec_.accumulators) {
      const uint8_t* from = members_[i]->only;
      const MergeRequest request{&members_[0]->only, &from, accumulator.state_offset, 1};
      const uint32_t failure = accumulator.merge(request);
      if (first_failure == 0) first_failure = failure;
    }
  }
  return first_failure;
}

uint32_t Aggregator::merge(uint32_t member) {
  if (member_count_ == 1) return 0;
  return spec_.group_columns == 0 ? only_failure_ : merge_.merge(*members_[member]->run);
}

uint64_t Aggregator::group_count() const {
  if (spec_.group_columns == 0) return 1;
  if (member_count_ > 1) return merge_.count();
  return by_image_ ? members_[0]->groups.rows().count() : members_[0]->any_groups.count();
}

void Aggregator::addresses(uint64_t first, uint32_t count, const uint8_t** out) const {
  if (spec_.group_columns > 0 && member_count_ > 1) return merge_.addresses(first, count, out);
  if (!by_image_) return members_[0]->any_groups.addresses(first, count, out);
  members_[0]->groups.rows().ordered().addresses(first, count, out);
}

bool Aggregator::read(uint32_t column, const uint8_t* const* rows, uint32_t count, Arena& arena,
                      Vector& out) const {
  if (column < spec_.group_columns) {
    return join::gather_column(*spec_.layout, column, rows, count, arena, out);
  }
  const Accumulator& accumulator = spec_.accumulators[column - spec_.group_columns];
  auto* states = arena.allocate_array<const uint8_t*>(count);
  if (states == nullptr || !vector::allocate(arena, accumulator.result, count, true, out)) {
    return false;
  }
  for (uint32_t i = 0; i < count; ++i) states[i] = rows[i] + accumulator.state_offset;
  accumulator.finish(states, count, out);
  return true;
}

}  // namespace rowtine::aggregate
