#include "runtime/staged_effects.h"

#include <algorithm>
#include <cstring>
#include <tuple>

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

}  // namespace

bool copy_column(Arena& arena, const Vector& source, uint32_t row_count, Vector& out) {
  const uint32_t rows = source.constant ? 1 : row_count;
  if (!vector::allocate(arena, source.type, rows, source.validity != nullptr, out)) return false;
  out.constant = source.constant;
  std::memcpy(out.values, source.values, rows * vector::width_of(source.type));
  if (source.validity != nullptr) {
    std::memcpy(out.validity, source.validity, bitmap_words(rows) * 8);
  }
  if (source.type != PhysicalType::String) return true;
  return copy_strings(arena, out.as<StringView>(), out, rows);
}

uint32_t StagedEffects::stage(uint32_t relation, std::span<const Vector> columns,
                              uint32_t row_count, const uint32_t* event_rows, uint32_t run,
                              uint32_t pipeline) {
  StagedPiece piece{relation, row_count, run, pipeline, false, {}, nullptr, nullptr, nullptr};
  piece.event_rows = arena_.allocate_array<uint32_t>(row_count);
  piece.dropped = arena_.allocate_array<uint8_t>(row_count);
  auto* copies = arena_.allocate_array<Vector>(columns.size());
  if (piece.event_rows == nullptr || piece.dropped == nullptr || copies == nullptr) {
    return UINT32_MAX;
  }
  std::memset(piece.dropped, 0, row_count);
  if (event_rows == nullptr) {
    std::fill_n(piece.event_rows, row_count, 0U);
  } else {
    std::copy_n(event_rows, row_count, piece.event_rows);
  }
  for (size_t i = 0; i < columns.size(); ++i) {
    copies[i] = Vector{columns[i].type, false, nullptr, nullptr};
    if (columns[i].values == nullptr) continue;
    if (!copy_column(arena_, columns[i], row_count, copies[i])) return UINT32_MAX;
  }
  piece.columns = {copies, columns.size()};
  pieces_.push_back(piece);
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

// ---- the order of leaving -------------------------------------------------------------------------

std::span<const StagedOrder> StagedEffects::in_order(bool grouped) {
  order_count_ = 0;
  if (grouped) {
    for (size_t p = 0; p < pieces_.size(); ++p) {
      if (!has_place(pieces_[p].relation, p)) add_group(pieces_[p].relation, p);
    }
  } else {
    add_turns();
  }
  return {orders_.data(), order_count_};
}

bool StagedEffects::has_place(uint32_t relation, size_t before) const {
  return std::any_of(pieces_.begin(), pieces_.begin() + static_cast<ptrdiff_t>(before),
                     [&](const StagedPiece& piece) { return piece.relation == relation; });
}

void StagedEffects::list_piece(uint32_t number) {
  const StagedPiece& piece = pieces_[number];
  for (uint32_t row = 0; row < piece.row_count; ++row) {
    if (piece.dropped[row]) continue;
    entries_.push_back({piece.event_rows[row], piece.run, piece.pipeline, number, row});
  }
}

/// A single statement stages in the order of events: looking is cheaper than sorting.
void StagedEffects::sort_entries() {
  const auto turn = [](const Entry& entry) {
    return std::tuple(entry.event_row, entry.run, entry.pipeline);
  };
  if (!std::ranges::is_sorted(entries_, {}, turn)) std::ranges::stable_sort(entries_, {}, turn);
}

StagedOrder& StagedEffects::add_order(uint32_t relation) {
  if (order_count_ == orders_.size()) orders_.emplace_back();
  StagedOrder& order = orders_[order_count_++];
  order.relation = relation;
  order.rows.clear();
  return order;
}

void StagedEffects::add_group(uint32_t relation, size_t first_piece) {
  entries_.clear();
  for (size_t p = first_piece; p < pieces_.size(); ++p) {
    if (pieces_[p].relation == relation) list_piece(static_cast<uint32_t>(p));
  }
  if (entries_.empty()) return;
  sort_entries();
  StagedOrder& order = add_order(relation);
  for (const Entry& entry : entries_) order.rows.push_back({entry.piece, entry.row});
}

void StagedEffects::add_turns() {
  entries_.clear();
  for (uint32_t p = 0; p < pieces_.size(); ++p) list_piece(p);
  sort_entries();
  for (const Entry& entry : entries_) {
    const uint32_t relation = pieces_[entry.piece].relation;
    const bool goes_on = order_count_ > 0 && orders_[order_count_ - 1].relation == relation;
    StagedOrder& order = goes_on ? orders_[order_count_ - 1] : add_order(relation);
    order.rows.push_back({entry.piece, entry.row});
  }
}

void StagedEffects::clear() {
  pieces_.clear();
  arena_.reset();
}

}  // namespace rowtine::runtime
