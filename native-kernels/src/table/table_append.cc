// Many rows into a table without keys, column by column: what no single row could be refused for is
// checked for all of them first.
#include <algorithm>
#include <cstring>
#include <numeric>

#include "table/table.h"

namespace rowtine::table {
namespace {

using vector::PhysicalType;
using vector::StringView;
using vector::Vector;

// Fewer are written one by one, where the slots of taken back versions are used again.
constexpr uint32_t kRowsTogetherMin = 16;

bool has_nulls(const Vector& values, uint32_t count) {
  for (uint32_t row = 0; row < count && values.validity != nullptr; ++row) {
    if (values.is_null(row)) return true;
  }
  return false;
}

size_t string_bytes(const Vector& values, uint32_t count) {
  size_t bytes = 0;
  for (uint32_t row = 0; row < count; ++row) {
    const StringView& view = values.as<StringView>()[row];
    if (!view.is_inline() && !values.is_null(row)) bytes += StringHeap::rounded(view.size);
  }
  return bytes;
}

}  // namespace

/// Is there nothing that one of the rows alone could be refused for, and room behind the others?
bool Table::may_insert_together(const Transaction& transaction,
                                const InsertRequest& request) const {
  const uint32_t count = request.row_count;
  if (count < kRowsTogetherMin || request.active != nullptr || !indexes_.empty()) return false;
  if (!free_versions_.empty() || identity_overflow_ || transaction.changes_left() < count) {
    return false;
  }
  size_t bytes = size_t{count} * chunks_.row_bytes();
  for (uint32_t column = 0; column < request.values.size(); ++column) {
    const Vector& values = request.values[column];
    if (values.constant || (definition_.not_null[column] && has_nulls(values, count))) return false;
    if (values.type == PhysicalType::String) bytes += string_bytes(values, count);
  }
  const size_t used = memory_bytes();
  return used <= definition_.memory_bytes_max && bytes <= definition_.memory_bytes_max - used;
}

/// Returns: how many of the first rows are in; fewer than all when the system has no memory.
uint32_t Table::insert_together(Transaction& transaction, InsertRequest& request, Arena& scratch) {
  uint32_t done = 0;
  while (done < request.row_count) {
    const VersionId first = chunks_.count();
    const uint32_t count = std::min(request.row_count - done, kChunkRows - first % kChunkRows);
    const Arena::Mark mark = scratch.mark();
    const bool written =
        write_together(request.values, done, count, transaction.statement(), scratch);
    scratch.rewind(mark);
    if (!written) return done;
    transaction.record({this, kNoVersion, first, count});
    std::iota(request.row_ids + done, request.row_ids + done + count, RowId{first});
    std::fill_n(request.states + done, count, 0U);
    std::fill_n(request.outcomes + done, count, InsertOutcome::Inserted);
    if (request.details != nullptr) std::fill_n(request.details + done, count, 0U);
    done += count;
  }
  return done;
}

/// Writes `count` rows from `first` on as versions of one chunk. Returns: false, with nothing
/// changed, when memory is out.
bool Table::write_together(std::span<const Vector> values, uint32_t first, uint32_t count,
                           Sequence begin, Arena& scratch) {
  if (!chunks_.make_room()) return false;
  auto* owned = scratch.allocate_array<StringView>(string_columns_.size() * count);
  if (owned == nullptr) return false;
  for (size_t i = 0; i < string_columns_.size(); ++i) {
    if (own_strings(values[string_columns_[i]], first, count, owned + i * count)) continue;
    free_strings(owned, static_cast<uint32_t>(i) * count);
    return false;
  }
  const VersionId version = chunks_.count();
  for (uint32_t column = 0; column < values.size(); ++column) {
    const Vector& source = values[column];
    const void* cells = static_cast<const std::byte*>(source.values) +
                        size_t{first} * vector::width_of(source.type);
    if (source.type == PhysicalType::String) {
      cells = owned;
      owned += count;
    }
    chunks_.set_cells(version, count, column, cells, source.validity, first);
  }
  chunks_.begin_versions(count, next_row_key_, begin);
  next_row_key_ += count;
  count_live(count);
  account();
  return true;
}

/// Copies the long strings of a column's rows to the heap. Returns: false when the system has no
/// memory; then none is kept.
bool Table::own_strings(const Vector& values, uint32_t first, uint32_t count, StringView* owned) {
  for (uint32_t i = 0; i < count; ++i) {
    owned[i] = values.is_null(first + i) ? StringView{} : values.as<StringView>()[first + i];
    if (owned[i].is_inline()) continue;
    char* bytes = strings_.allocate(owned[i].size);
    if (bytes == nullptr) {
      free_strings(owned, i);
      return false;
    }
    std::memcpy(bytes, owned[i].pointer, owned[i].size);
    owned[i].pointer = bytes;
  }
  return true;
}

void Table::free_strings(const StringView* owned, uint32_t count) {
  for (uint32_t i = 0; i < count; ++i) {
    if (!owned[i].is_inline()) strings_.free(const_cast<char*>(owned[i].pointer), owned[i].size);
  }
}

}  // namespace rowtine::table
