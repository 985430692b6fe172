// What the catalog tells the runtime: relations and coroutines as plain values, converted by the
// binding and immutable afterwards.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vector/physical_type.h"

namespace rowtine::runtime {

/// Batches: rows that came from outside as columns and are only read. View: only listed; queries of
/// it are planned away before they come here.
enum class RelationKind : uint8_t { Table, Event, System, Batches, View };

struct ColumnSpec {
  std::string name;
  vector::PhysicalType type;
  bool not_null;
  std::string type_name, default_text;  // for sys.columns
};

struct IndexSpec {
  std::string name;
  std::vector<uint32_t> columns;
  bool unique;
};

struct RelationSpec {
  uint32_t id;
  std::string name;
  RelationKind kind;
  std::string device;  // a built-in's name; empty for the user's relations
  bool durable;
  std::vector<ColumnSpec> columns;
  std::vector<ColumnSpec> computed_columns;  // without a place in memory; for sys.columns
  std::vector<IndexSpec> indexes;
  int32_t identity_column;  // -1: none
  uint32_t append_columns;
  uint64_t retain_rows, retain_bytes;  // 0: no bound of that kind
  int64_t retain_us;
};

/// One constant equality of a guard. Integers and booleans compare by `number`, text by `text`.
struct Route {
  uint32_t column;
  bool is_text;
  int64_t number;
  std::string text;
};

/// What to say of a failure whose span starts at -1 - its position.
struct FailureNote {
  std::string message;
  int32_t span_start, span_end;
  int32_t message_local;  // the String local that holds the real message, -1: `message` is it
};

/// A step of a coroutine; its span counts as those of the program.
struct SourceStep {
  int32_t span_start, span_end;
  std::string text;
};

struct CoroutineSpec {
  uint32_t id;
  std::string name;
  uint32_t relation;
  std::vector<Route> routes;
  std::vector<int32_t> words;
  std::vector<std::byte> bytes;
  std::vector<int32_t> report_words;  // empty: no locals to report
  std::vector<std::byte> report_bytes;
  int32_t matched_local;  // -1: the routes are the whole guard
  std::string source;
  std::vector<int32_t> line_starts;  // ascending, counted as the program's spans
  std::vector<SourceStep> steps;     // a step follows those that it is in
  std::vector<FailureNote> notes;
  bool on_close;  // runs for deleted rows of its relation instead of for events
};

enum class Topology : uint8_t { Shared, SplitIo };
enum class ReactorKind : uint8_t { Uring, Uv };

struct EngineOptions {
  uint32_t workers = 1;
  uint32_t query_threads = 1;  // for reads that are not small
  uint64_t parallel_rows = 128 * 1024;  // from here on a read takes all query threads that are free
  ReactorKind reactor = ReactorKind::Uring;
  Topology topology = Topology::Shared;
  uint32_t batch_rows = 2048;
  uint64_t memory_limit_bytes = 4ULL << 30;
  bool durable = false;
  bool pin = true;
  int64_t transaction_timeout_us = 5'000'000;  // how long one may have the writer
};

}  // namespace rowtine::runtime
