// Hashes: rows hashed in columns equal rows hashed alone, equal values hash equally, bits spread.
#include "hash/hash_columns.h"

#include <bit>
#include <cstring>
#include <string>
#include <vector>

#include "base/check.h"
#include "vector/dispatch.h"

using namespace rowtine;
using namespace rowtine::vector;

namespace {

constexpr uint32_t kRows = 200;

Vector column_of(Arena& arena, PhysicalType type, uint32_t seed) {
  Vector out;
  check::expect(allocate(arena, type, kRows, true, out), "an arena without limit");
  std::memset(out.values, 0, kRows * width_of(type));
  for (uint32_t row = 0; row < kRows; ++row) {
    const uint32_t value = (row * 7 + seed) % 31;
    if (type == PhysicalType::String) {
      const std::string text(value, static_cast<char>('a' + value % 26));
      char* copy = arena.allocate_array<char>(text.size() + 1);
      std::memcpy(copy, text.data(), text.size());
      out.as<StringView>()[row] = StringView::of({copy, text.size()});
    } else {
      std::memcpy(out.as<char>() + row * width_of(type), &value,
                  std::min<size_t>(width_of(type), 2));
    }
    if (row % 11 == 5) clear_bit(out.validity, row);
  }
  return out;
}

void test_rows_and_columns_agree() {
  Arena arena;
  for (uint8_t first = 0; first < kPhysicalTypeCount; ++first) {
    for (const bool constant : {false, true}) {
      Vector columns[] = {column_of(arena, static_cast<PhysicalType>(first), 1),
                          column_of(arena, PhysicalType::Int64, 2),
                          column_of(arena, PhysicalType::String, 3)};
      columns[0].constant = constant;
      for (size_t count = 1; count <= 3; ++count) {
        uint64_t hashes[kRows];
        const std::span<const Vector> some(columns, count);
        hash::hash_columns(some, kRows, hashes);
        bool same = true;
        for (uint32_t row = 0; row < kRows; ++row) same &= hashes[row] == hash::hash_row(some, row);
        check::expect(same, "hash_columns equals hash_row");
      }
    }
  }
}

uint64_t hash_double(double value) {
  const Vector column{PhysicalType::Float64, true, &value, nullptr};
  return hash::hash_row({&column, 1}, 0);
}
uint64_t hash_interval(Interval value) {
  const Vector column{PhysicalType::Interval, true, &value, nullptr};
  return hash::hash_row({&column, 1}, 0);
}
uint64_t hash_int(int64_t value) {
  const Vector column{PhysicalType::Int64, true, &value, nullptr};
  return hash::hash_row({&column, 1}, 0);
}

void test_equal_values() {
  check::expect(hash_double(0.0) == hash_double(-0.0), "zeros");
  check::expect(hash_double(__builtin_nan("1")) == hash_double(-__builtin_nan("2")), "NaNs");
  check::expect(hash_interval({1, 0, 0}) == hash_interval({0, 30, 0}), "a month is thirty days");
  check::expect(hash_interval({0, 1, 0}) != hash_interval({0, 0, 1}), "different spans");
  check::expect(hash::hash_bytes("abc", 3) != hash::hash_bytes("abcd", 4), "different texts");
  check::expect(hash::hash_bytes("", 0) != hash::hash_bytes("\0", 1), "length counts");
}

/// One bit of the key changes half of the hash's bits, on average and for each input bit.
void test_spread() {
  for (int bit = 0; bit < 64; ++bit) {
    int changed = 0;
    for (int64_t key = 0; key < 256; ++key) {
      changed += std::popcount(hash_int(key) ^ hash_int(key ^ static_cast<int64_t>(1ULL << bit)));
    }
    check::expect(changed > 256 * 24 && changed < 256 * 40,
                  "an input bit moves about half the output");
  }
}

}  // namespace

int main() {
  test_rows_and_columns_agree();
  test_equal_values();
  test_spread();
  return check::summary();
}
