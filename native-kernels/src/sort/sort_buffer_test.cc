// Sorting random rows of every key type, with nulls, ties and limits, against std::stable_sort.
#include "sort/sort_buffer.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>
#include <string>

#include "base/check.h"
#include "vector/compare.h"
#include "vector/dispatch.h"

namespace rowtine::sort {
namespace {

using vector::StringView;

constexpr uint32_t kRowsMax = 20000;
constexpr uint32_t kManyRows = 70000;  // a team merges them in several ranges

/// A column of `count` random values with few different ones, so that ties are frequent.
struct RandomColumn {
  Arena arena;
  Vector vector;
  std::vector<std::string> texts;

  RandomColumn(PhysicalType type, uint32_t count, std::mt19937& random) {
    check::expect(vector::allocate(arena, type, count, true, vector), "memory");
    for (const char* each : {"", "a", "ab", "a longer text, one", "a longer text, two", "a longe",
                             "a longer", "z", "\xff\xfe", "zzzzzzzzzzzzzzz"}) {
      texts.emplace_back(each);
    }
    std::memset(vector.values, 0, count * vector::width_of(type));
    for (uint32_t row = 0; row < count; ++row) put(row, random);
  }

 private:
  void put(uint32_t row, std::mt19937& random) {
    if (random() % 7 == 0) clear_bit(vector.validity, row);
    const auto number = static_cast<int>(random() % 9) - 4;
    vector::with_type(vector.type, [&](auto tag) {
      using T = typename decltype(tag)::Type;
      T& value = vector.as<T>()[row];
      if constexpr (std::is_same_v<T, StringView>) {
        value = StringView::of(texts[random() % texts.size()]);
      } else if constexpr (std::is_same_v<T, vector::Interval>) {
        value = {number, -number * 30, static_cast<int64_t>(random() % 2)};
      } else if constexpr (std::is_same_v<T, vector::Uuid>) {
        value = {random() % 3, random() % 3};
      } else if constexpr (std::is_floating_point_v<T>) {
        const T special[] = {-INFINITY, INFINITY, NAN, T{-0.0}, T{0.0}};
        value = number > 0 ? special[number] : static_cast<T>(number) * T{1.5};
      } else if constexpr (std::is_same_v<T, uint8_t>) {
        value = static_cast<uint8_t>(random() % 2);
      } else if constexpr (sizeof(T) == 16) {
        value = static_cast<T>(number) << 70;
      } else {
        value = static_cast<T>(number);
      }
    });
  }
};

/// -1, 0, 1 as ORDER BY sees two rows under one key.
int compare_key(const SortKey& key, const Vector& column, uint32_t a, uint32_t b) {
  const bool null_a = column.is_null(a), null_b = column.is_null(b);
  if (null_a || null_b) {
    if (null_a && null_b) return 0;
    return null_a == key.nulls_first ? -1 : 1;
  }
  const int order = vector::with_type(column.type, [&](auto tag) {
    using T = typename decltype(tag)::Type;
    const T &left = column.as<T>()[a], &right = column.as<T>()[b];
    return vector::values_less(left, right) ? -1 : vector::values_less(right, left) ? 1 : 0;
  });
  return key.descending ? -order : order;
}

struct Way {
  uint32_t batch;    // rows appended at a time
  uint32_t members;  // that take batches by turns
  int64_t limit, offset;
};

bool is_same_value(const Vector& a, uint32_t row_a, const Vector& b, uint32_t row_b) {
  if (a.is_null(row_a) || b.is_null(row_b)) return a.is_null(row_a) && b.is_null(row_b);
  return vector::with_type(a.type, [&](auto tag) {
    using T = typename decltype(tag)::Type;
    return vector::values_equal(a.as<T>()[row_a], b.as<T>()[row_b]);
  });
}

/// The row numbers in order; each row has the values of its columns beside it.
std::vector<int64_t> read_rows(const SortBuffer& buffer, std::span<const Vector> columns) {
  std::vector<int64_t> out;
  Arena arena;
  bool is_whole = true;
  constexpr uint32_t kRead = 1000;
  const uint8_t* rows[kRead];
  for (uint64_t first = 0; first < buffer.count(); first += kRead) {
    arena.reset();
    const auto count = static_cast<uint32_t>(std::min<uint64_t>(kRead, buffer.count() - first));
    buffer.addresses(first, count, rows);
    Vector number, value;
    is_whole = is_whole && buffer.read(0, rows, count, arena, number);
    out.insert(out.end(), number.as<int64_t>(), number.as<int64_t>() + count);
    for (uint32_t i = 0; i < columns.size(); ++i) {
      is_whole = is_whole && buffer.read(i + 1, rows, count, arena, value);
      for (uint32_t row = 0; row < count; ++row) {
        const auto from = static_cast<uint32_t>(number.as<int64_t>()[row]);
        is_whole = is_whole && is_same_value(value, row, columns[i], from);
      }
    }
  }
  check::expect(is_whole, "each row keeps its values");
  return out;
}

/// Sorts row numbers through a SortBuffer.
std::vector<int64_t> sort_rows(std::span<const SortKey> keys, std::span<const Vector> columns,
                               uint32_t count, const Way& way) {
  // The payload: the row's number, and each key again, as the keys hold it where they can.
  std::vector<PhysicalType> types = {PhysicalType::Int64};
  std::vector<int32_t> repeated = {kNoKey};
  for (const SortKey& key : keys) {
    repeated.push_back(static_cast<int32_t>(types.size() - 1));
    types.push_back(key.type);
  }
  const SortLayout layout = SortLayout::of(keys, types, repeated);
  Arena scratch;
  std::vector<Arena> runs(way.members);
  std::vector<Arena*> arenas;
  for (Arena& each : runs) arenas.push_back(&each);
  SortBuffer buffer;
  buffer.open({&layout, way.limit, way.offset}, arenas, SIZE_MAX);
  uint32_t turn = 0;
  const std::vector<uint8_t> stable(1 + 2 * keys.size(), 0);
  for (uint32_t first = 0; first < count; first += way.batch) {
    const uint32_t size = std::min(way.batch, count - first);
    std::vector<uint32_t> rows(size);
    Vector number;
    bool ok = vector::allocate(scratch, PhysicalType::Int64, size, false, number);
    for (uint32_t i = 0; i < size; ++i) {
      rows[i] = first + i;
      number.as<int64_t>()[i] = first + i;
    }
    std::vector<Vector> payload = {number};
    for (const Vector& column : columns) {
      ok = ok && vector::gather(scratch, column, rows.data(), size, payload.emplace_back());
    }
    const std::span<const Vector> slices = std::span(payload).subspan(1);
    ok = ok && buffer.append(turn++ % way.members, payload, slices, size, stable.data(), scratch);
    check::expect(ok, "memory");
    scratch.reset();
  }
  bool ok = true;
  for (uint32_t i = 0; i < way.members; ++i) ok = ok && buffer.finish(i);
  while (ok && buffer.plan()) {
    for (uint32_t i = 0; i < way.members; ++i) ok = ok && buffer.work(i);
  }
  ok = ok && buffer.ok();
  check::expect(ok, "memory");
  return read_rows(buffer, columns);
}

/// Tells whether `got` is `wanted` but for the order of rows whose keys are equal.
bool is_same_order(std::span<const SortKey> keys, std::span<const Vector> columns,
                   std::span<const int64_t> got, std::span<const int64_t> wanted) {
  if (got.size() != wanted.size()) return false;
  for (size_t at = 0; at < got.size(); ++at) {
    for (size_t i = 0; i < keys.size(); ++i) {
      const auto a = static_cast<uint32_t>(got[at]), b = static_cast<uint32_t>(wanted[at]);
      if (compare_key(keys[i], columns[i], a, b) != 0) return false;
    }
  }
  std::vector<int64_t> rows(got.begin(), got.end());
  std::ranges::sort(rows);
  return std::ranges::adjacent_find(rows) == rows.end();
}

void check_sort(std::span<const SortKey> keys, std::span<const Vector> columns, uint32_t count) {
  std::vector<int64_t> wanted(count);
  for (uint32_t i = 0; i < count; ++i) wanted[i] = i;
  std::ranges::stable_sort(wanted, [&](int64_t a, int64_t b) {
    for (size_t i = 0; i < keys.size(); ++i) {
      const int order =
          compare_key(keys[i], columns[i], static_cast<uint32_t>(a), static_cast<uint32_t>(b));
      if (order != 0) return order < 0;
    }
    return false;
  });
  const struct {
    int64_t limit, offset;
  } ranges[] = {{-1, 0}, {-1, 7}, {0, 0}, {1, 0}, {10, 3}, {100, 0}, {3000, 500}};
  for (const auto& range : ranges) {
    for (const uint32_t batch : {count < 100 ? 1U : 77U, 2048U}) {
      std::vector<int64_t> part = wanted;
      part.erase(part.begin(), part.begin() + std::min<int64_t>(range.offset, count));
      if (range.limit >= 0 && part.size() > static_cast<size_t>(range.limit)) {
        part.resize(static_cast<size_t>(range.limit));
      }
      const auto got = sort_rows(keys, columns, count, {batch, 1, range.limit, range.offset});
      check::expect(got == part, "sorted as std::stable_sort does");
      for (const uint32_t members : {2U, 5U}) {
        const Way way{batch, members, range.limit, range.offset};
        check::expect(is_same_order(keys, columns, sort_rows(keys, columns, count, way), part),
                      "sorted by a team");
      }
    }
  }
}

void check_sort(std::span<const SortKey> keys, uint32_t count, std::mt19937& random) {
  std::vector<std::unique_ptr<RandomColumn>> owners;
  std::vector<Vector> columns;
  for (const SortKey& key : keys) {
    owners.push_back(std::make_unique<RandomColumn>(key.type, count, random));
    columns.push_back(owners.back()->vector);
  }
  check_sort(keys, columns, count);
}

/// Keys that come to differ in more and more bits: rows are renumbered, and made whole in the end.
void check_growing(uint32_t count, uint32_t bits_max, std::mt19937& random) {
  const SortKey keys[] = {{PhysicalType::Int64, false, false}, {PhysicalType::Int64, true, true}};
  RandomColumn high(PhysicalType::Int64, count, random), low(PhysicalType::Int64, count, random);
  for (uint32_t row = 0; row < count; ++row) {
    const uint32_t bits = row * bits_max / count;
    const uint64_t noise = uint64_t{random()} << 32 | random();
    high.vector.as<int64_t>()[row] = static_cast<int64_t>(bits > 32 ? noise >> (96 - bits) : 5);
    low.vector.as<int64_t>()[row] = static_cast<int64_t>(bits > 0 ? noise >> (64 - bits / 2) : 3);
  }
  const Vector columns[] = {high.vector, low.vector};
  check_sort(keys, columns, count);
}

SortKey random_key(std::mt19937& random) {
  return {static_cast<PhysicalType>(random() % vector::kPhysicalTypeCount), random() % 2 == 0,
          random() % 2 == 0};
}

}  // namespace
}  // namespace rowtine::sort

int main() {
  using namespace rowtine::sort;
  std::mt19937 random(3);
  for (uint8_t type = 0; type < rowtine::vector::kPhysicalTypeCount; ++type) {
    for (const bool descending : {false, true}) {
      for (const bool nulls_first : {false, true}) {
        const SortKey key{static_cast<PhysicalType>(type), descending, nulls_first};
        check_sort({&key, 1}, 60, random);
      }
    }
  }
  for (int round = 0; round < 40; ++round) {
    const SortKey keys[] = {random_key(random), random_key(random), random_key(random)};
    check_sort({keys, 1 + random() % 3}, static_cast<uint32_t>(random() % 300), random);
  }
  for (int round = 0; round < 6; ++round) {
    const SortKey keys[] = {random_key(random), random_key(random)};
    check_sort(keys, kRowsMax, random);
  }
  for (const uint32_t bits : {10U, 60U, 80U, 90U}) check_growing(kRowsMax, bits, random);
  const SortKey keys[] = {random_key(random), random_key(random), random_key(random)};
  check_sort(keys, kManyRows, random);
  return rowtine::check::summary();
}
