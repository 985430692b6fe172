#include "sort/sort_layout.h"

namespace rowtine::sort {
namespace {

/// Lays payload out whole but for strings that a key has anyway.
void lay_out_whole(std::span<const SortKey> keys, std::span<const int32_t> key_of_payload,
                   SortLayout& layout) {
  std::vector<PhysicalType> packed;
  for (size_t i = 0; i < layout.payload.size(); ++i) {
    if (key_of_payload[i] == kNoKey || layout.payload[i] != PhysicalType::String) {
      packed.push_back(layout.payload[i]);
    }
  }
  layout.first_string = static_cast<uint32_t>(packed.size());
  layout.keys = KeyLayout::of(keys, layout.first_string);
  uint32_t next = 0;
  for (size_t i = 0; i < layout.payload.size(); ++i) {
    const bool is_own = key_of_payload[i] == kNoKey || layout.payload[i] != PhysicalType::String;
    layout.whole_columns.push_back(
        is_own ? next++
               : static_cast<uint32_t>(
                     layout.keys.parts[static_cast<size_t>(key_of_payload[i])].string_column));
  }
  for (const SortKey& key : keys) {
    if (key.type == PhysicalType::String) packed.push_back(key.type);
  }
  layout.whole = join::PackedLayout::of(packed, (layout.keys.bytes + 15) & ~15U);
}

/// Lays out payload that no normalised key holds.
void lay_out_slim(std::span<const int32_t> key_of_payload, SortLayout& layout) {
  std::vector<PhysicalType> kept;
  for (size_t i = 0; i < layout.payload.size(); ++i) {
    const bool is_held = key_of_payload[i] != kNoKey && is_held_by_key(layout.payload[i]);
    layout.key_of_payload.push_back(is_held ? key_of_payload[i] : kNoKey);
    layout.slim_columns.push_back(static_cast<uint32_t>(kept.size()));
    if (!is_held) kept.push_back(layout.payload[i]);
  }
  if (!kept.empty()) layout.slim = join::PackedLayout::compact(kept, true);
}

}  // namespace

SortLayout SortLayout::of(std::span<const SortKey> keys, std::span<const PhysicalType> payload,
                          std::span<const int32_t> key_of_payload) {
  SortLayout layout;
  layout.payload.assign(payload.begin(), payload.end());
  std::vector<int32_t> repeated(key_of_payload.begin(), key_of_payload.end());
  repeated.resize(payload.size(), kNoKey);
  lay_out_whole(keys, repeated, layout);
  lay_out_slim(repeated, layout);
  return layout;
}

}  // namespace rowtine::sort
