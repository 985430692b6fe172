// The header lines that responses gave lately: an application's responses mostly give the same few
// objects, and looking one up costs a comparison where reading its JSON costs a hundred nanoseconds.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace rowtine::http {

/// Which headers the caller gave, so that they are not made twice.
struct GivenHeaders {
  bool content_type = false;
  bool content_length = false;
  bool date = false;
  bool close = false;
  bool depends_on_body = false;  // the same object may be wrong for another response
};

/// Threads: one owner.
class HeaderMemory {
 public:
  struct Entry {
    std::string json;
    std::string lines;
    GivenHeaders given;
  };
  /// Longer objects are read every time.
  static constexpr size_t kJsonBytesMax = 512;

  /// Returns: what the object was written as, nullptr when it is not remembered.
  const Entry* find(std::string_view json) const {
    const Entry& entry = entries_[place_of(json)];
    return entry.json == json ? &entry : nullptr;
  }
  /// Shapes: `json` is not empty.
  void remember(std::string_view json, std::string_view lines, const GivenHeaders& given) {
    if (json.size() > kJsonBytesMax || given.depends_on_body) return;
    Entry& entry = entries_[place_of(json)];
    entry.json = json;
    entry.lines = lines;
    entry.given = given;
  }

 private:
  static constexpr size_t kEntries = 16;  // a power of two

  /// Spreads by what differs between the objects of one application: length and last value.
  static size_t place_of(std::string_view json) {
    const auto byte = static_cast<unsigned char>(json.size() < 3 ? 0 : json[json.size() - 3]);
    return (json.size() + byte) & (kEntries - 1);
  }

  std::array<Entry, kEntries> entries_;
};

}  // namespace rowtine::http
