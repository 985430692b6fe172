// What readers ask of a table, and how it is made; table_write.cc changes it, table_vacuum.cc takes
// back what nobody sees.
#include "table/table.h"

#include <algorithm>
#include <cstring>

#include "base/invariant.h"
#include "table/table_scan.h"

namespace rowtine::table {
namespace {

struct Wide {
  uint64_t low, high;
};

template <class T>
void fetch_values(const ChunkStore& chunks, const RowId* row_ids, uint32_t count, uint32_t column,
                  T* out) {
  for (uint32_t i = 0; i < count; ++i) {
    if (row_ids[i] < 0) {
      out[i] = T{};
    } else {
      std::memcpy(&out[i], chunks.value(static_cast<VersionId>(row_ids[i]), column), sizeof(T));
    }
  }
}

void fetch_by_width(size_t width, const ChunkStore& chunks, const RowId* row_ids, uint32_t count,
                    uint32_t column, void* out) {
  switch (width) {
    case 1: return fetch_values(chunks, row_ids, count, column, static_cast<uint8_t*>(out));
    case 2: return fetch_values(chunks, row_ids, count, column, static_cast<uint16_t*>(out));
    case 4: return fetch_values(chunks, row_ids, count, column, static_cast<uint32_t*>(out));
    case 8: return fetch_values(chunks, row_ids, count, column, static_cast<uint64_t*>(out));
    default: return fetch_values(chunks, row_ids, count, column, static_cast<Wide*>(out));
  }
}

}  // namespace

SqlState check_definition(const TableDefinition& definition) {
  const auto& types = definition.types;
  for (const IndexDefinition& index : definition.indexes) {
    if (index.columns.size() > kIndexColumnsMax) return "54011";
    if (index.columns.empty()) return kInvalidParameterValue;
    for (const uint32_t column : index.columns) {
      if (column >= types.size()) return kInvalidParameterValue;
    }
  }
  if (definition.identity_column < 0) return kSuccess;
  const auto identity = static_cast<size_t>(definition.identity_column);
  const bool is_integer =
      identity < types.size() && (types[identity] == vector::PhysicalType::Int64 ||
                                  types[identity] == vector::PhysicalType::Int32 ||
                                  types[identity] == vector::PhysicalType::Int16);
  return is_integer ? kSuccess : kInvalidParameterValue;
}

Table::Table(TableDefinition definition, SequenceClock& clock)
    : definition_(std::move(definition)),
      clock_(clock),
      chunks_(definition_.types, static_cast<uint32_t>(definition_.indexes.size())),
      row_(definition_.types.size()) {
  definition_.not_null.resize(definition_.types.size());
  for (uint32_t i = 0; i < definition_.indexes.size(); ++i) {
    const IndexDefinition& index = definition_.indexes[i];
    indexes_.push_back(std::make_unique<HashIndex>(
        i, index.columns, index.unique, definition_.types, definition_.hash_seed, chunks_));
  }
  for (uint32_t i = 0; i < definition_.types.size(); ++i) {
    if (definition_.types[i] == vector::PhysicalType::String) string_columns_.push_back(i);
  }
  indexes_.reserve(indexes_.size() + kAddedIndexesMax);
  index_count_.store(static_cast<uint32_t>(indexes_.size()), std::memory_order_release);
  places_.resize(indexes_.size());
  account();
}

Table::~Table() = default;

std::span<const uint32_t> Table::index_columns(uint32_t index) const {
  return indexes_[index]->columns();
}

std::unique_ptr<Scan> Table::scan(Snapshot snapshot, std::span<const uint32_t> columns) {
  return scan_range(snapshot, columns, 0, chunks_.count());
}

std::unique_ptr<Scan> Table::scan_range(Snapshot snapshot, std::span<const uint32_t> columns,
                                        uint64_t first, uint64_t last) {
  return std::make_unique<TableScan>(chunks_, definition_.types, snapshot, columns,
                                     static_cast<VersionId>(first), static_cast<VersionId>(last));
}

uint32_t Table::probe(Snapshot snapshot, uint32_t index, std::span<const vector::Vector> keys,
                      uint32_t row_count, ProbePosition& position, uint32_t capacity,
                      uint32_t* probe_rows, RowId* row_ids) {
  invariant(index < index_count(), "a probe names an index of the table");
  invariant(keys.size() == indexes_[index]->columns().size(), "a probe gives a whole key");
  return indexes_[index]->probe(snapshot, keys, row_count, position, capacity, probe_rows, row_ids);
}

bool Table::fetch(const RowId* row_ids, uint32_t count, uint32_t column, Arena& arena,
                  vector::Vector& out) {
  if (!vector::allocate(arena, definition_.types[column], count, true, out)) return false;
  fetch_by_width(vector::width_of(out.type), chunks_, row_ids, count, column, out.values);
  bool has_nulls = false;
  for (uint32_t i = 0; i < count; ++i) {
    const bool is_null =
        row_ids[i] < 0 || chunks_.is_null(static_cast<VersionId>(row_ids[i]), column);
    if (!is_null) continue;
    clear_bit(out.validity, i);
    has_nulls = true;
  }
  if (!has_nulls) out.validity = nullptr;
  return true;
}

bool Table::differs_in_unique_key(RowId a, RowId b) const {
  const auto differs = [&](uint32_t column) {
    const Cell left = chunks_.cell(static_cast<VersionId>(a), column);
    const Cell right = chunks_.cell(static_cast<VersionId>(b), column);
    if (left == nullptr || right == nullptr) return left != right;
    return !cells_equal(definition_.types[column], left, right);
  };
  return std::ranges::any_of(indexes_, [&](const std::unique_ptr<HashIndex>& index) {
    return index->is_unique() && std::ranges::any_of(index->columns(), differs);
  });
}

int64_t Table::row_key(RowId row) const { return chunks_.row_key(static_cast<VersionId>(row)); }

}  // namespace rowtine::table
