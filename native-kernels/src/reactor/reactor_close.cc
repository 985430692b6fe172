// Every way a connection ends, each with a bound: after its output, by a deadline, by the peer, by
// force. A slot is free only when the backend has let go of all its operations.
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "reactor/reactor_core.h"
#include "reactor/socket_address.h"

namespace rowtine::reactor {

/// Brings a connection in line with what has just happened to it: ends it, frees it, starts or
/// stops receiving, moves its deadline. Called once after every event.
void ReactorCore::maintain(Connection& connection) {
  if (connection.state == Connection::State::Free) return;
  if (connection.state == Connection::State::Open && is_finished(connection)) finish(connection);
  if (connection.state == Connection::State::Dead) {
    if (!connection.receive.is_armed && !connection.send.in_flight) release(connection);
    return;
  }
  adjust_receiving(connection);
  update_deadline(connection);
}

/// Takes no more input and no more output; what is staged still leaves.
void ReactorCore::stop(Connection& connection, const char* reason) {
  connection.receive.is_stopped = true;
  connection.receive.is_blocked = false;
  release_input(connection);
  connection.send.is_closing = true;
  if (connection.reason == nullptr) connection.reason = reason;
  drop_exchanges(connection);
  mark_dirty(connection);
}

bool ReactorCore::is_finished(const Connection& connection) const {
  const ReceiveHalf& receive = connection.receive;
  if (!connection.send.is_drained()) return false;
  if (connection.send.is_closing) return true;
  const bool is_idle = connection.protocol == Protocol::Http &&
                       connection.send.exchange_count == 0 && !receive.is_blocked;
  if (is_shutting_down_ && is_idle && receive.input.empty()) return true;
  // A peer that sends no more may still be waiting for answers.
  return is_idle && receive.has_ended;
}

/// Closes our end and waits for the peer's (RFC 9112 §9.6): closing both at once would reset the
/// connection if bytes of the peer are unread, and the reset could overtake the last response.
void ReactorCore::finish(Connection& connection) {
  const char* reason = connection.reason != nullptr ? connection.reason : "closed by the peer";
  if (connection.receive.has_ended) return die(connection, reason, false);
  report(connection, reason);
  release_input(connection);
  ::shutdown(connection.fd, SHUT_WR);
  connection.state = Connection::State::Lingering;
  connection.linger_until_us = now_us_ + limits_.linger_timeout_us;
}

/// Ends at once. Whoever calls this calls maintain() afterwards.
void ReactorCore::die(Connection& connection, const char* reason, bool is_reset) {
  if (connection.state == Connection::State::Dead) return;
  report(connection, reason);
  release_input(connection);
  connection.state = Connection::State::Dead;
  if (is_reset) set_reset_on_close(connection.fd);
  if (connection.receive.is_armed && !connection.receive.is_cancelling) {
    connection.receive.is_cancelling = true;
    backend_->cancel(connection.token(OpKind::Receive), connection.fd);
  }
  if (connection.send.in_flight) {
    backend_->cancel(connection.token(OpKind::Send), connection.fd);
  }
}

void ReactorCore::release(Connection& connection) {
  backend_->forget(connection.fd);
  ::close(connection.fd);
  connection.fd = -1;
  connection.state = Connection::State::Free;
  buffers_.give(connection.send.staged);
  buffers_.give(connection.send.sending);
  free_slots_.push_back(connection.slot);
  --stats_.connections_open;
  accept_retry_us_ = 0;  // a descriptor has become free
}

void ReactorCore::report(Connection& connection, const char* reason) {
  if (connection.is_reported) return;
  connection.is_reported = true;
  closed_.push_back({id_of(connection), connection.reason != nullptr ? connection.reason : reason});
  drop_exchanges(connection);
  report_marks(connection, "the connection ended before it");
}

void ReactorCore::close(ConnectionId id, bool graceful) {
  Connection* connection = find(id);
  if (connection == nullptr) return;
  if (graceful) {
    stop(*connection, "closed by the server");
    return;
  }
  die(*connection, "closed by the server", true);
  maintain(*connection);
}

// ---- deadlines ----

ReactorCore::Deadline ReactorCore::deadline_of(const Connection& connection) const {
  Deadline deadline;
  if (connection.state == Connection::State::Lingering) {
    deadline.earlier(connection.linger_until_us, Timeout::Linger);
  }
  if (connection.state != Connection::State::Open) return deadline;
  const int64_t active_us = std::max(connection.receive.active_us, connection.send.progress_us);
  if (connection.send.in_flight) {
    deadline.earlier(connection.send.progress_us + limits_.write_timeout_us, Timeout::Write);
  }
  if (connection.protocol == Protocol::Http) {
    add_request_deadlines(connection, deadline);
  } else if (connection.receive.has_ended) {
    deadline.earlier(active_us + limits_.half_close_grace_us, Timeout::HalfClose);
  } else if (limits_.stream_idle_timeout_us > 0) {
    deadline.earlier(active_us + limits_.stream_idle_timeout_us, Timeout::Idle);
  }
  return deadline;
}

void ReactorCore::add_request_deadlines(const Connection& connection, Deadline& deadline) const {
  const ReceiveHalf& receive = connection.receive;
  const SendHalf& send = connection.send;
  if (send.exchange_count > 0 && limits_.answer_timeout_us > 0) {
    // The first is the oldest; it is never one that is answered.
    const int64_t since_us = exchanges_[send.first].since_us;
    deadline.earlier(since_us + limits_.answer_timeout_us, Timeout::Answer);
  }
  // Not while we are the ones who do not read.
  const bool is_receiving = receive.is_armed && !receive.is_stopped;
  if (is_receiving && receive.body_us != 0) {
    const auto earned_us = static_cast<int64_t>(receive.body_bytes * kSecondUs /
                                                std::max(limits_.body_bytes_per_second_min, 1U));
    deadline.earlier(receive.active_us + limits_.body_timeout_us, Timeout::Body);
    deadline.earlier(receive.body_us + limits_.body_timeout_us + earned_us, Timeout::Body);
  } else if (is_receiving && receive.request_us != 0) {
    deadline.earlier(receive.request_us + limits_.header_timeout_us, Timeout::Header);
  } else if (send.exchange_count == 0 && send.is_drained()) {
    const int64_t active_us = std::max(receive.active_us, send.progress_us);
    deadline.earlier(active_us + limits_.idle_timeout_us, Timeout::Idle);
  }
}

/// Deadlines mostly move later, which needs nothing: the entry that is there asks again.
void ReactorCore::update_deadline(Connection& connection) {
  connection.deadline_us = deadline_of(connection).at_us;
  if (connection.deadline_us >= connection.scheduled_us) return;
  connection.scheduled_us = connection.deadline_us;
  timers_.schedule(connection.token(OpKind::None).bits(), connection.deadline_us);
}

void ReactorCore::timed_out(Connection& connection, Timeout timeout) {
  switch (timeout) {
    case Timeout::Header:
    case Timeout::Body:
      connection.reason = "a request took too long to arrive";
      refuse(connection, 408);
      break;
    case Timeout::Answer:
      connection.reason = "a request was not answered in time";
      // Later requests of the connection end with it: order leaves no way around the first.
      drop_exchanges(connection);
      refuse(connection, 504);
      break;
    case Timeout::Idle: stop(connection, "idle for too long"); break;
    case Timeout::HalfClose: stop(connection, "closed by the peer"); break;
    case Timeout::Write: die(connection, "the peer does not read", true); break;
    case Timeout::Linger: die(connection, "closed", false); break;
    case Timeout::None: break;
  }
}

// ---- the end of all ----

void ReactorCore::shutdown(int64_t deadline_us) {
  is_shutting_down_ = true;
  force_us_ = now_us_ + deadline_us;
  for (auto& listener : listeners_) {
    if (listener != nullptr) release_listener(*listener);
  }
  for (const auto& connection : connections_) {
    if (connection->state != Connection::State::Open) continue;
    const bool is_idle = connection->send.exchange_count == 0 && connection->receive.input.empty();
    if (connection->protocol != Protocol::Http || is_idle)
      stop(*connection, "the server shut down");
  }
}

bool ReactorCore::shutdown_done() const {
  const bool is_listening = std::any_of(listeners_.begin(), listeners_.end(),
                                        [](const auto& listener) { return listener != nullptr; });
  return is_shutting_down_ && !is_listening && stats_.connections_open == 0;
}

void ReactorCore::end_connections(const char* reason) {
  for (const auto& connection : connections_) {
    if (connection->state == Connection::State::Free) continue;
    die(*connection, reason, false);
    maintain(*connection);
  }
}

/// Waits, for a second at most, until the backend has let go of every socket: a port stays bound
/// for as long as an accept holds it.
void ReactorCore::drain_backend() {
  for (auto& listener : listeners_) {
    if (listener != nullptr) release_listener(*listener);
  }
  is_shutting_down_ = true;
  Inbox inbox;
  inbox_ = &inbox;
  const int64_t until_us = backend_->monotonic_us() + kSecondUs;
  while (!shutdown_done() && backend_->monotonic_us() < until_us) {
    const uint32_t count = backend_->wait(completions_, 10'000);
    for (uint32_t i = 0; i < count; ++i) dispatch(completions_[i]);
  }
  inbox_ = nullptr;
}

}  // namespace rowtine::reactor
