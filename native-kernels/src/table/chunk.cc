#include "table/chunk.h"

#include <algorithm>
#include <cstring>

#include "base/invariant.h"

namespace rowtine::table {
namespace {

constexpr size_t kPageBytes = 4096;
constexpr size_t kHugePageBytes = 2 << 20;
constexpr uint32_t kMappedChunks = 8;

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
  place_array(at, types.size());  // per column: does the chunk have nulls?
  versions_.lay_out(at);
  links_ = place_array(at, size_t{kChunkRows} * sizeof(uint32_t) * 2 * index_count);
  row_bytes_ = Versions::kBytes + 2 * sizeof(uint32_t) * index_count;
  for (const vector::PhysicalType type : types) {
    const size_t width = vector::width_of(type);
    Column column{place_array(at, kChunkRows * width), 0, static_cast<uint32_t>(width),
                  has_ranks(type) ? zone_count_++ : kNoZone, type};
    column.validity = place_array(at, kChunkRows / 8);
    columns_.push_back(column);
    row_bytes_ += width;
  }
  zones_ = place_array(at, size_t{kChunkBlocks} * zone_count_ * sizeof(Zone));
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
// the time of a large insert went to page faults. Behind them lies what few tables touch: versions
// that are spelled out.
std::byte* ChunkStore::next_chunk() {
  const uint32_t mapped = chunk_count_ == 0 ? 0 : 1 + (chunk_count_ - 1) / kMappedChunks;
  const uint32_t chunks = mapped == 0 ? 1 : kMappedChunks;
  const size_t spelled = mapped == 0 ? chunk_bytes_ : round_up(chunks * chunk_bytes_, kHugePageBytes);
  if (memory_.size() == mapped) {
    MappedMemory memory(spelled + chunks * Versions::kChunkBytes);
    if (memory.data() == nullptr) return nullptr;
    if (mapped > 0) memory.advise_huge_pages();
    memory_.push_back(std::move(memory));
  }
  const uint32_t place = chunk_count_ == 0 ? 0 : (chunk_count_ - 1) % kMappedChunks;
  std::byte* memory = memory_[mapped].data();
  std::byte* chunk = memory + place * chunk_bytes_;
  versions_.attach(chunk, memory + spelled + place * Versions::kChunkBytes);
  return chunk;
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

/// How many versions of the chunk of `version` there are.
uint32_t ChunkStore::begun_in_chunk(VersionId version) const {
  const uint32_t count = count_.load(std::memory_order_relaxed);
  return std::min(count - version / kChunkRows * kChunkRows, kChunkRows);
}

void ChunkStore::begin_versions(uint32_t count, int64_t first_key, Sequence at) {
  const VersionId first = count_.load(std::memory_order_relaxed);
  std::byte* chunk = chunk_of(first);
  versions_.set_keys(chunk, first % kChunkRows, count, first_key);
  versions_.begin(chunk, first % kChunkRows, count, at);
  count_.store(first + count, std::memory_order_release);  // pairs with count()
}

void ChunkStore::begin_again(VersionId version, int64_t key, Sequence at) {
  std::byte* chunk = chunk_of(version);
  const uint32_t row = version % kChunkRows;
  versions_.set_key_again(chunk, row, key, begun_in_chunk(version));
  versions_.begin_again(chunk, row, at);
}

void ChunkStore::end_version(VersionId version, Sequence at) {
  versions_.end(chunk_of(version), version % kChunkRows, at, begun_in_chunk(version));
}

void ChunkStore::revive_version(VersionId version) {
  versions_.revive(chunk_of(version), version % kChunkRows);
}

void ChunkStore::clear_version(VersionId version) {
  versions_.clear(chunk_of(version), version % kChunkRows, begun_in_chunk(version));
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
