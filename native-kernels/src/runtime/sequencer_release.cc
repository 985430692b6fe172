// Effects out: rows that steps and statements staged go to event tables and devices, at once or when
// the store has what they claim.
#include <algorithm>

#include "runtime/make_vector.h"
#include "runtime/sequencer.h"

namespace rowtine::runtime {

using vector::PhysicalType;
using vector::StringView;
using vector::Vector;

namespace {

std::string_view text_at(const Vector& column, uint32_t row) {
  if (column.values == nullptr || column.is_null(row)) return {};
  return column.as<StringView>()[column.index_of(row)].text();
}

template <class T>
T value_at(const Vector& column, uint32_t row, T otherwise) {
  if (column.values == nullptr || column.is_null(row)) return otherwise;
  return column.as<T>()[column.index_of(row)];
}

}  // namespace

Sequencer::Origin Sequencer::origin_of(const EventBatch& batch) {
  return {batch.row_count, batch.system_column(0), batch.system_column(2),
          batch.of_requests};
}

Sequencer::Origin Sequencer::copy_of(const Origin& origin, Arena& arena) {
  if (origin.seqs.values == nullptr) return origin;
  Origin copy{origin.event_count, {}, {}, origin.of_requests};
  const bool room = copy_column(arena, origin.seqs, origin.event_count, copy.seqs) &&
                    copy_column(arena, origin.roots, origin.event_count, copy.roots);
  invariant(room, "the arena of staged effects has no limit");
  return copy;
}

void Sequencer::release_or_park(StagedEffects& effects, const Origin& origin, bool gated,
                                std::vector<std::unique_ptr<MainEvent>> events) {
  const Ticket ticket = commits_.ticket();
  // Parked effects keep their place: what comes later does not overtake them into an event table.
  const bool wait = (gated && !commits_.is_durable(ticket)) ||
                    (!parked_.empty() && !effects.empty() && gated);
  if (!wait) {
    if (!effects.empty()) release(effects, origin);
    for (auto& event : events) main_.post(std::move(event));
    effects.clear();
    return;
  }
  const Origin kept = copy_of(origin, effects.arena());
  parked_.push_back({ticket, std::move(effects), kept, std::move(events)});
  effects = StagedEffects{};
  if (!spare_effects_.empty()) {
    effects = std::move(spare_effects_.back());
    spare_effects_.pop_back();
  }
  stats_.parked.store(parked_.size(), std::memory_order_relaxed);
}

void Sequencer::release(StagedEffects& effects, const Origin& origin) {
  // Where two event relations with coroutines get rows, their order among each other is visible.
  uint32_t driven = 0;
  uint32_t last = UINT32_MAX;
  for (const StagedPiece& piece : effects.pieces()) {
    const Dispatch* dispatch = config_->dispatch(piece.relation);
    const bool drives = dispatch != nullptr && !dispatch->coroutines.empty();
    if (drives && piece.relation != last) {
      ++driven;
      last = piece.relation;
    }
  }
  for (const StagedOrder& order : effects.in_order(driven < 2)) {
    release_order(effects, order, origin);
  }
}

void Sequencer::release_order(StagedEffects& effects, const StagedOrder& order,
                              const Origin& origin) {
  InstalledRelation* relation = config_->installed(order.relation);
  if (relation == nullptr) return;  // dropped since
  const std::span<const StagedOrder::Row> rows = order.rows;
  for (size_t start = 0; start < rows.size();) {
    size_t end = start + 1;
    while (end < rows.size() && rows[end].piece == rows[start].piece) ++end;
    release_run(effects.pieces()[rows[start].piece], rows.subspan(start, end - start), origin,
                *relation);
    start = end;
  }
}

void Sequencer::release_run(const StagedPiece& piece, std::span<const StagedOrder::Row> rows,
                            const Origin& origin, InstalledRelation& relation) {
  for (const StagedOrder::Row& row : rows) carry_out(piece, row.row, relation);
  if (relation.events == nullptr || relation.device == Device::Ticks ||
      relation.device == Device::Listeners) {
    return;
  }
  append_released(piece, rows, origin, relation);
}

void Sequencer::append_released(const StagedPiece& piece, std::span<const StagedOrder::Row> rows,
                                const Origin& origin, InstalledRelation& relation) {
  const auto count = static_cast<uint32_t>(rows.size());
  const bool whole = count == piece.row_count;  // rows ascend within a run, so this is all of them
  const size_t own_columns = relation.spec.columns.size() - kSystemColumns;
  auto* columns = scratch_.allocate_array<Vector>(own_columns);
  auto* indices = scratch_.allocate_array<uint32_t>(count);
  auto* events = scratch_.allocate_array<uint32_t>(count);
  for (uint32_t i = 0; i < count; ++i) {
    indices[i] = rows[i].row;
    events[i] = piece.event_rows[rows[i].row];
  }
  for (size_t i = 0; i < own_columns; ++i) {
    columns[i] = released_column(piece, i, relation);
    if (whole || columns[i].constant) continue;
    const Vector all = columns[i];
    vector::gather(scratch_, all, indices, count, columns[i]);
  }
  Vector root = constant_null(scratch_, PhysicalType::Int64);
  Vector cause = root;
  if (origin.seqs.values != nullptr) {
    vector::gather(scratch_, origin.roots, events, count, root);
    vector::gather(scratch_, origin.seqs, events, count, cause);
  }
  append_events(relation, {columns, own_columns}, count, now_us_, root, cause,
                origin.of_requests);
}

Vector Sequencer::released_column(const StagedPiece& piece, size_t column,
                                  const InstalledRelation& relation) {
  if (static_cast<int32_t>(column) == relation.spec.identity_column && piece.ids != nullptr) {
    return {PhysicalType::Int64, false, piece.ids, nullptr};
  }
  const bool given = column < piece.columns.size() && piece.columns[column].values != nullptr;
  if (given) return piece.columns[column];
  return constant_null(scratch_, relation.spec.columns[column].type);
}

void Sequencer::carry_out(const StagedPiece& piece, uint32_t row, InstalledRelation& relation) {
  switch (relation.device) {
    case Device::HttpResponses:
      return respond(piece, row);
    case Device::NetworkSend:
    case Device::MessagesSend: {
      const int64_t connection = value_at<int64_t>(piece.columns[network::kConnectionId], row, 0);
      std::string bytes(text_at(piece.columns[network::kData], row));
      if (relation.device == Device::MessagesSend) bytes += '\n';
      const auto sent = network_.send(connection, bytes);
      if (!sent.ok() && sent.status != reactor::SendStatus::Stale) {
        report_effect(relation, kIoError, sent.reason);
      }
      return;
    }
    case Device::Listeners:
      return listen(piece, row);
    case Device::Ticks: {
      const auto every = value_at<vector::Interval>(piece.columns[ticks::kEvery], row, {0, 0, 0});
      if (!timers_.add(piece.ids[row], every, now_us_)) {
        report_effect(relation, kInvalidParameterValue, "a tick fires at most every millisecond");
      }
      return;
    }
    default:
      return;
  }
}

void Sequencer::respond(const StagedPiece& piece, uint32_t row) {
  const auto& columns = piece.columns;
  const int64_t request = value_at<int64_t>(columns[http_responses::kRequestId], row, 0);
  reactor::Response response;
  response.status = value_at<int32_t>(columns[http_responses::kStatus], row, 200);
  response.headers_json = text_at(columns[http_responses::kHeaders], row);
  response.body = text_at(columns[http_responses::kBody], row);
  const auto sent = network_.respond(request, response);
  if (sent.ok() || sent.status == reactor::SendStatus::Stale) return;
  report_effect(*config_->device(Device::HttpResponses), kInvalidParameterValue, sent.reason);
  answer_broken(request);
}

void Sequencer::listen(const StagedPiece& piece, uint32_t row) {
  auto event = std::make_unique<MainEvent>();
  event->kind = MainEvent::Kind::Listening;
  event->id = static_cast<uint32_t>(piece.ids[row]);
  event->protocol = std::string(text_at(piece.columns[listeners::kProtocol], row));
  event->address = std::string(text_at(piece.columns[listeners::kAddress], row));
  reactor::ListenerSpec spec;
  spec.listener_id = static_cast<uint64_t>(piece.ids[row]);
  spec.address = event->address;
  std::string error;
  SqlState state = kSuccess;
  if (event->protocol == "http") {
    spec.protocol = reactor::Protocol::Http;
  } else if (event->protocol == "tcp") {
    spec.protocol = reactor::Protocol::Tcp;
  } else if (event->protocol == "lines") {
    spec.protocol = reactor::Protocol::Lines;
  } else {
    state = kFeatureNotSupported;
    error = "protocol \"" + event->protocol + "\" is not supported; there are http, tcp and lines";
  }
  if (state.ok()) {
    const auto bound = network_.listen(spec, error);
    if (bound.ok()) {
      event->address = bound.value();
    } else {
      state = bound.error().state;
    }
  }
  event->failed = !state.ok();
  event->error.state = state;
  event->error.message = error;
  InstalledRelation* device = config_->device(Device::Listeners);
  if (event->failed) {
    report_effect(*device, state, error.c_str());
  } else {
    const Vector columns[listeners::kColumns] = {
        constant_int64(scratch_, piece.ids[row]), constant_text(scratch_, event->protocol),
        constant_text(scratch_, event->address),
        text_at(piece.columns[listeners::kOptions], row).empty()
            ? constant_null(scratch_, PhysicalType::String)
            : constant_text(scratch_, text_at(piece.columns[listeners::kOptions], row))};
    const Vector none = constant_null(scratch_, PhysicalType::Int64);
    append_events(*device, columns, 1, now_us_, none, none);
  }
  main_.post(std::move(event));
}

void Sequencer::report_effect(const InstalledRelation& relation, SqlState state,
                              const char* message) {
  const Vector none = constant_null(scratch_, PhysicalType::Int64);
  append_error_row(nullptr, {0, state, {}, relation.spec.name + ": " + message}, none, none);
}

void Sequencer::release_durable() {
  while (!parked_.empty() && commits_.is_durable(parked_.front().ticket)) {
    Parked parked = std::move(parked_.front());
    parked_.pop_front();
    scratch_.reset();
    release(parked.effects, parked.origin);
    for (auto& event : parked.events) main_.post(std::move(event));
    if (spare_effects_.size() == kSpareEffectsMax) continue;
    parked.effects.clear();
    spare_effects_.push_back(std::move(parked.effects));
  }
  stats_.parked.store(parked_.size(), std::memory_order_relaxed);
}

void Sequencer::refuse_parked() {
  const SqlState state = commits_.failure_state();
  while (!parked_.empty()) {
    Parked parked = std::move(parked_.front());
    parked_.pop_front();
    for (const StagedPiece& piece : parked.effects.pieces()) {
      InstalledRelation* relation = config_->installed(piece.relation);
      if (relation == nullptr || relation->device != Device::HttpResponses) continue;
      for (uint32_t row = 0; row < piece.row_count; ++row) {
        reactor::Response refused;
        refused.status = 503;
        refused.body = "the store refused the change\n";
        network_.respond(value_at<int64_t>(piece.columns[http_responses::kRequestId], row, 0),
                         refused);
      }
    }
    for (auto& event : parked.events) {
      if (event->kind == MainEvent::Kind::Done && !event->failed) {
        event->failed = true;
        event->error.state = state;
        event->error.message = commits_.failure_message();
      }
      main_.post(std::move(event));
    }
  }
  scratch_.reset();
  const Vector none = constant_null(scratch_, PhysicalType::Int64);
  append_error_row(nullptr, {0, state, {}, "store: " + commits_.failure_message()}, none, none);
}

}  // namespace rowtine::runtime
