#include "runtime/system_rows.h"

#include <set>

namespace rowtine::runtime {
namespace {

template <class T>
int64_t number(const T& value) {
  return static_cast<int64_t>(value);
}

}  // namespace

std::vector<Row> worker_rows(const std::vector<std::unique_ptr<Worker>>& workers) {
  std::vector<Row> rows;
  for (const auto& worker : workers) {
    const WorkerStats& stats = worker->stats();
    const int32_t core = stats.core.load(std::memory_order_relaxed);
    Row row{number(worker->number()), core < 0 ? Cell{} : Cell{int64_t{core}},
            std::string(worker->number() == 0 ? "sequencer" : "io"),
            stats.busy_us.load(std::memory_order_relaxed),
            stats.idle_us.load(std::memory_order_relaxed)};
    Sequencer* sequencer = worker->sequencer();
    row.push_back(sequencer == nullptr ? Cell{} : Cell{number(sequencer->stats().batches.load())});
    row.push_back(sequencer == nullptr ? Cell{} : Cell{number(sequencer->stats().rows.load())});
    rows.push_back(std::move(row));
  }
  for (const IoShare& share : workers[0]->io_shares()) {
    rows.push_back({number(rows.size()), share.core < 0 ? Cell{} : Cell{int64_t{share.core}},
                    std::string(share.role), share.busy_us, share.idle_us, Cell{}, Cell{}});
  }
  return rows;
}

std::vector<Row> buffer_rows(const std::vector<std::unique_ptr<Worker>>& workers,
                             const Config& config) {
  std::vector<Row> rows;
  const Sequencer& sequencer = *workers[0]->sequencer();
  rows.push_back({std::string("sequencer.queue"), number(kQueuedWorkMax),
                  number(sequencer.stats().queued.load()), std::string("block")});
  rows.push_back({std::string("sequencer.parked"), number(kStoreGroupsMax),
                  number(sequencer.stats().parked.load()), std::string("block")});
  for (const auto& relation : config.relations) {
    if (relation == nullptr || relation->events == nullptr) continue;
    const auto& definition = relation->events->definition();
    const int64_t retained = relation->events->next_seq() - relation->events->first_seq();
    rows.push_back({relation->spec.name, number(definition.capacity_rows), retained,
                    std::string("block")});
  }
  return rows;
}

std::vector<Row> coroutine_rows(const Config& config) {
  std::vector<Row> rows;
  for (const auto& dispatch : config.dispatches) {
    if (dispatch == nullptr) continue;
    for (const auto& coroutine : dispatch->coroutines) {
      const InstalledRelation* on = config.installed(coroutine->spec.relation);
      rows.push_back({number(coroutine->spec.id), coroutine->spec.name,
                      on == nullptr ? Cell{} : Cell{on->spec.name}, std::string("ready"),
                      coroutine->spec.source, number(coroutine->starts.load()),
                      number(coroutine->ends.load()), number(coroutine->errors.load())});
    }
  }
  return rows;
}

std::vector<Row> relation_rows(const Config& config) {
  std::vector<Row> rows;
  for (const auto& relation : config.relations) {
    if (relation == nullptr) continue;
    const char* kind = relation->spec.kind == RelationKind::View ? "view"
                       : relation->made != nullptr           ? "system"
                       : !relation->spec.device.empty()      ? "device"
                       : relation->events != nullptr         ? "event"
                                                             : "table";
    Row row{number(relation->spec.id), relation->spec.name, std::string(kind),
            int64_t{relation->spec.durable}};
    if (relation->table != nullptr) {
      row.push_back(number(relation->table->row_count()));
      row.push_back(number(relation->table->memory_bytes()));
    } else if (relation->events != nullptr) {
      row.push_back(relation->events->next_seq() - relation->events->first_seq());
      row.push_back(number(relation->events->memory_bytes()));
    } else {
      row.push_back(Cell{});
      row.push_back(Cell{});
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

std::vector<Row> column_rows(const Config& config) {
  std::vector<Row> rows;
  for (const auto& relation : config.relations) {
    if (relation == nullptr) continue;
    int64_t position = 0;
    for (const auto* columns : {&relation->spec.columns, &relation->spec.computed_columns}) {
      for (const ColumnSpec& column : *columns) {
        rows.push_back({relation->spec.name, ++position, column.name, column.type_name,
                        int64_t{column.not_null},
                        column.default_text.empty() ? Cell{} : Cell{column.default_text}});
      }
    }
  }
  return rows;
}

}  // namespace rowtine::runtime
