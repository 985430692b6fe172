#include "runtime/statement_result.h"

#include <iterator>

namespace rowtine::runtime {

namespace {

/// A batch smaller than this is joined to the one before it: fewer, larger batches are cheaper for
/// JavaScript than the copy.
constexpr size_t kJoinedBytesMax = 256 << 10;

/// A batch that has passed this gets no more rows, and the next one a segment: the result is large.
constexpr size_t kBatchBytesMax = 1 << 20;

}  // namespace

bool ResultCollector::rows(std::span<const vector::Vector> columns, uint32_t row_count) {
  if (!has_room(row_count)) begin_piece();
  ExportBatch& batch = pieces_.back().event->batch;
  export_rows(columns, row_count, batch);
  is_full_ = batch.bytes() > left_;
  return !is_full_;
}

/// May rows of this morsel go to the last piece? Pieces hold morsels that follow each other.
bool ResultCollector::has_room(uint32_t row_count) {
  if (pieces_.empty()) return false;
  Piece& piece = pieces_.back();
  if (morsel_ != piece.last_morsel && morsel_ != piece.last_morsel + 1) return false;
  const ExportBatch& batch = piece.event->batch;
  const bool fits = batch.segment == nullptr ? batch.bytes() <= kBatchBytesMax
                                             : row_count <= batch.segment_rows - batch.row_count;
  if (fits) piece.last_morsel = morsel_;
  return fits;
}

void ResultCollector::begin_morsel(uint64_t number) { morsel_ = number; }

void ResultCollector::begin_piece() {
  const ExportBatch* before = pieces_.empty() ? nullptr : &pieces_.back().event->batch;
  if (before != nullptr) left_ -= std::min(left_, before->bytes());
  auto event = std::make_unique<MainEvent>();
  event->kind = MainEvent::Kind::Batch;
  event->id = statement_;
  if (before != nullptr && before->bytes() > kBatchBytesMax) lay_out_like(*before, event->batch);
  pieces_.push_back({morsel_, morsel_, std::move(event)});
}

MainEvents ResultCollector::take(std::span<ResultCollector> members) {
  std::vector<Piece> pieces;
  for (ResultCollector& member : members) std::ranges::move(member.pieces_, std::back_inserter(pieces));
  std::ranges::stable_sort(pieces, {}, &Piece::first_morsel);
  MainEvents events;
  for (Piece& piece : pieces) {
    const ExportBatch& batch = piece.event->batch;
    const size_t bytes = batch.bytes();
    if (!events.empty() && bytes < kJoinedBytesMax &&
        events.back()->batch.bytes() + bytes <= 2 * kBatchBytesMax) {
      append_batch(batch, events.back()->batch);
    } else {
      events.push_back(std::move(piece.event));
    }
  }
  return events;
}

Refusal refusal_of(const program::VerifiedProgram& program,
                   const Result<program::RunOutcome>& outcome,
                   const program::Execution& execution) {
  Refusal refusal;
  if (outcome.ok()) {
    refusal.state = kOutOfMemory;
    refusal.message = "the result is larger than memory_limit";
    return refusal;
  }
  const DataError& error = outcome.error();
  refusal.state = error.state;
  refusal.message = execution.error_text();
  const auto places = program.instructions();
  if (error.instruction < places.size()) {
    refusal.span_start = places[error.instruction].span.start;
    refusal.span_end = places[error.instruction].span.end;
  }
  if (!program.writes().empty()) refusal.relation = static_cast<int32_t>(program.writes().front());
  constexpr uint32_t kColumnDetail = 0x10000;
  const uint32_t detail = execution.error_detail();
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
                          const Result<program::RunOutcome>& outcome,
                          const program::Execution& execution,
                          std::span<ResultCollector> results) {
  auto done = done_event(id);
  MainEvents events;
  if (!outcome.ok() || std::ranges::any_of(results, &ResultCollector::is_full)) {
    done->failed = true;
    done->error = refusal_of(program, outcome, execution);
  } else {
    events = ResultCollector::take(results);
    done->count = outcome.value().counted;
  }
  events.push_back(std::move(done));
  return events;
}

}  // namespace rowtine::runtime
