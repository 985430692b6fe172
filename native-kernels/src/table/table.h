// Rows in memory: column chunks, row versions by sequence, hash indexes. One writer (the sequencer)
// changes them inside a Transaction; any number of readers on other threads scan, probe and fetch
// under a snapshot and never wait.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "table/chunk.h"
#include "table/hash_index.h"
#include "table/relation.h"
#include "table/row_cells.h"
#include "table/string_heap.h"
#include "table/transaction.h"

namespace rowtine::table {

struct IndexDefinition {
  std::vector<uint32_t> columns;  // in key order, at most kIndexColumnsMax
  bool unique = false;
};

struct TableDefinition {
  uint32_t id = 0;  // the relation's number, for redo
  std::vector<vector::PhysicalType> types = {};
  std::vector<bool> not_null = {};  // per column; empty: none
  std::vector<IndexDefinition> indexes = {};
  int32_t identity_column = -1;  // an integer column numbered by insert(), -1: none
  bool durable = false;
  uint64_t hash_seed = 0;              // random where strangers choose keys (see hash_cell)
  size_t memory_bytes_max = SIZE_MAX;  // a row that would pass it fails with 53200
};

/// What a catalog must ask before it makes a Table, whose own checks are invariants.
/// Returns: success; 54011: an index has more than kIndexColumnsMax columns; 22023: an index or the
/// identity names no column that fits.
SqlState check_definition(const TableDefinition& definition);

class Table final : public Relation {
 public:
  Table(TableDefinition definition, SequenceClock& clock);
  ~Table() override;
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  // Relation ---------------------------------------------------------------------------------

  std::span<const vector::PhysicalType> column_types() const override { return definition_.types; }
  uint32_t index_count() const override { return index_count_.load(std::memory_order_acquire); }
  std::span<const uint32_t> index_columns(uint32_t index) const override;
  bool is_table() const override { return true; }
  bool is_durable() const override { return definition_.durable; }
  int32_t identity_column() const override { return definition_.identity_column; }

  std::unique_ptr<Scan> scan(Snapshot snapshot, std::span<const uint32_t> columns) override;
  uint64_t scan_slots() const override { return chunks_.count(); }
  std::unique_ptr<Scan> scan_range(Snapshot snapshot, std::span<const uint32_t> columns,
                                   uint64_t first, uint64_t last) override;
  double share_within(Snapshot snapshot, uint32_t column, const ValueRange& range) const override;
  uint32_t probe(Snapshot snapshot, uint32_t index, std::span<const vector::Vector> keys,
                 uint32_t row_count, ProbePosition& position, uint32_t capacity,
                 uint32_t* probe_rows, RowId* row_ids) override;
  bool fetch(const RowId* row_ids, uint32_t count, uint32_t column, Arena& arena,
             vector::Vector& out) override;

  void insert(Transaction& transaction, InsertRequest& request, Arena& scratch) override;
  void update(Transaction& transaction, const RowId* row_ids, uint32_t row_count,
              const uint8_t* active, std::span<const uint32_t> columns,
              std::span<const vector::Vector> values, bool instances, RowId* new_row_ids,
              uint32_t* states, uint32_t* details, Arena& scratch) override;
  uint32_t erase(Transaction& transaction, const RowId* row_ids, uint32_t row_count,
                 const uint8_t* active, bool instances, uint32_t* states) override;

  // The runtime ------------------------------------------------------------------------------

  uint32_t id() const { return definition_.id; }
  const TableDefinition& definition() const { return definition_; }

  /// The row's stable number: the same for all its versions, never given to another row.
  int64_t row_key(RowId row) const;

  /// Adds rows from the store, before any other use of the table. Threads: any one (the sequencer
  /// may be running; it may vacuum the table meanwhile, which finds nothing).
  /// Shapes:  one vector per column, row_keys.size() rows (any number, dense or constant).
  /// Returns: success, or 23502/23505/53200 of the first row that does not fit; rows before it
  /// stay.
  SqlState load(std::span<const int64_t> row_keys, std::span<const vector::Vector> columns);

  /// Identity goes on after `last`, if it has not come further: numbers of rows that were erased
  /// before a restart are not given again. Threads: as load().
  void continue_identity_after(int64_t last);
  /// The highest number that identity has given or met; 0: none yet. Threads: as load(), or while
  /// nothing writes the table.
  int64_t last_identity() const { return next_identity_ - 1; }

  /// Adds an index over the rows that are there, as number index_count(). Readers may go on.
  /// Threads: the writer, between transactions, while nothing that was committed may be undone.
  /// Returns: success; 23505: two rows have a key of a unique one; 53200; 54000: kAddedIndexesMax.
  SqlState add_index(const IndexDefinition& index);

  /// Ends what an index guards. Its number stays taken and its entries right, for programs that still
  /// probe it. Threads: the writer.
  void drop_index(uint32_t index);

