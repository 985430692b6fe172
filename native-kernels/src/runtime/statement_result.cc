#include "runtime/statement_result.h"

namespace rowtine::runtime {

bool ResultCollector::rows(std::span<const vector::Vector> columns, uint32_t row_count) {
  if (events_.empty() || events_.back()->batch.bytes() > kExportBatchBytesMax) {
    if (!events_.empty()) left_ -= std::min(left_, events_.back()->batch.bytes());
    auto event = std::make_unique<MainEvent>();
    event->kind = MainEvent::Kind::Batch;
    event->id = statement_;
    events_.push_back(std::move(event));
  }
  export_rows(columns, row_count, events_.back()->batch);
  is_full_ = events_.back()->batch.bytes() > left_;
  return !is_full_;
}

Refusal refusal_of(const program::VerifiedProgram& program,
                   const Result<program::RunOutcome>& outcome, uint32_t detail) {
  Refusal refusal;
  if (outcome.ok()) {
    refusal.state = kOutOfMemory;
    refusal.message = "the result is larger than memory_limit";
    return refusal;
  }
  const DataError& error = outcome.error();
  refusal.state = error.state;
  const auto places = program.instructions();
  if (error.instruction < places.size()) {
    refusal.span_start = places[error.instruction].span.start;
    refusal.span_end = places[error.instruction].span.end;
  }
  if (!program.writes().empty()) refusal.relation = static_cast<int32_t>(program.writes().front());
  constexpr uint32_t kColumnDetail = 0x10000;
  if (error.state == kUniqueViolation) refusal.index = static_cast<int32_t>(detail);
  if (error.state == kNotNullViolation && detail >= kColumnDetail) {
    refusal.column = static_cast<int32_t>(detail - kColumnDetail);
  }
  return refusal;
}

std::unique_ptr<MainEvent> done_event(uint32_t id) {
  auto done = std::make_unique<MainEvent>();
  done->kind = MainEvent::Kind::Done;
  done->id = id;
  return done;
}

MainEvents events_of_read(uint32_t id, const program::VerifiedProgram& program,
                          const Result<program::RunOutcome>& outcome, ResultCollector& results) {
  auto done = done_event(id);
  MainEvents events;
  if (!outcome.ok() || results.is_full()) {
    done->failed = true;
    done->error = refusal_of(program, outcome, 0);
  } else {
    events = results.take();
    done->count = outcome.value().counted;
  }
  events.push_back(std::move(done));
  return events;
}

}  // namespace rowtine::runtime
