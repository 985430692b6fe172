// What is installed: relations and the coroutines on them, as one immutable picture. The main thread
// builds a new one for every change and sends it to the workers; a worker keeps the one it has until
// it adopts the next, so nothing is freed under a running step.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "program/verifier.h"
#include "runtime/devices.h"
#include "runtime/events.h"
#include "runtime/made_relation.h"
#include "runtime/route_table.h"
#include "runtime/spec.h"
#include "table/batch_relation.h"
#include "table/event_table.h"
#include "table/table.h"

namespace rowtine::runtime {

/// One relation and how its rows are kept. `connections` has a table for what is open and events for
/// what opens; of the others exactly one pointer is set.
struct InstalledRelation {
  RelationSpec spec;
  Device device = Device::None;
  std::unique_ptr<table::Table> table;
  std::unique_ptr<table::EventTable> events;
  std::unique_ptr<MadeRelation> made;
  std::unique_ptr<table::BatchRelation> batches;  // filled by the main thread before it is read
  std::vector<uint32_t> all_columns;  // 0 .. stored columns - 1
  // The sequencer's alone:
  int64_t next_request_id = 1;    // of devices
  int32_t dispatch_cursor = -1;   // keeps events until their coroutines have run

  table::Relation* relation() const {
    if (table != nullptr) return table.get();  // connections has both
    if (events != nullptr) return events.get();
    if (batches != nullptr) return batches.get();
    return made.get();
  }
};

/// A coroutine with its counters, which any thread may read.
struct InstalledCoroutine {
  CoroutineSpec spec;
  program::VerifiedProgram program;
  /// Writes the locals of instances as JSON. Its locals are the first of the program's, then a Bool
  /// that says whose are wanted and the String that takes them.
  std::optional<program::VerifiedProgram> report;
  bool touches_durable = false;  // reads or writes a durable table: its effects wait for the store
  std::atomic<uint64_t> starts{0}, ends{0}, errors{0};

  InstalledCoroutine(CoroutineSpec s, program::VerifiedProgram p)
      : spec(std::move(s)), program(std::move(p)) {}
  /// The 1-based line of its text on which a span of its program starts.
  int32_t line_of(const program::SourceSpan& span) const;
  /// The text of the innermost step around a span of its program; empty when none is.
  std::string_view statement_of(const program::SourceSpan& span) const;
};

/// The coroutines on one relation, in the order they were created.
struct Dispatch {
  std::vector<std::shared_ptr<InstalledCoroutine>> coroutines;
  RouteTable routes{{}};
  std::vector<std::shared_ptr<InstalledCoroutine>> on_close;
  bool event_major = false;
};

class Config final : public program::RelationLookup {
 public:
  table::Relation* find(uint32_t id) const override {
    InstalledRelation* relation = installed(id);
    return relation == nullptr ? nullptr : relation->relation();
  }
  InstalledRelation* installed(uint32_t id) const {
    return id < relations.size() ? relations[id].get() : nullptr;
  }
  InstalledRelation* device(Device device) const {
    return devices[static_cast<size_t>(device)];
  }
  const Dispatch* dispatch(uint32_t relation) const {
    return relation < dispatches.size() ? dispatches[relation].get() : nullptr;
  }

  std::vector<std::shared_ptr<InstalledRelation>> relations;  // by id
  std::vector<std::shared_ptr<const Dispatch>> dispatches;    // by relation id
  InstalledRelation* devices[32] = {};
};

inline constexpr uint32_t kRelationsMax = 1U << 20;

/// The main thread's side: takes changes, makes the next Config.
class ConfigBuilder {
 public:
  ConfigBuilder() : config_(std::make_shared<Config>()) {}

  /// Returns: why the relation cannot be made, if it cannot.
  std::optional<Refusal> check(const RelationSpec& spec) const;

  /// `make_rows` supplies the rows of system relations by device.
  void add_relations(std::vector<RelationSpec> specs,
                     const std::function<std::function<std::vector<Row>()>(Device)>& make_rows,
                     table::SequenceClock& clock, uint64_t memory_limit_bytes);
  void drop_relation(uint32_t id);
  std::optional<Refusal> add_coroutine(CoroutineSpec spec);
  void drop_coroutine(uint32_t id);
  void set_event_major(uint32_t relation, bool on);

  /// Decodes and verifies a statement's program against what is installed.
  std::optional<Refusal> verify(std::span<const int32_t> words, std::span<const std::byte> bytes,
                                std::shared_ptr<const program::VerifiedProgram>& out) const;
  bool touches_durable(const program::VerifiedProgram& program) const;

  std::shared_ptr<const Config> config() const { return config_; }
  const std::vector<std::shared_ptr<InstalledCoroutine>>& coroutines() const { return coroutines_; }

 private:
  std::shared_ptr<Config> changed();
  void rebuild_dispatch(uint32_t relation);
  std::optional<Refusal> verify_report(const CoroutineSpec& spec, const program::Program& program,
                                       std::optional<program::VerifiedProgram>& out) const;

  std::shared_ptr<Config> config_;
  std::vector<std::shared_ptr<InstalledCoroutine>> coroutines_;  // in order of creation
  std::vector<bool> event_major_;
};

}  // namespace rowtine::runtime
