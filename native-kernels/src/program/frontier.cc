#include "program/frontier.h"

#include "hash/hash_columns.h"

namespace rowtine::program {

void Frontier::open(const join::PackedLayout& layout, const FrontierOptions& options) {
  layout_ = &layout;
  options_ = options;
  close();
  for (Arena* arena : {&memory_[0], &memory_[1], &round_memory_}) {
    arena->set_bytes_max(options.bytes_max);
  }
  for (uint32_t i = 0; i < 2; ++i) rows_[i].open(layout.row_bytes, memory_[i]);
  if (options.distinct) seen_.open(layout, memory_[0]);
  current_ = 0;
  first_ = last_ = 0;
}

bool Frontier::append(std::span<const vector::Vector> columns, uint32_t count,
                      const uint8_t* stable, Arena& scratch) {
  return options_.distinct ? append_new(columns, count, stable, scratch)
                           : append_all(columns, count, stable, scratch);
}

bool Frontier::append_all(std::span<const vector::Vector> columns, uint32_t count,
                          const uint8_t* stable, Arena& scratch) {
  const uint32_t next = 1 - current_;
  auto* targets = scratch.allocate_array<uint8_t*>(count);
  if (targets == nullptr || !rows_[next].extend(count, targets)) return false;
  for (uint32_t i = 0; i < columns.size(); ++i) {
    Arena* heap = stable[i] != 0 ? nullptr : &memory_[next];
    if (!join::scatter_column(*layout_, i, columns[i], nullptr, count, targets, heap)) return false;
  }
  return true;
}

bool Frontier::append_new(std::span<const vector::Vector> columns, uint32_t count,
                          const uint8_t* stable, Arena& scratch) {
  auto* hashes = scratch.allocate_array<uint64_t>(count);
  auto* rows = scratch.allocate_array<uint8_t*>(count);
  if (hashes == nullptr || rows == nullptr) return false;
  hash::hash_columns(columns, count, hashes, options_.hash_seed);
  return seen_.find_or_insert(columns, hashes, count, stable, scratch, rows, nullptr);
}

bool Frontier::advance() {
  round_memory_.rewind({});
  if (options_.distinct) {
    first_ = last_;
    last_ = seen_.count();
    return last_ > first_;
  }
  memory_[current_].rewind({});
  rows_[current_].open(layout_->row_bytes, memory_[current_]);
  current_ = 1 - current_;
  last_ = rows_[current_].count();
  return last_ > 0;
}

void Frontier::addresses(uint64_t first, uint32_t count, const uint8_t** out) const {
  if (options_.distinct) return seen_.addresses(first_ + first, count, out);
  rows_[current_].addresses(first, count, out);
}

size_t Frontier::bytes_reserved() const {
  return memory_[0].bytes_reserved() + memory_[1].bytes_reserved() + round_memory_.bytes_reserved();
}

void Frontier::close() {
  for (Arena* arena : {&memory_[0], &memory_[1], &round_memory_}) arena->reset();
}

}  // namespace rowtine::program
