// Between which integers the keys of a build side lie.
#pragma once

#include <cstdint>

namespace rowtine::join {

/// Smallest and largest key; nothing was seen while first > last.
struct KeyRange {
  int64_t first = INT64_MAX;
  int64_t last = INT64_MIN;

  bool is_empty() const { return first > last; }
  /// Keys between them, or UINT64_MAX where that does not fit.
  uint64_t domain() const {
    const uint64_t span = static_cast<uint64_t>(last) - static_cast<uint64_t>(first);
    return is_empty() ? 0 : span == UINT64_MAX ? span : span + 1;
  }
  void include(const KeyRange& other) {
    first = other.first < first ? other.first : first;
    last = other.last > last ? other.last : last;
  }
};

}  // namespace rowtine::join
