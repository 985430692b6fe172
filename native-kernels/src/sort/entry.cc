#include "sort/entry.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace rowtine::sort {
namespace {

constexpr uint64_t kInsertionMax = 24;
constexpr uint32_t kDigitBitsMax = 11;
constexpr uint32_t kDigitBitsMin = 4;
// Runs of equal prefixes from here on are sorted by the next bytes rather than by comparing rows.
constexpr uint64_t kNextBytesMin = 32;
// And not beyond these bytes, as each eight of them take a call deeper.
constexpr uint32_t kOffsetMax = 512;
constexpr uint32_t kNumbersMax = kOffsetMax / 8;

void sort_by_insertion(Entry* entries, uint64_t count) {
  for (uint64_t i = 1; i < count; ++i) {
    const Entry moved = entries[i];
    uint64_t at = i;
    for (; at > 0 && moved.prefix < entries[at - 1].prefix; --at) entries[at] = entries[at - 1];
    entries[at] = moved;
  }
}

/// Digits that leave about as many entries in each bucket as insertion sorts well.
uint32_t digit_bits_of(uint64_t count, uint32_t bits) {
  const auto wanted = static_cast<uint32_t>(std::bit_width(count)) - 4;
  return std::min(bits, std::clamp(wanted, kDigitBitsMin, kDigitBitsMax));
}

/// Radix sort from the most significant digit, stable. All prefixes agree above the low `bits`.
/// The outcome lies in `to` if `moves`, else in `from`.
void sort_by_digits(Entry* from, Entry* to, uint64_t count, uint32_t bits, bool moves) {
  if (count <= kInsertionMax || bits == 0) {
    if (bits > 0) sort_by_insertion(from, count);
    if (moves) std::copy_n(from, count, to);
    return;
  }
  const uint32_t digit_bits = digit_bits_of(count, bits);
  const uint32_t shift = bits - digit_bits;
  const uint64_t mask = (1ULL << digit_bits) - 1;
  uint64_t ends[1 << kDigitBitsMax];  // of each bucket; at first its size
  std::fill_n(ends, mask + 1, 0);
  for (uint64_t i = 0; i < count; ++i) ++ends[from[i].prefix >> shift & mask];
  if (ends[from[0].prefix >> shift & mask] == count) {
    return sort_by_digits(from, to, count, shift, moves);
  }
  uint64_t start = 0;
  for (uint64_t digit = 0; digit <= mask; ++digit) {
    const uint64_t size = ends[digit];
    ends[digit] = start;
    start += size;
  }
  for (uint64_t i = 0; i < count; ++i) to[ends[from[i].prefix >> shift & mask]++] = from[i];
  start = 0;
  for (uint64_t digit = 0; digit <= mask; ++digit) {
    sort_by_digits(to + start, from + start, ends[digit] - start, shift, !moves);
    start = ends[digit];
  }
}

void sort_by_prefix(Entry* entries, Entry* spare, uint64_t count) {
  uint64_t differing = 0;
  for (uint64_t i = 1; i < count; ++i) differing |= entries[i].prefix ^ entries[0].prefix;
  const auto bits = static_cast<uint32_t>(std::bit_width(differing));
  sort_by_digits(entries, spare, count, bits, false);
}

uint64_t end_of_run(const Entry* entries, uint64_t first, uint64_t count) {
  uint64_t end = first + 1;
  while (end < count && entries[end].prefix == entries[first].prefix) ++end;
  return end;
}

void sort_from(const RowOrder& order, Entry* entries, Entry* spare, uint64_t count,
               uint32_t index);

void sort_by_rows(const RowOrder& order, Entry* entries, uint64_t count) {
  std::sort(entries, entries + count,
            [&order](const Entry& a, const Entry& b) { return order.less_rows(a.row, b.row); });
}

/// The first string of the keys, beyond the prefix in the normalised key.
struct FirstText {
  uint32_t offset;  // of the view in a row
  bool descending, is_last;

