#include "runtime/config.h"

#include <sys/random.h>

#include <algorithm>

#include "program/decode.h"

namespace rowtine::runtime {
namespace {

bool is_comparable(std::span<const vector::PhysicalType> types, const Route& route) {
  if (route.column >= types.size()) return false;
  switch (types[route.column]) {
    case vector::PhysicalType::String: return route.is_text;
    case vector::PhysicalType::Bool:
    case vector::PhysicalType::Int16:
    case vector::PhysicalType::Int32:
    case vector::PhysicalType::Int64: return !route.is_text;
    default: return false;
  }
}

table::TableDefinition table_definition(const RelationSpec& spec, uint64_t memory_limit_bytes) {
  table::TableDefinition definition;
  definition.id = spec.id;
  for (const ColumnSpec& column : spec.columns) {
    definition.types.push_back(column.type);
    definition.not_null.push_back(column.not_null);
  }
  for (const IndexSpec& index : spec.indexes) {
    definition.indexes.push_back({index.columns, index.unique});
  }
  definition.identity_column = spec.identity_column;
  definition.durable = spec.durable;
  definition.memory_bytes_max = memory_limit_bytes;
  // Strangers choose keys: without the seed they could choose ones that collide.
  if (getrandom(&definition.hash_seed, sizeof definition.hash_seed, 0) < 0) definition.hash_seed = 0;
  return definition;
}

table::EventTableDefinition event_definition(const RelationSpec& spec) {
  table::EventTableDefinition definition;
  definition.id = spec.id;
  for (size_t i = 0; i + kSystemColumns < spec.columns.size(); ++i) {
    definition.types.push_back(spec.columns[i].type);
  }
  definition.append_columns = spec.append_columns;
  if (spec.retain_rows != 0) definition.retain_rows = spec.retain_rows;
  if (spec.retain_bytes != 0) definition.retain_bytes = spec.retain_bytes;
  if (spec.retain_us != 0) definition.retain_us = spec.retain_us;
  return definition;
}

}  // namespace

std::optional<Refusal> ConfigBuilder::check(const RelationSpec& spec) const {
  if (spec.id >= kRelationsMax || config_->find(spec.id) != nullptr) {
    return refused(kInvalidParameterValue,
                   "a relation's number is new and below " + std::to_string(kRelationsMax));
  }
  if (spec.kind == RelationKind::Event && spec.columns.size() < kSystemColumns) {
    return refused(kInvalidParameterValue, "an event relation ends with seq, at, root and cause");
  }
  if (spec.kind != RelationKind::Table) return std::nullopt;
  const SqlState state = table::check_definition(table_definition(spec, SIZE_MAX));
  if (state.ok()) return std::nullopt;
  return refused(state, "the table \"" + spec.name + "\" cannot be kept: an index or identity column does not fit");
}

void ConfigBuilder::add_relations(
    std::vector<RelationSpec> specs,
    const std::function<std::function<std::vector<Row>()>(Device)>& make_rows,
    table::SequenceClock& clock, uint64_t memory_limit_bytes) {
  auto next = changed();
  for (RelationSpec& spec : specs) {
    auto relation = std::make_shared<InstalledRelation>();
    relation->device = device_named(spec.device);
    for (uint32_t i = 0; i < spec.columns.size(); ++i) relation->all_columns.push_back(i);
    const bool is_connections = relation->device == Device::Connections;
    if (spec.kind == RelationKind::Table) {
      relation->table = std::make_unique<table::Table>(
          table_definition(spec, memory_limit_bytes), clock);
    }
    if (spec.kind == RelationKind::Event || is_connections) {
      relation->events = std::make_unique<table::EventTable>(event_definition(spec));
    }
    std::vector<vector::PhysicalType> types;
    for (const ColumnSpec& column : spec.columns) types.push_back(column.type);
    if (spec.kind == RelationKind::System) {
      relation->made = std::make_unique<MadeRelation>(types, make_rows(relation->device));
    }
    if (spec.kind == RelationKind::Batches) {
      relation->batches = std::make_unique<table::BatchRelation>(types, memory_limit_bytes);
    }
    if (next->relations.size() <= spec.id) next->relations.resize(spec.id + 1);
    if (relation->device != Device::None) {
      next->devices[static_cast<size_t>(relation->device)] = relation.get();
    }
    const uint32_t id = spec.id;
    relation->spec = std::move(spec);
    next->relations[id] = std::move(relation);
  }
}

int32_t InstalledCoroutine::line_of(const program::SourceSpan& span) const {
  const auto after = std::ranges::upper_bound(spec.line_starts, span.start);
  return std::max(1, static_cast<int32_t>(after - spec.line_starts.begin()));
}

std::string_view InstalledCoroutine::statement_of(const program::SourceSpan& span) const {
  for (auto step = spec.steps.rbegin(); step != spec.steps.rend(); ++step) {
    if (step->span_start <= span.start && span.end <= step->span_end) return step->text;
  }
  return {};
}

std::shared_ptr<Config> ConfigBuilder::changed() {
  config_ = std::make_shared<Config>(*config_);
  return config_;
}

void ConfigBuilder::drop_relation(uint32_t id) {
  auto next = changed();
  if (id >= next->relations.size() || next->relations[id] == nullptr) return;
  std::erase_if(coroutines_, [id](const auto& coroutine) { return coroutine->spec.relation == id; });
  next->relations[id] = nullptr;
  if (id < next->dispatches.size()) next->dispatches[id] = nullptr;
}

std::optional<Refusal> ConfigBuilder::verify(
    std::span<const int32_t> words, std::span<const std::byte> bytes,
    std::shared_ptr<const program::VerifiedProgram>& out) const {
  program::Refusal why;
  auto decoded = program::decode(words, bytes);
  if (!decoded.ok()) return refused(decoded.error().state, "the words are no program");
  auto verified = program::verify(std::move(decoded.value()), *config_, &why);
  if (!verified.ok()) return refused(verified.error().state, why.reason);
  if (verified.value().program().is_step()) {
    return refused(kInvalidProgram, "a step runs for events, not by itself");
  }
  out = std::make_shared<const program::VerifiedProgram>(std::move(verified.value()));
  return std::nullopt;
}

bool ConfigBuilder::touches_durable(const program::VerifiedProgram& program) const {
  if (program.writes_durable()) return true;
  return std::ranges::any_of(program.reads(), [this](uint32_t id) {
    const table::Relation* relation = config_->find(id);
    return relation != nullptr && relation->is_durable();
  });
}

namespace {

/// A report reads the locals that it shares with the program, and changes nothing else.
bool reports_on(const program::VerifiedProgram& report, const program::Program& program) {
  const std::vector<vector::PhysicalType>& own = report.program().locals;
  const size_t shared = own.size() - std::min<size_t>(own.size(), 2);
  return own.size() >= 2 && shared <= program.locals.size() &&
         report.program().event == program.event && report.program().parameters == 0 &&
         std::equal(own.begin(), own.begin() + static_cast<ptrdiff_t>(shared),
                    program.locals.begin()) &&
         own[shared] == vector::PhysicalType::Bool &&
         own[shared + 1] == vector::PhysicalType::String && !report.needs_sequencer() &&
         report.appends().empty();
}

}  // namespace

std::optional<Refusal> ConfigBuilder::verify_report(
    const CoroutineSpec& spec, const program::Program& program,
    std::optional<program::VerifiedProgram>& out) const {
  if (spec.report_words.empty()) return std::nullopt;
  program::Refusal why;
  auto decoded = program::decode(spec.report_words, spec.report_bytes);
  if (!decoded.ok()) return refused(decoded.error().state, "the report's words are no program");
  auto verified = program::verify(std::move(decoded.value()), *config_, &why);
  if (!verified.ok()) return refused(verified.error().state, why.reason);
  if (!reports_on(verified.value(), program)) {
    return refused(kInvalidProgram, "the report is not one of the program's locals");
  }
  out = std::move(verified.value());
  return std::nullopt;
}

std::optional<Refusal> ConfigBuilder::add_coroutine(CoroutineSpec spec) {
  program::Refusal why;
  auto decoded = program::decode(spec.words, spec.bytes);
  if (!decoded.ok()) return refused(decoded.error().state, "the words are no program");
  auto verified = program::verify(std::move(decoded.value()), *config_, &why);
  if (!verified.ok()) return refused(verified.error().state, why.reason);
  const auto& program = verified.value().program();
  const bool fits = program.is_step() && program.parameters == 0 &&
                    static_cast<uint32_t>(program.event) == spec.relation &&
                    (spec.matched_local < 0 ||
                     (static_cast<size_t>(spec.matched_local) < program.locals.size() &&
                      program.locals[static_cast<size_t>(spec.matched_local)] ==
                          vector::PhysicalType::Bool));
  if (!fits) return refused(kInvalidProgram, "the program is no step of its relation");
  const table::Relation* relation = config_->find(spec.relation);
  for (const Route& route : spec.routes) {
    if (!is_comparable(relation->column_types(), route)) {
      return refused(kInvalidProgram, "a route compares what its column is not");
    }
  }
  std::optional<program::VerifiedProgram> report;
  if (auto refusal = verify_report(spec, program, report)) return refusal;
  const uint32_t on = spec.relation;
  auto installed =
      std::make_shared<InstalledCoroutine>(std::move(spec), std::move(verified.value()));
  installed->report = std::move(report);
  installed->touches_durable = touches_durable(installed->program);
  coroutines_.push_back(std::move(installed));
  changed();
  rebuild_dispatch(on);
  return std::nullopt;
}

void ConfigBuilder::drop_coroutine(uint32_t id) {
  const auto found = std::ranges::find_if(
      coroutines_, [id](const auto& coroutine) { return coroutine->spec.id == id; });
  if (found == coroutines_.end()) return;
  const uint32_t on = (*found)->spec.relation;
  coroutines_.erase(found);
  changed();
  rebuild_dispatch(on);
}

void ConfigBuilder::set_event_major(uint32_t relation, bool on) {
  if (event_major_.size() <= relation) event_major_.resize(relation + 1);
  event_major_[relation] = on;
  changed();
  rebuild_dispatch(relation);
}

void ConfigBuilder::rebuild_dispatch(uint32_t relation) {
  auto dispatch = std::make_shared<Dispatch>();
  std::vector<std::vector<Route>> routes;
  for (const auto& coroutine : coroutines_) {
    if (coroutine->spec.relation != relation) continue;
    if (coroutine->spec.on_close) {
      dispatch->on_close.push_back(coroutine);
      continue;
    }
    dispatch->coroutines.push_back(coroutine);
    routes.push_back(coroutine->spec.routes);
  }
  dispatch->routes = RouteTable(routes);
  dispatch->event_major = relation < event_major_.size() && event_major_[relation];
  if (config_->dispatches.size() <= relation) config_->dispatches.resize(relation + 1);
  config_->dispatches[relation] = std::move(dispatch);
}

}  // namespace rowtine::runtime
