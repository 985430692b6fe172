// Windows against the plain way to compute them: every frame found row by row, every value folded anew.
#include <algorithm>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "base/check.h"
#include "window/window_buffer.h"

using namespace rowtine;
using namespace rowtine::window;
using vector::Vector;

namespace {

using Value = std::optional<int64_t>;

struct Row {
  int64_t partition;
  Value key;
  Value value;
};

// partition, order key, start, end, range key, value of each call.
struct Case {
  FrameMode mode;
  Bound start, end;
  Exclusion exclude;
  int64_t start_offset, end_offset;
};

std::vector<Row> random_rows(std::mt19937_64& random, size_t count) {
  std::vector<Row> rows(count);
  for (Row& row : rows) {
    row.partition = static_cast<int64_t>(random() % 3);
    row.key = random() % 10 == 0 ? Value{} : Value{static_cast<int64_t>(random() % (count / 3))};
    row.value = random() % 7 == 0 ? Value{} : Value{static_cast<int64_t>(random() % 1000) - 500};
  }
  // As a sort gives them: nulls last.
  std::ranges::stable_sort(rows, [](const Row& a, const Row& b) {
    if (a.partition != b.partition) return a.partition < b.partition;
    if (a.key.has_value() != b.key.has_value()) return a.key.has_value();
    return a.key < b.key;
  });
  return rows;
}

Vector column(Arena& arena, const std::vector<Value>& values) {
  Vector out;
  const auto count = static_cast<uint32_t>(values.size());
  check::expect(vector::allocate(arena, PhysicalType::Int64, count, true, out), "memory");
  for (uint32_t i = 0; i < count; ++i) {
    out.as<int64_t>()[i] = values[i].value_or(0);
    if (!values[i]) clear_bit(out.validity, i);
  }
  return out;
}

Spec spec_of(const Case& one) {
  Spec spec;
  spec.partition = {PhysicalType::Int64};
  spec.order = {{PhysicalType::Int64, false, false}};
  spec.frames = {{one.mode, one.start, one.end, one.exclude, PhysicalType::Int64}};
  const std::vector<PhysicalType> value = {PhysicalType::Int64};
  spec.calls = {{Function::Count, value, PhysicalType::Int64, false, 0},
                {Function::Sum, value, PhysicalType::Decimal, false, 0},
                {Function::Min, value, PhysicalType::Int64, false, 0},
                {Function::Max, value, PhysicalType::Int64, false, 0},
                {Function::FirstValue, value, PhysicalType::Int64, false, 0},
                {Function::LastValue, value, PhysicalType::Int64, false, 0}};
  return spec;
}

int64_t sign_of(Bound bound) { return bound == Bound::Preceding ? -1 : 1; }

// Is row `at` of a partition in the frame of row `of`?
bool is_in(const std::vector<Row>& rows, const std::vector<int64_t>& groups, const Case& one,
           size_t of, size_t at) {
  const auto place = [&](size_t row) {
    return one.mode == FrameMode::Rows ? static_cast<int64_t>(row) : groups[row];
  };
  const auto reaches = [&](Bound bound, int64_t offset, bool is_start) {
    if (bound == Bound::UnboundedPreceding || bound == Bound::UnboundedFollowing) return true;
    int64_t distance = place(at) - place(of);
    if (one.mode == FrameMode::Range && has_offset(bound)) {
      if (!rows[of].key || !rows[at].key) {
        distance = rows[of].key == rows[at].key ? 0 : at < of ? -1 : 1;
      } else {
        distance = *rows[at].key - (*rows[of].key + sign_of(bound) * offset);
      }
    } else if (has_offset(bound)) {
      distance -= sign_of(bound) * offset;
    }
    return is_start ? distance >= 0 : distance <= 0;
  };
  const bool is_peer = groups[at] == groups[of];
  if (one.exclude == Exclusion::CurrentRow && at == of) return false;
  if (one.exclude == Exclusion::Group && is_peer) return false;
  if (one.exclude == Exclusion::Ties && is_peer && at != of) return false;
  return reaches(one.start, one.start_offset, true) && reaches(one.end, one.end_offset, false);
}

std::string text_of(Value value) { return value ? std::to_string(*value) : "null"; }

std::string plain(const std::vector<Row>& rows, const std::vector<int64_t>& groups, const Case& one,
                  size_t of) {
  int64_t count = 0, sum = 0;
  Value least, most, first, last;
  bool any = false;
  for (size_t at = 0; at < rows.size(); ++at) {
    if (rows[at].partition != rows[of].partition || !is_in(rows, groups, one, of, at)) continue;
    const Value value = rows[at].value;
    if (!any) first = value;
    last = value;
    any = true;
    if (!value) continue;
    ++count;
    sum += *value;
    least = least ? std::min(*least, *value) : *value;
    most = most ? std::max(*most, *value) : *value;
  }
  return std::to_string(count) + "|" + text_of(count > 0 ? Value{sum} : Value{}) + "|" +
         text_of(least) + "|" + text_of(most) + "|" + text_of(first) + "|" + text_of(last);
}

std::vector<std::string> computed(const std::vector<Row>& rows, const Case& one) {
  const Spec spec = spec_of(one);
  const WindowLayout layout = WindowLayout::of(spec);
  std::vector<Evaluate> functions;
  check::expect(resolve(spec, functions), "the functions exist");
  Arena run, scratch;
  std::vector<Value> partition, key, start, end, value;
  for (const Row& row : rows) {
    partition.emplace_back(row.partition);
    key.push_back(row.key);
    const bool is_range = one.mode == FrameMode::Range;
    const auto bound = [&](Bound kind, int64_t offset) {
      if (!is_range) return Value{offset};
      return row.key ? Value{*row.key + sign_of(kind) * offset} : Value{};
    };
    start.push_back(bound(one.start, one.start_offset));
    end.push_back(bound(one.end, one.end_offset));
    value.push_back(row.value);
  }
  std::vector<Vector> inputs = {column(scratch, partition), column(scratch, key)};
  if (has_offset(one.start)) inputs.push_back(column(scratch, start));
  if (has_offset(one.end)) inputs.push_back(column(scratch, end));
  if (spec.frames[0].has_key()) inputs.push_back(column(scratch, key));
  for (size_t i = 0; i < spec.calls.size(); ++i) inputs.push_back(column(scratch, value));
  check::expect(inputs.size() == layout.inputs.size(), "as many inputs as declared");
  WindowBuffer buffer;
  buffer.open(spec, layout, functions, run, SIZE_MAX);
  const std::vector<uint8_t> stable(inputs.size(), 1);
  check::expect(buffer.append(inputs, static_cast<uint32_t>(rows.size()), stable.data(), scratch),
                "rows are taken");
  check::expect(buffer.finish(nullptr).ok(), "it computes");
  std::vector<std::string> out;
  for (uint64_t i = 0; i < buffer.count(); ++i) {
    const uint8_t* row = nullptr;
    buffer.addresses(i, 1, &row);
    std::string text;
    for (uint32_t call = 0; call < spec.calls.size(); ++call) {
      if (call > 0) text += "|";
      if (layout.is_null(row, call)) {
        text += "null";
      } else if (spec.calls[call].result == PhysicalType::Decimal) {
        text += std::to_string(static_cast<int64_t>(layout.read<vector::Decimal>(row, call)));
      } else {
        text += std::to_string(layout.read<int64_t>(row, call));
      }
    }
    out.push_back(text);
  }
  return out;
}

std::vector<int64_t> groups_of(const std::vector<Row>& rows) {
  std::vector<int64_t> groups(rows.size());
  for (size_t i = 1; i < rows.size(); ++i) {
    const bool same = rows[i].partition == rows[i - 1].partition && rows[i].key == rows[i - 1].key;
    groups[i] = groups[i - 1] + (same ? 0 : 1);
  }
  return groups;
}

void compare(std::mt19937_64& random, const Case& one, size_t count) {
  const std::vector<Row> rows = random_rows(random, count);
  const std::vector<int64_t> groups = groups_of(rows);
  const std::vector<std::string> own = computed(rows, one);
  size_t wrong = own.size() == rows.size() ? 0 : 1;
  for (size_t i = 0; i < own.size(); ++i) wrong += own[i] == plain(rows, groups, one, i) ? 0 : 1;
  check::expect(wrong == 0, "windows are what the plain way gives");
}

void every_frame() {
  std::mt19937_64 random(7);
  constexpr int64_t kOffsets[] = {0, 2, 40};
  for (uint32_t mode = 0; mode < kFrameModeCount; ++mode) {
    for (uint32_t start = 0; start + 1 < kBoundCount; ++start) {
      for (uint32_t end = std::max(start, 1U); end < kBoundCount; ++end) {
        for (uint32_t exclude = 0; exclude < kExclusionCount; ++exclude) {
          const int64_t a = kOffsets[random() % 3], b = kOffsets[random() % 3];
          compare(random, {static_cast<FrameMode>(mode), static_cast<Bound>(start),
                           static_cast<Bound>(end), static_cast<Exclusion>(exclude), a, b},
                  200);
        }
      }
    }
  }
}

void nothing_to_do() {
  std::mt19937_64 random(1);
  const Case one{FrameMode::Rows, Bound::Preceding, Bound::CurrentRow, Exclusion::NoOthers, 3, 0};
  check::expect(computed({}, one).empty(), "no rows");
  check::expect(computed({{0, {}, 5}}, one) == std::vector<std::string>{"1|5|5|5|5|5"}, "one row");
}

void what_does_not_exist() {
  std::vector<Evaluate> functions;
  Spec spec = spec_of({FrameMode::Rows, Bound::UnboundedPreceding, Bound::CurrentRow,
                       Exclusion::NoOthers, 0, 0});
  spec.calls[0].frame = 1;
  check::expect(!resolve(spec, functions), "a call without its frame");
  spec = spec_of({FrameMode::Rows, Bound::UnboundedPreceding, Bound::CurrentRow,
                  Exclusion::NoOthers, 0, 0});
  spec.calls[1].result = PhysicalType::String;
  check::expect(!resolve(spec, functions), "a sum that is text");
  spec.calls.resize(1);
  spec.frames[0].end = Bound::UnboundedPreceding;
  check::expect(!resolve(spec, functions), "a frame that ends before all rows");
  spec.frames[0] = {FrameMode::Range, Bound::Preceding, Bound::CurrentRow, Exclusion::NoOthers,
                    PhysicalType::Int64};
  spec.order.clear();
  check::expect(!resolve(spec, functions), "a range of rows without order");
}

}  // namespace

int main() {
  every_frame();
  nothing_to_do();
  what_does_not_exist();
  return check::summary();
}
