#include "table/event_block.h"

#include <algorithm>
#include <cstring>

#include "base/invariant.h"

namespace rowtine::table {
namespace {

using vector::StringView;

size_t place(size_t& at, size_t bytes) {
  const size_t offset = at;
  at = round_up(at + bytes + vector::kPaddingBytes, kCacheLineBytes);
  return offset;
}

template <class T>
void fill(void* out, const void* value, uint32_t count) {
  T one;
  std::memcpy(&one, value, sizeof one);
  std::fill_n(static_cast<T*>(out), count, one);
}

struct Wide {
  uint64_t low, high;
};

void fill_by_width(size_t width, void* out, const void* value, uint32_t count) {
  switch (width) {
    case 1: return fill<uint8_t>(out, value, count);
    case 2: return fill<uint16_t>(out, value, count);
    case 4: return fill<uint32_t>(out, value, count);
    case 8: return fill<uint64_t>(out, value, count);
    default: return fill<Wide>(out, value, count);
  }
}

/// Most appends are of one row: a copy of known size is one move.
void copy_values(size_t width, void* to, const void* from, uint32_t count) {
  if (count == 1 && width == 8) {
    std::memcpy(to, from, 8);
  } else {
    std::memcpy(to, from, width * count);
  }
}

}  // namespace

// The appender -----------------------------------------------------------------------------------

bool EventBlock::open(std::span<const vector::PhysicalType> types, uint32_t row_capacity,
                      int64_t first_seq) {
  places_.clear();
  size_t at = 0;
  place(at, types.size());
  row_bytes_ = 0;
  for (const vector::PhysicalType type : types) {
    const size_t values = place(at, size_t{row_capacity} * vector::width_of(type));
    places_.push_back({values, place(at, bitmap_words(row_capacity) * sizeof(uint64_t)), type});
    row_bytes_ += vector::width_of(type);
  }
  if (memory_.bytes() < at) memory_ = MappedMemory(at);
  if (memory_.data() == nullptr) return false;
  std::memset(memory_.data(), 0, types.size());
  row_capacity_ = row_capacity;
  rows_.store(0, std::memory_order_relaxed);
  first_seq_.store(first_seq, std::memory_order_relaxed);
  heap_.clear();
  return true;
}

void EventBlock::close(Spare& spare) {
  if (memory_.data() == nullptr) return;
  heap_.clear();
  spare = {std::move(memory_), std::move(heap_)};
}

void EventBlock::take(Spare& spare) {
  memory_ = std::move(spare.memory);
  heap_ = std::move(spare.heap);
}

bool EventBlock::write(uint32_t column, const vector::Vector& source, uint32_t from,
                       uint32_t count) {
  const uint32_t row = rows_.load(std::memory_order_relaxed);
  if (source.values == nullptr) {
    write_nulls(column, row, count);
    return true;
  }
  if (source.type == vector::PhysicalType::String) {
    if (!write_strings(column, row, source, from, count)) return false;
  } else {
    const size_t width = vector::width_of(places_[column].type);
    std::byte* out = memory_.data() + places_[column].values + row * width;
    const auto* in = static_cast<const std::byte*>(source.values);
    if (source.constant) {
      fill_by_width(width, out, in, count);
    } else {
      copy_values(width, out, in + from * width, count);
    }
  }
  write_validity(column, row, source, from, count);
  return true;
}

bool EventBlock::write_strings(uint32_t column, uint32_t row, const vector::Vector& source,
                               uint32_t from, uint32_t count) {
  auto* out = reinterpret_cast<StringView*>(memory_.data() + places_[column].values) + row;
  const auto* in = source.as<StringView>();
  const bool copy_once = source.constant && !in[0].is_inline();
  for (uint32_t i = 0; i < count; ++i) {
    const StringView& view = in[source.index_of(from + i)];
    if (view.is_inline() || (copy_once && i > 0)) {
      out[i] = view.is_inline() ? view : out[0];
      continue;
    }
    char* bytes = heap_.allocate(view.size);
    if (bytes == nullptr) return false;
    std::memcpy(bytes, view.pointer, view.size);
    out[i] = StringView::of({bytes, view.size});
  }
  return true;
}

void EventBlock::write_nulls(uint32_t column, uint32_t row, uint32_t count) {
  const size_t width = vector::width_of(places_[column].type);
  std::memset(memory_.data() + places_[column].values + row * width, 0, width * count);
  use_validity(column);
  for (uint32_t i = 0; i < count; ++i) set_validity(column, row + i, false);
}

void EventBlock::write_validity(uint32_t column, uint32_t row, const vector::Vector& source,
                                uint32_t from, uint32_t count) {
  const bool is_used = nulls_flag(column).load(std::memory_order_relaxed) != 0;
  if (source.validity == nullptr && !is_used) return;
  for (uint32_t i = 0; i < count; ++i) {
    const bool is_valid = !source.is_null(from + i);
    if (!is_valid) use_validity(column);
    set_validity(column, row + i, is_valid);
  }
}

/// From the first null on the bitmap counts: rows so far are valid.
void EventBlock::use_validity(uint32_t column) {
  if (nulls_flag(column).load(std::memory_order_relaxed) != 0) return;
  for (size_t word = 0; word < bitmap_words(row_capacity_); ++word) {
    validity_word(column, word).store(~0ULL, std::memory_order_relaxed);
  }
  nulls_flag(column).store(1, std::memory_order_release);  // pairs with slice()
}

void EventBlock::set_validity(uint32_t column, uint32_t row, bool is_valid) {
  std::atomic_ref<uint64_t> word = validity_word(column, row / 64);
  const uint64_t bit = 1ULL << (row % 64);
  const uint64_t old = word.load(std::memory_order_relaxed);
  word.store(is_valid ? old | bit : old & ~bit, std::memory_order_relaxed);
}

void EventBlock::write_numbers(uint32_t column, int64_t first, uint32_t count) {
  const uint32_t row = rows_.load(std::memory_order_relaxed);
  auto* out = reinterpret_cast<int64_t*>(memory_.data() + places_[column].values) + row;
  for (uint32_t i = 0; i < count; ++i) out[i] = first + i;
}

// Readers ----------------------------------------------------------------------------------------

bool EventBlock::slice(uint32_t column, uint32_t row, uint32_t count, Arena& scratch,
                       vector::Vector& out) const {
  const Place& at = places_[column];
  out = {at.type, false, memory_.data() + at.values + row * vector::width_of(at.type), nullptr};
  if (nulls_flag(column).load(std::memory_order_acquire) == 0) return true;
  const size_t words = bitmap_words(count);
  out.validity = static_cast<uint64_t*>(
      scratch.allocate(words * sizeof(uint64_t) + vector::kPaddingBytes, 64));
  if (out.validity == nullptr) return false;
  const size_t last = bitmap_words(row_capacity_) - 1;
  for (size_t word = 0; word < words; ++word) {
    const size_t from = row + word * 64;
    uint64_t bits = validity_word(column, from / 64).load(std::memory_order_relaxed) >> (from % 64);
    if (from % 64 != 0 && from / 64 < last) {
      bits |= validity_word(column, from / 64 + 1).load(std::memory_order_relaxed)
              << (64 - from % 64);
    }
    out.validity[word] = bits;
  }
  return true;
}

// The ring ---------------------------------------------------------------------------------------

EventRing::EventRing(uint32_t slot_count)
    : blocks_(std::make_unique<EventBlock[]>(slot_count)), mask_(slot_count - 1) {
  invariant((slot_count & mask_) == 0, "slots are named by the low bits of a block's number");
}

EventBlock* EventRing::claim(std::span<const vector::PhysicalType> types, uint32_t row_capacity,
                             int64_t first_seq) {
  const uint64_t number = next_.load(std::memory_order_relaxed);
  if (number - freed_ > mask_) return nullptr;
  EventBlock& block = (*this)[number];
  block.take(spare_);
  if (block.open(types, row_capacity, first_seq)) return &block;
  block.close(spare_);
  return nullptr;
}

size_t EventRing::unlink_from(uint64_t number) {
  size_t bytes = 0;
  for (uint64_t at = next_.load(std::memory_order_relaxed); at > number; --at) {
    next_.store(at - 1, std::memory_order_release);
    bytes += (*this)[at - 1].bytes();
    (*this)[at - 1].close(spare_);
  }
  return bytes;
}

size_t EventRing::free_unpinned() {
  size_t bytes = 0;
  for (const uint64_t end = first(); freed_ < end; ++freed_) {
    EventBlock& block = (*this)[freed_];
    // Sequentially consistent, like unlink_first() before it and the two steps of pin(): a reader
    // that is not counted yet will see that the block is unlinked. Acquire: its reads are done.
    if (block.pins().load(std::memory_order_seq_cst) != 0) break;
    bytes += block.bytes();
    block.close(spare_);
  }
  return bytes;
}

EventPin EventRing::pin(uint64_t number) {
  std::atomic<uint32_t>& pins = blocks_[number & mask_].pins();
  pins.fetch_add(1, std::memory_order_seq_cst);
  EventPin pin(&pins);
  return number >= first() && number < next() ? std::move(pin) : EventPin();
}

uint64_t EventRing::find(int64_t seq) const {
  uint64_t low = first();
  uint64_t high = next();
  // The wanted block is most often the newest.
  if (high > low && blocks_[(high - 1) & mask_].first_seq() <= seq) return high - 1;
  while (high - low > 1 && low < high) {
    const uint64_t middle = low + (high - low) / 2;
    (blocks_[middle & mask_].first_seq() <= seq ? low : high) = middle;
  }
  return low;
}

}  // namespace rowtine::table
