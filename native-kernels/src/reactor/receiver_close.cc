// Every way a connection ends, each with a bound: after its output, by a deadline, by the peer, by
// force. A slot is free only when the backend and the sender have let go of it.
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "reactor/receiver.h"
#include "reactor/socket_address.h"

namespace rowtine::reactor {

/// Brings a connection in line with what has just happened to it: frees it, starts or stops
/// receiving, moves its deadline. Called once after every event.
void Receiver::maintain(Connection& connection) {
  if (connection.state == Connection::State::Free) return;
  if (connection.state == Connection::State::Dead) {
    if (!connection.is_armed && connection.is_let_go) release(connection);
    return;
  }
  if (connection.state == Connection::State::Open) say_last(connection);
  adjust_receiving(connection);
  update_deadline(connection);
}

/// Tells the sender once that no further request comes: a peer that sends no more may still be
/// waiting for answers, and so may one that is told to end.
void Receiver::say_last(Connection& connection) {
  if (connection.is_last || connection.protocol != Protocol::Http) return;
  const bool has_ended = connection.has_ended && !connection.is_blocked;
  const bool is_told_to = is_shutting_down_ && connection.input.empty();
  if (!has_ended && !is_told_to) return;
  connection.is_last = true;
  if (is_told_to) {
    connection.is_stopped = true;
    if (connection.reason == nullptr) connection.reason = "the server shut down";
  }
  tell(connection, ToSender::Kind::Last);
}

/// Takes no more input; what is staged still leaves.
void Receiver::stop(Connection& connection, const char* reason) {
  if (connection.reason == nullptr) connection.reason = reason;
  tell(connection, ToSender::Kind::Stop);
  stopped(connection);
}

void Receiver::stopped(Connection& connection) {
  connection.is_stopped = true;
  connection.is_blocked = false;
  release_input(connection);
}

/// Waits for the peer's end (RFC 9112 §9.6): closing both at once would reset the connection if
/// bytes of the peer are unread, and the reset could overtake the last response.
void Receiver::finished(Connection& connection) {
  connection.is_let_go = true;
  if (connection.state != Connection::State::Open) return;
  const char* reason = connection.reason != nullptr ? connection.reason : "closed by the peer";
  if (connection.has_ended) return die(connection, reason, false);
  report(connection, reason);
  release_input(connection);
  connection.state = Connection::State::Lingering;
  connection.linger_until_us = now_us_ + limits_.linger_timeout_us;
}

/// Ends at once. Whoever calls this calls maintain() afterwards.
void Receiver::die(Connection& connection, const char* reason, bool is_reset) {
  if (connection.state == Connection::State::Dead) return;
  report(connection, reason);
  release_input(connection);
  connection.state = Connection::State::Dead;
  if (is_reset) set_reset_on_close(connection.fd);
  if (!connection.is_let_go) tell(connection, ToSender::Kind::Dead);
  if (connection.is_armed && !connection.is_cancelling) {
    connection.is_cancelling = true;
    backend_->cancel(connection.token(OpKind::Receive), connection.fd);
  }
}

void Receiver::release(Connection& connection) {
  backend_->forget(connection.fd);
  ::close(connection.fd);
  connection.fd = -1;
  connection.state = Connection::State::Free;
  free_slots_.push_back(connection.slot);
  --stats_.connections_open;
  accept_retry_us_ = 0;  // a descriptor has become free
}

void Receiver::report(Connection& connection, const char* reason) {
  if (connection.is_reported) return;
  connection.is_reported = true;
  closed_.push_back({id_of(connection), connection.reason != nullptr ? connection.reason : reason});
}

// ---- deadlines ----

Receiver::Deadline Receiver::deadline_of(const Connection& connection) const {
  Deadline deadline;
  if (connection.state == Connection::State::Lingering) {
    deadline.earlier(connection.linger_until_us, Timeout::Linger);
  }
  // What is stopped waits for the sender, which has deadlines of its own.
  if (connection.state != Connection::State::Open || connection.is_stopped) return deadline;
  const int64_t active_us = connection.last_active_us();
  if (connection.protocol == Protocol::Http) {
    add_http_deadlines(connection, deadline);
  } else if (connection.has_ended) {
    deadline.earlier(active_us + limits_.half_close_grace_us, Timeout::HalfClose);
  } else if (limits_.stream_idle_timeout_us > 0) {
    deadline.earlier(active_us + limits_.stream_idle_timeout_us, Timeout::Idle);
  }
  return deadline;
}

void Receiver::add_http_deadlines(const Connection& connection, Deadline& deadline) const {
  // Not while we are the ones who do not read.
  if (connection.is_armed && connection.body_us != 0) {
    const auto earned_us = static_cast<int64_t>(connection.body_bytes * kSecondUs /
                                                std::max(limits_.body_bytes_per_second_min, 1U));
    deadline.earlier(connection.active_us + limits_.body_timeout_us, Timeout::Body);
    deadline.earlier(connection.body_us + limits_.body_timeout_us + earned_us, Timeout::Body);
  } else if (connection.is_armed && connection.request_us != 0) {
    deadline.earlier(connection.request_us + limits_.header_timeout_us, Timeout::Header);
  } else if (connection.in_flight() == 0) {
    deadline.earlier(connection.last_active_us() + limits_.idle_timeout_us, Timeout::Idle);
  } else {
    // Nobody says when the last answer leaves; looking now and then costs less than telling.
    deadline.earlier(now_us_ + limits_.idle_timeout_us / 4 + 1, Timeout::Idle);
  }
}

/// Deadlines mostly move later, which needs nothing: the entry that is there asks again.
void Receiver::update_deadline(Connection& connection) {
  const int64_t deadline_us = deadline_of(connection).at_us;
  if (deadline_us >= connection.scheduled_us) return;
  connection.scheduled_us = deadline_us;
  timers_.schedule(connection.token(OpKind::None).bits(), deadline_us);
}

void Receiver::timed_out(Connection& connection, Timeout timeout) {
  switch (timeout) {
    case Timeout::Header:
    case Timeout::Body:
      if (connection.reason == nullptr) connection.reason = "a request took too long to arrive";
      refuse(connection, 408);
      break;
    case Timeout::Idle:
      connection.active_us = now_us_;  // when the next question is due
      tell(connection, ToSender::Kind::IfIdle);
      break;
    case Timeout::HalfClose: stop(connection, "closed by the peer"); break;
    case Timeout::Linger: die(connection, "closed", false); break;
    case Timeout::None: break;
  }
}

void Receiver::expire() {
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
  if (now_us_ >= force_us_) {
    force_us_ = INT64_MAX;
    end_all("the server shut down");
  }
}

// ---- the end of all ----

void Receiver::shutdown(int64_t deadline_us) {
  is_shutting_down_ = true;
  force_us_ = now_us_ + deadline_us;
  for (auto& listener : listeners_) {
    if (listener != nullptr) release_listener(*listener);
  }
  for (const auto& connection : connections_) {
    if (connection->state != Connection::State::Open) continue;
    if (connection->protocol != Protocol::Http) stop(*connection, "the server shut down");
    maintain(*connection);
  }
}

bool Receiver::shutdown_done() const {
  const bool is_listening = std::any_of(listeners_.begin(), listeners_.end(),
                                        [](const auto& listener) { return listener != nullptr; });
  return is_shutting_down_ && !is_listening && stats_.connections_open == 0;
}

void Receiver::end_all(const char* reason) {
  is_shutting_down_ = true;
  for (auto& listener : listeners_) {
    if (listener != nullptr) release_listener(*listener);
  }
  for (const auto& connection : connections_) {
    if (connection->state == Connection::State::Free) continue;
    die(*connection, reason, false);
    maintain(*connection);
  }
}

}  // namespace rowtine::reactor
