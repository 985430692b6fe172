// What waits for the sequencer, in the order it arrived: the order in which everything takes effect.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <variant>
#include <vector>

#include "runtime/statement.h"
#include "table/table.h"

namespace rowtine::runtime {

/// Rows of an event relation that its coroutines have not seen yet.
struct EventRange {
  uint32_t relation;
  int64_t first_seq;
  uint32_t row_count;
  bool of_requests = false;  // their roots are requests that somebody waits for
};

/// Connections that are gone: their rows and what refers to them go too.
struct ClosedConnections {
  std::vector<int64_t> ids;
};

/// An index that comes to a table or goes from it. Runs when the store has all that was committed:
/// undoing may bring rows back.
struct IndexChange {
  uint32_t statement;
  uint32_t relation;
  table::IndexDefinition added;  // without columns: `dropped` goes
  uint32_t dropped;
};

using Work = std::variant<EventRange, ClosedConnections, Statement, IndexChange, TransactionOrder>;

/// Threads: the sequencer's worker.
class WorkQueue {
 public:
  /// Appends; a range that continues the newest one joins it.
  void push(Work work) {
    if (auto* range = std::get_if<EventRange>(&work); range != nullptr) {
      if (range->row_count == 0 || join(*range)) return;
    }
    asked_count_ += is_asked(work) ? 1 : 0;
    queue_.push_back(std::move(work));
  }
  /// Puts back the rest of what was taken last.
  void push_front(Work work) { queue_.push_front(std::move(work)); }
  bool empty() const { return queue_.empty(); }
  size_t size() const { return queue_.size(); }
  Work& front() { return queue_.front(); }
  const Work& front() const { return queue_.front(); }
  void pop() {
    asked_count_ -= is_asked(queue_.front()) ? 1 : 0;
    queue_.pop_front();
  }
  /// Work that a session waits for: everything but events.
  size_t asked_count() const { return asked_count_; }

  /// Takes at most `rows_max` rows off the front, which is an EventRange.
  EventRange take_rows(uint32_t rows_max) {
    auto& front = std::get<EventRange>(queue_.front());
    const EventRange taken{front.relation, front.first_seq, std::min(front.row_count, rows_max),
                           front.of_requests};
    front.first_seq += taken.row_count;
    front.row_count -= taken.row_count;
    if (front.row_count == 0) queue_.pop_front();
    return taken;
  }

 private:
  static bool is_asked(const Work& work) {
    return !std::holds_alternative<EventRange>(work) &&
           !std::holds_alternative<ClosedConnections>(work);
  }
  bool join(const EventRange& range) {
    if (queue_.empty()) return false;
    auto* last = std::get_if<EventRange>(&queue_.back());
    if (last == nullptr || last->relation != range.relation ||
        last->first_seq + last->row_count != range.first_seq ||
        last->of_requests != range.of_requests ||
        range.row_count > UINT32_MAX - last->row_count) {
      return false;
    }
    last->row_count += range.row_count;
    return true;
  }

  std::deque<Work> queue_;
  size_t asked_count_ = 0;
};

}  // namespace rowtine::runtime
