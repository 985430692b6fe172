#include "runtime/query_runner.h"

#include <algorithm>

#include "program/estimate.h"

namespace rowtine::runtime {

bool is_plain_read(const program::VerifiedProgram& program, const Config& config) {
  if (program.needs_sequencer() || !program.appends().empty()) return false;
  return std::ranges::all_of(program.reads(), [&config](uint32_t id) {
    const InstalledRelation* relation = config.installed(id);
    return relation != nullptr && relation->made == nullptr;
  });
}

bool is_small_read(const program::VerifiedProgram& program, const Config& config) {
  return program::estimated_rows(program, config) <= kSmallReadRowsMax;
}

std::optional<MainEvents> QueryRunner::run(const Statement& statement, const Config& config,
                                           table::Snapshot snapshot, int64_t now_us,
                                           uint64_t batches_max) {
  const program::VerifiedProgram& program = *statement.program;
  ResultCollector results(statement.id, options_.memory_limit_bytes);
  seeds_.kernels.clock_us = now_us;
  program::RunContext context;
  context.snapshot = snapshot;
  context.now_us = now_us;
  context.batch_rows_max = options_.batch_rows;
  context.batches_left = batches_max;
  context.memory_limit_bytes = options_.memory_limit_bytes;
  context.hash_seed = seeds_.hash;
  context.cancel = statement.cancel.get();
  context.results = &results;
  context.relations = &config;
  context.kernel_state = &seeds_.kernels;
  const auto outcome = execution_.run_statement(program, statement.parameters.values, context);
  if (context.batches_left == 0) return std::nullopt;
  return events_of_read(statement.id, program, outcome, results);
}

}  // namespace rowtine::runtime
