// Bytes to requests and lines. What is whole in a received buffer is handed out where it lies; only
// what is not waits in the connection's own input.
#include <cerrno>
#include <cstring>

#include "http/utf8.h"
#include "reactor/reactor_core.h"

namespace rowtine::reactor {

void ReactorCore::received(const Completion& completion) {
  Connection* connection = find(completion.token);
  if (connection == nullptr) return;
  ReceiveHalf& receive = connection->receive;
  if (!completion.more) receive.is_armed = receive.is_cancelling = false;
  const int32_t result = completion.result;
  if (result > 0) {
    stats_.bytes_received += static_cast<uint64_t>(result);
    take_bytes(*connection, completion.data, static_cast<uint32_t>(result));
  } else if (result == 0) {
    receive.has_ended = true;
    if (connection->state == Connection::State::Lingering) die(*connection, "closed", false);
  } else if (result != -ECANCELED && result != -ENOBUFS && result != -EINTR && result != -EAGAIN) {
    die(*connection, "the connection was reset", false);
  }
  maintain(*connection);
}

void ReactorCore::take_bytes(Connection& connection, char* data, uint32_t size) {
  ReceiveHalf& receive = connection.receive;
  if (discards(connection, size)) return;
  receive.active_us = now_us_;
  if (receive.body_us != 0) receive.body_bytes += size;
  if (connection.protocol == Protocol::Tcp) {
    inbox_->received.push_back({id_of(connection), {data, size}});
    return;
  }
  if (!receive.input.empty()) {
    if (keep_input(connection, {data, size}) && !receive.is_blocked) parse_input(connection);
    return;
  }
  const uint32_t used = parse(connection, data, size);
  if (used < size && !receive.is_stopped) keep_input(connection, {data + used, size - used});
}

/// After the last request nothing is looked at, but taken for a while: bytes left unread would make
/// the kernel reset the connection, and the reset could overtake our response.
bool ReactorCore::discards(Connection& connection, uint32_t size) {
  ReceiveHalf& receive = connection.receive;
  if (connection.state == Connection::State::Dead) return true;
  if (connection.state == Connection::State::Open && !receive.is_stopped) return false;
  receive.discarded_bytes += size;
  if (receive.discarded_bytes > kLingerBytesMax) die(connection, "too much after the end", true);
  return true;
}

/// Returns: bytes used up; `size` may come back smaller, see RequestParser.
uint32_t ReactorCore::parse(Connection& connection, char* data, uint32_t& size) {
  return connection.protocol == Protocol::Http ? parse_http(connection, data, size)
                                               : parse_lines(connection, data, size);
}

uint32_t ReactorCore::parse_http(Connection& connection, char* data, uint32_t& size) {
  ReceiveHalf& receive = connection.receive;
  uint32_t at = 0;
  while (at < size && !receive.is_stopped) {
    if (!has_room(connection)) {
      receive.is_blocked = true;
      if (connection.send.exchange_count < limits_.requests_in_flight_max) list_ready(connection);
      return at;
    }
    http::ParsedRequest request;
    uint32_t left = size - at;
    switch (receive.parser.parse(data + at, left, limits_.http, request)) {
      case http::ParseOutcome::Complete:
        at += request.consumed;
        receive.request_us = receive.body_us = 0;
        deliver(connection, request);
        break;
      case http::ParseOutcome::Incomplete:
        size = at + left;
        note_unfinished(connection);
        return at;
      case http::ParseOutcome::Refused: refuse(connection, receive.parser.refusal()); break;
    }
  }
  return at;
}

/// Starts the clocks of a request that is not whole, and asks for its body if the client waits.
void ReactorCore::note_unfinished(Connection& connection) {
  ReceiveHalf& receive = connection.receive;
  if (receive.request_us == 0) receive.request_us = now_us_;
  if (receive.body_us == 0 && receive.parser.in_body()) {
    receive.body_us = now_us_;
    receive.body_bytes = 0;
  }
  if (receive.parser.take_expects_continue()) answer(connection, http::kContinue, false);
}

void ReactorCore::deliver(Connection& connection, const http::ParsedRequest& request) {
  const uint32_t index = queue_exchange(connection);
  Exchange& exchange = exchanges_[index];
  exchange.ordinal = next_ordinal_++;
  exchange.is_head = request.is_head;
  exchange.is_http10 = request.is_http10;
  exchange.keep_alive = request.keep_alive;
  requests_.insert(exchange.ordinal, index);
  ++stats_.requests;
  if (!request.keep_alive) connection.receive.is_stopped = true;
  const auto id =
      static_cast<RequestId>(uint64_t{options_.worker} << kRequestOrdinalBits | exchange.ordinal);
  inbox_->requests.push_back({id, id_of(connection), request.method, request.path, request.query,
                              request.head, request.body});
}

uint32_t ReactorCore::parse_lines(Connection& connection, const char* data, uint32_t size) {
  ReceiveHalf& receive = connection.receive;
  uint32_t at = 0;
  while (at < size && !receive.is_stopped) {
    if (!has_room(connection)) {
      receive.is_blocked = true;
      list_ready(connection);
      return at;
    }
    const auto* feed = static_cast<const char*>(std::memchr(data + at, '\n', size - at));
    if (feed == nullptr) {
      // Two bytes more than the limit may be CR LF, of which the LF has not come.
      if (size - at > limits_.line_bytes_max + 1) stop(connection, "a line is too long");
      return at;
    }
    const std::string_view line(data + at, static_cast<size_t>(feed - (data + at)));
    if (!take_line(connection, line)) return at;
    at += static_cast<uint32_t>(line.size()) + 1;
  }
  return at;
}

bool ReactorCore::take_line(Connection& connection, std::string_view line) {
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  const char* mistake = line.size() > limits_.line_bytes_max ? "a line is too long"
                        : !http::is_utf8(line)               ? "a line is not UTF-8"
                                                             : nullptr;
  if (mistake != nullptr) stop(connection, mistake);
  else inbox_->lines.push_back({id_of(connection), line});
  return mistake == nullptr;
}

// ---- input that waits ----

void ReactorCore::parse_input(Connection& connection) {
  ReceiveHalf& receive = connection.receive;
  uint32_t size = receive.input.size() - receive.parsed;
  receive.lent_poll = poll_count_;
  const uint32_t used = parse(connection, receive.input.data() + receive.parsed, size);
  if (receive.input.empty()) return;  // the connection was stopped
  receive.input.set_size(receive.parsed + size);
  receive.parsed += used;
  if (receive.parsed == receive.input.size() || receive.is_stopped) release_input(connection);
}

/// Appends to the input without moving bytes that are lent out.
/// Returns: false when the reactor holds too much already; the request is then refused.
bool ReactorCore::keep_input(Connection& connection, std::string_view bytes) {
  ReceiveHalf& receive = connection.receive;
  const uint32_t capacity_before = receive.input.capacity();
  if (stats_.input_bytes_held + bytes.size() > limits_.input_bytes_total_max) {
    refuse(connection, 503);
    return false;
  }
  if (capacity_before == 0) receive.input = buffers_.take();
  if (receive.parsed > 0) {
    if (receive.lent_poll == poll_count_) {
      ByteBuffer fresh = buffers_.take();
      fresh.append(receive.input.view().substr(receive.parsed));
      fresh.swap(receive.input);
      retired_.push_back(std::move(fresh));
      receive.lent_poll = 0;
    } else {
      receive.input.drop_front(receive.parsed);
    }
    receive.parsed = 0;
  }
  receive.input.append(bytes);
  stats_.input_bytes_held += receive.input.capacity();
  stats_.input_bytes_held -= capacity_before;
  return true;
}

void ReactorCore::release_input(Connection& connection) {
  ReceiveHalf& receive = connection.receive;
  receive.parsed = 0;
  if (receive.input.capacity() == 0) return;
  stats_.input_bytes_held -= receive.input.capacity();
  if (receive.lent_poll == poll_count_) {
    retired_.push_back(std::move(receive.input));
  } else {
    buffers_.give(receive.input);
  }
}

// ---- back-pressure ----

/// Whether one more request or line may be handed out by this poll.
bool ReactorCore::has_room(const Connection& connection) const {
  return connection.send.exchange_count < limits_.requests_in_flight_max &&
         inbox_->requests.size() < kRequestsPerPollMax && inbox_->lines.size() < kLinesPerPollMax;
}

void ReactorCore::list_ready(Connection& connection) {
  if (connection.receive.is_ready) return;
  connection.receive.is_ready = true;
  ready_.push_back(connection.token(OpKind::None).bits());
}

void ReactorCore::resume_ready() {
  listed_.clear();
  listed_.swap(ready_);
  for (const uint64_t bits : listed_) {
    Connection* connection = find(Token::from(bits));
    if (connection == nullptr) continue;
    connection->receive.is_ready = connection->receive.is_blocked = false;
    if (connection->state == Connection::State::Open && !connection->receive.input.empty()) {
      parse_input(*connection);
    }
    maintain(*connection);
  }
}

bool ReactorCore::should_receive(const Connection& connection) const {
  const ReceiveHalf& receive = connection.receive;
  if (receive.has_ended || connection.state == Connection::State::Dead) return false;
  if (connection.state == Connection::State::Lingering) return true;
  if (connection.send.unsent_bytes() > limits_.output_bytes_pause) return false;
  const uint32_t waiting = receive.input.size() - receive.parsed;
  return !receive.is_blocked || waiting < limits_.input_bytes_pause;
}

void ReactorCore::adjust_receiving(Connection& connection) {
  ReceiveHalf& receive = connection.receive;
  const bool wanted = should_receive(connection);
  if (wanted && !receive.is_armed) {
    receive.is_armed = true;
    backend_->receive(connection.token(OpKind::Receive), connection.fd);
  } else if (!wanted && receive.is_armed && !receive.is_cancelling && !receive.has_ended) {
    receive.is_cancelling = true;
    backend_->cancel(connection.token(OpKind::Receive), connection.fd);
  }
}

}  // namespace rowtine::reactor
