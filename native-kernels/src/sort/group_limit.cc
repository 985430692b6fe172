#include "sort/group_limit.h"

#include <algorithm>
#include <cstring>

#include "base/cache_line.h"

namespace rowtine::sort {
namespace {

constexpr uint64_t kEntriesMin = 1024;
constexpr uint64_t kGrowth = 4;
// Words of all entries; beyond, most rows miss the caches.
constexpr uint64_t kWordsMax = 1 << 23;
// After so many rows a quarter of them has to have been dropped.
constexpr uint64_t kTrialRows = 1 << 20;
constexpr uint32_t kRowsAtOnce = 64;
constexpr uint32_t kUnbranchedRowsMax = 8;

uint64_t word_at(const uint8_t* bytes, uint32_t count) {
  uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return count >= sizeof word ? word : word & ((uint64_t{1} << (8 * count)) - 1);
}

// Groups may be chosen by strangers, but a long search costs no more than comparing sorted rows.
uint64_t hash_of(const uint64_t* words, uint32_t count) {
  uint64_t hash = 0;
  for (uint32_t i = 0; i < count; ++i) {
    const auto product =
        static_cast<unsigned __int128>(words[i] ^ hash ^ 0xa0761d6478bd642f) * 0xe7037ed1a0b428db;
    hash = static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
  }
  return hash;
}

uint32_t bytes_before(const KeyLayout& layout, uint32_t key_count) {
  return key_count == layout.parts.size() ? layout.bytes : layout.parts[key_count].offset;
}

}  // namespace

bool GroupLimitSpec::is_possible(const KeyLayout& layout, uint32_t key_count, uint32_t row_count) {
  return !layout.has_strings && key_count > 0 && key_count <= layout.parts.size() &&
         row_count <= kGroupRowsMax && bytes_before(layout, key_count) <= kGroupKeyBytesMax;
}

void GroupLimit::open(const GroupLimitSpec& spec, const KeyLayout& layout, Arena& arena) {
  spec_ = spec;
  arena_ = &arena;
  is_active_ = spec.row_count > 0;
  if (!is_active_) return;
  key_bytes_ = layout.bytes;
  group_bytes_ = bytes_before(layout, spec.key_count);
  group_words_ = (group_bytes_ + 7) / 8;
  entry_words_ = 1 + group_words_ + spec.row_count;
  // Rows whose first eight bytes are equal are equal where there are no more.
  spec_.drops_ties = spec.drops_ties && key_bytes_ - group_bytes_ <= 8;
  entries_ = nullptr;
  mask_ = group_count_ = seen_ = kept_ = 0;
  is_active_ = grow();
}

// Entries hold at most half as many groups.
bool GroupLimit::grow() {
  const uint64_t before = entries_ == nullptr ? 0 : mask_ + 1;
  const uint64_t count = std::max(kEntriesMin, before * kGrowth);
  if (count * entry_words_ > kWordsMax) return false;
  const size_t bytes = count * entry_words_ * sizeof(uint64_t);
  auto* entries = static_cast<uint64_t*>(arena_->allocate(bytes, kCacheLineBytes));
  if (entries == nullptr) return false;
  std::memset(entries, 0, bytes);
  const uint64_t* const old = entries_;
  entries_ = entries;
  mask_ = count - 1;
  for (uint64_t i = 0; i < before; ++i) {
    const uint64_t* from = old + i * entry_words_;
    if (from[0] == 0) continue;
    std::copy_n(from, entry_words_, find(from + 1, hash_of(from + 1, group_words_)));
  }
  return true;
}

// Returns: the group's entry, or the free one where it would be.
uint64_t* GroupLimit::find(const uint64_t* group, uint64_t hash) {
  for (uint64_t slot = hash & mask_;; slot = (slot + 1) & mask_) {
    uint64_t* const entry = entries_ + slot * entry_words_;
    uint64_t difference = 0;
    for (uint32_t word = 0; word < group_words_; ++word) difference |= group[word] ^ entry[1 + word];
    if (entry[0] == 0 || difference == 0) return entry;
  }
}

// Tells whether a row may be wanted, and notes its order key among the least of its group. Half of
// the rows of small groups are among the first, which the processor cannot foresee: few keys are
// kept without a branch.
bool GroupLimit::takes(uint64_t* entry, uint64_t order) const {
  uint64_t* const orders = entry + 1 + group_words_;
  if (spec_.row_count > kUnbranchedRowsMax) return takes_among_many(entry, order);
  const uint64_t greatest = orders[0];
  const bool has_room = entry[0] < spec_.row_count;
  entry[0] += has_room ? 1 : 0;
  uint64_t moved = std::min(order, greatest);
  for (uint32_t i = 0; i + 1 < spec_.row_count; ++i) {
    const uint64_t next = orders[i + 1];
    orders[i] = std::max(moved, next);
    moved = std::min(moved, next);
  }
  orders[spec_.row_count - 1] = moved;
  return has_room | (order < greatest) | ((order == greatest) & !spec_.drops_ties);
}

bool GroupLimit::takes_among_many(uint64_t* entry, uint64_t order) const {
  uint64_t* const orders = entry + 1 + group_words_;
  uint32_t at = 0;
  if (entry[0] < spec_.row_count) {
    at = static_cast<uint32_t>(entry[0]++);
    for (; at > 0 && orders[at - 1] < order; --at) orders[at] = orders[at - 1];
    orders[at] = order;
    return true;
  }
  if (order > orders[0] || (order == orders[0] && spec_.drops_ties)) return false;
  for (; at + 1 < spec_.row_count && orders[at + 1] > order; ++at) orders[at] = orders[at + 1];
  orders[at] = order;
  return true;
}

void GroupLimit::read(const uint8_t* key, uint64_t* group) const {
  for (uint32_t word = 0; word < group_words_; ++word) {
    group[word] = word_at(key + 8 * word, group_bytes_ - 8 * word);
  }
}

uint64_t GroupLimit::order_of(const uint8_t* key) const {
  const uint32_t bytes = key_bytes_ - group_bytes_;
  return bytes == 0 ? 0 : __builtin_bswap64(word_at(key + group_bytes_, bytes));
}

uint32_t GroupLimit::select(const uint8_t* keys, uint32_t* selected, uint32_t count,
                            Arena& scratch) {
  if (!is_active_) return count;
  auto* groups = scratch.allocate_array<uint64_t>(size_t{kRowsAtOnce} * group_words_);
  if (groups == nullptr) return count;
  uint32_t kept = 0;
  for (uint32_t first = 0; first < count; first += kRowsAtOnce) {
    const std::span<const uint32_t> rows(selected + first, std::min(kRowsAtOnce, count - first));
    kept += select_some(keys, rows, groups, selected + kept);
  }
  seen_ += count;
  kept_ += kept;
  if (seen_ >= kTrialRows && kept_ > seen_ / 4 * 3) is_active_ = false;
  return kept;
}

// `out` does not lie behind `rows`.
uint32_t GroupLimit::select_some(const uint8_t* keys, std::span<const uint32_t> rows,
                                 uint64_t* groups, uint32_t* out) {
  uint64_t hashes[kRowsAtOnce];
  for (size_t i = 0; i < rows.size(); ++i) {
    uint64_t* const group = groups + i * group_words_;
    read(keys + size_t{rows[i]} * key_bytes_, group);
    hashes[i] = hash_of(group, group_words_);
    __builtin_prefetch(entries_ + (hashes[i] & mask_) * entry_words_);
  }
  uint32_t kept = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    const uint32_t row = rows[i];
    const uint8_t* const key = keys + size_t{row} * key_bytes_;
    out[kept] = row;
    kept += !is_active_ || notes(groups + i * group_words_, hashes[i], key) ? 1 : 0;
  }
  return kept;
}

// Returns: whether the row may be wanted.
bool GroupLimit::notes(const uint64_t* group, uint64_t hash, const uint8_t* key) {
  uint64_t* const entry = find(group, hash);
  if (entry[0] > 0) return takes(entry, order_of(key));
  std::copy_n(group, group_words_, entry + 1);
  std::fill_n(entry + 1 + group_words_, spec_.row_count, UINT64_MAX);
  takes(entry, order_of(key));
  if (2 * ++group_count_ > mask_) is_active_ = grow();
  return true;
}

}  // namespace rowtine::sort
