// The gate before execution: whatever a Program says, a VerifiedProgram cannot corrupt memory, read
// a register before it is written, or use a relation in a way that it does not offer.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/status.h"
#include "program/program.h"
#include "table/relation.h"

namespace rowtine::program {

/// Finds relations by the catalog's id. An id names the same columns and indexes for as long as a
/// program that was verified with it may run.
class RelationLookup {
 public:
  virtual ~RelationLookup() = default;
  /// Returns: nullptr when there is no such relation.
  virtual table::Relation* find(uint32_t id) const = 0;
};

/// Where an instruction stands; DataError::instruction is a position in this list.
struct InstructionPlace {
  uint32_t pipeline = 0;
  SourceSpan span;
};

struct PreparedProgram;  // program/prepared.h: what the interpreter walks

/// A checked program with its kernels resolved. Immutable; shared between workers.
class VerifiedProgram {
 public:
  explicit VerifiedProgram(std::unique_ptr<const PreparedProgram> prepared);
  VerifiedProgram(VerifiedProgram&&) noexcept;
  VerifiedProgram& operator=(VerifiedProgram&&) noexcept;
  ~VerifiedProgram();

  const Program& program() const;
  const PreparedProgram& prepared() const { return *prepared_; }
  std::span<const InstructionPlace> instructions() const;

  /// Types that parameters must have, in order.
  PhysicalType parameter_type(uint32_t index) const;
  /// Types of the columns that a ResultSink gets; empty without one.
  std::span<const PhysicalType> result_types() const;

  /// Relations, ascending and without repeats: read by scans, probes and fetches; changed by
  /// insert, update, delete; appended to.
  std::span<const uint32_t> reads() const;
  std::span<const uint32_t> writes() const;
  std::span<const uint32_t> appends() const;
  bool has_result() const;
  /// Is a statement of rounds, which one thread runs.
  bool recurses() const;
  /// Writes a durable table, so its effects wait for the store.
  bool writes_durable() const;
  /// Must run on the sequencer worker, inside a transaction.
  bool needs_sequencer() const { return !writes().empty(); }

 private:
  std::unique_ptr<const PreparedProgram> prepared_;
};

/// What is wrong with a refused program, for the person who made it.
struct Refusal {
  std::string reason;
  int32_t pipeline = kNone;
};

/// Checks types, registers, states, locals, regions and relations, and resolves the kernels.
/// Errors: RD001 (kInvalidProgram), with `refusal` (if wanted) filled.
Result<VerifiedProgram> verify(Program program, const RelationLookup& relations,
                               Refusal* refusal = nullptr);

}  // namespace rowtine::program