  /// Takes back what no snapshot >= `horizon` sees: index entries, strings, slots. At most `budget`
  /// versions per step of the work. Threads: the writer, between transactions.
  /// Returns: what still waits, as garbage_count().
  size_t vacuum(Sequence horizon, uint32_t budget);

  /// Versions, and outgrown index tables, that wait for vacuum(). Threads: the writer.
  size_t garbage_count() const;

  /// Bytes of rows in use, strings and indexes; rows that are live. Threads: any (relaxed).
  size_t memory_bytes() const { return memory_bytes_.load(std::memory_order_relaxed); }
  uint64_t row_count() const override { return live_rows_.load(std::memory_order_relaxed); }

  /// Do two versions of a row have different values in some unique index? For redo.
  bool differs_in_unique_key(RowId a, RowId b) const;

  /// Reverses one change; the newest first. For Transaction and undo().
  void undo(const Change& change);

 private:
  /// A version that ended at `end`; what replaced it may share its strings.
  struct Dead {
    VersionId version;
    VersionId successor;
    Sequence end;
  };
  /// A version out of every index, waiting for the readers that may still stand on it.
  struct Unlinked {
    VersionId version;
    VersionId sharer;  // keeps the strings both point to
    Sequence stamp;    // reusable when the horizon has reached it
  };
  /// First-in first-out without freeing memory in between.
  template <class T>
  class Queue {
   public:
    bool empty() const { return head_ == items_.size(); }
    size_t size() const { return items_.size() - head_; }
    const T& front() const { return items_[head_]; }
    const T& back() const { return items_.back(); }
    std::span<const T> items() const { return std::span(items_).subspan(head_); }
    void push(const T& item) { items_.push_back(item); }
    /// Moves what is left to the front when that is at most half: constant time on average.
    void pop() {
      if (++head_ * 2 < items_.size()) return;
      items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(head_));
      head_ = 0;
      if (items_.empty() && items_.capacity() > kKeptItems) items_ = {};
    }

   private:
    static constexpr size_t kKeptItems = 64 * 1024;
    std::vector<T> items_;
    size_t head_ = 0;
  };

  /// Why a row was not taken, as InsertRequest::states and details say it.
  struct Refused {
    SqlState state;
    uint32_t detail = 0;
  };
  struct OwnedString {
    uint32_t column;
    vector::StringView view;
  };

  // table_write.cc: all about the row in row_; table_append.cc: rows together.
  Refused check_keys(VersionId before, int32_t first_index, Sequence stamp);
  Refused check_nulls() const;
  bool has_memory() const;
  bool own_strings();
  VersionId write_version(int64_t key, Sequence begin);
  void end_version(VersionId version, VersionId successor, Sequence at);
  Refused insert_row(Transaction& transaction, InsertRequest& request, uint32_t row);
  uint32_t insert_together(Transaction& transaction, InsertRequest& request, Arena& scratch);
  bool may_insert_together(const Transaction& transaction, const InsertRequest& request) const;
  bool write_together(std::span<const vector::Vector> values, uint32_t first, uint32_t count,
                      Sequence begin, Arena& scratch);
  bool own_strings(const vector::Vector& values, uint32_t first, uint32_t count,
                   vector::StringView* owned);
  void free_strings(const vector::StringView* owned, uint32_t count);
  Refused meet_conflict(const Transaction& transaction, InsertRequest& request, uint32_t row,
                        VersionId existing);
  bool number_identity(InsertRequest& request, Arena& scratch);
  bool note_identity();
  bool is_changed_by(const Transaction& transaction, VersionId version) const;
  Refused update_row(Transaction& transaction, VersionId before, RowId& new_row_id);
  void account();
  void count_live(int64_t by);

  // table_share.cc
  double share_in_block(Snapshot snapshot, VersionId first, uint32_t column,
                        const ValueRange& range) const;

  // table_index.cc
  SqlState fill_index(HashIndex& index) const;

  // table_vacuum.cc
  void unlink(VersionId version, VersionId sharer);
  void reclaim(const Unlinked& unlinked);
  void free_strings(VersionId version, VersionId sharer);

  TableDefinition definition_;
  SequenceClock& clock_;
  ChunkStore chunks_;
  StringHeap strings_;
  std::vector<std::unique_ptr<HashIndex>> indexes_;  // never moved: readers look up theirs
  std::atomic<uint32_t> index_count_{0};             // those that readers may look up
  std::vector<uint32_t> string_columns_;
  std::vector<VersionId> free_versions_;
  Queue<Dead> dead_;
  Queue<Unlinked> unlinked_;
  // The row being written: kept between rows, so that none of them allocates.
  RowCells row_;
  std::vector<HashIndex::Place> places_;  // per index
  std::vector<OwnedString> owned_strings_;
  bool identity_overflow_ = false;
  int64_t next_row_key_ = 1;
  int64_t next_identity_ = 1;
  std::atomic<size_t> memory_bytes_{0};
  std::atomic<uint64_t> live_rows_{0};
};

}  // namespace rowtine::table
