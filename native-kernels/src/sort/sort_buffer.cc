#include "sort/sort_buffer.h"

#include <algorithm>
#include <cstring>
#include <numeric>

#include "sort/sort_member.h"

namespace rowtine::sort {
namespace {

// A bounded sort lets this many times its rows gather before it drops the later ones.
constexpr uint64_t kGatherFactor = 2;
constexpr uint64_t kGatherRowsMin = 4096;

uint64_t sum_or_max(uint64_t a, uint64_t b) {
  uint64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

/// Slim rows are named by their entries.
const Entry* const* as_entries(const uint8_t* const* rows) {
  return reinterpret_cast<const Entry* const*>(rows);
}

}  // namespace

void SortBuffer::Member::open(const SortLayout& layout, bool is_bounded, Arena& arena,
                              size_t bytes_max) {
  run = &arena;
  for (Arena& each : kept) {
    each.reset();
    each.set_bytes_max(bytes_max);
  }
  current = 0;
  slim.open(layout, arena);
  rows.open(layout.whole.row_bytes, is_bounded ? kept[0] : arena);
  bound = nullptr;
  arrived = 0;
  differences.clear();
  chosen = nullptr;
  chosen_count = 0;
}

void SortBuffer::Member::read_entries(const RowOrder& order, uint64_t first, uint64_t count,
                                      Entry* out) const {
  if (is_slim) return slim.entries(first, count, reader, out);
  for (uint64_t i = 0; i < count; ++i) {
    const uint8_t* row = rows.row(first + i);
    out[i] = {order.number(row, 0), row};
  }
}

SortBuffer::SortBuffer() = default;
SortBuffer::~SortBuffer() = default;

void SortBuffer::open(const SortSpec& spec, std::span<Arena* const> arenas, size_t bytes_max) {
  spec_ = spec;
  const auto offset = static_cast<uint64_t>(spec.offset);
  row_limit_ = spec.limit < 0 ? UINT64_MAX : sum_or_max(static_cast<uint64_t>(spec.limit), offset);
  member_count_ = static_cast<uint32_t>(arenas.size());
  while (members_.size() < arenas.size()) members_.push_back(std::make_unique<Member>());
  for (uint32_t i = 0; i < member_count_; ++i) {
    members_[i]->open(*spec.layout, is_bounded(), *arenas[i], bytes_max);
    members_[i]->groups.open(spec.group_limit, spec.layout->keys, *arenas[i]);
    members_[i]->is_slim = !is_bounded() && !spec.layout->keys.has_strings &&
                           spec.group_limit.row_count == 0;
  }
  entries_ = nullptr;
  entry_count_ = 0;
  stage_ = Stage::Collected;
  is_out_of_memory_ = false;
}

RowOrder SortBuffer::order_by(const KeyBits& bits, bool is_slim) const {
  const SortLayout& layout = *spec_.layout;
  return {&layout.keys, &layout.whole, &bits, layout.key_offset(), !is_slim};
}

/// Of all rows; all members agree when they have finished.
bool SortBuffer::is_slim() const { return members_[0]->is_slim; }

bool SortBuffer::append(uint32_t index, std::span<const Vector> payload,
                        std::span<const Vector> keys, uint32_t count, const uint8_t* stable,
                        Arena& scratch) {
  if (row_limit_ == 0) return true;
  Member& member = *members_[index];
  if (member.is_slim) {
    if (!append_slim(member, payload, keys, count, stable, scratch)) return false;
    if (member.is_slim) return true;
  }
  const KeyLayout& layout = spec_.layout->keys;
  auto* normalised =
      scratch.allocate_array<uint8_t>(size_t{count} * layout.bytes + sizeof(uint64_t));
  auto* selected = scratch.allocate_array<uint32_t>(count);
  if (normalised == nullptr || selected == nullptr) return false;
  normalise_keys(layout, keys, count, layout.bytes, normalised);
  member.differences.note(normalised, layout.decisive_bytes, layout.bytes, count);
  const uint32_t wanted = select_rows(member, normalised, count, selected, scratch);
  if (!write_rows(member, payload, keys, normalised, selected, wanted, stable, scratch)) {
    return false;
  }
  if (!is_bounded()) return true;
  const uint64_t gather = std::max(kGatherRowsMin, row_limit_ * kGatherFactor);
  return member.rows.count() < gather || row_limit_ >= UINT64_MAX / kGatherFactor ||
         truncate(member);
}

/// Takes the rows, or makes those before them whole if their keys are no longer told apart by one
/// number.
bool SortBuffer::append_slim(Member& member, std::span<const Vector> payload,
                             std::span<const Vector> keys, uint32_t count, const uint8_t* stable,
                             Arena& scratch) {
  const SortLayout& layout = *spec_.layout;
  const uint32_t stride = layout.key_stride();
  auto* normalised = scratch.allocate_array<uint8_t>(size_t{count} * stride);
  if (normalised == nullptr) return false;
  normalise_keys(layout.keys, keys, count, stride, normalised);
  member.differences.note(normalised, layout.keys.decisive_bytes, stride, count);
  if (member.differences.bit_count() > KeyBits::kNumberBits) return make_whole(member);
  return member.slim.append(payload, normalised, count, member.differences, stable, scratch);
}

/// Writes a member's slim rows as whole ones.
bool SortBuffer::make_whole(Member& member) {
  member.is_slim = false;
  const SortLayout& layout = *spec_.layout;
  const KeyReader& reader = member.slim.reader();
  const std::vector<uint8_t> stable(layout.payload.size(), 1);
  std::vector<uint32_t> selected(vector::kBatchRowsMax);
  std::iota(selected.begin(), selected.end(), 0U);
  std::vector<Entry> entries(vector::kBatchRowsMax);
  std::vector<const Entry*> named(vector::kBatchRowsMax);
  for (size_t i = 0; i < entries.size(); ++i) named[i] = &entries[i];
  std::vector<Vector> payload(layout.payload.size());
  Arena scratch;
  for (uint64_t first = 0; first < member.slim.count(); first += vector::kBatchRowsMax) {
    scratch.reset();
    const auto count = static_cast<uint32_t>(
        std::min<uint64_t>(vector::kBatchRowsMax, member.slim.count() - first));
    member.slim.entries(first, count, reader, entries.data());
    auto* keys = scratch.allocate_array<uint8_t>(size_t{count} * layout.keys.bytes + 8);
    if (keys == nullptr) return false;
    reader.write_keys(named.data(), count, layout.keys.bytes, keys);
    for (uint32_t i = 0; i < payload.size(); ++i) {
      if (!reader.read(i, named.data(), count, scratch, payload[i])) return false;
    }
    if (!write_rows(member, payload, {}, keys, selected.data(), count, stable.data(), scratch)) {
      return false;
    }
  }
  return true;
}

// Passes over rows that come after enough others for certain: the bytes compared stop at the first
// string's prefix, where only the strings could tell.
uint32_t SortBuffer::select_rows(Member& member, const uint8_t* keys, uint32_t count,
                                 uint32_t* selected, Arena& scratch) const {
  const SortLayout& layout = *spec_.layout;
  const uint32_t key_offset = layout.key_offset();
  uint32_t wanted = 0;
  for (uint32_t row = 0; row < count; ++row) {
    selected[wanted] = row;
    const uint8_t* key = keys + size_t{row} * layout.keys.bytes;
    const bool too_late =
        member.bound != nullptr &&
        std::memcmp(key, member.bound + key_offset, layout.keys.decisive_bytes) > 0;
    wanted += too_late ? 0 : 1;
  }
  return member.groups.select(keys, selected, wanted, scratch);
}

bool SortBuffer::write_rows(Member& member, std::span<const Vector> payload,
                            std::span<const Vector> keys, const uint8_t* normalised,
                            const uint32_t* selected, uint32_t count, const uint8_t* stable,
                            Arena& scratch) {
  const SortLayout& layout = *spec_.layout;
  auto* targets = scratch.allocate_array<uint8_t*>(count);
  if (targets == nullptr || !member.rows.extend(count, targets)) return false;
  Arena& heap = member.heap(is_bounded());
  const auto write = [&](uint32_t column, const Vector& source, bool is_stable) {
    return join::scatter_column(layout.whole, column, source, selected, count, targets,
                                is_stable ? nullptr : &heap);
  };
  for (uint32_t i = 0; i < payload.size(); ++i) {
    if (layout.is_string_of_key(i)) continue;
    if (!write(layout.whole_columns[i], payload[i], stable[i] != 0)) return false;
  }
  for (uint32_t i = 0; i < keys.size(); ++i) {
    const int32_t column = layout.keys.parts[i].string_column;
    if (column < 0) continue;
    if (!write(static_cast<uint32_t>(column), keys[i], stable[payload.size() + i] != 0)) {
      return false;
    }
  }
  const uint32_t key_bytes = layout.keys.bytes, key_offset = layout.key_offset();
  for (uint32_t i = 0; i < count; ++i) {
    // In place of a hash: the order of arrival, which settles ties.
    join::set_hash(targets[i], member.arrived + selected[i]);
    std::memcpy(targets[i] + key_offset, normalised + size_t{selected[i]} * key_bytes, key_bytes);
  }
  member.arrived += count == 0 ? 0 : selected[count - 1] + 1;
  return true;
}

bool SortBuffer::copy_row(Member& member, const uint8_t* from) {
  const join::PackedLayout& layout = spec_.layout->whole;
  uint8_t* to = nullptr;
  if (!member.rows.extend(1, &to)) return false;
  std::memcpy(to, from, layout.row_bytes);
  for (uint32_t column = 0; column < layout.types.size(); ++column) {
    if (layout.types[column] != PhysicalType::String || layout.is_null(to, column)) continue;
    vector::StringView view;
    std::memcpy(&view, to + layout.offsets[column], sizeof view);
    if (view.is_inline()) continue;
    auto* bytes = static_cast<char*>(member.kept[member.current].allocate(view.size, 1));
    if (bytes == nullptr) return false;
    std::memcpy(bytes, view.pointer, view.size);
    view.pointer = bytes;
    std::memcpy(to + layout.offsets[column], &view, sizeof view);
  }
  return true;
}

// Keeps the first row_limit_ rows, moving them to the other arena with their strings.
bool SortBuffer::truncate(Member& member) {
  const uint64_t count = member.rows.count();
  auto* entries = member.kept[member.current].allocate_array<Entry>(count);
  if (entries == nullptr) return false;
  member.bits.set(member.differences.bits);
  const RowOrder order = order_by(member.bits, false);
  member.read_entries(order, 0, count, entries);
  std::nth_element(entries, entries + row_limit_ - 1, entries + count,
                   [&order](const Entry& a, const Entry& b) { return order.less(a, b); });
  member.current = 1 - member.current;
  member.kept[member.current].reset();
  member.rows.open(spec_.layout->whole.row_bytes, member.kept[member.current]);
  for (uint64_t i = 0; i < row_limit_; ++i) {
    if (!copy_row(member, entries[i].row)) return false;
  }
  member.bound = member.rows.row(row_limit_ - 1);  // the greatest of them
  return true;
}

/// Of all members' keys, so that their prefixes compare.
KeyDifferences SortBuffer::differences() const {
  KeyDifferences all;
  for (uint32_t m = 0; m < member_count_; ++m) all.note(members_[m]->differences);
  return all;
}

// What decides whether rows stay slim was noted before any member finishes: all decide alike.
bool SortBuffer::finish(uint32_t index) {
  Member& member = *members_[index];
  const KeyDifferences all = differences();
  if (member.is_slim && all.bit_count() > KeyBits::kNumberBits && !make_whole(member)) return false;
  member.bits.set(all.bits);
  member.reader.set(*spec_.layout, all);
  const RowOrder order = order_by(member.bits, member.is_slim);
  if (member.count() > row_limit_ && !choose(member, order)) return false;
  if (member_count_ > 1) return true;
  order_ = order;
  entry_count_ = member.entry_count();
  entries_ = sorted(member, order);
  return entries_ != nullptr;
}

/// Chooses the rows of one member that are among the first.
bool SortBuffer::choose(Member& member, const RowOrder& order) const {
  const uint64_t count = member.count();
  member.chosen = member.run->allocate_array<Entry>(count);
  if (member.chosen == nullptr) return false;
  member.read_entries(order, 0, count, member.chosen);
  member.chosen_count = row_limit_;
  std::nth_element(member.chosen, member.chosen + row_limit_, member.chosen + count,
                   [&order](const Entry& a, const Entry& b) { return order.less(a, b); });
  return true;
}

/// All rows of the only member, in order; nullptr: memory is out.
const Entry* SortBuffer::sorted(Member& member, const RowOrder& order) const {
  const uint64_t count = member.entry_count();
  Entry* entries = member.chosen;
  if (entries == nullptr) {
    entries = member.run->allocate_array<Entry>(count);
    if (entries == nullptr) return nullptr;
    member.read_entries(order, 0, count, entries);
  }
  return sort(member, order, entries, count) ? entries : nullptr;
}

/// Were rows dropped that are not among the first?
bool SortBuffer::has_chosen() const {
  return std::any_of(members_.begin(), members_.begin() + member_count_, [](const auto& member) {
    return member->chosen != nullptr || member->bound != nullptr;
  });
}

/// Sorts entries, those of equal rows by arrival. Returns: false when memory is out.
bool SortBuffer::sort(Member& member, const RowOrder& order, Entry* entries,
                      uint64_t count) const {
  if (has_chosen()) {
    // What was chosen comes in no order, which a stable sort would keep among equals.
    std::sort(entries, entries + count,
              [&order](const Entry& a, const Entry& b) { return order.less(a, b); });
    return true;
  }
  const Arena::Mark mark = member.run->mark();
  auto* spare = member.run->allocate_array<Entry>(count);
  if (spare == nullptr) return false;
  sort_entries(order, entries, spare, count);
  member.run->rewind(mark);
  return true;
}

uint64_t SortBuffer::count() const {
  const uint64_t end = std::min(entry_count_, row_limit_);
  const auto offset = static_cast<uint64_t>(spec_.offset);
  return end > offset ? end - offset : 0;
}

// The rows lie anywhere, so they are fetched before somebody reads their columns.
void SortBuffer::addresses(uint64_t first, uint32_t count, const uint8_t** out) const {
  const Entry* entries = entries_ + spec_.offset + first;
  const bool by_entry = is_slim();
  for (uint32_t i = 0; i < count; ++i) {
    out[i] = by_entry ? reinterpret_cast<const uint8_t*>(&entries[i]) : entries[i].row;
    __builtin_prefetch(entries[i].row);
  }
}

bool SortBuffer::read(uint32_t column, const uint8_t* const* rows, uint32_t count, Arena& arena,
                      Vector& out) const {
  if (is_slim()) return members_[0]->reader.read(column, as_entries(rows), count, arena, out);
  const SortLayout& layout = *spec_.layout;
  return join::gather_column(layout.whole, layout.whole_columns[column], rows, count, arena, out);
}

void SortBuffer::close() {
  for (const auto& member : members_) {
    for (Arena& arena : member->kept) arena.reset();
  }
}

size_t SortBuffer::bytes_reserved() const {
  size_t bytes = 0;
  for (const auto& member : members_) {
    for (const Arena& arena : member->kept) bytes += arena.bytes_reserved();
  }
  return bytes;
}

}  // namespace rowtine::sort
