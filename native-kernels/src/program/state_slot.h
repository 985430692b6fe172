// What one state of a program holds during a run. Internal to this folder.
#pragma once

#include <memory>

#include "aggregate/aggregator.h"
#include "base/status.h"
#include "join/hash_table.h"
#include "join/packed_rows.h"
#include "program/frontier.h"
#include "sort/sort_buffer.h"
#include "window/window_buffer.h"

namespace rowtine::program {

/// Objects are kept from run to run.
struct StateSlot {
  std::unique_ptr<join::HashTable> table;
  std::unique_ptr<aggregate::Aggregator> aggregator;
  std::unique_ptr<sort::SortBuffer> sort;
  std::unique_ptr<window::WindowBuffer> window;
  std::unique_ptr<Frontier> frontier;
  join::PackedRows rows;
  bool opened = false;
  bool finished = false;
  /// A shared row failed while the state was filled: whoever reads the state fails so.
  DataError poison;
};

}  // namespace rowtine::program
