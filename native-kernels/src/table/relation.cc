#include "table/relation.h"

#include "base/invariant.h"

// The verifier lets a program use only what a relation offers, so these are never reached.
namespace rowtine::table {

uint32_t Relation::probe(Snapshot, uint32_t, std::span<const vector::Vector>, uint32_t,
                         ProbePosition&, uint32_t, uint32_t*, RowId*) {
  invariant(false, "only a relation with indexes is probed");
  return 0;
}

std::unique_ptr<Scan> Relation::scan_range(Snapshot, std::span<const uint32_t>, uint64_t,
                                           uint64_t) {
  invariant(false, "only scans that have slots are divided");
  return nullptr;
}

bool Relation::fetch(const RowId*, uint32_t, uint32_t, Arena&, vector::Vector&) {
  invariant(false, "only a table's rows are fetched by id");
  return false;
}

void Relation::insert(Transaction&, InsertRequest&, Arena&) {
  invariant(false, "only tables take inserts");
}

void Relation::update(Transaction&, const RowId*, uint32_t, const uint8_t*,
                      std::span<const uint32_t>, std::span<const vector::Vector>, bool, RowId*,
                      uint32_t*, uint32_t*, Arena&) {
  invariant(false, "only tables take updates");
}

uint32_t Relation::erase(Transaction&, const RowId*, uint32_t, const uint8_t*, bool, uint32_t*) {
  invariant(false, "only tables erase rows");
  return 0;
}

}  // namespace rowtine::table
