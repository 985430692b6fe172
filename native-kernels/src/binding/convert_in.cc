// JavaScript's plain objects into the runtime's specs.
#include <cstring>

#include "binding/convert.h"

namespace rowtine::binding {
namespace {

using runtime::ColumnSpec;
using runtime::IndexSpec;
using runtime::Route;
using vector::PhysicalType;
using vector::StringView;
using vector::Vector;

constexpr int64_t kIdMax = INT32_MAX;
constexpr int64_t kColumnsMax = 4096;

PhysicalType read_type(Reader& reader, const Napi::Value& value) {
  return static_cast<PhysicalType>(
      reader.integer(value, "type", 0, vector::kPhysicalTypeCount - 1));
}

uint32_t read_id(Reader& reader, const Napi::Value& value, const char* name) {
  return static_cast<uint32_t>(reader.integer(value, name, 0, kIdMax));
}

/// Of a span in a program's text.
int32_t read_offset(Reader& reader, const Napi::Value& value, const char* name) {
  return static_cast<int32_t>(reader.integer(value, name, 0, INT32_MAX));
}

ColumnSpec read_column(Reader& reader, const Napi::Value& value) {
  const auto column = reader.object(value, "column");
  return {reader.text(column.Get("name"), "column.name"), read_type(reader, column.Get("type")),
          reader.boolean(column.Get("notNull"), "column.notNull"),
          reader.text(column.Get("typeName"), "column.typeName"),
          reader.text(column.Get("defaultText"), "column.defaultText")};
}

Route read_route(Reader& reader, const Napi::Value& value) {
  const auto route = reader.object(value, "route");
  Route spec{static_cast<uint32_t>(reader.integer(route.Get("column"), "route.column", 0, kColumnsMax)),
             false, 0, {}};
  const Napi::Value wanted = route.Get("value");
  if (wanted.IsString()) {
    spec.is_text = true;
    spec.text = wanted.As<Napi::String>().Utf8Value();
  } else if (wanted.IsTypedArray()) {
    const auto bytes = reader.array<char>(wanted, "route.value");
    spec.is_text = true;
    spec.text.assign(bytes.data(), bytes.size());
  } else if (wanted.IsBoolean()) {
    spec.number = wanted.As<Napi::Boolean>().Value() ? 1 : 0;
  } else {
    spec.number = reader.integer(wanted, "route.value", INT64_MIN, INT64_MAX);
  }
  return spec;
}

template <class T>
std::vector<T> copy(std::span<const T> from) {
  return {from.begin(), from.end()};
}

bool read_strings(Reader& reader, const Napi::Object& column, std::span<const uint8_t> bytes,
                  uint32_t row_count, Vector& out) {
  const auto offsets = reader.array<int32_t>(column.Get("offsets"), "column.offsets");
  if (!reader.ok() || offsets.size() < row_count + 1ULL) return false;
  auto* views = out.as<StringView>();
  for (uint32_t row = 0; row < row_count; ++row) {
    const int32_t start = offsets[row], end = offsets[row + 1];
    if (start < 0 || end < start || static_cast<size_t>(end) > bytes.size()) return false;
    views[row] = StringView::of({reinterpret_cast<const char*>(bytes.data()) + start,
                                 static_cast<size_t>(end - start)});
  }
  return true;
}

Vector read_vector(Reader& reader, const Napi::Value& value, uint32_t row_count, Arena& arena) {
  const auto column = reader.object(value, "column");
  const PhysicalType type = read_type(reader, column.Get("type"));
  const auto bytes = reader.array<uint8_t>(column.Get("values"), "column.values");
  Vector out;
  if (!reader.ok() || !vector::allocate(arena, type, row_count, true, out)) {
    reader.mistake("no memory for the rows");
    return out;
  }
  if (type == PhysicalType::String) {
    if (!read_strings(reader, column, bytes, row_count, out)) reader.mistake("column.offsets are wrong");
  } else if (bytes.size() < row_count * width_of(type)) {
    reader.mistake("column.values is too short");
  } else {
    std::memcpy(out.values, bytes.data(), row_count * width_of(type));
  }
  const Napi::Value valid = column.Get("validity");
  if (!reader.ok() || valid.IsUndefined()) return out;
  const auto bits = reader.array<uint8_t>(valid, "column.validity");
  if (bits.size() < (row_count + 7) / 8) {
    reader.mistake("column.validity is too short");
    return out;
  }
  std::memcpy(out.validity, bits.data(), (row_count + 7) / 8);
  return out;
}

}  // namespace

IndexSpec read_index(Reader& reader, const Napi::Value& value) {
  const auto index = reader.object(value, "index");
  IndexSpec spec{reader.text(index.Get("name"), "index.name"), {},
                 reader.boolean(index.Get("unique"), "index.unique")};
  reader.list(index.Get("columns"), "index.columns", [&](const Napi::Value& column) {
    spec.columns.push_back(
        static_cast<uint32_t>(reader.integer(column, "index column", 0, kColumnsMax)));
  });
  return spec;
}

runtime::EngineOptions read_options(Reader& reader, const Napi::Value& value) {
  const auto object = reader.object(value, "options");
  runtime::EngineOptions options;
  options.workers = static_cast<uint32_t>(reader.integer(object.Get("workers"), "workers", 1, 64));
  options.query_threads =
      static_cast<uint32_t>(reader.integer(object.Get("threads"), "threads", 1, 64));
  options.parallel_rows =
      static_cast<uint64_t>(reader.integer(object.Get("parallelRows"), "parallelRows", 0, 1LL << 46));
  const std::string backend = reader.text(object.Get("reactor"), "reactor");
  const std::string topology = reader.text(object.Get("topology"), "topology");
  if (backend != "uring" && backend != "uv") reader.mistake("reactor is uring or uv");
  if (topology != "shared" && topology != "split_io") {
    reader.mistake("topology is shared or split_io");
  }
  options.reactor = backend == "uv" ? runtime::ReactorKind::Uv : runtime::ReactorKind::Uring;
  options.topology =
      topology == "split_io" ? runtime::Topology::SplitIo : runtime::Topology::Shared;
  options.batch_rows = static_cast<uint32_t>(
      reader.integer(object.Get("batchRows"), "batchRows", 1, vector::kBatchRowsMax));
  options.memory_limit_bytes = static_cast<uint64_t>(
      reader.integer(object.Get("memoryLimitBytes"), "memoryLimitBytes", 1 << 20, 1LL << 46));
  options.durable = reader.boolean(object.Get("durable"), "durable");
  options.transaction_timeout_us =
      1'000 * reader.integer(object.Get("transactionTimeoutMs"), "transactionTimeoutMs", 1, 86'400'000);
  options.pin = reader.boolean(object.Get("pin"), "pin");
  return options;
}

runtime::RelationSpec read_relation(Reader& reader, const Napi::Value& value) {
  const auto object = reader.object(value, "relation");
  runtime::RelationSpec spec{};
  spec.id = read_id(reader, object.Get("id"), "relation.id");
  spec.name = reader.text(object.Get("name"), "relation.name");
  const std::string kind = reader.text(object.Get("kind"), "relation.kind");
  spec.kind = kind == "event"    ? runtime::RelationKind::Event
              : kind == "system" ? runtime::RelationKind::System
              : kind == "batches" ? runtime::RelationKind::Batches
              : kind == "view"    ? runtime::RelationKind::View
                                  : runtime::RelationKind::Table;
  spec.device = reader.text(object.Get("device"), "relation.device");
  spec.durable = reader.boolean(object.Get("durable"), "relation.durable");
  reader.list(object.Get("columns"), "relation.columns", [&](const Napi::Value& column) {
    spec.columns.push_back(read_column(reader, column));
  });
  reader.list(object.Get("computedColumns"), "relation.computedColumns",
              [&](const Napi::Value& column) {
                spec.computed_columns.push_back(read_column(reader, column));
              });
  reader.list(object.Get("indexes"), "relation.indexes", [&](const Napi::Value& index) {
    spec.indexes.push_back(read_index(reader, index));
  });
  for (const IndexSpec& index : spec.indexes) {
    for (const uint32_t column : index.columns) {
      if (column >= spec.columns.size()) reader.mistake("an index names no column");
    }
  }
  const auto column_count = static_cast<int64_t>(spec.columns.size());
  spec.identity_column = static_cast<int32_t>(
      reader.integer(object.Get("identityColumn"), "relation.identityColumn", -1, column_count - 1));
  spec.append_columns = static_cast<uint32_t>(
      reader.integer(object.Get("appendColumns"), "relation.appendColumns", 0, column_count));
  spec.retain_rows = static_cast<uint64_t>(
      reader.integer(object.Get("retainRows"), "relation.retainRows", 0, INT64_MAX));
  spec.retain_bytes = static_cast<uint64_t>(
      reader.integer(object.Get("retainBytes"), "relation.retainBytes", 0, INT64_MAX));
  spec.retain_us =
      reader.integer(object.Get("retainMicroseconds"), "relation.retainMicroseconds", 0, INT64_MAX);
  return spec;
}

runtime::CoroutineSpec read_coroutine(Reader& reader, const Napi::Value& value) {
  const auto object = reader.object(value, "coroutine");
  runtime::CoroutineSpec spec{};
  spec.id = read_id(reader, object.Get("id"), "coroutine.id");
  spec.name = reader.text(object.Get("name"), "coroutine.name");
  spec.relation = read_id(reader, object.Get("relation"), "coroutine.relation");
  reader.list(object.Get("routes"), "coroutine.routes", [&](const Napi::Value& route) {
    spec.routes.push_back(read_route(reader, route));
  });
  spec.words = copy(reader.array<int32_t>(object.Get("words"), "coroutine.words"));
  spec.bytes = copy(reader.array<std::byte>(object.Get("bytes"), "coroutine.bytes"));
  spec.report_words = copy(reader.array<int32_t>(object.Get("reportWords"), "coroutine.reportWords"));
  spec.report_bytes =
      copy(reader.array<std::byte>(object.Get("reportBytes"), "coroutine.reportBytes"));
  spec.matched_local = static_cast<int32_t>(
      reader.integer(object.Get("matchedLocal"), "coroutine.matchedLocal", -1, kColumnsMax));
  spec.source = reader.text(object.Get("source"), "coroutine.source");
  spec.line_starts = copy(reader.array<int32_t>(object.Get("lineStarts"), "coroutine.lineStarts"));
  reader.list(object.Get("steps"), "coroutine.steps", [&](const Napi::Value& value) {
    const auto step = reader.object(value, "step");
    spec.steps.push_back({read_offset(reader, step.Get("spanStart"), "step.spanStart"),
                          read_offset(reader, step.Get("spanEnd"), "step.spanEnd"),
                          reader.text(step.Get("text"), "step.text")});
  });
  reader.list(object.Get("notes"), "coroutine.notes", [&](const Napi::Value& value) {
    const auto note = reader.object(value, "note");
    spec.notes.push_back(
        {reader.text(note.Get("message"), "note.message"),
         read_offset(reader, note.Get("spanStart"), "note.spanStart"),
         read_offset(reader, note.Get("spanEnd"), "note.spanEnd"),
         static_cast<int32_t>(
             reader.integer(note.Get("messageLocal"), "note.messageLocal", -1, kColumnsMax))});
  });
  spec.on_close = reader.boolean(object.Get("onClose"), "coroutine.onClose");
  return spec;
}

std::vector<Vector> read_columns(Reader& reader, const Napi::Value& value, uint32_t row_count,
                                 Arena& arena) {
  std::vector<Vector> columns;
  reader.list(value, "columns", [&](const Napi::Value& column) {
    columns.push_back(read_vector(reader, column, row_count, arena));
  });
  return columns;
}

}  // namespace rowtine::binding
