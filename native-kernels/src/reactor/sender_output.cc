// Bytes out: one send per connection at a time, everything that has gathered meanwhile in the next;
// and the ways in which a connection ends on this side.
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "reactor/sender.h"

namespace rowtine::reactor {

// ---- names ----

Sender::Connection* Sender::find(Token token) {
  if (token.slot >= connections_.size()) return nullptr;
  Connection& connection = *connections_[token.slot];
  const bool is_it = connection.generation == token.generation;
  return is_it && connection.state != Connection::State::Free ? &connection : nullptr;
}

Sender::Connection* Sender::find(ConnectionId id) {
  Connection* connection = find(token_of(options_.worker, id));
  const bool is_open = connection != nullptr && connection->state == Connection::State::Open;
  return is_open ? connection : nullptr;
}

ConnectionId Sender::id_of(const Connection& connection) const {
  return connection_id(options_.worker, connection.generation, connection.slot);
}

ToReceiver& Sender::tell(const Connection& connection, ToReceiver::Kind kind) {
  ToReceiver& message = messages_.emplace_back(ToReceiver{kind});
  message.slot = connection.slot;
  message.generation = connection.generation;
  message.reason = connection.reason;
  return message;
}

// ---- output ----

SendResult Sender::send(ConnectionId id, std::string_view bytes, uint64_t tag) {
  Connection* connection = find(id);
  const bool takes = connection != nullptr && connection->protocol != Protocol::Http &&
                     !connection->is_closing;
  if (!takes) return {SendStatus::Stale, "the connection is closed"};
  if (connection->unsent_bytes() + bytes.size() > limits_.output_bytes_max) {
    return {SendStatus::Overflow, "the connection has too much unsent output"};
  }
  stage(*connection, bytes);
  if (tag != 0) connection->marks.push_back({connection->staged_bytes, tag});
  mark_dirty(*connection);
  return {};
}

void Sender::stage(Connection& connection, std::string_view bytes) {
  if (connection.staged.capacity() == 0) connection.staged = buffers_.take();
  connection.staged.append(bytes);
  connection.staged_bytes += bytes.size();
}

void Sender::mark_dirty(Connection& connection) {
  if (connection.is_dirty) return;
  connection.is_dirty = true;
  dirty_.push_back(connection.token(OpKind::None).bits());
}

void Sender::flush() {
  listed_.clear();
  listed_.swap(dirty_);
  for (const uint64_t bits : listed_) {
    Connection* connection = find(Token::from(bits));
    if (connection == nullptr) continue;
    connection->is_dirty = false;
    start_send(*connection);
    maintain(*connection);
  }
}

void Sender::start_send(Connection& connection) {
  if (connection.in_flight || connection.state != Connection::State::Open) return;
  report_marks(connection, nullptr);
  if (connection.staged.empty()) return;
  connection.sending.swap(connection.staged);
  connection.sent = 0;
  note_progress(connection);
  continue_send(connection);
}

void Sender::continue_send(Connection& connection) {
  connection.in_flight = true;
  ++stats_.sends;
  const std::string_view rest = connection.sending.view().substr(connection.sent);
  backend_->send(connection.token(OpKind::Send), connection.fd, rest);
}

void Sender::note_progress(Connection& connection) {
  connection.active_us = now_us_;
  connection.progress->active_us.store(now_us_, std::memory_order_relaxed);
}

void Sender::sent(const Completion& completion) {
  Connection* connection = find(completion.token);
  if (connection == nullptr) return;
  connection->in_flight = false;
  const int32_t result = completion.result;
  const bool is_retried = result == -EINTR || result == -EAGAIN;
  if (result < 0 && !is_retried) kill(*connection, "the connection was reset", false);
  if (connection->state != Connection::State::Open) return maintain(*connection);
  if (result > 0) {
    connection->sent += static_cast<uint32_t>(result);
    connection->sent_bytes += static_cast<uint64_t>(result);
    stats_.bytes_sent += static_cast<uint64_t>(result);
    note_progress(*connection);
  }
  if (connection->sent < connection->sending.size()) {
    continue_send(*connection);
  } else {
    buffers_.give(connection->sending);
    start_send(*connection);
  }
  report_marks(*connection, nullptr);
  maintain(*connection);
}

void Sender::report_marks(Connection& connection, const char* error) {
  std::vector<SendMark>& marks = connection.marks;
  if (marks.empty()) return;
  size_t count = 0;
  while (count < marks.size() && (error != nullptr || marks[count].end <= connection.sent_bytes)) {
    done_.push_back({id_of(connection), marks[count].tag, error});
    ++count;
  }
  marks.erase(marks.begin(), marks.begin() + static_cast<ptrdiff_t>(count));
}

/// Reading waits for output to leave: a client that never reads fills no memory but a bounded part.
void Sender::adjust_pressure(Connection& connection) {
  const uint64_t unsent = connection.unsent_bytes();
  const bool is_paused = connection.is_paused ? unsent > limits_.output_bytes_pause / 2
                                              : unsent > limits_.output_bytes_pause;
  if (is_paused == connection.is_paused) return;
  connection.is_paused = is_paused;
  tell(connection, is_paused ? ToReceiver::Kind::Paused : ToReceiver::Kind::Resumed);
}

// ---- ends ----

/// Brings a connection in line with what has just happened to it. Called once after every event.
void Sender::maintain(Connection& connection) {
  if (connection.state == Connection::State::Free) return;
  if (connection.state == Connection::State::Dead) {
    if (!connection.in_flight) let_go(connection, ToReceiver::Kind::LetGo);
    return;
  }
  const bool is_due = connection.is_closing || (connection.is_last && connection.first == Exchange::kNone);
  if (is_due && connection.is_drained()) return finish(connection);
  adjust_pressure(connection);
  update_deadline(connection);
}

/// Takes no more output; what is staged still leaves.
void Sender::stop(Connection& connection, const char* reason) {
  if (connection.reason == nullptr) connection.reason = reason;
  connection.is_closing = true;
  connection.wants_room = false;
  drop_exchanges(connection);
  mark_dirty(connection);
  tell(connection, ToReceiver::Kind::Stopped);
}

void Sender::finish(Connection& connection) {
  ::shutdown(connection.fd, SHUT_WR);
  let_go(connection, ToReceiver::Kind::Finished);
}

/// Ends at once because of this side. Whoever calls this calls maintain() afterwards.
void Sender::kill(Connection& connection, const char* reason, bool is_reset) {
  if (connection.state != Connection::State::Open) return;
  if (connection.reason == nullptr) connection.reason = reason;
  tell(connection, ToReceiver::Kind::Killed).is_reset = is_reset;
  die(connection);
}

void Sender::die(Connection& connection) {
  connection.state = Connection::State::Dead;
  connection.wants_room = false;
  drop_exchanges(connection);
  report_marks(connection, "the connection ended before it");
  if (connection.in_flight) backend_->cancel(connection.token(OpKind::Send), connection.fd);
}

void Sender::let_go(Connection& connection, ToReceiver::Kind kind) {
  report_marks(connection, "the connection ended before it");
  if (!shares_backend_) backend_->forget(connection.fd);
  buffers_.give(connection.staged);
  buffers_.give(connection.sending);
  connection.state = Connection::State::Free;
  tell(connection, kind);
}

void Sender::close(ConnectionId id, bool graceful) {
  Connection* connection = find(id);
  if (connection == nullptr) return;
  if (graceful) return stop(*connection, "closed by the server");
  kill(*connection, "closed by the server", true);
  maintain(*connection);
}

// ---- deadlines ----

Sender::Deadline Sender::deadline_of(const Connection& connection) const {
  Deadline deadline;
  if (connection.state != Connection::State::Open) return deadline;
  if (connection.in_flight) {
    deadline = {connection.active_us + limits_.write_timeout_us, Timeout::Write};
  }
  if (connection.first != Exchange::kNone && limits_.answer_timeout_us > 0) {
    // The first is the oldest; it is never one that is answered.
    const int64_t at_us = exchanges_[connection.first].since_us + limits_.answer_timeout_us;
    if (at_us < deadline.at_us) deadline = {at_us, Timeout::Answer};
  }
  return deadline;
}

/// Deadlines mostly move later, which needs nothing: the entry that is there asks again.
void Sender::update_deadline(Connection& connection) {
  const int64_t deadline_us = deadline_of(connection).at_us;
  if (deadline_us >= connection.scheduled_us) return;
  connection.scheduled_us = deadline_us;
  timers_.schedule(connection.token(OpKind::None).bits(), deadline_us);
}

void Sender::timed_out(Connection& connection, Timeout timeout) {
  switch (timeout) {
    case Timeout::Answer:
      connection.reason = "a request was not answered in time";
      ++stats_.requests_refused;
      // Later requests of the connection end with it: order leaves no way around the first.
      drop_exchanges(connection);
      refuse(connection, 504, false);
      break;
    case Timeout::Write: kill(connection, "the peer does not read", true); break;
    case Timeout::None: break;
  }
}

void Sender::expire() {
  expired_.clear();
  timers_.advance(now_us_, expired_);
  for (const TimerWheel::Entry& entry : expired_) {
    Connection* connection = find(Token::from(entry.key));
    // Another entry counts by now when this one's time is not the scheduled one.
    if (connection == nullptr || connection->scheduled_us != entry.deadline_us) continue;
    connection->scheduled_us = INT64_MAX;
    const Deadline deadline = deadline_of(*connection);
    if (deadline.at_us <= now_us_) timed_out(*connection, deadline.timeout);
    maintain(*connection);
  }
}

}  // namespace rowtine::reactor
