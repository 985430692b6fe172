#include "runtime/staged_effects.h"

#include <algorithm>
#include <cstring>
#include <tuple>

#include "base/invariant.h"

namespace rowtine::runtime {
namespace {

using vector::PhysicalType;
using vector::StringView;
using vector::Vector;

bool copy_strings(Arena& arena, StringView* views, const Vector& nulls, uint32_t row_count) {
  for (uint32_t row = 0; row < row_count; ++row) {
    if (views[row].is_inline() || nulls.is_null(row)) continue;
    auto* bytes = static_cast<char*>(arena.allocate(views[row].size, 1));
    if (bytes == nullptr) return false;
    std::memcpy(bytes, views[row].pointer, views[row].size);
    views[row].pointer = bytes;
  }
  return true;
}

void spread_constant(const Vector& source, uint32_t row_count, Vector& out) {
  const size_t width = vector::width_of(source.type);
  for (uint32_t row = 0; row < row_count; ++row) {
    std::memcpy(static_cast<std::byte*>(out.values) + row * width, source.values, width);
  }
  if (source.validity != nullptr) {
    std::memset(out.validity, source.is_null(0) ? 0 : 0xFF, bitmap_words(row_count) * 8);
  }
}

}  // namespace

bool copy_dense(Arena& arena, const Vector& source, uint32_t row_count, Vector& out) {
  if (!vector::allocate(arena, source.type, row_count, source.validity != nullptr, out)) {
    return false;
  }
  if (source.constant) {
    spread_constant(source, row_count, out);
  } else {
    std::memcpy(out.values, source.values, row_count * vector::width_of(source.type));
    if (source.validity != nullptr) {
      std::memcpy(out.validity, source.validity, bitmap_words(row_count) * 8);
    }
  }
  if (source.type != PhysicalType::String) return true;
  return copy_strings(arena, out.as<StringView>(), out, row_count);
}

uint32_t StagedEffects::stage(uint32_t relation, std::span<const Vector> columns,
                              uint32_t row_count, const uint32_t* event_rows, uint32_t run,
                              uint32_t pipeline) {
  StagedPiece piece{relation, row_count, run, pipeline, false, {}, nullptr, nullptr, nullptr};
  piece.event_rows = arena_.allocate_array<uint32_t>(row_count);
  piece.dropped = arena_.allocate_array<uint8_t>(row_count);
  if (piece.event_rows == nullptr || piece.dropped == nullptr) return UINT32_MAX;
  std::memset(piece.dropped, 0, row_count);
  for (uint32_t row = 0; row < row_count; ++row) {
    piece.event_rows[row] = event_rows == nullptr ? 0 : event_rows[row];
  }
  piece.columns.reserve(columns.size());
  for (const Vector& column : columns) {
    Vector copy{column.type, false, nullptr, nullptr};
    if (column.values != nullptr && !copy_dense(arena_, column, row_count, copy)) return UINT32_MAX;
    piece.columns.push_back(copy);
  }
  pieces_.push_back(std::move(piece));
  return static_cast<uint32_t>(pieces_.size() - 1);
}

void StagedEffects::discard(uint32_t event_row, uint32_t run, uint32_t since_pipeline) {
  for (StagedPiece& piece : pieces_) {
    if (piece.run != run || piece.pipeline < since_pipeline) continue;
    for (uint32_t row = 0; row < piece.row_count; ++row) {
      if (piece.event_rows[row] == event_row) piece.dropped[row] = 1;
    }
  }
}

void StagedEffects::discard_run(uint32_t run) {
  std::erase_if(pieces_, [run](const StagedPiece& piece) { return piece.run == run; });
}

std::vector<StagedOrder> StagedEffects::in_order(bool grouped) const {
  struct Entry {
    uint32_t event_row, run, pipeline, piece, row;
  };
  std::vector<Entry> entries;
  for (uint32_t p = 0; p < pieces_.size(); ++p) {
    for (uint32_t row = 0; row < pieces_[p].row_count; ++row) {
      if (pieces_[p].dropped[row]) continue;
      entries.push_back({pieces_[p].event_rows[row], pieces_[p].run, pieces_[p].pipeline, p, row});
    }
  }
  std::ranges::stable_sort(entries, {}, [](const Entry& entry) {
    return std::tuple(entry.event_row, entry.run, entry.pipeline);
  });
  std::vector<StagedOrder> orders;
  for (const Entry& entry : entries) {
    const uint32_t relation = pieces_[entry.piece].relation;
    auto found = grouped ? std::ranges::find(orders, relation, &StagedOrder::relation)
                 : !orders.empty() && orders.back().relation == relation ? orders.end() - 1
                                                                         : orders.end();
    if (found == orders.end()) found = orders.insert(orders.end(), {relation, {}});
    found->rows.push_back({entry.piece, entry.row});
  }
  return orders;
}

void StagedEffects::clear() {
  pieces_.clear();
  arena_.reset();
}

}  // namespace rowtine::runtime
