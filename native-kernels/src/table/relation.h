// What a program may ask of stored rows: one interface for tables, event tables, devices and system
// relations, so that operators know nothing of how rows are kept.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/arena.h"
#include "base/status.h"
#include "table/zone.h"
#include "vector/vector.h"

namespace rowtine::table {

/// Names one version of one row, for as long as the run that learnt it lasts. -1 is no row.
using RowId = int64_t;

/// Counts committed and running changes; every statement of a transaction takes the next one.
using Sequence = uint64_t;

/// A reader sees exactly the versions with begin <= sequence < end.
struct Snapshot {
  Sequence sequence = 0;
};

class Transaction;  // table/transaction.h: undo log, redo log, the statement's sequence

/// Delivers the visible rows of a relation, batch by batch. Threads: the one that made it.
class Scan {
 public:
  virtual ~Scan() = default;

  /// Fills `columns` (dense, in the order asked for at scan()) and, where not null, `row_ids` with at
  /// most `rows_max` rows. Vectors may point into the relation's own memory: valid for the run.
  /// Returns: rows delivered; 0 at the end. Errors: 53200.
  virtual Result<uint32_t> next(Arena& scratch, uint32_t rows_max, std::span<vector::Vector> columns,
                                RowId* row_ids) = 0;

  /// Rows whose value in the relation's column lies outside of `range`, or is null, need not be
  /// delivered; they may be. Before the first next(). The column has ranks.
  virtual void narrow(uint32_t, const ValueRange&) {}
  /// Slots that next() passed over for it, so far.
  virtual uint64_t skipped() const { return 0; }
};

/// Where a probe that filled its output goes on.
struct ProbePosition {
  uint32_t row = 0;     // probe row in progress
  uint64_t chain = 0;   // relation's own mark within it; 0 at its start
};

/// What insert() did with one row.
enum class InsertOutcome : uint8_t { Inserted, Conflict, Failed };

struct InsertRequest {
  /// One per column, dense, row_count rows; a Vector with values == nullptr is numbered by identity
  /// (insert() allocates it from `scratch` and puts it here).
  std::span<vector::Vector> values;
  uint32_t row_count = 0;
  /// Bool bytes; rows with 0 are passed over. nullptr: all.
  const uint8_t* active = nullptr;
  /// 0: a duplicate key is 23505. 1: it is a Conflict. Only in `index`, or in any when -1.
  uint32_t conflict = 0;
  int32_t index = -1;
  /// Under conflict 1: a key that this same statement inserted is 21000, as ON CONFLICT DO UPDATE says.
  bool once = false;
  /// Out, row_count each: the new or the conflicting row, what happened, and the SQLSTATE of failures
  /// (23502, 23505 ...) as packed numbers (0: none).
  RowId* row_ids = nullptr;
  InsertOutcome* outcomes = nullptr;
  uint32_t* states = nullptr;
  /// Out: for a failed row, which index or column (for the message): index number, or column number + 0x10000.
  uint32_t* details = nullptr;
};

class Relation {
 public:
  virtual ~Relation() = default;

  virtual std::span<const vector::PhysicalType> column_types() const = 0;
  virtual uint32_t index_count() const { return 0; }
  /// Column numbers of an index, in key order.
  virtual std::span<const uint32_t> index_columns(uint32_t) const { return {}; }
  /// Rows that a scan would deliver, about. Threads: any.
  virtual uint64_t row_count() const { return 0; }
  /// The part of the rows, from 0 to 1, about, whose value in a column with ranks lies in `range`; looks at
  /// a few of them. Negative: nobody knows. Threads: any reader's.
  virtual double share_within(Snapshot, uint32_t, const ValueRange&) const { return -1; }
  /// insert/update/erase are possible (a table).
  virtual bool is_table() const { return false; }
  /// The column that insert() numbers where it gets no values; -1: none.
  virtual int32_t identity_column() const { return -1; }
  /// append is possible (event tables, request devices); the leading columns that a caller gives.
  virtual uint32_t append_column_count() const { return 0; }
  /// Rows survive a restart, so effects that depend on them wait for the store.
  virtual bool is_durable() const { return false; }

  // Readers: any worker, under a snapshot that is kept alive by the run's epoch.

  virtual std::unique_ptr<Scan> scan(Snapshot snapshot, std::span<const uint32_t> columns) = 0;

  /// Slots that a scan goes through, some of them perhaps without a visible row; what scan_range()
  /// takes a part of. 0: scans are not divided.
  virtual uint64_t scan_slots() const { return 0; }
  /// As scan(), over the slots [first, last). Only where scan_slots() is not 0.
  virtual std::unique_ptr<Scan> scan_range(Snapshot snapshot, std::span<const uint32_t> columns,
                                           uint64_t first, uint64_t last);

  /// Finds, for keys[*][row] of rows position.row .. row_count - 1, the visible rows with equal keys
  /// (SQL equality: a null key matches nothing). Writes at most `capacity` pairs and moves `position`;
  /// done when position.row == row_count. Returns: pairs written, ascending by probe row.
  virtual uint32_t probe(Snapshot snapshot, uint32_t index, std::span<const vector::Vector> keys,
                         uint32_t row_count, ProbePosition& position, uint32_t capacity,
                         uint32_t* probe_rows, RowId* row_ids);

  /// Reads one column of `count` rows (RowId -1: null) into a new dense vector.
  /// Returns: false when the arena's limit is met.
  virtual bool fetch(const RowId* row_ids, uint32_t count, uint32_t column, Arena& arena,
                     vector::Vector& out);

  // The writer: the sequencer worker alone, inside a transaction.

  /// Inserts rows in order; a failed row leaves no trace, its neighbours go in. Not-null and unique
  /// are checked here; other constraints by the program.
  virtual void insert(Transaction& transaction, InsertRequest& request, Arena& scratch);

  /// Replaces columns[i] (numbers) by values[i] in the rows named; writes the new versions' ids. A row
  /// that this statement already changed or erased: states[row] = kBatchConflict when `instances`,
  /// else it is passed over (new id -1), as UPDATE ... FROM does. `active` as in InsertRequest.
  virtual void update(Transaction& transaction, const RowId* row_ids, uint32_t row_count,
                      const uint8_t* active, std::span<const uint32_t> columns,
                      std::span<const vector::Vector> values, bool instances, RowId* new_row_ids,
                      uint32_t* states, uint32_t* details, Arena& scratch);

  /// Erases the rows named. Same rule for rows met twice. Returns: rows erased.
  virtual uint32_t erase(Transaction& transaction, const RowId* row_ids, uint32_t row_count,
                         const uint8_t* active, bool instances, uint32_t* states);
};

}  // namespace rowtine::table
