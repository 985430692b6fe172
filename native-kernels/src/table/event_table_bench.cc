// What does an event cost to append and to read, one at a time and in batches? The columns are
// those of http_requests.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "base/invariant.h"
#include "table/event_table.h"

namespace rowtine::table {
namespace {

using vector::PhysicalType;
using vector::StringView;
using vector::Vector;

/// Processor time: one thread, and other work on the machine is not its own.
double now_ns() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

/// id, connection_id, method, path, query_raw, head_raw, body.
struct Requests {
  EventTable table{{.types = {PhysicalType::Int64, PhysicalType::Int64, PhysicalType::String,
                              PhysicalType::String, PhysicalType::String, PhysicalType::String,
                              PhysicalType::String}}};
  std::string head = std::string(300, 'h');
  std::vector<int64_t> ids = std::vector<int64_t>(vector::kBatchRowsMax + 8);
  std::vector<StringView> methods = std::vector<StringView>(ids.size(), StringView::of("GET"));
  std::vector<StringView> paths = std::vector<StringView>(ids.size(), StringView::of("/users/17"));
  std::vector<StringView> empty = std::vector<StringView>(ids.size());
  std::vector<StringView> heads = std::vector<StringView>(ids.size(), StringView::of(head));

  void append(uint32_t count, int64_t at_us) {
    const auto column = [](PhysicalType type, void* values) {
      return Vector{type, false, values, nullptr};
    };
    const Vector columns[7] = {
        column(PhysicalType::Int64, ids.data()),      column(PhysicalType::Int64, ids.data()),
        column(PhysicalType::String, methods.data()), column(PhysicalType::String, paths.data()),
        column(PhysicalType::String, empty.data()),   column(PhysicalType::String, heads.data()),
        column(PhysicalType::String, empty.data())};
    const AppendOutcome outcome =
        table.append({.columns = columns, .row_count = count, .at_us = at_us});
    invariant(outcome.status == AppendStatus::Appended, "room for an event");
  }
};

void bench(uint32_t batch_rows, uint32_t row_count) {
  Requests requests;
  const std::vector<uint32_t> columns = {0, 3, 5, 7};
  Arena scratch;
  EventBatch batch;
  int64_t next = 1;
  uint64_t read = 0;
  const double start = now_ns();
  for (uint32_t row = 0; row < row_count; row += batch_rows) {
    requests.append(batch_rows, row);
    if (row % 1024 == 0) requests.table.trim(row);
  }
  const double middle = now_ns();
  while (requests.table.read(next, batch_rows, columns, scratch, batch)) {
    next = batch.first_seq + batch.row_count;
    read += batch.row_count;
  }
  const double end = now_ns();
  invariant(read > 0 && next > row_count, "what is retained is read to the end");
  std::printf("%5u at a time: append %7.1f ns, read %6.1f ns an event\n", batch_rows,
              (middle - start) / row_count, (end - middle) / static_cast<double>(read));
}

}  // namespace
}  // namespace rowtine::table

/// Argument: events (default 200,000).
int main(int argc, char** argv) {
  const auto rows = static_cast<uint32_t>(argc > 1 ? std::atoi(argv[1]) : 200'000);
  for (const uint32_t batch_rows : {1U, 8U, 64U, 1024U}) rowtine::table::bench(batch_rows, rows);
}
