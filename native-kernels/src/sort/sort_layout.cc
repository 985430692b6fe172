#include "sort/sort_layout.h"

namespace rowtine::sort {

SortLayout SortLayout::of(std::span<const SortKey> keys, std::span<const PhysicalType> payload,
                          std::span<const int32_t> key_of_payload) {
  SortLayout layout;
  layout.keys = KeyLayout::of(keys, static_cast<uint32_t>(payload.size()));
  layout.payload.assign(payload.begin(), payload.end());
  std::vector<PhysicalType> packed = layout.payload;
  for (const SortKey& key : keys) {
    if (key.type == PhysicalType::String) packed.push_back(key.type);
  }
  layout.whole = join::PackedLayout::of(packed, (layout.keys.bytes + 15) & ~15U);
  std::vector<PhysicalType> kept;
  for (size_t i = 0; i < payload.size(); ++i) {
    const int32_t key = i < key_of_payload.size() ? key_of_payload[i] : kNoKey;
    const bool is_held = key != kNoKey && is_held_by_key(payload[i]);
    layout.key_of_payload.push_back(is_held ? key : kNoKey);
    layout.slim_columns.push_back(static_cast<uint32_t>(kept.size()));
    if (!is_held) kept.push_back(payload[i]);
  }
  if (!kept.empty()) layout.slim = join::PackedLayout::compact(kept, true);
  return layout;
}

}  // namespace rowtine::sort
