#include "program/estimate.h"

#include <algorithm>
#include <variant>
#include <vector>

#include "program/prepared.h"

namespace rowtine::program {
namespace {

/// A series' length is known only when it runs.
constexpr uint64_t kSeriesRows = 1'000'000;
/// So is a recursion's end.
constexpr uint64_t kRecursionRows = 1'000'000;
/// Estimates stop growing here, so that products of them cannot overflow.
constexpr uint64_t kRowsMax = 1ULL << 30;

uint64_t times(uint64_t a, uint64_t b) { return std::min(a * b, kRowsMax); }

class Estimate {
 public:
  Estimate(const PreparedProgram& program, const RelationLookup& relations)
      : program_(program), relations_(relations), state_rows_(program.states.size(), 0) {}

  uint64_t run() {
    uint64_t total = 0;
    for (size_t i = 0; i < program_.pipelines.size(); ++i) {
      const Pipeline& pipeline = program_.program.pipelines[i];
      uint64_t rows = source_rows(pipeline.source);
      total += rows;
      for (const Operator& each : pipeline.operators) {
        const uint64_t before = rows;
        rows = times(rows, fan_out(each));
        if (rows != before) total += rows;
      }
      const int32_t filled = program_.pipelines[i].filled_state;
      if (filled != kNone) state_rows_[static_cast<size_t>(filled)] += rows;
    }
    return std::min(total, kRowsMax);
  }

 private:
  uint64_t source_rows(const Source& source) const {
    if (const auto* scan = std::get_if<ScanSource>(&source)) {
      const table::Relation* relation = relations_.find(scan->relation);
      return relation == nullptr ? 0 : std::min(relation->row_count(), kRowsMax);
    }
    if (const auto* state = std::get_if<StateScanSource>(&source)) return state_rows_[state->state];
    if (const auto* constants = std::get_if<ConstantsSource>(&source)) {
      return constants->cells.size() / std::max<size_t>(constants->registers.size(), 1);
    }
    return std::holds_alternative<RecursionSource>(source) ? kRecursionRows : 1;
  }

  uint64_t fan_out(const Operator& each) const {
    if (std::holds_alternative<Series>(each)) return kSeriesRows;
    const auto* loop = std::get_if<LoopProbe>(&each);
    return loop == nullptr ? 1 : std::max<uint64_t>(state_rows_[loop->state], 1);
  }

  const PreparedProgram& program_;
  const RelationLookup& relations_;
  std::vector<uint64_t> state_rows_;
};

}  // namespace

bool gathers_before_writing(const VerifiedProgram& program) {
  for (const PreparedPipeline& pipeline : program.prepared().pipelines) {
    if (pipeline.changes_tables) return false;
    if (pipeline.filled_state != kNone) return true;
  }
  return false;
}

uint64_t estimated_rows(const VerifiedProgram& program, const RelationLookup& relations) {
  return Estimate(program.prepared(), relations).run();
}

}  // namespace rowtine::program
