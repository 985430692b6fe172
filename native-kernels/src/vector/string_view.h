// The 16-byte string of every text, json and bytea column: Arrow's Utf8View with a pointer in
// place of the buffer index. Comparisons look at the prefix first.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace rowtine::vector {

/// Up to kInlineBytes bytes live inside the view (unused ones are zero); longer ones are pointed to
/// and owned by whoever made them (an arena, a table's string heap, a pinned event batch).
struct StringView {
  static constexpr uint32_t kInlineBytes = 12;

  uint32_t size = 0;
  char prefix[4] = {0, 0, 0, 0};
  union {
    char rest[8];
    const char* pointer;
  };

  StringView() : rest{} {}

  /// A view of `bytes`: copied inside when short, pointed to when long. Threads: pure.
  static StringView of(std::string_view bytes) {
    StringView view;
    if (bytes.empty()) return view;  // its pointer may be null, which memcpy must not see
    view.size = static_cast<uint32_t>(bytes.size());
    if (bytes.size() <= kInlineBytes) {
      std::memcpy(view.prefix, bytes.data(), bytes.size() < 4 ? bytes.size() : 4);
      if (bytes.size() > 4) std::memcpy(view.rest, bytes.data() + 4, bytes.size() - 4);
    } else {
      std::memcpy(view.prefix, bytes.data(), 4);
      view.pointer = bytes.data();
    }
    return view;
  }

  bool is_inline() const { return size <= kInlineBytes; }
  const char* data() const { return is_inline() ? prefix : pointer; }
  std::string_view text() const { return {data(), size}; }

  bool operator==(const StringView& other) const {
    if (std::memcmp(this, &other, 8) != 0) return false;  // size and prefix
    if (is_inline()) return std::memcmp(rest, other.rest, 8) == 0;
    return pointer == other.pointer || std::memcmp(pointer, other.pointer, size) == 0;
  }
};
static_assert(sizeof(StringView) == 16);

}  // namespace rowtine::vector
