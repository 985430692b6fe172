// Several members sort together: samples say where ranges end, each member tells its rows' ranges and
// brings them there, and the ranges are sorted one by one, by whoever is free.
#include <algorithm>

#include "sort/sort_member.h"

namespace rowtine::sort {
namespace {

// Ranges are many enough that members end together and that one is sorted near the processor, and
// large enough to be worth taking. Their numbers are bytes.
constexpr uint64_t kRangesMax = 64;
constexpr uint64_t kRangesPerMember = 16;
constexpr uint64_t kRangeRowsMin = 16 * 1024;
constexpr uint64_t kSamplesPerRange = 32;
constexpr uint64_t kEntriesAtATime = 1024;

/// Positions that follow no pattern rows may come in.
uint64_t scattered(uint64_t number, uint64_t end) {
  const uint64_t mixed = (number + 1) * 0x9e3779b97f4a7c15;
  return static_cast<uint64_t>(static_cast<unsigned __int128>(mixed) * end >> 64);
}

}  // namespace

void SortBuffer::read_entries(const Member& member, uint64_t first, uint64_t count,
                              Entry* out) const {
  if (member.chosen == nullptr) return member.read_entries(order_, first, count, out);
  std::copy_n(member.chosen + first, count, out);
}

bool SortBuffer::plan() {
  switch (stage_) {
    case Stage::Collected: stage_ = Stage::Counting; return plan_ranges();
    case Stage::Counting: stage_ = Stage::Moving; return plan_moves();
    case Stage::Moving: stage_ = Stage::Sorting; return true;
    case Stage::Sorting: break;
  }
  return false;
}

bool SortBuffer::work(uint32_t index) {
  Member& member = *members_[index];
  if (stage_ == Stage::Counting) return count_ranges(member);
  if (stage_ == Stage::Sorting) return sort_ranges(member);
  move_entries(member);
  return true;
}

bool SortBuffer::plan_ranges() {
  if (member_count_ == 1) return false;
  order_ = order_by(members_[0]->bits, is_slim());
  entry_count_ = 0;
  for (uint32_t m = 0; m < member_count_; ++m) entry_count_ += members_[m]->entry_count();
  const uint64_t ranges = std::min(kRangesMax, member_count_ * kRangesPerMember);
  choose_splitters(std::clamp<uint64_t>(entry_count_ / kRangeRowsMin, 1, ranges));
  return true;
}

void SortBuffer::choose_splitters(uint64_t range_count) {
  const auto by_order = [this](const Entry& a, const Entry& b) { return order_.less(a, b); };
  std::vector<Entry> samples;
  for (uint32_t m = 0; m < member_count_ && range_count > 1; ++m) {
    const uint64_t count = members_[m]->entry_count();
    const uint64_t wanted = kSamplesPerRange * range_count * count / entry_count_;
    for (uint64_t i = 0; i < wanted; ++i) {
      read_entries(*members_[m], scattered(i, count), 1, &samples.emplace_back());
    }
  }
  std::sort(samples.begin(), samples.end(), by_order);
  splitters_.clear();
  for (uint64_t i = 1; i < range_count; ++i) {
    splitters_.push_back(samples[samples.size() * i / range_count]);
  }
}

/// The range of an entry: how many splitters do not come after it.
void SortBuffer::find_ranges(const Entry* entries, uint64_t count, uint8_t* ranges) const {
  const bool decides = order_.prefix_decides();
  for (uint64_t i = 0; i < count; ++i) {
    const Entry& entry = entries[i];
    const Entry* first = splitters_.data();
    for (size_t left = splitters_.size(); left > 0;) {
      const size_t half = left / 2;
      const Entry& middle = first[half];
      const bool is_before = decides ? entry.prefix < middle.prefix : order_.less(entry, middle);
      first = is_before ? first : &middle + 1;
      left = is_before ? half : left - half - 1;
    }
    ranges[i] = static_cast<uint8_t>(first - splitters_.data());
  }
}

bool SortBuffer::count_ranges(Member& member) const {
  const uint64_t count = member.entry_count();
  member.ranges = member.run->allocate_array<uint8_t>(count);
  if (member.ranges == nullptr) return false;
  member.positions.assign(splitters_.size() + 1, 0);
  Entry entries[kEntriesAtATime];
  for (uint64_t first = 0; first < count; first += kEntriesAtATime) {
    const uint64_t part = std::min(kEntriesAtATime, count - first);
    read_entries(member, first, part, entries);
    find_ranges(entries, part, member.ranges + first);
    for (uint64_t i = 0; i < part; ++i) ++member.positions[member.ranges[first + i]];
  }
  return true;
}

/// In each range lie the entries of one member after those of another.
bool SortBuffer::plan_moves() {
  outcome_ = members_[0]->run->allocate_array<Entry>(entry_count_);
  if (outcome_ == nullptr) {
    is_out_of_memory_ = true;
    return false;
  }
  entries_ = outcome_;
  range_starts_.clear();
  uint64_t position = 0;
  for (size_t range = 0; range <= splitters_.size(); ++range) {
    range_starts_.push_back(position);
    for (uint32_t m = 0; m < member_count_; ++m) {
      const uint64_t count = members_[m]->positions[range];
      members_[m]->positions[range] = position;
      position += count;
    }
  }
  range_starts_.push_back(position);
  next_range_.store(0, std::memory_order_relaxed);  // relaxed: a barrier follows
  return true;
}

void SortBuffer::move_entries(Member& member) const {
  const uint64_t count = member.entry_count();
  Entry entries[kEntriesAtATime];
  for (uint64_t first = 0; first < count; first += kEntriesAtATime) {
    const uint64_t part = std::min(kEntriesAtATime, count - first);
    read_entries(member, first, part, entries);
    for (uint64_t i = 0; i < part; ++i) {
      outcome_[member.positions[member.ranges[first + i]]++] = entries[i];
    }
  }
}

bool SortBuffer::sort_ranges(Member& member) {
  while (true) {
    // relaxed: the counter hands out numbers; what they stand for was published by the barrier.
    const uint32_t taken = next_range_.fetch_add(1, std::memory_order_relaxed);
    if (taken + 1 >= range_starts_.size()) return true;
    const uint64_t start = range_starts_[taken];
    if (!sort(member, order_, outcome_ + start, range_starts_[taken + 1] - start)) return false;
  }
}

}  // namespace rowtine::sort
