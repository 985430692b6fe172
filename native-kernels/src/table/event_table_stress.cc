// One appender and two readers of an event table whose retention is short: numbers stay dense,
// texts stay what they were, losses are told, and memory comes back. Run under ThreadSanitizer.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "base/check.h"
#include "table/event_table.h"
#include "table/test_rows.h"

namespace rowtine::table {
namespace {

using check::expect;
using vector::PhysicalType;

struct Stream {
  EventTable table{{.types = {PhysicalType::String, PhysicalType::Int32},
                    .append_columns = 2,
                    .retain_rows = 3000,
                    .retain_bytes = 1 << 20,
                    .retain_us = 5000,
                    .capacity_rows = 100'000}};
  std::atomic<bool> is_done{false};
  std::atomic<int> wrong{0};
  std::atomic<uint64_t> read{0}, lost{0}, scanned{0};
};

std::string text_for(int64_t seq) { return "event number " + std::to_string(seq * 7); }

void append(Stream& stream, int appends) {
  int64_t seq = 1;
  for (int i = 0; i < appends || stream.read.load() < 1000 || stream.scanned.load() < 1000; ++i) {
    const int rows = i % 50 == 0 ? 1500 : 1 + i % 3;
    std::vector<Value> texts, numbers;
    for (int row = 0; row < rows; ++row, ++seq) {
      texts.emplace_back(text_for(seq));
      numbers.push_back(seq % 3 == 0 ? Value() : Value(seq % 1000));
    }
    const Columns columns({texts, numbers}, stream.table.column_types());
    stream.table.append(
        {.columns = columns.vectors(), .row_count = static_cast<uint32_t>(rows), .at_us = i});
    if (i % 5 == 0) stream.table.trim(i);
  }
  stream.is_done.store(true);
}

bool is_right(std::span<const vector::Vector> columns, uint32_t row, int64_t seq) {
  const bool is_null = columns[1].is_null(row);
  return text_of(columns[0], row) == text_for(seq) && columns[2].as<int64_t>()[row] == seq &&
         is_null == (seq % 3 == 0) && (is_null || columns[1].as<int32_t>()[row] == seq % 1000);
}

void follow(Stream& stream) {
  const std::vector<uint32_t> columns = {0, 1, 2};
  int64_t seq = 1;
  Arena scratch;
  EventBatch batch;
  while (!stream.is_done.load()) {
    scratch.reset();
    if (!stream.table.read(seq, 100, columns, scratch, batch)) {
      std::this_thread::yield();
      continue;
    }
    bool ok = batch.first_seq == seq + static_cast<int64_t>(batch.lost);
    for (uint32_t i = 0; i < batch.row_count; ++i) {
      ok &= is_right(batch.columns, i, batch.first_seq + i);
    }
    if (!ok) stream.wrong.fetch_add(1);
    stream.lost.fetch_add(batch.lost);
    stream.read.fetch_add(batch.row_count);
    seq = batch.first_seq + batch.row_count;
  }
}

void scan_all(Stream& stream) {
  const std::vector<uint32_t> columns = {0, 1, 2};
  std::vector<vector::Vector> vectors(3);
  std::vector<RowId> row_ids(2048);
  while (!stream.is_done.load()) {
    Arena scratch;
    const std::unique_ptr<Scan> scan = stream.table.scan({}, columns);
    int64_t expected = -1;
    while (const uint32_t n = scan->next(scratch, 2048, vectors, row_ids.data()).value()) {
      bool ok = expected < 0 || row_ids[0] == expected;
      for (uint32_t i = 0; i < n; ++i) ok &= is_right(vectors, i, row_ids[i]);
      if (!ok) stream.wrong.fetch_add(1);
      expected = row_ids[0] + n;
      stream.scanned.fetch_add(n);
    }
  }
}

}  // namespace
}  // namespace rowtine::table

/// Argument: appends (default 5000).
int main(int argc, char** argv) {
  using namespace rowtine::table;
  Stream stream;
  std::thread follower(follow, std::ref(stream));
  std::thread scanner(scan_all, std::ref(stream));
  append(stream, argc > 1 ? std::atoi(argv[1]) : 5000);
  follower.join();
  scanner.join();
  expect(stream.wrong.load() == 0, "events are what was appended, in order");
  stream.table.trim(INT64_MAX / 2);
  expect(stream.table.memory_bytes() == 0, "memory comes back");
  std::printf("%llu read, %llu lost, %llu scanned\n",
              static_cast<unsigned long long>(stream.read.load()),
              static_cast<unsigned long long>(stream.lost.load()),
              static_cast<unsigned long long>(stream.scanned.load()));
  return rowtine::check::summary();
}
