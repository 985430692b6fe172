// Responses to bytes: in request order per connection, one send at a time, everything that has
// gathered meanwhile in the next.
#include <cerrno>

#include "reactor/reactor_core.h"

namespace rowtine::reactor {

// ---- the queue of a connection ----

uint32_t ReactorCore::queue_exchange(Connection& connection) {
  const uint32_t index = exchanges_.take();
  Exchange& exchange = exchanges_[index];
  exchange.next = Exchange::kNone;
  exchange.slot = connection.slot;
  exchange.since_us = now_us_;
  SendHalf& send = connection.send;
  if (send.last == Exchange::kNone) send.first = index;
  else exchanges_[send.last].next = index;
  send.last = index;
  ++send.exchange_count;
  return index;
}

void ReactorCore::drop_first(Connection& connection) {
  SendHalf& send = connection.send;
  const uint32_t index = send.first;
  const Exchange& exchange = exchanges_[index];
  if (exchange.ordinal != 0 && !exchange.is_answered) requests_.erase(exchange.ordinal);
  send.deferred_bytes -= exchange.answer.size();
  send.first = exchange.next;
  if (send.first == Exchange::kNone) send.last = Exchange::kNone;
  --send.exchange_count;
  exchanges_.give(index, buffers_);
}

void ReactorCore::drop_exchanges(Connection& connection) {
  while (connection.send.first != Exchange::kNone) {
    const Exchange& exchange = exchanges_[connection.send.first];
    if (exchange.tag != 0) {
      done_.push_back({id_of(connection), exchange.tag, "the connection ended before it"});
    }
    drop_first(connection);
  }
}

/// Moves answers whose turn has come to the output.
void ReactorCore::settle(Connection& connection) {
  SendHalf& send = connection.send;
  while (send.first != Exchange::kNone && exchanges_[send.first].is_answered) {
    Exchange& exchange = exchanges_[send.first];
    stage(connection, exchange.answer.view());
    if (exchange.tag != 0) send.marks.push_back({send.staged_bytes, exchange.tag});
    exchange.tag = 0;
    const bool closes = exchange.closes;
    drop_first(connection);
    if (closes) stop(connection, "the last response was sent");
  }
}

// ---- answering ----

bool ReactorCore::keeps_alive(const Connection& connection, const Exchange& exchange) const {
  const ReceiveHalf& receive = connection.receive;
  const bool is_last = exchange.next == Exchange::kNone && receive.input.empty();
  return exchange.keep_alive && !(is_last && (is_shutting_down_ || receive.has_ended));
}

SendResult ReactorCore::respond(RequestId id, const Response& response) {
  const uint64_t ordinal = static_cast<uint64_t>(id) & ((1ULL << kRequestOrdinalBits) - 1);
  const bool is_ours = id > 0 && worker_of_request(id) == options_.worker;
  const uint32_t index = is_ours ? requests_.find(ordinal) : RequestTable::kNone;
  if (index == RequestTable::kNone) return {SendStatus::Stale, "nobody waits for this response"};
  Connection& connection = *connections_[exchanges_[index].slot];
  const SendResult result = write(connection, index, response);
  if (!result.ok()) return result;
  settle(connection);
  if (connection.receive.is_blocked) list_ready(connection);
  mark_dirty(connection);
  return result;
}

/// Formats the response straight into the output when it is this request's turn, else beside it.
SendResult ReactorCore::write(Connection& connection, uint32_t index, const Response& response) {
  SendHalf& send = connection.send;
  Exchange& exchange = exchanges_[index];
  if (send.unsent_bytes() + response.body.size() > limits_.output_bytes_max) {
    return {SendStatus::Overflow, "the connection has too much unsent output"};
  }
  const bool is_turn = send.first == index;
  ByteBuffer& out = is_turn ? send.staged : exchange.answer;
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
  if (is_turn) send.staged_bytes += written.bytes;
  else send.deferred_bytes += written.bytes;
  return {};
}

/// Adds the reactor's own bytes in their turn.
void ReactorCore::answer(Connection& connection, std::string_view bytes, bool closes) {
  const uint32_t index = queue_exchange(connection);
  Exchange& exchange = exchanges_[index];
  exchange.is_answered = true;
  exchange.closes = closes;
  exchange.answer = buffers_.take();
  exchange.answer.append(bytes);
  connection.send.deferred_bytes += bytes.size();
  settle(connection);
  mark_dirty(connection);
}

/// Answers what cannot be understood or waited for, after the responses before it, and ends.
void ReactorCore::refuse(Connection& connection, int32_t status) {
  ++stats_.requests_refused;
  connection.receive.is_stopped = true;
  connection.receive.is_blocked = false;
  release_input(connection);
  if (connection.protocol != Protocol::Http) {
    stop(connection, "too much input is held");
    return;
  }
  char text[http::kRefusalBytesMax];
  answer(connection, {text, http::write_refusal(status, date(), text)}, true);
}

// ---- output ----

void ReactorCore::stage(Connection& connection, std::string_view bytes) {
  SendHalf& send = connection.send;
  if (send.staged.capacity() == 0) send.staged = buffers_.take();
  send.staged.append(bytes);
  send.staged_bytes += bytes.size();
}

SendResult ReactorCore::send(ConnectionId id, std::string_view bytes, uint64_t tag) {
  Connection* connection = find(id);
  const bool takes = connection != nullptr && connection->protocol != Protocol::Http &&
                     !connection->send.is_closing;
  if (!takes) return {SendStatus::Stale, "the connection is closed"};
  if (connection->send.unsent_bytes() + bytes.size() > limits_.output_bytes_max) {
    return {SendStatus::Overflow, "the connection has too much unsent output"};
  }
  stage(*connection, bytes);
  if (tag != 0) connection->send.marks.push_back({connection->send.staged_bytes, tag});
  mark_dirty(*connection);
  return {};
}

void ReactorCore::mark_dirty(Connection& connection) {
  if (connection.send.is_dirty) return;
  connection.send.is_dirty = true;
  dirty_.push_back(connection.token(OpKind::None).bits());
}

void ReactorCore::flush() {
  listed_.clear();
  listed_.swap(dirty_);
  for (const uint64_t bits : listed_) {
    Connection* connection = find(Token::from(bits));
    if (connection == nullptr) continue;
    connection->send.is_dirty = false;
    start_send(*connection);
    maintain(*connection);
  }
}

void ReactorCore::start_send(Connection& connection) {
  SendHalf& send = connection.send;
  if (send.in_flight || connection.state != Connection::State::Open) return;
  report_marks(connection, nullptr);
  if (send.staged.empty()) return;
  send.sending.swap(send.staged);
  send.sent = 0;
  send.progress_us = now_us_;
  continue_send(connection);
}

void ReactorCore::continue_send(Connection& connection) {
  SendHalf& send = connection.send;
  send.in_flight = true;
  ++stats_.sends;
  const std::string_view rest = send.sending.view().substr(send.sent);
  backend_->send(connection.token(OpKind::Send), connection.fd, rest);
}

void ReactorCore::sent(const Completion& completion) {
  Connection* connection = find(completion.token);
  if (connection == nullptr) return;
  SendHalf& send = connection->send;
  send.in_flight = false;
  const int32_t result = completion.result;
  const bool is_retried = result == -EINTR || result == -EAGAIN;
  if (result < 0 && !is_retried) die(*connection, "the connection was reset", false);
  if (connection->state != Connection::State::Open) return maintain(*connection);
  if (result > 0) {
    send.sent += static_cast<uint32_t>(result);
    send.sent_bytes += static_cast<uint64_t>(result);
    stats_.bytes_sent += static_cast<uint64_t>(result);
    send.progress_us = now_us_;
  }
  if (send.sent < send.sending.size()) {
    continue_send(*connection);
  } else {
    buffers_.give(send.sending);
    start_send(*connection);
  }
  report_marks(*connection, nullptr);
  maintain(*connection);
}

void ReactorCore::report_marks(Connection& connection, const char* error) {
  std::vector<SendMark>& marks = connection.send.marks;
  if (marks.empty()) return;
  size_t count = 0;
  while (count < marks.size() &&
         (error != nullptr || marks[count].end <= connection.send.sent_bytes)) {
    done_.push_back({id_of(connection), marks[count].tag, error});
    ++count;
  }
  marks.erase(marks.begin(), marks.begin() + static_cast<ptrdiff_t>(count));
}

}  // namespace rowtine::reactor
