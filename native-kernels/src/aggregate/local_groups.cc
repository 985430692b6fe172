#include "aggregate/local_groups.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "base/cache_line.h"

namespace rowtine::aggregate {
namespace {

constexpr uint64_t kEntriesMin = 64;
// Entries for each row at least. While all fit into a cache, room saves second looks, whose
// branches are not foreseen.
constexpr uint64_t kEntriesPerRow = 2;
constexpr uint64_t kRoomyEntriesPerRow = 8;
constexpr uint64_t kRoomyEntriesMax = 1 << 14;
constexpr uint64_t kGrowth = 4;
// Entries that a cache no longer holds, so that they and their rows are fetched ahead.
constexpr uint64_t kFarEntries = 1 << 15;
constexpr uint32_t kFetchEntryAhead = 32;
constexpr uint32_t kFetchRowAhead = 16;

// With this many groups and hardly a row that met one of them, finding groups is left to the join
// of all threads' groups: entries start over in the cache whenever they are full.
constexpr uint64_t kSpillGroups = 1 << 17;
constexpr uint64_t kSpillShare = 32;
constexpr uint64_t kSpillEntries = 1 << 16;

// Stands for the row of a free entry. No image has its first byte.
struct NoRow {
  alignas(64) std::array<uint8_t, kImageOffset + 8 * kImageWordsMax> bytes;
  constexpr NoRow() : bytes() { bytes.fill(0xFF); }
};
constexpr NoRow no_row;

// Of a table for so many groups.
uint64_t entries_for(uint64_t groups) {
  return std::max(kEntriesMin, std::bit_ceil(groups * kEntriesPerRow + 1));
}

// The address may be none.
void fetch_row(uint64_t address) {
  __builtin_prefetch(reinterpret_cast<const void*>(address));
  __builtin_prefetch(reinterpret_cast<const void*>(address + kCacheLineBytes));
}

}  // namespace

void LocalGroups::open(const join::PackedLayout& layout, bool partitioned, uint64_t seed,
                       Arena& run) {
  image_.open(layout);
  run_ = &run;
  rows_.open(layout.row_bytes, partitioned, run);
  direct_.open(layout, run);
  seed_ = seed;
  entries_ = nullptr;
  mask_ = entry_count_ = row_count_ = 0;
  partitioned_ = partitioned;
  spills_ = false;
}

bool LocalGroups::find_or_insert(std::span<const Vector> keys, uint32_t count,
                                 const uint8_t* stable, Arena& scratch, uint8_t** rows) {
  if (count == 0) return true;
  row_count_ += count;
  const bool is_direct =
      direct_.is_possible() && !keys[0].constant &&
      direct_.covers(keys[0], count, row_count_, [this](auto&& visit) { rows_.for_each(visit); });
  if (is_direct) return find_by_number(keys, count, stable, scratch, rows);
  if (direct_.is_used()) direct_.give_up();
  const uint64_t* words = entries_ == nullptr ? nullptr : image_.plain_words(keys);
  if (words != nullptr) return find_plain(keys, words, count, stable, scratch, rows);
  Lookup lookup;
  if (!look_up(keys, nullptr, count, stable, scratch, lookup)) return false;
  lookup.rows = rows;
  const uint32_t missed = match_all(lookup);
  for (uint32_t i = 0; i < missed; ++i) {
    if (!settle(lookup, lookup.misses[i])) return false;
  }
  return true;
}

// A value may come twice among those that are new.
bool LocalGroups::find_by_number(std::span<const Vector> keys, uint32_t count,
                                 const uint8_t* stable, Arena& scratch, uint8_t** rows) {
  auto* misses = scratch.allocate_array<uint32_t>(count);
  if (misses == nullptr) return false;
  entries_ = nullptr;
  const uint32_t missed = direct_.find(keys[0], count, rows, misses);
  Lookup lookup;
  if (missed == 0) return true;
  if (!write_images(keys, misses, missed, stable, scratch, lookup)) return false;
  for (uint32_t i = 0; i < missed; ++i) {
    uint8_t*& group = direct_.group_of(keys[0], misses[i]);
    if (group == nullptr) group = make_row(lookup, i);
    if (group == nullptr) return false;
    rows[misses[i]] = group;
  }
  return true;
}

// Looks at the column as it is; images are made only for what is not found so.
bool LocalGroups::find_plain(std::span<const Vector> keys, const uint64_t* words, uint32_t count,
                             const uint8_t* stable, Arena& scratch, uint8_t** rows) {
  Lookup lookup;
  lookup.count = count;
  lookup.rows = rows;
  lookup.hashes = scratch.allocate_array<uint64_t>(count);
  lookup.misses = scratch.allocate_array<uint32_t>(count);
  if (lookup.hashes == nullptr || lookup.misses == nullptr) return false;
  image_.hash_plain(words, count, seed_, lookup.hashes);
  const uint32_t missed =
      image_.words() == 2 ? match<1, 1>(words, lookup) : match<1, 2>(words, lookup);
  return settle_selected(keys, lookup.misses, missed, stable, scratch, rows);
}

bool LocalGroups::settle_selected(std::span<const Vector> keys, const uint32_t* selected,
                                  uint32_t count, const uint8_t* stable, Arena& scratch,
                                  uint8_t** rows) {
  if (count == 0) return true;
  Lookup lookup;
  if (!look_up(keys, selected, count, stable, scratch, lookup)) return false;
  lookup.rows = scratch.allocate_array<uint8_t*>(count);
  if (lookup.rows == nullptr) return false;
  for (uint32_t i = 0; i < count; ++i) {
    if (!settle(lookup, i)) return false;
    rows[selected[i]] = lookup.rows[i];
  }
  return true;
}

bool LocalGroups::look_up(std::span<const Vector> keys, const uint32_t* selected, uint32_t count,
                          const uint8_t* stable, Arena& scratch, Lookup& out) {
  if (entries_ == nullptr && !resize(entries_for(rows_.count()))) return false;
  out.misses = scratch.allocate_array<uint32_t>(count);
  return out.misses != nullptr && write_images(keys, selected, count, stable, scratch, out);
}

bool LocalGroups::write_images(std::span<const Vector> keys, const uint32_t* selected,
                               uint32_t count, const uint8_t* stable, Arena& scratch,
                               Lookup& out) const {
  out.count = count;
  out.stable = stable;
  out.images = scratch.allocate_array<uint64_t>(size_t{count} * image_.words());
  out.hashes = scratch.allocate_array<uint64_t>(count);
  if (out.images == nullptr || out.hashes == nullptr) return false;
  out.has_long = image_.write(keys, selected, count, out.images);
  image_.hash(out.images, count, out.has_long, seed_, out.hashes);
  return true;
}

// Settles the keys whose first entry is their own. Nothing here depends on a comparison's outcome
// but where the next miss is noted. `keys` leave out the image's first kSkipped words, zeros.
template <uint32_t kSkipped, uint32_t kWords>
uint32_t LocalGroups::match(const uint64_t* keys, const Lookup& lookup) const {
  const uint32_t words = kWords == 0 ? image_.words() : kWords;
  const bool is_far = mask_ >= kFarEntries;
  uint32_t missed = 0;
  for (uint32_t i = 0; i < lookup.count; ++i) {
    if (is_far) {
      const uint32_t last = lookup.count - 1;
      __builtin_prefetch(&entries_[lookup.hashes[std::min(i + kFetchEntryAhead, last)] & mask_]);
      fetch_row(entries_[lookup.hashes[std::min(i + kFetchRowAhead, last)] & mask_] & kPointerMask);
    }
    const uint8_t* row = row_of(entries_[lookup.hashes[i] & mask_]);
    if (row == nullptr) row = no_row.bytes.data();
    const uint64_t* key = keys + size_t{i} * words;
    uint64_t difference = kSkipped == 0 ? 0 : image_word(row, 0);
    for (uint32_t word = 0; word < words; ++word) {
      difference |= image_word(row, kSkipped + word) ^ key[word];
    }
    lookup.rows[i] = const_cast<uint8_t*>(row);
    lookup.misses[missed] = i;
    missed += difference == 0 ? 0 : 1;
  }
  return missed;
}

uint32_t LocalGroups::match_all(const Lookup& lookup) const {
  switch (image_.words()) {
    case 1:
      return match<0, 1>(lookup.images, lookup);
    case 2:
      return match<0, 2>(lookup.images, lookup);
    case 3:
      return match<0, 3>(lookup.images, lookup);
    case 5:
      return match<0, 5>(lookup.images, lookup);
    case 8:
      return match<0, 8>(lookup.images, lookup);
    default:
      return match<0, 0>(lookup.images, lookup);
  }
}

// Walks to the key's entry or to a free one.
bool LocalGroups::settle(const Lookup& lookup, uint32_t position) {
  const uint64_t hash = lookup.hashes[position];
  const uint64_t* image = lookup.images + size_t{position} * image_.words();
  const uint64_t room = mask_ < kRoomyEntriesMax && !spills_ ? kRoomyEntriesPerRow : kEntriesPerRow;
  if ((entry_count_ + 1) * room > mask_ + 1 && !grow()) return false;
  for (uint64_t slot = hash & mask_;; slot = (slot + 1) & mask_) {
    const uint64_t entry = entries_[slot];
    if (entry == 0) {
      uint8_t* const row = make_row(lookup, position);
      if (row == nullptr) return false;
      entries_[slot] = entry_of(row, hash);
      ++entry_count_;
      lookup.rows[position] = row;
      return true;
    }
    if (((entry ^ hash) & ~kPointerMask) == 0 && image_.equals(image, row_of(entry))) {
      lookup.rows[position] = row_of(entry);
      return true;
    }
  }
}

uint8_t* LocalGroups::make_row(const Lookup& lookup, uint32_t position) {
  const uint64_t hash = lookup.hashes[position];
  uint8_t* row = rows_.add(hash);
  if (row == nullptr) return nullptr;
  join::set_hash(row, hash);
  std::memcpy(row + kImageOffset, lookup.images + size_t{position} * image_.words(),
              image_.words() * sizeof(uint64_t));
  if (lookup.has_long && !image_.own_strings(row, lookup.stable, *run_)) return nullptr;
  return row;
}

bool LocalGroups::grow() {
  const bool hardly_meet = row_count_ < entry_count_ + entry_count_ / kSpillShare;
  if (partitioned_ && !spills_ && entry_count_ >= kSpillGroups && hardly_meet) {
    spills_ = true;
    direct_.give_up();
    entries_ = run_->allocate_array<uint64_t>(kSpillEntries);
    mask_ = kSpillEntries - 1;
  }
  return spills_ ? start_over() : resize((mask_ + 1) * (mask_ < kRoomyEntriesMax ? kGrowth : 2));
}

bool LocalGroups::start_over() {
  if (entries_ == nullptr) return false;
  std::memset(entries_, 0, (mask_ + 1) * sizeof(uint64_t));
  entry_count_ = 0;
  return true;
}

bool LocalGroups::resize(uint64_t entry_count) {
  entries_ = run_->allocate_array<uint64_t>(entry_count);
  if (entries_ == nullptr) return false;
  std::memset(entries_, 0, entry_count * sizeof(uint64_t));
  mask_ = entry_count - 1;
  entry_count_ = rows_.count();
  rows_.for_each([this](uint8_t* row) { place(row, join::hash_of(row)); });
  return true;
}

void LocalGroups::place(uint8_t* row, uint64_t hash) {
  uint64_t slot = hash & mask_;
  while (entries_[slot] != 0) slot = (slot + 1) & mask_;
  entries_[slot] = entry_of(row, hash);
}

}  // namespace rowtine::aggregate
