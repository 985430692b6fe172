// Events in: what the sockets and timers brought becomes rows of the devices' event tables.
#include "runtime/make_vector.h"
#include "runtime/sequencer.h"

namespace rowtine::runtime {

using vector::PhysicalType;
using vector::StringView;
using vector::Vector;

namespace {

const char* protocol_name(reactor::Protocol protocol) {
  switch (protocol) {
    case reactor::Protocol::Http: return "http";
    case reactor::Protocol::Tcp: return "tcp";
    case reactor::Protocol::Lines: return "lines";
  }
  return "";
}

/// A String column whose row i is text(items[i]).
template <class Item, class Text>
Vector texts(Arena& arena, const std::vector<Item>& items, Text text) {
  Vector out = column(arena, PhysicalType::String, static_cast<uint32_t>(items.size()));
  for (size_t i = 0; i < items.size(); ++i) out.as<StringView>()[i] = StringView::of(text(items[i]));
  return out;
}

template <class Item, class Number>
Vector numbers(Arena& arena, const std::vector<Item>& items, Number number) {
  Vector out = column(arena, PhysicalType::Int64, static_cast<uint32_t>(items.size()));
  for (size_t i = 0; i < items.size(); ++i) out.as<int64_t>()[i] = number(items[i]);
  return out;
}

}  // namespace

void Sequencer::accept(const reactor::Inbox& inbox) {
  if (inbox.empty() || config_ == nullptr) return;
  now_us_ = inbox.now_us;
  scratch_.reset();
  if (!inbox.opened.empty()) accept_opened(inbox);
  if (!inbox.requests.empty()) accept_requests(inbox);
  if (!inbox.received.empty()) accept_received(Device::NetworkReceive, inbox.received);
  if (!inbox.lines.empty()) accept_received(Device::MessagesReceive, inbox.lines);
  if (inbox.closed.empty()) return;
  ClosedConnections closed;
  for (const reactor::Closed& connection : inbox.closed) closed.ids.push_back(connection.id);
  queue_.push(std::move(closed));
}

void Sequencer::accept_opened(const reactor::Inbox& inbox) {
  InstalledRelation* device = config_->device(Device::Connections);
  if (device == nullptr) return;
  const Vector id = numbers(scratch_, inbox.opened, [](const auto& opened) { return opened.id; });
  const Vector columns[connections::kSeq] = {
      id,
      texts(scratch_, inbox.opened, [](const auto& o) { return protocol_name(o.protocol); }),
      texts(scratch_, inbox.opened, [](const auto& o) { return std::string_view(o.peer); }),
      numbers(scratch_, inbox.opened, [](const auto& o) { return o.at_us; }),
  };
  append_events(*device, columns, static_cast<uint32_t>(inbox.opened.size()), now_us_, id,
                constant_null(scratch_, PhysicalType::Int64));
}

void Sequencer::accept_requests(const reactor::Inbox& inbox) {
  InstalledRelation* device = config_->device(Device::HttpRequests);
  if (device == nullptr) return;
  const auto& requests = inbox.requests;
  const Vector id = numbers(scratch_, requests, [](const auto& r) { return r.id; });
  const Vector columns[http_requests::kColumns] = {
      id,
      numbers(scratch_, requests, [](const auto& r) { return r.connection; }),
      texts(scratch_, requests, [](const auto& r) { return r.method; }),
      texts(scratch_, requests, [](const auto& r) { return r.path; }),
      texts(scratch_, requests, [](const auto& r) { return r.query; }),
      texts(scratch_, requests, [](const auto& r) { return r.head; }),
      texts(scratch_, requests, [](const auto& r) { return r.body; }),
  };
  const bool taken = append_events(*device, columns, static_cast<uint32_t>(requests.size()),
                                   now_us_, id, constant_null(scratch_, PhysicalType::Int64));
  if (taken) return;
  for (const auto& request : requests) {
    reactor::Response overloaded;
    overloaded.status = 503;
    network_.respond(request.id, overloaded);
  }
}

void Sequencer::accept_received(Device which, const std::vector<reactor::Received>& received) {
  InstalledRelation* device = config_->device(which);
  if (device == nullptr) return;
  const Vector connection = numbers(scratch_, received, [](const auto& r) { return r.connection; });
  const Vector columns[network::kColumns] = {
      numbers(scratch_, received, [device](const auto&) { return device->next_request_id++; }),
      connection,
      texts(scratch_, received, [](const auto& r) { return r.data; }),
  };
  append_events(*device, columns, static_cast<uint32_t>(received.size()), now_us_, connection,
                constant_null(scratch_, PhysicalType::Int64));
}

void Sequencer::fire_timers(int64_t now_us) {
  if (timers_.next_us() > now_us) return;
  InstalledRelation* device = config_->device(Device::Ticks);
  if (device == nullptr) return;
  scratch_.reset();
  timers_.run(now_us, [&](const Tick& tick) {
    const Vector id = constant_int64(scratch_, tick.id);
    const Vector columns[ticks::kColumns] = {
        id, constant(scratch_, PhysicalType::Interval, tick.every),
        constant_int64(scratch_, now_us)};
    append_events(*device, columns, 1, now_us, id, constant_null(scratch_, PhysicalType::Int64));
  });
}

bool Sequencer::append_events(InstalledRelation& relation, std::span<const Vector> columns,
                              uint32_t row_count, int64_t at_us, const Vector& root,
                              const Vector& cause, bool of_requests) {
  const table::AppendOutcome appended =
      relation.events->append({columns, row_count, at_us, root, cause});
  if (appended.status != table::AppendStatus::Appended) return false;
  const Dispatch* dispatch = config_->dispatch(relation.spec.id);
  const bool driven = (dispatch != nullptr && !dispatch->coroutines.empty()) ||
                      relation.device == Device::Connections ||
                      relation.device == Device::HttpRequests;
  if (driven) {
    const bool asked = of_requests || relation.device == Device::HttpRequests;
    queue_.push(EventRange{relation.spec.id, appended.first_seq, row_count, asked});
  }
  return true;
}

}  // namespace rowtine::runtime
