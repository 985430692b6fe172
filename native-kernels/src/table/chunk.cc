#include "table/chunk.h"

#include <algorithm>
#include <cstring>

#include "base/invariant.h"

namespace rowtine::table {
namespace {

constexpr size_t kPageBytes = 4096;
constexpr size_t kHugePageBytes = 2 << 20;
constexpr uint32_t kMappedChunks = 8;

/// Lays arrays out one after the other, each on a cache line of its own with padding to spare.
size_t place(size_t& at, size_t bytes) {
  const size_t offset = at;
  at = round_up(at + bytes + vector::kPaddingBytes, kCacheLineBytes);
  return offset;
}

void copy_value(void* to, Cell from, uint32_t width) {
  switch (width) {
    case 1: std::memcpy(to, from, 1); return;
    case 2: std::memcpy(to, from, 2); return;
    case 4: std::memcpy(to, from, 4); return;
    case 8: std::memcpy(to, from, 8); return;
    default: std::memcpy(to, from, 16); return;
  }
}

}  // namespace

ChunkStore::ChunkStore(std::span<const vector::PhysicalType> types, uint32_t index_count)
    : directory_(kChunksMax * sizeof(std::byte*)) {
  invariant(directory_.data() != nullptr, "address space for a table's directory");
  size_t at = 0;
  place(at, types.size());  // per column: does the chunk have nulls?
  constexpr uint32_t kBlocks = kChunkRows / kBlockRows;
  ended_counts_ = place(at, kBlocks * sizeof(uint32_t));
  newest_begins_ = place(at, kBlocks * sizeof(Sequence));
  versions_ = place(at, 2 * kChunkRows * sizeof(Sequence));
  keys_ = place(at, kChunkRows * sizeof(int64_t));
  links_ = place(at, size_t{kChunkRows} * sizeof(uint32_t) * 2 * index_count);
  row_bytes_ = 2 * sizeof(Sequence) + sizeof(int64_t) + 2 * sizeof(uint32_t) * index_count;
  for (const vector::PhysicalType type : types) {
    const size_t width = vector::width_of(type);
    Column column{place(at, kChunkRows * width), 0, static_cast<uint32_t>(width),
                  has_ranks(type) ? zone_count_++ : kNoZone, type};
    column.validity = place(at, kChunkRows / 8);
    columns_.push_back(column);
    row_bytes_ += width;
  }
  zones_ = place(at, size_t{kBlocks} * zone_count_ * sizeof(Zone));
  chunk_bytes_ = round_up(at, kPageBytes);
  link_count_ = 2 * index_count;
  added_links_.reserve(kAddedIndexesMax);
}

bool ChunkStore::add_chunk(AddedLinks& links) {
  MappedMemory memory(2 * kChunkRows * sizeof(uint32_t));
  if (memory.data() == nullptr) return false;
  reference<std::byte*>(links.directory.data(), 0, links.chunks.size())
      .store(memory.data(), std::memory_order_release);  // pairs with link()
  links.chunks.push_back(std::move(memory));
  return true;
}

bool ChunkStore::add_index_links() {
  if (added_links_.size() == kAddedIndexesMax) return false;
  AddedLinks links{MappedMemory(kChunksMax * sizeof(std::byte*)), {}};
  if (links.directory.data() == nullptr) return false;
  while (links.chunks.size() < chunk_count_) {
    if (!add_chunk(links)) return false;
  }
  added_links_.push_back(std::move(links));
  row_bytes_ += 2 * sizeof(uint32_t);
  return true;
}

void ChunkStore::remove_index_links() {
  added_links_.pop_back();
  row_bytes_ -= 2 * sizeof(uint32_t);
}

// The first chunk is mapped alone, so that a small table takes no more than the pages it touches; a
// table that has grown gets several at once, which can lie in huge pages: with small ones, half of
// the time of a large insert went to page faults.
std::byte* ChunkStore::next_chunk() {
  const uint32_t mapped = chunk_count_ == 0 ? 0 : 1 + (chunk_count_ - 1) / kMappedChunks;
  if (memory_.size() == mapped) {
    const bool is_first = mapped == 0;
    const size_t bytes = round_up(kMappedChunks * chunk_bytes_, kHugePageBytes);
    MappedMemory memory(is_first ? chunk_bytes_ : bytes);
    if (memory.data() == nullptr) return nullptr;
    if (!is_first) memory.advise_huge_pages();
    memory_.push_back(std::move(memory));
  }
  const uint32_t place = chunk_count_ == 0 ? 0 : (chunk_count_ - 1) % kMappedChunks;
  return memory_[mapped].data() + place * chunk_bytes_;
}

bool ChunkStore::make_room() {
  const uint32_t count = count_.load(std::memory_order_relaxed);
  if (count < size_t{chunk_count_} * kChunkRows) return true;
  if (chunk_count_ == kChunksMax) return false;
  std::byte* chunk = next_chunk();
  if (chunk == nullptr) return false;
  for (AddedLinks& links : added_links_) {
    // One that came further when memory ran out before has its links already.
    if (links.chunks.size() == chunk_count_ && !add_chunk(links)) return false;
  }
  // Release: whoever reads the address sees the system's zeroes, at least.
  reference<std::byte*>(directory_.data(), 0, chunk_count_)
      .store(chunk, std::memory_order_release);
  ++chunk_count_;
  return true;
}

void ChunkStore::count_ended(VersionId version, int32_t by) {
  std::atomic_ref<uint32_t> count =
      ended_counts(chunk_of(version), version % kChunkRows / kBlockRows);
  // One writer: load and store need not be one step. Release: pairs with is_plain().
  count.store(count.load(std::memory_order_relaxed) + static_cast<uint32_t>(by),
              std::memory_order_release);
}

void ChunkStore::begin_version(VersionId version, Sequence at, bool reused) {
  std::byte* chunk = chunk_of(version);
  const uint32_t row = version % kChunkRows;
  newest_begins(chunk, row / kBlockRows).store(at, std::memory_order_relaxed);
  begins(chunk, row).store(at, std::memory_order_relaxed);
  ends(chunk, row).store(kNever, std::memory_order_release);  // pairs with is_visible()
  if (reused) count_ended(version, -1);
}

void ChunkStore::begin_versions(VersionId first, uint32_t count, Sequence at) {
  std::byte* chunk = chunk_of(first);
  const uint32_t row = first % kChunkRows;
  for (uint32_t block = row / kBlockRows; block <= (row + count - 1) / kBlockRows; ++block) {
    newest_begins(chunk, block).store(at, std::memory_order_relaxed);
  }
  for (uint32_t i = 0; i < count; ++i) {
    // relaxed: they are published by the count.
    begins(chunk, row + i).store(at, std::memory_order_relaxed);
    ends(chunk, row + i).store(kNever, std::memory_order_relaxed);
  }
}

void ChunkStore::end_version(VersionId version, Sequence at) {
  count_ended(version, 1);
  ends(chunk_of(version), version % kChunkRows).store(at, std::memory_order_release);
}

void ChunkStore::revive_version(VersionId version) {
  ends(chunk_of(version), version % kChunkRows).store(kNever, std::memory_order_release);
  count_ended(version, -1);
}

void ChunkStore::clear_version(VersionId version) {
  std::byte* chunk = chunk_of(version);
  const uint32_t row = version % kChunkRows;
  if (ends(chunk, row).load(std::memory_order_relaxed) == kNever) count_ended(version, 1);
  begins(chunk, row).store(kNever, std::memory_order_relaxed);
  ends(chunk, row).store(0, std::memory_order_release);
}

// From now on the bitmap counts: all versions so far are valid.
void ChunkStore::start_bitmap(std::byte* chunk, uint32_t column) {
  for (uint32_t word = 0; word < kChunkRows / 64; ++word) {
    reference<uint64_t>(chunk, columns_[column].validity, word)
        .store(~0ULL, std::memory_order_relaxed);
  }
}

void ChunkStore::set_cell(VersionId version, uint32_t column, Cell cell) {
  std::byte* chunk = chunk_of(version);
  const uint32_t row = version % kChunkRows;
  const Column& place = columns_[column];
  std::byte* value = chunk + place.values + size_t{row} * place.width;
  const bool had_nulls = has_nulls(chunk, column);
  if (cell != nullptr) {
    copy_value(value, cell, place.width);
    if (place.zone != kNoZone) {
      const int64_t rank = rank_of(place.type, value);
      zone_of(version, column).widen({rank, rank});
    }
    if (!had_nulls) return;
  } else {
    std::memset(value, 0, place.width);
  }
  if (!had_nulls) start_bitmap(chunk, column);
  std::atomic_ref<uint64_t> word = reference<uint64_t>(chunk, place.validity, row / 64);
  const uint64_t bit = 1ULL << (row % 64);
  const uint64_t old = word.load(std::memory_order_relaxed);
  word.store(cell != nullptr ? old | bit : old & ~bit, std::memory_order_relaxed);
  // Release: a reader that sees the flag sees a bitmap that is right for what it may read.
  if (!had_nulls) reference<uint8_t>(chunk, 0, column).store(1, std::memory_order_release);
}

void ChunkStore::widen_zones(VersionId first, uint32_t count, uint32_t column, const void* values,
                             const uint64_t* validity, uint32_t first_bit) {
  const Column& place = columns_[column];
  if (place.zone == kNoZone) return;
  for (uint32_t done = 0; done < count;) {
    const VersionId at = first + done;
    const uint32_t part = std::min(count - done, kBlockRows - at % kBlockRows);
    const auto* cells = static_cast<const std::byte*>(values) + size_t{done} * place.width;
    zone_of(at, column).widen(range_of(place.type, cells, part, validity, first_bit + done));
    done += part;
  }
}

void ChunkStore::set_cells(VersionId first, uint32_t count, uint32_t column, const void* values,
                           const uint64_t* validity, uint32_t first_bit) {
  std::byte* chunk = chunk_of(first);
  const uint32_t row = first % kChunkRows;
  const Column& place = columns_[column];
  std::byte* target = chunk + place.values + size_t{row} * place.width;
  std::memcpy(target, values, size_t{count} * place.width);
  widen_zones(first, count, column, target, validity, first_bit);
  bool writes_bits = has_nulls(chunk, column);
  for (uint32_t i = 0; i < count && validity != nullptr; ++i) {
    if (get_bit(validity, first_bit + i)) continue;
    if (!writes_bits) start_bitmap(chunk, column);
    writes_bits = true;
    std::memset(target + size_t{i} * place.width, 0, place.width);
  }
  if (!writes_bits) return;
  // The bits of versions that were there share words with these.
  for (uint32_t i = 0; i < count; ++i) {
    std::atomic_ref<uint64_t> word = reference<uint64_t>(chunk, place.validity, (row + i) / 64);
    const uint64_t bit = 1ULL << ((row + i) % 64);
    const uint64_t old = word.load(std::memory_order_relaxed);
    const bool is_valid = validity == nullptr || get_bit(validity, first_bit + i);
    word.store(is_valid ? old | bit : old & ~bit, std::memory_order_relaxed);
  }
  // Release: a reader that sees the flag sees a bitmap that is right for what it may read.
  reference<uint8_t>(chunk, 0, column).store(1, std::memory_order_release);
}

}  // namespace rowtine::table
