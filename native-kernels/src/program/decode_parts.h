// The words of an encoded program, read one after the other, and the parts that every reader of
// them shares.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "program/program.h"

namespace rowtine::program {

/// Reads words in order. After the first mistake every read gives zero and ok() is false, so
/// callers need no check of their own.
class WordReader {
 public:
  explicit WordReader(std::span<const int32_t> words) : words_(words) {}

  bool ok() const { return ok_; }
  bool at_end() const { return next_ == words_.size(); }
  void refuse() { ok_ = false; }

  int32_t word() {
    if (!ok_ || next_ == words_.size()) {
      ok_ = false;
      return 0;
    }
    return words_[next_++];
  }
  /// A number from 0 to limit - 1.
  uint32_t below(uint32_t limit) {
    const auto value = static_cast<uint32_t>(word());
    if (value >= limit) ok_ = false;
    return ok_ ? value : 0;
  }
  uint32_t number() { return below(1U << 31); }
  bool flag() { return below(2) == 1; }

  /// A list's length: its items take at least a word each, so a false count cannot allocate much.
  uint32_t count(uint32_t max) {
    const uint32_t value = number();
    if (value > max || value > words_.size() - next_) ok_ = false;
    return ok_ ? value : 0;
  }

 private:
  std::span<const int32_t> words_;
  size_t next_ = 0;
  bool ok_ = true;
};

template <class Item, class Read>
std::vector<Item> read_list(WordReader& in, Read read, uint32_t max = kProgramWordsMax) {
  std::vector<Item> items;
  const uint32_t count = in.count(max);
  for (uint32_t i = 0; i < count && in.ok(); ++i) items.push_back(read(in));
  return items;
}

inline std::vector<int32_t> read_words(WordReader& in) {
  return read_list<int32_t>(in, [](WordReader& r) { return r.word(); });
}

inline PhysicalType read_type(WordReader& in) {
  return static_cast<PhysicalType>(in.below(vector::kPhysicalTypeCount));
}

inline std::vector<PhysicalType> read_types(WordReader& in) {
  return read_list<PhysicalType>(in, read_type, kRegistersMax);
}

inline std::vector<Load> read_loads(WordReader& in) {
  return read_list<Load>(in, [](WordReader& r) {
    const uint32_t column = r.number();
    return Load{column, r.word()};
  });
}

inline SourceSpan read_span(WordReader& in) {
  const int32_t start = in.word();
  return {start, in.word()};
}

State read_state(WordReader& in);
Source read_source(WordReader& in);
Operator read_operator(WordReader& in);
Sink read_sink(WordReader& in);

}  // namespace rowtine::program
