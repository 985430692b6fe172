// Event tables by behaviour: dense numbers, what is kept, what consumers see when they are slow.
#include "table/event_table.h"

#include <string>
#include <vector>

#include "base/check.h"
#include "table/test_rows.h"

namespace rowtine::table {
namespace {

using check::expect;
using vector::PhysicalType;

EventTableDefinition messages() {
  return {.types = {PhysicalType::Int64, PhysicalType::String}, .append_columns = 2};
}

AppendOutcome append(EventTable& table, std::vector<Value> ids, std::vector<Value> texts,
                     int64_t at_us = 100) {
  const auto count = static_cast<uint32_t>(ids.size());
  const std::vector<PhysicalType> types = {PhysicalType::Int64, PhysicalType::String};
  const Columns columns({std::move(ids), std::move(texts)}, types);
  return table.append({.columns = columns.vectors(), .row_count = count, .at_us = at_us});
}

void append_many(EventTable& table, int count, int64_t at_us = 100, size_t text_bytes = 3) {
  for (int i = 0; i < count; ++i) append(table, {i}, {std::string(text_bytes, 't')}, at_us);
}

void numbers_are_dense() {
  EventTable table(messages());
  expect(append(table, {7, Value()}, {"short", std::string(50, 'l')}, 200).first_seq == 1, "first");
  expect(append(table, {8}, {Value()}, 150).first_seq == 3, "next");
  expect(all_rows(table, {}) ==
             std::vector<std::string>{"7|short|1|200|1|null",
                                      "null|" + std::string(50, 'l') + "|2|200|2|null",
                                      "8|null|3|200|3|null"},
         "rows with seq, at, root, cause; time never goes back");
}

void causes_and_constants() {
  EventTable table(messages());
  const Columns given({column({1, 2, 3}), column({"x", "y", "z"})}, table.column_types());
  int64_t root = 42;
  Columns cause({column({Value(), 9, 10})}, std::vector{PhysicalType::Int64});
  table.append({.columns = given.vectors(),
                .row_count = 3,
                .at_us = 1,
                .root = {PhysicalType::Int64, true, &root, nullptr},
                .cause = cause.vectors()[0]});
  expect(all_rows(table, {}) ==
             std::vector<std::string>{"1|x|1|1|42|null", "2|y|2|1|42|9", "3|z|3|1|42|10"},
         "root and cause");
}

void scans_in_any_batches() {
  EventTable table(messages());
  append_many(table, 70'000);
  const std::vector<std::string> whole = all_rows(table, {});
  expect(whole.size() == 70'000 && whole.back() == "69999|ttt|70000|100|70000|null", "all");
  expect(all_rows(table, {}, 3) == whole && all_rows(table, {}, 1) == whole, "the same in any");
}

void keeps_rows_exactly() {
  EventTableDefinition definition = messages();
  definition.retain_rows = 100;
  EventTable table(definition);
  append_many(table, 5000);
  table.trim(100);
  const std::vector<std::string> rows = all_rows(table, {});
  expect(rows.size() == 100 && rows[0].starts_with("4900|"), "the last hundred");
}

void keeps_by_age() {
  EventTableDefinition definition = messages();
  definition.retain_us = 1000;
  EventTable table(definition);
  append_many(table, 10, 100);
  append_many(table, 10, 900);
  append_many(table, 10, 2000);
  table.trim(1200);
  expect(all_rows(table, {}).size() == 20, "older than a millisecond is gone");
  table.trim(10'000);
  expect(all_rows(table, {}).empty() && table.memory_bytes() == 0, "then everything");
  expect(append(table, {1}, {"a"}, 10'000).first_seq == 31, "numbers go on");
  expect(all_rows(table, {}).size() == 1, "one again");
}

void keeps_by_bytes() {
  EventTableDefinition definition = messages();
  definition.retain_bytes = 1 << 20;
  EventTable table(definition);
  for (int i = 0; i < 50; ++i) {
    append_many(table, 100, 100, 1000);
    table.trim(100);
  }
  expect(table.memory_bytes() <= 1 << 20, "at most what is to be kept");
  expect(all_rows(table, {}).size() > 700, "and not much less");
}

void batches_are_pinned() {
  EventTableDefinition definition = messages();
  definition.retain_us = 50;
  definition.retain_bytes = 1 << 20;  // small blocks
  definition.capacity_rows = 100'000;
  EventTable table(definition);
  append_many(table, 3000, 100, 100);
  Arena scratch;
  EventBatch batch;
  const std::vector<uint32_t> columns = {1, 2};
  expect(table.read(1, 10, columns, scratch, batch), "ten events");
  expect(batch.row_count == 10 && batch.first_seq == 1 && batch.lost == 0, "the first ten");
  table.trim(200);
  expect(table.first_seq() == 3001, "they are gone for others");
  append_many(table, 3000, 200, 100);
  table.trim(200);
  expect(text_of(batch.columns[0], 9) == std::string(100, 't'), "and here for who has them");
  const size_t pinned = table.memory_bytes();
  batch = EventBatch();
  table.trim(200);
  expect(table.memory_bytes() < pinned, "until let go");
  expect(table.read(1, 10, columns, scratch, batch) && batch.lost == 3000, "a late reader knows");
  expect(!table.read(6001, 10, columns, scratch, batch), "nothing yet");
}

void new_blocks_take_the_place_of_old_ones() {
  EventTableDefinition definition = messages();
  definition.retain_rows = 2000;
  definition.retain_bytes = 1 << 20;  // small blocks
  definition.capacity_rows = 100'000;
  EventTable table(definition);
  append_many(table, 30'000, 100, 100);
  expect(table.memory_bytes() < 2 * 2000 * 200, "without anybody trimming");
  expect(all_rows(table, {}).size() >= 2000, "what is to be kept is there");
}

void cursors_hold_events() {
  EventTableDefinition definition = messages();
  definition.retain_rows = 10;
  EventTable table(definition);
  const int32_t cursor = table.add_cursor(1);
  append_many(table, 100);
  table.trim(100);
  expect(all_rows(table, {}).size() == 100, "unread events stay");
  table.move_cursor(cursor, 51);
  table.trim(100);
  expect(all_rows(table, {}).size() == 50, "read ones go");
  table.remove_cursor(cursor);
  table.trim(100);
  expect(all_rows(table, {}).size() == 10, "without a cursor retention decides");
}

void overflow_follows_the_policy() {
  const struct {
    OnOverflow policy;
    AppendStatus status;
    uint64_t dropped;
    size_t rows;
  } cases[] = {{OnOverflow::Block, AppendStatus::Blocked, 0, 100},
               {OnOverflow::Error, AppendStatus::Refused, 0, 100},
               {OnOverflow::Disconnect, AppendStatus::Disconnected, 0, 100},
               {OnOverflow::DropNew, AppendStatus::DroppedNew, 1, 100},
               {OnOverflow::DropOldest, AppendStatus::Appended, 1, 100}};
  for (const auto& expected : cases) {
    EventTableDefinition definition = messages();
    definition.capacity_rows = 100;
    definition.on_overflow = expected.policy;
    EventTable table(definition);
    const int32_t cursor = table.add_cursor(1);
    append_many(table, 100);
    expect(append(table, {1}, {"one too many"}).status == expected.status, "status");
    expect(table.dropped_count() == expected.dropped, "losses are counted");
    expect(all_rows(table, {}).size() == expected.rows, "rows");
    table.move_cursor(cursor, 90);
    expect(append(table, {1}, {"room again"}).status == AppendStatus::Appended, "room again");
  }
}

void memory_is_bounded() {
  for (const OnOverflow policy : {OnOverflow::Error, OnOverflow::DropOldest}) {
    EventTableDefinition definition = messages();
    definition.retain_bytes = 1 << 20;
    definition.retain_us = 0;
    definition.bytes_max = 4 << 20;
    definition.on_overflow = policy;
    EventTable table(definition);
    const int32_t cursor = table.add_cursor(1);
    size_t most = 0;
    for (int i = 0; i < 20'000; ++i) {
      append(table, {i}, {std::string(1000, 'x')});
      most = std::max(most, table.memory_bytes());
    }
    expect(most < (4 << 20) + 4096, "never past the limit, though a cursor pins all");
    table.remove_cursor(cursor);
    expect(append(table, {1}, {"x"}).status == AppendStatus::Appended, "and room when it is gone");
  }
}

/// Wishes larger than the limits, or none: memory is bounded and appending goes on.
void retention_yields_to_memory() {
  struct {
    uint64_t rows, bytes;
    int64_t us;
  } const wishes[] = {{0, 0, 0}, {UINT64_MAX, UINT64_MAX, INT64_MAX}, {0, 1 << 20, 0}};
  for (const auto& wish : wishes) {
    EventTableDefinition definition = messages();
    definition.retain_rows = wish.rows;
    definition.retain_bytes = wish.bytes;
    definition.retain_us = wish.us;
    definition.bytes_max = 4 << 20;
    definition.on_overflow = OnOverflow::Block;
    EventTable table(definition);
    bool all_appended = true;
    for (int i = 0; i < 10'000; ++i) {
      all_appended &= append(table, {i}, {std::string(1000, 'x')}).status == AppendStatus::Appended;
    }
    expect(all_appended, "nobody is blocked by events that nobody reads");
    expect(table.memory_bytes() < (4 << 20) + 4096, "and memory is bounded");
  }
}

}  // namespace
}  // namespace rowtine::table

int main() {
  using namespace rowtine::table;
  numbers_are_dense();
  causes_and_constants();
  scans_in_any_batches();
  keeps_rows_exactly();
  keeps_by_age();
  keeps_by_bytes();
  batches_are_pinned();
  new_blocks_take_the_place_of_old_ones();
  cursors_hold_events();
  overflow_follows_the_policy();
  memory_is_bounded();
  retention_yields_to_memory();
  return rowtine::check::summary();
}
