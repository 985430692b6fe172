#include "reactor/receiver.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "reactor/socket_address.h"

namespace rowtine::reactor {

Receiver::Receiver(const ReactorOptions& options) : options_(options), limits_(options_.limits) {}

Receiver::~Receiver() {
  for (const auto& listener : listeners_) {
    if (listener != nullptr && listener->socket.fd >= 0) ::close(listener->socket.fd);
  }
  for (const auto& connection : connections_) {
    if (connection->fd >= 0) ::close(connection->fd);
  }
}

void Receiver::attach(Backend& backend) {
  backend_ = &backend;
  tick(backend.monotonic_us(), backend.wall_us());
  timers_ = TimerWheel(now_us_);
}

void Receiver::tick(int64_t now_us, int64_t wall_us) {
  now_us_ = now_us;
  wall_us_ = wall_us;
}

// ---- listening ----

void Receiver::add(Listening listening) {
  auto listener = std::make_unique<Listener>();
  listener->socket = std::move(listening);
  listeners_.push_back(std::move(listener));
  if (is_shutting_down_) release_listener(*listeners_.back());
  else arm_listeners();
}

int Receiver::listener_fd(uint64_t listener_id) const {
  for (const auto& listener : listeners_) {
    const bool is_it = listener != nullptr && listener->socket.spec.listener_id == listener_id;
    if (is_it && !listener->is_closing) return listener->socket.fd;
  }
  return -1;
}

void Receiver::close_listener(uint64_t listener_id) {
  for (auto& listener : listeners_) {
    if (listener != nullptr && listener->socket.spec.listener_id == listener_id) {
      release_listener(*listener);
    }
  }
}

/// Closes the socket, but not before the backend has let go of it: a port stays bound for as long
/// as an accept holds it.
void Receiver::release_listener(Listener& listener) {
  for (uint32_t slot = 0; slot < listeners_.size(); ++slot) {
    if (listeners_[slot].get() != &listener) continue;
    const Listening& socket = listener.socket;
    if (listener.is_armed) {
      if (!listener.is_closing) {
        backend_->cancel(Token::make(OpKind::Accept, slot, 1), socket.fd);
      }
      listener.is_closing = true;
      return;
    }
    backend_->forget(socket.fd);
    ::close(socket.fd);
    if (!socket.unix_path.empty()) ::unlink(socket.unix_path.c_str());
    listeners_[slot].reset();
    return;
  }
}

void Receiver::arm_listeners() {
  const bool is_full = stats_.connections_open >= limits_.connections_max;
  if (is_full || now_us_ < accept_retry_us_) return;
  for (uint32_t slot = 0; slot < listeners_.size(); ++slot) {
    Listener* listener = listeners_[slot].get();
    if (listener == nullptr || listener->is_armed || listener->is_closing) continue;
    listener->is_armed = true;
    backend_->accept(Token::make(OpKind::Accept, slot, 1), listener->socket.fd);
  }
}

/// Leaves further connections to the backlog.
void Receiver::pause_listeners() {
  ++stats_.accept_pauses;
  for (uint32_t slot = 0; slot < listeners_.size(); ++slot) {
    const Listener* listener = listeners_[slot].get();
    if (listener == nullptr || !listener->is_armed || listener->is_closing) continue;
    backend_->cancel(Token::make(OpKind::Accept, slot, 1), listener->socket.fd);
  }
}

void Receiver::accepted(const Completion& completion) {
  Listener& listener = *listeners_[completion.token.slot];
  if (!completion.more) listener.is_armed = false;
  const int32_t result = completion.result;
  if (result >= 0) {
    // More may come than asked for before a cancellation is heard.
    if (listener.is_closing || stats_.connections_open >= limits_.connections_max) {
      ::close(result);
    } else {
      open_connection(listener.socket, result);
      if (stats_.connections_open == limits_.connections_max) pause_listeners();
    }
  } else if (result == -EMFILE || result == -ENFILE || result == -ENOBUFS || result == -ENOMEM) {
    ++stats_.accept_pauses;
    accept_retry_us_ = now_us_ + limits_.accept_retry_us;
  }
  if (listener.is_closing) release_listener(listener);
}

Receiver::Connection& Receiver::take_slot() {
  if (free_slots_.empty()) {
    connections_.push_back(std::make_unique<Connection>());
    progress_.push_back(std::make_unique<SendProgress>());
    connections_.back()->slot = static_cast<uint32_t>(connections_.size() - 1);
    free_slots_.push_back(connections_.back()->slot);
  }
  Connection& connection = *connections_[free_slots_.back()];
  free_slots_.pop_back();
  constexpr uint32_t kGenerations = 1U << kGenerationBits;
  const uint32_t generation = (connection.generation + 1) % kGenerations;
  const uint32_t slot = connection.slot;
  connection = Connection{};
  connection.slot = slot;
  connection.generation = std::max(generation, 1U);
  connection.progress = progress_[slot].get();
  connection.progress->finished.store(0, std::memory_order_relaxed);
  connection.progress->active_us.store(0, std::memory_order_relaxed);
  return connection;
}

void Receiver::open_connection(const Listening& listening, int fd) {
  Connection& connection = take_slot();
  connection.state = Connection::State::Open;
  connection.protocol = listening.spec.protocol;
  connection.fd = fd;
  connection.active_us = now_us_;
  if (listening.unix_path.empty()) set_no_delay(fd);
  ++stats_.connections_accepted;
  ++stats_.connections_open;
  ToSender& message = tell(connection, ToSender::Kind::Open);
  message.number = fd;
  message.progress = connection.progress;
  inbox_->opened.push_back({id_of(connection), listening.spec.listener_id, connection.protocol,
                            peer_address(fd), wall_us_});
  maintain(connection);
}

// ---- names ----

ConnectionId Receiver::id_of(const Connection& connection) const {
  return connection_id(options_.worker, connection.generation, connection.slot);
}

Receiver::Connection* Receiver::find(Token token) {
  if (token.slot >= connections_.size()) return nullptr;
  Connection& connection = *connections_[token.slot];
  const bool is_it = connection.generation == token.generation;
  return is_it && connection.state != Connection::State::Free ? &connection : nullptr;
}

ToSender& Receiver::tell(const Connection& connection, ToSender::Kind kind) {
  ToSender& message = messages_.emplace_back(ToSender{kind});
  message.protocol = connection.protocol;
  message.slot = connection.slot;
  message.generation = connection.generation;
  return message;
}

// ---- turns ----

void Receiver::begin(Inbox& inbox) {
  inbox_ = &inbox;
  ++turn_count_;
  ++stats_.polls;
  for (ByteBuffer& buffer : retired_) buffers_.give(buffer);
  retired_.clear();
  resume_ready();
  arm_listeners();
}

void Receiver::handle(const Completion& completion) {
  if (completion.token.kind == OpKind::Accept) accepted(completion);
  else if (completion.token.kind == OpKind::Receive) received(completion);
}

void Receiver::end(Inbox& inbox) {
  inbox.now_us = wall_us_;
  inbox.closed.swap(closed_);
  closed_.clear();
  inbox_ = nullptr;
}

int64_t Receiver::next_us() const {
  const bool has_news = inbox_ != nullptr && !inbox_->empty();
  if (has_news || !ready_.empty() || !closed_.empty()) return now_us_;
  const int64_t until = std::min(timers_.next_us(), force_us_);
  return accept_retry_us_ > now_us_ ? std::min(until, accept_retry_us_) : until;
}

void Receiver::take(const ToReceiver& message) {
  Connection* connection = find(Token::make(OpKind::None, message.slot, message.generation));
  if (connection == nullptr) return;
  if (connection->reason == nullptr) connection->reason = message.reason;
  switch (message.kind) {
    case ToReceiver::Kind::Stopped: stopped(*connection); break;
    case ToReceiver::Kind::Finished: finished(*connection); break;
    case ToReceiver::Kind::Killed:
      die(*connection, message.reason, message.is_reset);
      break;
    case ToReceiver::Kind::LetGo: connection->is_let_go = true; break;
    case ToReceiver::Kind::Paused: connection->is_paused = true; break;
    case ToReceiver::Kind::Resumed: connection->is_paused = false; break;
    case ToReceiver::Kind::Room:
      connection->wants_room = false;
      if (connection->is_blocked) list_ready(*connection);
      break;
  }
  maintain(*connection);
}

}  // namespace rowtine::reactor