  explicit FirstText(const RowOrder& order) {
    const auto part = std::ranges::find_if(
        order.keys->parts, [](const KeyLayout::Part& each) { return each.string_column >= 0; });
    offset = order.layout->offsets[static_cast<size_t>(part->string_column)];
    descending = part->key.descending;
    is_last = part + 1 == order.keys->parts.end();
  }
  vector::StringView view(const uint8_t* row) const {
    vector::StringView view;
    std::memcpy(&view, row + offset, sizeof view);
    return view;
  }
  /// Bytes position .. position + 7 as a number that orders as they do; 0 past the end.
  uint64_t number_at(const vector::StringView& text, uint32_t position) const {
    uint64_t number = 0;
    if (text.size > position) {
      std::memcpy(&number, text.data() + position, std::min(8U, text.size - position));
    }
    number = __builtin_bswap64(number);
    return descending ? ~number : number;
  }
};

// Sorts rows that agree up to byte `position` of their first strings; their prefix stays what it
// was. Equal strings are told from those that differ in zero bytes at the end by their sizes.
void sort_by_text(const RowOrder& order, const FirstText& text, Entry* entries, Entry* spare,
                  uint64_t count, uint32_t position) {
  if (count < kNextBytesMin || position > kOffsetMax) {
    return sort_by_rows(order, entries, count);
  }
  const uint64_t prefix = entries[0].prefix;
  uint32_t longest = 0, shortest = UINT32_MAX;
  for (uint64_t i = 0; i < count; ++i) {
    const vector::StringView view = text.view(entries[i].row);
    longest = std::max(longest, view.size);
    shortest = std::min(shortest, view.size);
    entries[i].prefix = text.number_at(view, position);
  }
  sort_by_prefix(entries, spare, count);
  const bool ends_here = longest <= position + 8;
  const bool decided = ends_here && longest == shortest && text.is_last;
  for (uint64_t first = 0; first < count && !decided;) {
    const uint64_t end = end_of_run(entries, first, count);
    if (ends_here) {
      if (end - first > 1) sort_by_rows(order, entries + first, end - first);
    } else {
      sort_by_text(order, text, entries + first, spare + first, end - first, position + 8);
    }
    first = end;
  }
  for (uint64_t i = 0; i < count; ++i) entries[i].prefix = prefix;
}

// Sorts rows that agree in all numbers before `index`; their prefix stays what it was.
void sort_run(const RowOrder& order, Entry* entries, Entry* spare, uint64_t count,
              uint32_t index) {
  if (count < kNextBytesMin || index > kNumbersMax) return sort_by_rows(order, entries, count);
  if (index == order.bits->number_count()) {
    return sort_by_text(order, FirstText(order), entries, spare, count, kStringPrefixBytes);
  }
  const uint64_t prefix = entries[0].prefix;
  for (uint64_t i = 0; i < count; ++i) entries[i].prefix = order.number(entries[i].row, index);
  sort_from(order, entries, spare, count, index);
  for (uint64_t i = 0; i < count; ++i) entries[i].prefix = prefix;
}

// The prefixes are the numbers `index`.
void sort_from(const RowOrder& order, Entry* entries, Entry* spare, uint64_t count,
               uint32_t index) {
  sort_by_prefix(entries, spare, count);
  if (!order.keys->has_strings && index + 1 == order.bits->number_count()) return;
  for (uint64_t first = 0; first < count;) {
    const uint64_t end = end_of_run(entries, first, count);
    if (end - first > 1) sort_run(order, entries + first, spare + first, end - first, index + 1);
    first = end;
  }
}

}  // namespace

bool RowOrder::less_rows(const uint8_t* a, const uint8_t* b) const {
  const int order = compare_rows(*keys, *layout, key_offset, a, b);
  return order != 0 ? order < 0 : join::hash_of(a) < join::hash_of(b);
}

void sort_entries(const RowOrder& order, Entry* entries, Entry* spare, uint64_t count) {
  if (count > 1) sort_from(order, entries, spare, count, 0);
}

}  // namespace rowtine::sort
