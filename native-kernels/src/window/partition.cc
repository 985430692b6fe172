#include "window/partition.h"

#include "vector/compare.h"
#include "vector/dispatch.h"

namespace rowtine::window {
namespace {

bool same_value(const WindowLayout& layout, const uint8_t* a, const uint8_t* b, uint32_t column) {
  const bool is_null = layout.is_null(a, column);
  if (is_null || layout.is_null(b, column)) return is_null && layout.is_null(b, column);
  return vector::with_type(layout.packed.types[column], [&](auto tag) {
    using T = typename decltype(tag)::Type;
    return vector::values_equal(layout.read<T>(a, column), layout.read<T>(b, column));
  });
}

}  // namespace

bool same_values(const WindowLayout& layout, const uint8_t* a, const uint8_t* b, uint32_t first,
                 uint32_t count) {
  for (uint32_t column = first; column < first + count; ++column) {
    if (!same_value(layout, a, b, column)) return false;
  }
  return true;
}

bool Partition::find_peers(uint32_t order_count, Arena& arena) {
  groups_ = arena.allocate_array<uint32_t>(count_);
  starts_ = arena.allocate_array<uint32_t>(size_t{count_} + 1);
  if (groups_ == nullptr || starts_ == nullptr) return false;
  for (uint32_t i = 0; i < count_; ++i) {
    const bool begins = i == 0 || !same_values(layout_, row(i - 1), row(i), layout_.first_order,
                                               order_count);
    if (begins) starts_[group_count_++] = i;
    groups_[i] = group_count_ - 1;
  }
  starts_[group_count_] = count_;
  return true;
}

}  // namespace rowtine::window
