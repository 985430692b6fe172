#include "runtime/query_runner.h"

#include <algorithm>

#include "program/estimate.h"

namespace rowtine::runtime {

namespace {

bool reads_anywhere(const program::VerifiedProgram& program, const Config& config) {
  if (!program.appends().empty()) return false;
  return std::ranges::all_of(program.reads(), [&config](uint32_t id) {
    const InstalledRelation* relation = config.installed(id);
    return relation != nullptr && relation->made == nullptr;
  });
}

}  // namespace

bool is_plain_read(const program::VerifiedProgram& program, const Config& config) {
  return !program.needs_sequencer() && reads_anywhere(program, config);
}

bool is_large_write(const program::VerifiedProgram& program, const Config& config,
                    const EngineOptions& options) {
  return program.needs_sequencer() && !program.recurses() && reads_anywhere(program, config) &&
         program::gathers_before_writing(program) &&
         program::estimated_rows(program, config) >= options.parallel_rows;
}

bool is_small_read(const program::VerifiedProgram& program, const Config& config,
                   const EngineOptions& options) {
  return program::estimated_rows(program, config) <
         std::min(kSmallReadRowsMax, options.parallel_rows);
}

SharedRead::SharedRead(uint32_t statement, uint32_t members, size_t bytes_max) : team(members), profiles(members) {
  draw_seed(hash_seed);
  for (uint32_t i = 0; i < members; ++i) results.emplace_back(statement, bytes_max / members);
}

std::vector<double> SharedRead::profile_of_all() {
  for (size_t i = 1; i < profiles.size(); ++i) profiles[0].add(profiles[i]);
  return profiles[0].numbers();
}

program::RunContext QueryRunner::context_of(const ReadView& view,
                                            const std::atomic<bool>* cancel) {
  seeds_.kernels.clock_us = view.now_us;
  program::RunContext context;
  context.snapshot = view.snapshot;
  context.now_us = view.now_us;
  context.batch_rows_max = options_.batch_rows;
  context.memory_limit_bytes = options_.memory_limit_bytes;
  context.hash_seed = seeds_.hash;
  context.cancel = cancel;
  context.relations = &view.config;
  context.kernel_state = &seeds_.kernels;
  return context;
}

std::optional<MainEvents> QueryRunner::run(const Statement& statement, const ReadView& view,
                                           uint64_t batches_max) {
  ResultCollector results(statement.id, options_.memory_limit_bytes);
  program::RunContext context = context_of(view, statement.cancel.get());
  context.batches_left = batches_max;
  context.results = &results;
  program::Profile profile;
  if (statement.is_profiled) context.profile = &profile;
  const auto outcome = execution_.run_statement(*statement.program, statement.parameters.values, context);
  if (context.batches_left == 0) return std::nullopt;
  auto events = events_of_read(statement.id, *statement.program, outcome, execution_, {&results, 1});
  if (statement.is_profiled) events.back()->profile = profile.numbers();
  return events;
}

std::optional<Refusal> QueryRunner::read(const program::VerifiedProgram& program,
                                         std::span<const program::Parameter> parameters,
                                         const ReadView& view, ReadBatch& rows, bool& is_done) {
  rows.begin();
  program::RunContext context = context_of(view, nullptr);
  context.batches_left = kSmallReadBatchesMax;
  context.results = &rows;
  const auto outcome = execution_.run_statement(program, parameters, context);
  is_done = context.batches_left > 0 && !rows.is_full();
  if (is_done && !outcome.ok()) return refusal_of(program, outcome, execution_);
  return std::nullopt;
}

MainEvents QueryRunner::run_share(const Statement& statement, const ReadView& view,
                                  SharedRead& shared, uint32_t member) {
  program::RunContext context = context_of(view, statement.cancel.get());
  context.hash_seed = shared.hash_seed;
  context.results = &shared.results[member];
  context.team = &shared.team;
  context.member = member;
  if (statement.is_profiled) context.profile = &shared.profiles[member];
  const auto outcome = execution_.run_statement(*statement.program, statement.parameters.values, context);
  if (member != 0) return {};
  auto events = events_of_read(statement.id, *statement.program, outcome, execution_, shared.results);
  if (statement.is_profiled) events.back()->profile = shared.profile_of_all();
  return events;
}

}  // namespace rowtine::runtime
