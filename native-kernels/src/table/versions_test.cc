// Versions of one chunk against a plain list of them: whatever is begun, ended, revived, cleared and
// begun again, blocks that are even and blocks that are spelled out say the same.
#include "table/versions.h"

#include <algorithm>
#include <limits>
#include <random>
#include <vector>

#include "base/check.h"

namespace rowtine::table {
namespace {

using check::expect;

struct Row {
  Sequence begin, end;
  int64_t key;
};

/// A chunk with versions alone, beside what it should say.
class Model {
 public:
  explicit Model(uint64_t seed) : random_(seed) {
    size_t bytes = 0;
    versions_.lay_out(bytes);
    memory_.resize(bytes / sizeof(uint64_t) + 1);
    spelled_.resize(Versions::kChunkBytes / sizeof(uint64_t));
    versions_.attach(chunk(), reinterpret_cast<std::byte*>(spelled_.data()));
  }

  void step() {
    if (below(3) == 0) ++now_;
    const uint64_t action = below(20);
    if (action < 6 || rows_.empty()) return begin();
    const auto row = static_cast<uint32_t>(below(rows_.size()));
    Row& chosen = rows_[row];
    if (action < 8 && chosen.end == kNever) {
      versions_.end(chunk(), row, chosen.end = ++now_, begun());
    } else if (action < 9 && chosen.end != kNever && chosen.end != 0) {
      versions_.revive(chunk(), row);
      chosen.end = kNever;
    } else if (action < 10) {
      versions_.clear(chunk(), row, begun());
      chosen.begin = kNever;
      chosen.end = 0;
    } else if (chosen.end == 0) {
      chosen = {++now_, kNever, static_cast<int64_t>(below(1000))};
      versions_.set_key_again(chunk(), row, chosen.key, begun());
      versions_.begin_again(chunk(), row, chosen.begin);
    }
  }

  void compare() {
    for (uint32_t row = 0; row < rows_.size(); ++row) {
      const Row& wanted = rows_[row];
      expect(versions_.begin_of(chunk(), row) == wanted.begin, "begins");
      expect(versions_.end_of(chunk(), row) == wanted.end, "ends");
      expect(versions_.key(chunk(), row) == wanted.key, "keys");
      const Sequence snapshot = below(now_ + 2);
      const bool is_seen = wanted.begin <= snapshot && snapshot < wanted.end;
      expect(versions_.is_visible(chunk(), row, snapshot) == is_seen, "what a snapshot sees");
      if (!versions_.is_plain(chunk(), row, snapshot)) continue;
      expect(is_seen, "a plain block has visible versions alone");
    }
  }

  /// Are blocks plain for the newest snapshot exactly where all of their versions are seen?
  void compare_blocks() {
    for (uint32_t start = 0; start < rows_.size(); start += kBlockRows) {
      const auto end = std::min<size_t>(rows_.size(), start + kBlockRows);
      const bool is_plain = std::all_of(rows_.begin() + start, rows_.begin() + static_cast<long>(end),
                                        [](const Row& row) { return row.end == kNever; });
      expect(versions_.is_plain(chunk(), start, now_) == is_plain, "a plain block is known as one");
    }
  }

  bool is_full() const { return rows_.size() == kChunkRows; }

 private:
  std::byte* chunk() { return reinterpret_cast<std::byte*>(memory_.data()); }
  uint32_t begun() const { return static_cast<uint32_t>(rows_.size()); }
  uint64_t below(uint64_t end) { return random_() % end; }

  void begin() {
    constexpr uint32_t kCounts[] = {1, 2, 1000, 1024, 3000};
    const uint32_t count = std::min(kCounts[below(5)], kChunkRows - begun());
    if (below(4) == 0) next_key_ += 5;  // another table's row had them, or a transaction
    if (count == 0) return;
    versions_.set_keys(chunk(), begun(), count, next_key_);
    versions_.begin(chunk(), begun(), count, now_);
    for (uint32_t i = 0; i < count; ++i) rows_.push_back({now_, kNever, next_key_++});
  }

  std::mt19937_64 random_;
  Versions versions_;
  std::vector<uint64_t> memory_, spelled_;
  std::vector<Row> rows_;
  Sequence now_ = 1;
  int64_t next_key_ = 1;
};

void test_models() {
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    Model model(seed);
    for (int i = 0; i < 400 && !model.is_full(); ++i) {
      model.step();
      if (i % 40 == 0) model.compare();
    }
    model.compare();
    model.compare_blocks();
  }
}

void test_last_key() {
  constexpr int64_t kLast = std::numeric_limits<int64_t>::max();
  Versions versions;
  size_t bytes = 0;
  versions.lay_out(bytes);
  std::vector<uint64_t> memory(bytes / sizeof(uint64_t) + 1);
  std::vector<uint64_t> spelled(Versions::kChunkBytes / sizeof(uint64_t));
  auto* chunk = reinterpret_cast<std::byte*>(memory.data());
  versions.attach(chunk, reinterpret_cast<std::byte*>(spelled.data()));
  versions.set_keys(chunk, 0, 1, kLast);
  versions.set_keys(chunk, 1, 1, 7);
  expect(versions.key(chunk, 0) == kLast && versions.key(chunk, 1) == 7, "no key comes after it");
}

}  // namespace
}  // namespace rowtine::table

int main() {
  rowtine::table::test_models();
  rowtine::table::test_last_key();
  return rowtine::check::summary();
}
