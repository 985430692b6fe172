// The rows of sys.workers, sys.buffers, sys.coroutines, sys.relations and sys.columns, made from counters when
// somebody looks. Threads: the sequencer's worker.
#pragma once

#include <memory>
#include <vector>

#include "runtime/made_relation.h"
#include "runtime/worker.h"

namespace rowtine::runtime {

std::vector<Row> worker_rows(const std::vector<std::unique_ptr<Worker>>& workers);
std::vector<Row> buffer_rows(const std::vector<std::unique_ptr<Worker>>& workers,
                             const Config& config);
std::vector<Row> coroutine_rows(const Config& config);
std::vector<Row> relation_rows(const Config& config);
std::vector<Row> column_rows(const Config& config);

}  // namespace rowtine::runtime
