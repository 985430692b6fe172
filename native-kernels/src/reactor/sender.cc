// Requests that wait and their responses: in request order per connection, whatever the order in
// which they are answered.
#include "reactor/sender.h"

namespace rowtine::reactor {

Sender::Sender(const ReactorOptions& options, bool shares_backend)
    : options_(options), limits_(options_.limits), shares_backend_(shares_backend) {}

void Sender::attach(Backend& backend) {
  backend_ = &backend;
  tick(backend.monotonic_us(), backend.wall_us());
  timers_ = TimerWheel(now_us_);
}

void Sender::tick(int64_t now_us, int64_t wall_us) {
  now_us_ = now_us;
  wall_us_ = wall_us;
}

const Stats& Sender::stats() {
  stats_.requests_waiting = requests_.size();
  return stats_;
}

// ---- what the receiver says ----

void Sender::take(const ToSender& message) {
  if (message.kind == ToSender::Kind::Open) return open(message);
  Connection* connection = find(Token::make(OpKind::None, message.slot, message.generation));
  if (connection == nullptr || connection->state != Connection::State::Open) return;
  switch (message.kind) {
    case ToSender::Kind::Open: break;
    case ToSender::Kind::Request: return queue_request(*connection, message);
    case ToSender::Kind::Continue:
      if (!connection->is_closing) answer(*connection, http::kContinue, {});
      break;
    case ToSender::Kind::Refuse:
      if (!connection->is_closing) refuse(*connection, message.number, true);
      break;
    case ToSender::Kind::Last: connection->is_last = true; break;
    case ToSender::Kind::Stop: stop(*connection, nullptr); break;
    case ToSender::Kind::IfIdle: stop_if_idle(*connection); break;
    case ToSender::Kind::WantRoom:
      connection->wants_room = true;
      offer_room(*connection);
      break;
    case ToSender::Kind::Dead: die(*connection); break;
  }
  maintain(*connection);
}

void Sender::open(const ToSender& message) {
  while (message.slot >= connections_.size()) connections_.push_back(std::make_unique<Connection>());
  Connection& connection = *connections_[message.slot];
  invariant(connection.state == Connection::State::Free, "a slot is reused after the let-go");
  connection = Connection{};
  connection.state = Connection::State::Open;
  connection.protocol = message.protocol;
  connection.fd = message.number;
  connection.slot = message.slot;
  connection.generation = message.generation;
  connection.progress = message.progress;
}

void Sender::queue_request(Connection& connection, const ToSender& message) {
  if (connection.is_closing) return;
  const uint32_t index = queue_exchange(connection);
  Exchange& exchange = exchanges_[index];
  exchange.ordinal = message.ordinal;
  exchange.is_head = message.is_head;
  exchange.is_http10 = message.is_http10;
  exchange.keep_alive = message.keep_alive;
  requests_.insert(message.ordinal, index);
  update_deadline(connection);
}

void Sender::stop_if_idle(Connection& connection) {
  const int64_t idle_us = connection.protocol == Protocol::Http ? limits_.idle_timeout_us
                                                                : limits_.stream_idle_timeout_us;
  // The receiver has looked at the time; half of it tells whether something has left since.
  const bool is_idle = connection.exchange_count == 0 && connection.is_drained() &&
                       connection.active_us + idle_us / 2 <= now_us_;
  if (is_idle) stop(connection, "idle for too long");
}

// ---- the queue of a connection ----

uint32_t Sender::queue_exchange(Connection& connection) {
  const uint32_t index = exchanges_.take();
  Exchange& exchange = exchanges_[index];
  exchange.next = Exchange::kNone;
  exchange.slot = connection.slot;
  exchange.since_us = now_us_;
  if (connection.last == Exchange::kNone) connection.first = index;
  else exchanges_[connection.last].next = index;
  connection.last = index;
  ++connection.exchange_count;
  return index;
}

void Sender::drop_first(Connection& connection) {
  const uint32_t index = connection.first;
  const Exchange& exchange = exchanges_[index];
  if (exchange.ordinal != 0 && !exchange.is_answered) requests_.erase(exchange.ordinal);
  connection.deferred_bytes -= exchange.answer.size();
  connection.first = exchange.next;
  if (connection.first == Exchange::kNone) connection.last = Exchange::kNone;
  --connection.exchange_count;
  if (exchange.is_told) {
    connection.progress->finished.store(++connection.finished, std::memory_order_relaxed);
  }
  exchanges_.give(index, buffers_);
  if (connection.wants_room) offer_room(connection);
}

void Sender::drop_exchanges(Connection& connection) {
  while (connection.first != Exchange::kNone) {
    const Exchange& exchange = exchanges_[connection.first];
    if (exchange.tag != 0) {
      done_.push_back({id_of(connection), exchange.tag, "the connection ended before it"});
    }
    drop_first(connection);
  }
}

/// Half of the exchanges at a time, so that a long pipeline is not handed over one by one.
void Sender::offer_room(Connection& connection) {
  if (connection.exchange_count > limits_.requests_in_flight_max / 2) return;
  connection.wants_room = false;
  tell(connection, ToReceiver::Kind::Room);
}

/// Moves answers whose turn has come to the output.
void Sender::settle(Connection& connection) {
  while (connection.first != Exchange::kNone && exchanges_[connection.first].is_answered) {
    Exchange& exchange = exchanges_[connection.first];
    stage(connection, exchange.answer.view());
    if (exchange.tag != 0) connection.marks.push_back({connection.staged_bytes, exchange.tag});
    exchange.tag = 0;
    const bool closes = exchange.closes;
    drop_first(connection);
    if (closes) stop(connection, "the last response was sent");
  }
}

// ---- answering ----

bool Sender::keeps_alive(const Connection& connection, const Exchange& exchange) const {
  return exchange.keep_alive && !(connection.is_last && exchange.next == Exchange::kNone);
}

SendResult Sender::respond(RequestId id, const Response& response) {
  const uint64_t ordinal = static_cast<uint64_t>(id) & ((1ULL << kRequestOrdinalBits) - 1);
  const bool is_ours = id > 0 && worker_of_request(id) == options_.worker;
  const uint32_t index = is_ours ? requests_.find(ordinal) : RequestTable::kNone;
  if (index == RequestTable::kNone) return {SendStatus::Stale, "nobody waits for this response"};
  Connection& connection = *connections_[exchanges_[index].slot];
  const SendResult result = write(connection, index, response);
  if (!result.ok()) return result;
  settle(connection);
  mark_dirty(connection);
  return result;
}

/// Formats the response straight into the output when it is this request's turn, else beside it.
SendResult Sender::write(Connection& connection, uint32_t index, const Response& response) {
  Exchange& exchange = exchanges_[index];
  if (connection.unsent_bytes() + response.body.size() > limits_.output_bytes_max) {
    return {SendStatus::Overflow, "the connection has too much unsent output"};
  }
  const bool is_turn = connection.first == index;
  ByteBuffer& out = is_turn ? connection.staged : exchange.answer;
  if (out.capacity() == 0) out = buffers_.take();
  const http::ResponseShape shape{response.status, exchange.is_head, exchange.is_http10,
                                  !response.close && keeps_alive(connection, exchange)};
  char* at = out.reserve(http::response_bytes_max(response.headers_json, response.body));
  const http::WriteResult written =
      http::write_response(shape, response.headers_json, response.body, date(), at, &headers_);
  if (written.error != http::WriteError::None) {
    const bool is_status = written.error == http::WriteError::BadStatus;
    return {is_status ? SendStatus::InvalidStatus : SendStatus::InvalidHeader,
            http::describe(written.error)};
  }
  out.grow(written.bytes);
  requests_.erase(exchange.ordinal);
  exchange.is_answered = true;
  exchange.closes = !written.keep_alive;
  exchange.tag = response.tag;
  if (is_turn) connection.staged_bytes += written.bytes;
  else connection.deferred_bytes += written.bytes;
  return {};
}

/// Adds the reactor's own bytes in their turn.
void Sender::answer(Connection& connection, std::string_view bytes, OwnAnswer kind) {
  const uint32_t index = queue_exchange(connection);
  Exchange& exchange = exchanges_[index];
  exchange.is_told = kind.is_told;
  exchange.is_answered = true;
  exchange.closes = kind.closes;
  exchange.answer = buffers_.take();
  exchange.answer.append(bytes);
  connection.deferred_bytes += bytes.size();
  settle(connection);
  mark_dirty(connection);
}

/// Answers what cannot be understood or waited for, after the responses before it, and ends.
void Sender::refuse(Connection& connection, int32_t status, bool is_told) {
  char text[http::kRefusalBytesMax];
  const uint32_t bytes = http::write_refusal(status, date(), text);
  answer(connection, {text, bytes}, {.closes = true, .is_told = is_told});
}

}  // namespace rowtine::reactor
