// Keys: values that SQL calls equal are equal and hash alike, others differ.
#include "table/key.h"

#include <cmath>
#include <cstring>
#include <initializer_list>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "base/check.h"
#include "vector/string_view.h"

namespace rowtine::table {
namespace {

using check::expect;
using vector::Decimal;
using vector::Interval;
using vector::PhysicalType;
using vector::StringView;

template <class T>
void compare(PhysicalType type, T a, T b, bool equal, const char* what) {
  expect(cells_equal(type, &a, &b) == equal, what);
  for (const uint64_t seed : {uint64_t{0}, uint64_t{0x123456789ABCDEF}}) {
    expect((hash_cell(type, &a, seed) == hash_cell(type, &b, seed)) == equal, what);
  }
}

void scalars() {
  compare<uint8_t>(PhysicalType::Bool, 1, 1, true, "bool");
  compare<uint8_t>(PhysicalType::Bool, 1, 0, false, "bool");
  compare<int16_t>(PhysicalType::Int16, -3, -3, true, "smallint");
  compare<int32_t>(PhysicalType::Int32, INT32_MIN, INT32_MAX, false, "integer");
  compare<int64_t>(PhysicalType::Int64, INT64_MIN, INT64_MIN, true, "bigint");
  compare<int64_t>(PhysicalType::Int64, 1, 1LL << 32, false, "bigint");
  compare<Decimal>(PhysicalType::Decimal, Decimal{1} << 100, Decimal{1} << 100, true, "numeric");
  compare<Decimal>(PhysicalType::Decimal, Decimal{1} << 100, Decimal{1} << 36, false, "numeric");
}

void floats() {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  compare<double>(PhysicalType::Float64, 0.0, -0.0, true, "zero has one key");
  compare<double>(PhysicalType::Float64, nan, -std::nan("7"), true, "NaN equals NaN");
  compare<double>(PhysicalType::Float64, nan, INFINITY, false, "NaN is not infinity");
  compare<float>(PhysicalType::Float32, 0.0F, -0.0F, true, "zero has one key");
  compare<float>(PhysicalType::Float32, 1.5F, 1.25F, false, "real");
}

void intervals() {
  const Interval month{1, 0, 0};
  compare(PhysicalType::Interval, month, Interval{0, 30, 0}, true, "a month is 30 days");
  compare(PhysicalType::Interval, month, Interval{0, 29, 86'400'000'000}, true,
          "a day is 24 hours");
  compare(PhysicalType::Interval, month, Interval{0, 31, 0}, false, "31 days are more");
}

void strings() {
  for (const size_t size : {0U, 1U, 4U, 12U, 13U, 16U, 17U, 32U, 100U}) {
    const std::string a(size, 'a');
    const std::string same = a;
    compare(PhysicalType::String, StringView::of(a), StringView::of(same), true, "the same bytes");
    for (size_t i = 0; i < size; ++i) {
      std::string other = a;
      other[i] = 'b';
      compare(PhysicalType::String, StringView::of(a), StringView::of(other), false, "one byte");
    }
    const std::string longer = a + std::string(1, '\0');
    compare(PhysicalType::String, StringView::of(a), StringView::of(longer), false, "a zero more");
  }
}

/// An index that changes from dense to hashed counts on it.
void integers_of_all_widths_hash_alike() {
  for (const int16_t number : std::initializer_list<int16_t>{0, 1, -1, INT16_MIN, INT16_MAX}) {
    const int32_t wider = number;
    const int64_t widest = number;
    const uint64_t hash = hash_cell(PhysicalType::Int64, &widest, 5);
    expect(hash_cell(PhysicalType::Int16, &number, 5) == hash, "smallint");
    expect(hash_cell(PhysicalType::Int32, &wider, 5) == hash, "integer");
  }
}

/// With a seed of zero this block would forget what stands before it.
void seeds_decide_what_meets() {
  const auto text_of = [](char first, uint64_t second) {
    std::string text(8, first);
    text.append(reinterpret_cast<const char*>(&second), sizeof second);
    return text + "tail";
  };
  const uint64_t factor_of_zero_seed = 0xA0761D6478BD642F;
  const std::string a = text_of('a', factor_of_zero_seed);
  const std::string b = text_of('b', factor_of_zero_seed);
  const StringView view_a = StringView::of(a);
  const StringView view_b = StringView::of(b);
  const auto meet = [&](uint64_t seed) {
    return hash_cell(PhysicalType::String, &view_a, seed) ==
           hash_cell(PhysicalType::String, &view_b, seed);
  };
  expect(meet(0), "a known seed can be aimed at");
  expect(!meet(0x9876543210), "an unknown one cannot");
}

/// The index uses 32 leading bits: dense keys must spread over them.
void hashes_spread() {
  std::set<uint64_t> leading;
  for (int64_t i = 0; i < 10'000; ++i) {
    leading.insert(hash_cell(PhysicalType::Int64, &i, 0) >> (64 - 16));
  }
  // 10,000 balls into 65,536 boxes leave about 9,284 boxes used.
  expect(leading.size() > 9'100, "neighbours go far apart");
}

}  // namespace
}  // namespace rowtine::table

int main() {
  rowtine::table::scalars();
  rowtine::table::floats();
  rowtine::table::intervals();
  rowtine::table::strings();
  rowtine::table::integers_of_all_widths_hash_alike();
  rowtine::table::seeds_decide_what_meets();
  rowtine::table::hashes_spread();
  return rowtine::check::summary();
}
