// Coroutines over a batch of events: who is meant, who runs together, and what becomes of failures.
#include <algorithm>
#include <numeric>

#include "runtime/make_vector.h"
#include "runtime/sequencer.h"

namespace rowtine::runtime {

using vector::PhysicalType;
using vector::StringView;
using vector::Vector;

void Sequencer::dispatch(const EventRange& range) {
  InstalledRelation* relation = config_->installed(range.relation);
  if (relation == nullptr || relation->events == nullptr) return;
  scratch_.reset();
  table::EventBatch events;
  if (!relation->events->read(range.first_seq, range.row_count, relation->all_columns, scratch_,
                              events)) {
    return;
  }
  EventBatch batch{relation, events.columns, events.row_count, range.of_requests};
  run_ = 0;
  gated_ = false;
  if (relation->device == Device::Connections) open_connections(batch);
  was_matched_.assign(batch.row_count, 0);
  const Dispatch* dispatch = config_->dispatch(range.relation);
  if (dispatch != nullptr && !dispatch->coroutines.empty()) run_coroutines(*dispatch, batch);
  if (relation->device == Device::HttpRequests) answer_unmatched(batch);
  release_or_park(staged_, origin_of(batch), gated_, {});
  stats_.batches.fetch_add(1, std::memory_order_relaxed);
  stats_.rows.fetch_add(batch.row_count, std::memory_order_relaxed);
  const int64_t next = events.first_seq + events.row_count;
  relation->events->move_cursor(relation->dispatch_cursor, next);
  const int64_t end = range.first_seq + range.row_count;
  if (next < end) {  // the rest lies in the next block
    queue_.push_front(EventRange{range.relation, next, static_cast<uint32_t>(end - next), range.of_requests});
  }
}

void Sequencer::run_coroutines(const Dispatch& dispatch, const EventBatch& batch) {
  dispatch.routes.match(batch.columns, batch.row_count, matches_);
  if (!dispatch.event_major || batch.row_count == 1) {
    for (const uint32_t entry : matches_.touched) {
      run_one(dispatch.coroutines[entry], batch, matches_.rows_of[entry]);
    }
    return;
  }
  // These coroutines write what others of them read: every event is finished before the next.
  for (uint32_t row = 0; row < batch.row_count; ++row) {
    for (const uint32_t entry : matches_.touched) {
      if (!std::ranges::binary_search(matches_.rows_of[entry], row)) continue;
      run_one(dispatch.coroutines[entry], batch, {&row, 1});
    }
  }
}

void Sequencer::run_one(const std::shared_ptr<InstalledCoroutine>& coroutine,
                        const EventBatch& batch, std::span<const uint32_t> rows) {
  runner_.run(*coroutine, *config_, batch, rows, staged_, run_++, step_);
  coroutine->starts.fetch_add(step_.matched.size(), std::memory_order_relaxed);
  coroutine->errors.fetch_add(step_.failures.size(), std::memory_order_relaxed);
  coroutine->ends.fetch_add(step_.matched.size() - std::min(step_.matched.size(), step_.failures.size()),
                            std::memory_order_relaxed);
  for (const uint32_t row : step_.matched) was_matched_[row] = 1;
  if (coroutine->touches_durable) gated_ = true;
  log_coroutine(*coroutine, batch);
  if (!step_.failures.empty()) report_failures(*coroutine, batch);
}

void Sequencer::answer_unmatched(const EventBatch& batch) {
  const Vector& ids = batch.columns[http_requests::kId];
  for (uint32_t row = 0; row < batch.row_count; ++row) {
    if (was_matched_[row]) continue;
    reactor::Response not_found;
    not_found.status = 404;
    not_found.body = "not found\n";
    network_.respond(EventBatch::int64_at(ids, row), not_found);
  }
}

/// Every start, then every end, in one append: an append costs more than a row of it.
void Sequencer::log_coroutine(const InstalledCoroutine& coroutine, const EventBatch& batch) {
  InstalledRelation* log = config_->device(Device::CoroutineEvents);
  if (log == nullptr || step_.matched.empty()) return;
  const auto count = static_cast<uint32_t>(step_.matched.size());
  auto* events = scratch_.allocate_array<uint32_t>(size_t{2} * count);
  std::ranges::copy(step_.matched, events);
  std::ranges::copy(step_.matched, events + count);
  Vector seq, root;
  vector::gather(scratch_, batch.system_column(0), events, 2 * count, seq);
  vector::gather(scratch_, batch.system_column(2), events, 2 * count, root);
  Vector event = column(scratch_, PhysicalType::String, 2 * count);
  std::fill_n(event.as<StringView>(), count, StringView::of("start"));
  std::fill_n(event.as<StringView>() + count, count, StringView::of("end"));
  Vector error = constant_null(scratch_, PhysicalType::String);
  if (!step_.failures.empty()) error = log_errors(event.as<StringView>() + count);
  const Vector columns[coroutine_events::kColumns] = {
      constant_text(scratch_, coroutine.spec.name), event, seq, error};
  append_events(*log, columns, 2 * count, now_us_, root, seq);
}

/// Says "error" in `ends`, one per matched row, where there was one. Returns: the column of errors.
Vector Sequencer::log_errors(StringView* ends) {
  const size_t count = step_.matched.size();
  Vector error = column(scratch_, PhysicalType::String, static_cast<uint32_t>(2 * count), true);
  std::fill_n(error.as<StringView>(), 2 * count, StringView{});
  std::fill_n(error.validity, bitmap_words(static_cast<uint32_t>(2 * count)), uint64_t{0});
  for (size_t i = 0; i < count; ++i) {
    const auto failed = std::ranges::find(step_.failures, step_.matched[i], &StepFailure::event_row);
    if (failed == step_.failures.end()) continue;
    ends[i] = StringView::of("error");
    error.as<StringView>()[count + i] = StringView::of(failed->state.text().data());
    set_bit(error.validity, static_cast<uint32_t>(count + i));
  }
  return error;
}

void Sequencer::report_failures(const InstalledCoroutine& coroutine, const EventBatch& batch) {
  for (const StepFailure& failure : step_.failures) {
    const uint32_t row = failure.event_row;
    was_matched_[row] = 1;
    Vector seq, root;
    vector::gather(scratch_, batch.system_column(0), &row, 1, seq);
    vector::gather(scratch_, batch.system_column(2), &row, 1, root);
    append_error_row(&coroutine, failure, root, seq);
    if (!batch.of_requests || root.is_null(0)) continue;
    const int64_t request = EventBatch::int64_at(root, 0);
    if (batch.relation->device == Device::HttpRequests) {
      answer_broken(request);
      continue;
    }
    // Another event of the same request may be about to answer it.
    if (failed_roots_.empty()) failed_roots_since_us_ = now_us_;
    failed_roots_.push_back(request);
  }
}

void Sequencer::answer_broken(int64_t request) {
  reactor::Response broken;
  broken.status = 500;
  broken.body = "internal server error\n";
  network_.respond(request, broken);  // one that was answered meanwhile is no longer known
}

void Sequencer::answer_failed_roots() {
  if (failed_roots_.empty()) return;
  const bool is_pending = !queue_.empty() || !parked_.empty();
  if (is_pending && now_us_ - failed_roots_since_us_ < kFailedRootWaitUs) return;
  for (const int64_t request : failed_roots_) answer_broken(request);
  failed_roots_.clear();
}

void Sequencer::open_connections(const EventBatch& batch) {
  std::vector<Vector> values(batch.columns.begin(), batch.columns.end());
  std::vector<table::RowId> rows(batch.row_count);
  std::vector<table::InsertOutcome> outcomes(batch.row_count);
  std::vector<uint32_t> states(batch.row_count), details(batch.row_count);
  table::InsertRequest request;
  request.values = values;
  request.row_count = batch.row_count;
  request.row_ids = rows.data();
  request.outcomes = outcomes.data();
  request.states = states.data();
  request.details = details.data();
  table::Transaction transaction(clock_);
  transaction.begin_statement();
  batch.relation->table->insert(transaction, request, scratch_);
  commits_.commit(transaction);
}

void Sequencer::close_connections(const ClosedConnections& closed) {
  InstalledRelation* device = config_->device(Device::Connections);
  if (device == nullptr) return;
  scratch_.reset();
  run_ = 0;
  gated_ = false;
  Vector ids = column(scratch_, PhysicalType::Int64, static_cast<uint32_t>(closed.ids.size()));
  std::ranges::copy(closed.ids, ids.as<int64_t>());
  const Dispatch* dispatch = config_->dispatch(device->spec.id);
  std::vector<Vector> columns;
  for (const ColumnSpec& spec : device->spec.columns) {
    columns.push_back(constant_null(scratch_, spec.type));
  }
  columns[connections::kId] = ids;
  columns[connections::kAt] = constant_int64(scratch_, now_us_);
  columns[connections::kRoot] = ids;
  const EventBatch batch{device, columns, static_cast<uint32_t>(closed.ids.size())};
  was_matched_.assign(batch.row_count, 0);
  all_rows_.resize(batch.row_count);
  std::iota(all_rows_.begin(), all_rows_.end(), 0U);
  if (dispatch != nullptr) {
    for (const auto& coroutine : dispatch->on_close) {
      runner_.run(*coroutine, *config_, batch, all_rows_, staged_, run_++, step_);
      if (coroutine->touches_durable) gated_ = true;
      if (!step_.failures.empty()) report_failures(*coroutine, batch);
    }
  }
  erase_connections(closed.ids);
  release_or_park(staged_, origin_of(batch), gated_, {});
}

void Sequencer::erase_connections(std::span<const int64_t> ids) {
  InstalledRelation* device = config_->device(Device::Connections);
  table::Transaction transaction(clock_);
  transaction.begin_statement();
  Vector key = column(scratch_, PhysicalType::Int64, static_cast<uint32_t>(ids.size()));
  std::ranges::copy(ids, key.as<int64_t>());
  std::vector<uint32_t> probe_rows(ids.size());
  std::vector<table::RowId> rows(ids.size());
  table::ProbePosition position;
  const uint32_t found = device->table->probe(
      {clock_.published()}, 0, {&key, 1}, static_cast<uint32_t>(ids.size()), position,
      static_cast<uint32_t>(ids.size()), probe_rows.data(), rows.data());
  std::vector<uint32_t> states(ids.size());
  device->table->erase(transaction, rows.data(), found, nullptr, false, states.data());
  commits_.commit(transaction);
}

}  // namespace rowtine::runtime
