// What a probe matches its rows with: an index, a hash table, or every row of a list. All give pairs
// in rounds of bounded size, ascending by probing row.
#pragma once

#include <span>

#include "join/prober.h"
#include "program/interpreter.h"

namespace rowtine::program {

/// Pairs looked at in one go.
inline constexpr uint32_t kCandidatesMax = vector::kBatchRowsMax;

/// Reads packed rows; a null reference gives nulls.
inline bool read_packed(const join::PackedLayout& layout, uint32_t column, const Reference* references,
                        uint32_t count, Arena& arena, Vector& out) {
  static_assert(sizeof(Reference) == sizeof(const uint8_t*));
  return join::gather_column(layout, column, reinterpret_cast<const uint8_t* const*>(references),
                             count, arena, out);
}

class IndexMatcher {
 public:
  static constexpr Reference kNothing = static_cast<Reference>(-1);

  IndexMatcher(table::Relation& relation, table::Snapshot snapshot, uint32_t index,
               std::span<const Vector> keys, uint32_t count)
      : relation_(relation), snapshot_(snapshot), index_(index), keys_(keys), count_(count) {}

  uint32_t next(const uint8_t*, const Pairs& out, Arena&) {
    static_assert(sizeof(Reference) == sizeof(table::RowId));
    return relation_.probe(snapshot_, index_, keys_, count_, position_, kCandidatesMax, out.rows,
                           reinterpret_cast<table::RowId*>(out.references));
  }
  uint32_t finished_rows() const { return position_.row; }
  bool read(uint32_t column, const Reference* references, uint32_t count, Arena& arena,
            Vector& out) {
    return relation_.fetch(reinterpret_cast<const table::RowId*>(references), count, column, arena,
                           out);
  }
  void set_matched(Reference) {}

 private:
  table::Relation& relation_;
  table::Snapshot snapshot_;
  uint32_t index_;
  std::span<const Vector> keys_;
  uint32_t count_;
  table::ProbePosition position_;
};

class HashMatcher {
 public:
  static constexpr Reference kNothing = 0;

  HashMatcher(const join::HashTable& table, std::span<const Vector> keys, uint32_t count)
      : table_(table), prober_(table, keys, count) {}

  bool open(Arena& arena) { return prober_.open(arena); }

  uint32_t next(const uint8_t* done, const Pairs& out, Arena&) {
    return prober_.next(done, candidates(out));
  }
  void restart_with_unknown() { prober_.restart_with_unknown(); }
  uint32_t next_unknown(const uint8_t* done, const Pairs& out) {
    return prober_.next_unknown(done, candidates(out));
  }
  uint32_t finished_rows() const { return prober_.finished_rows(); }
  bool read(uint32_t column, const Reference* references, uint32_t count, Arena& arena,
            Vector& out) {
    return read_packed(table_.layout(), column, references, count, arena, out);
  }
  void set_matched(Reference row) { table_.set_matched(reinterpret_cast<const uint8_t*>(row)); }

 private:
  static join::Candidates candidates(const Pairs& out) {
    return {out.rows, reinterpret_cast<const uint8_t**>(out.references), kCandidatesMax};
  }

  const join::HashTable& table_;
  join::Prober prober_;
};

class LoopMatcher {
 public:
  static constexpr Reference kNothing = 0;

  LoopMatcher(const join::PackedRows& rows, const join::PackedLayout& layout, uint32_t count)
      : rows_(rows), layout_(layout), count_(count) {}

  uint32_t next(const uint8_t* done, const Pairs& out, Arena&) {
    uint32_t found = 0;
    for (; row_ < count_; ++row_, inner_ = 0) {
      if (done != nullptr && done[row_] != 0) continue;
      for (; inner_ < rows_.count(); ++inner_) {
        if (found == kCandidatesMax) return found;
        out.rows[found] = row_;
        out.references[found] = reinterpret_cast<Reference>(rows_.row(inner_));
        ++found;
      }
    }
    return found;
  }
  uint32_t finished_rows() const { return row_; }
  bool read(uint32_t column, const Reference* references, uint32_t count, Arena& arena,
            Vector& out) {
    return read_packed(layout_, column, references, count, arena, out);
  }
  void set_matched(Reference) {}

 private:
  const join::PackedRows& rows_;
  const join::PackedLayout& layout_;
  uint32_t count_;
  uint32_t row_ = 0;
  uint64_t inner_ = 0;
};

}  // namespace rowtine::program
