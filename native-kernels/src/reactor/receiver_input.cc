// Bytes to requests and lines. What is whole in a received buffer is handed out where it lies; only
// what is not waits in the connection's own input.
#include <cerrno>
#include <cstring>

#include "http/utf8.h"
#include "reactor/receiver.h"

namespace rowtine::reactor {

void Receiver::received(const Completion& completion) {
  Connection* connection = find(completion.token);
  if (connection == nullptr) return;
  if (!completion.more) connection->is_armed = connection->is_cancelling = false;
  const int32_t result = completion.result;
  if (result > 0) {
    stats_.bytes_received += static_cast<uint64_t>(result);
    take_bytes(*connection, completion.data, static_cast<uint32_t>(result));
  } else if (result == 0) {
    take_end(*connection);
  } else if (result != -ECANCELED && result != -ENOBUFS && result != -EINTR && result != -EAGAIN) {
    die(*connection, "the connection was reset", false);
  }
  maintain(*connection);
}

/// The peer sends no more. What waits to be parsed still is, and so is a last line without its end.
void Receiver::take_end(Connection& connection) {
  connection.has_ended = true;
  connection.active_us = now_us_;  // the grace for replies to the last line starts now
  if (connection.state == Connection::State::Lingering) return die(connection, "closed", false);
  const bool is_waiting = connection.state == Connection::State::Open && !connection.is_blocked &&
                          !connection.is_stopped && !connection.input.empty();
  if (connection.protocol == Protocol::Lines && is_waiting) parse_input(connection);
}

void Receiver::take_bytes(Connection& connection, char* data, uint32_t size) {
  if (discards(connection, size)) return;
  connection.active_us = now_us_;
  if (connection.body_us != 0) connection.body_bytes += size;
  if (connection.protocol == Protocol::Tcp) {
    inbox_->received.push_back({id_of(connection), {data, size}});
    return;
  }
  if (!connection.input.empty()) {
    if (keep_input(connection, {data, size}) && !connection.is_blocked) parse_input(connection);
    return;
  }
  const uint32_t used = parse(connection, data, size);
  if (used < size && !connection.is_stopped) keep_input(connection, {data + used, size - used});
}

/// After the last request nothing is looked at, but taken for a while: bytes left unread would make
/// the kernel reset the connection, and the reset could overtake our response.
bool Receiver::discards(Connection& connection, uint32_t size) {
  if (connection.state == Connection::State::Dead) return true;
  if (connection.state == Connection::State::Open && !connection.is_stopped) return false;
  connection.discarded_bytes += size;
  if (connection.discarded_bytes > kLingerBytesMax) die(connection, "too much after the end", true);
  return true;
}

/// Returns: bytes used up; `size` may come back smaller, see RequestParser.
uint32_t Receiver::parse(Connection& connection, char* data, uint32_t& size) {
  return connection.protocol == Protocol::Http ? parse_http(connection, data, size)
                                               : parse_lines(connection, data, size);
}

uint32_t Receiver::parse_http(Connection& connection, char* data, uint32_t& size) {
  uint32_t at = 0;
  while (at < size && !connection.is_stopped) {
    if (!has_room(connection)) {
      wait_for_room(connection);
      return at;
    }
    http::ParsedRequest request;
    uint32_t left = size - at;
    switch (connection.parser.parse(data + at, left, limits_.http, request)) {
      case http::ParseOutcome::Complete:
        at += request.consumed;
        connection.request_us = connection.body_us = 0;
        deliver(connection, request);
        break;
      case http::ParseOutcome::Incomplete:
        size = at + left;
        note_unfinished(connection);
        return at;
      case http::ParseOutcome::Refused: refuse(connection, connection.parser.refusal()); break;
    }
  }
  return at;
}

/// Starts the clocks of a request that is not whole, and asks for its body if the client waits.
void Receiver::note_unfinished(Connection& connection) {
  if (connection.request_us == 0) connection.request_us = now_us_;
  if (connection.body_us == 0 && connection.parser.in_body()) {
    connection.body_us = now_us_;
    connection.body_bytes = 0;
  }
  if (connection.parser.take_expects_continue()) {
    ++connection.told;
    tell(connection, ToSender::Kind::Continue);
  }
}

void Receiver::deliver(Connection& connection, const http::ParsedRequest& request) {
  const uint64_t ordinal = next_ordinal_++;
  ++stats_.requests;
  ++connection.told;
  ToSender& message = tell(connection, ToSender::Kind::Request);
  message.ordinal = ordinal;
  message.is_head = request.is_head;
  message.is_http10 = request.is_http10;
  message.keep_alive = request.keep_alive;
  if (!request.keep_alive) connection.is_stopped = true;
  const auto id =
      static_cast<RequestId>(uint64_t{options_.worker} << kRequestOrdinalBits | ordinal);
  inbox_->requests.push_back({id, id_of(connection), request.method, request.path, request.query,
                              request.head, request.body});
}

/// Has what cannot be understood answered, after the responses before it, and takes no more.
void Receiver::refuse(Connection& connection, int32_t status) {
  if (connection.protocol != Protocol::Http) return stop(connection, "too much input is held");
  ++stats_.requests_refused;
  ++connection.told;
  tell(connection, ToSender::Kind::Refuse).number = status;
  stopped(connection);
}

uint32_t Receiver::parse_lines(Connection& connection, const char* data, uint32_t size) {
  uint32_t at = 0;
  while (at < size && !connection.is_stopped) {
    if (!has_room(connection)) {
      wait_for_room(connection);
      return at;
    }
    const auto* feed = static_cast<const char*>(std::memchr(data + at, '\n', size - at));
    if (feed == nullptr && connection.has_ended) {
      return take_line(connection, {data + at, size - at}) ? size : at;
    }
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

bool Receiver::take_line(Connection& connection, std::string_view line) {
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  const char* mistake = line.size() > limits_.line_bytes_max ? "a line is too long"
                        : !http::is_utf8(line)               ? "a line is not UTF-8"
                                                             : nullptr;
  if (mistake != nullptr) stop(connection, mistake);
  else inbox_->lines.push_back({id_of(connection), line});
  return mistake == nullptr;
}

// ---- input that waits ----

void Receiver::parse_input(Connection& connection) {
  uint32_t size = connection.input.size() - connection.parsed;
  connection.lent_poll = turn_count_;
  const uint32_t used = parse(connection, connection.input.data() + connection.parsed, size);
  if (connection.input.empty()) return;  // the connection was stopped
  connection.input.set_size(connection.parsed + size);
  connection.parsed += used;
  if (connection.parsed == connection.input.size() || connection.is_stopped) release_input(connection);
}

/// Appends to the input without moving bytes that are lent out.
/// Returns: false when the reactor holds too much already; the request is then refused.
bool Receiver::keep_input(Connection& connection, std::string_view bytes) {
  const uint32_t capacity_before = connection.input.capacity();
  if (stats_.input_bytes_held + bytes.size() > limits_.input_bytes_total_max) {
    refuse(connection, 503);
    return false;
  }
  if (capacity_before == 0) connection.input = buffers_.take();
  if (connection.parsed > 0) {
    if (connection.lent_poll == turn_count_) {
      ByteBuffer fresh = buffers_.take();
      fresh.append(connection.input.view().substr(connection.parsed));
      fresh.swap(connection.input);
      retired_.push_back(std::move(fresh));
      connection.lent_poll = 0;
    } else {
      connection.input.drop_front(connection.parsed);
    }
    connection.parsed = 0;
  }
  connection.input.append(bytes);
  stats_.input_bytes_held += connection.input.capacity();
  stats_.input_bytes_held -= capacity_before;
  return true;
}

void Receiver::release_input(Connection& connection) {
  connection.parsed = 0;
  if (connection.input.capacity() == 0) return;
  stats_.input_bytes_held -= connection.input.capacity();
  if (connection.lent_poll == turn_count_) {
    retired_.push_back(std::move(connection.input));
  } else {
    buffers_.give(connection.input);
  }
}

// ---- back-pressure ----

/// Whether one more request or line may be handed out by this turn.
bool Receiver::has_room(const Connection& connection) const {
  return connection.in_flight() < limits_.requests_in_flight_max &&
         inbox_->requests.size() < kRequestsPerPollMax && inbox_->lines.size() < kLinesPerPollMax;
}

/// Goes on with the next turn if only this one is full, else when the sender says so.
void Receiver::wait_for_room(Connection& connection) {
  connection.is_blocked = true;
  if (connection.in_flight() < limits_.requests_in_flight_max) return list_ready(connection);
  if (connection.wants_room) return;
  connection.wants_room = true;
  tell(connection, ToSender::Kind::WantRoom);
}

void Receiver::list_ready(Connection& connection) {
  if (connection.is_ready) return;
  connection.is_ready = true;
  ready_.push_back(connection.token(OpKind::None).bits());
}

void Receiver::resume_ready() {
  listed_.clear();
  listed_.swap(ready_);
  for (const uint64_t bits : listed_) {
    Connection* connection = find(Token::from(bits));
    if (connection == nullptr) continue;
    connection->is_ready = connection->is_blocked = false;
    if (connection->state == Connection::State::Open && !connection->input.empty()) {
      parse_input(*connection);
    }
    maintain(*connection);
  }
}

bool Receiver::should_receive(const Connection& connection) const {
  if (connection.has_ended || connection.state == Connection::State::Dead) return false;
  if (connection.state == Connection::State::Lingering) return true;
  if (connection.is_paused) return false;
  const uint32_t waiting = connection.input.size() - connection.parsed;
  return !connection.is_blocked || waiting < limits_.input_bytes_pause;
}

void Receiver::adjust_receiving(Connection& connection) {
  const bool wanted = should_receive(connection);
  if (wanted && !connection.is_armed) {
    connection.is_armed = true;
    backend_->receive(connection.token(OpKind::Receive), connection.fd);
  } else if (!wanted && connection.is_armed && !connection.is_cancelling && !connection.has_ended) {
    connection.is_cancelling = true;
    backend_->cancel(connection.token(OpKind::Receive), connection.fd);
  }
}

}  // namespace rowtine::reactor
