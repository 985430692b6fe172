// From a committed transaction's change list to what the store must write: per table the rows that
// are gone, changed and new, each once, in an order that replays.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/arena.h"
#include "table/table.h"
#include "table/transaction.h"
#include "vector/vector.h"

namespace rowtine::table {

enum class RedoKind : uint8_t { Erase, Update, Insert };

/// At most kBatchRowsMax rows of one table. Valid during the call that delivers it.
struct RedoBatch {
  Table& table;
  RedoKind kind;
  std::span<const int64_t> keys;            // the rows' stable numbers
  std::span<const vector::Vector> columns;  // all columns of the new rows; empty for Erase
};

/// Takes batches in the order they must be written.
class RedoSink {
 public:
  virtual ~RedoSink() = default;
  virtual void write(const RedoBatch& batch) = 0;
};

/// Turns change lists into batches, keeping its memory between calls. Threads: the writer.
class Redo {
 public:
  /// Delivers what `changes` did to durable tables, table by table in order of first change: first
  /// the erased rows, then the updated, then the inserted. A row changed several times appears once
  /// with its last version; one inserted and erased again not at all. An update that moves a row to
  /// another value of a unique key is an Erase and an Insert of the same number, so that keys can
  /// change places without ever being there twice.
  /// Returns: false when memory is out (53200); the sink may have got a part.
  bool write(const Changes& changes, RedoSink& sink);

 private:
  struct Entry {
    uint32_t table;  // position in tables_
    uint32_t order;
    int64_t key;
    Change change;
  };
  void collect(const Changes& changes);
  uint32_t fold(uint32_t table, uint32_t at);
  bool deliver(RedoSink& sink, Table& table, RedoKind kind, std::span<const RowId> rows);
  bool deliver_batch(RedoSink& sink, Table& table, RedoKind kind, std::span<const RowId> rows);

  std::vector<Table*> tables_;
  std::vector<Entry> entries_;
  std::vector<RowId> erased_, updated_, inserted_;
  std::vector<int64_t> keys_;
  std::vector<vector::Vector> columns_;
  Arena arena_;
};

}  // namespace rowtine::table
