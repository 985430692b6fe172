#include "reactor/reactor.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>

#include "reactor/reactor_core.h"
#include "reactor/socket_address.h"

namespace rowtine::reactor {

void Inbox::clear() {
  opened.clear();
  requests.clear();
  received.clear();
  lines.clear();
  sent.clear();
  closed.clear();
}

std::unique_ptr<Reactor> Reactor::make(std::unique_ptr<Backend> backend,
                                       const ReactorOptions& options) {
  return std::make_unique<ReactorCore>(std::move(backend), options);
}

namespace {

ReactorOptions checked(ReactorOptions options) {
  Limits& limits = options.limits;
  invariant(options.worker < 1U << kWorkerBits, "a worker's number fits its ids");
  limits.connections_max = std::min(limits.connections_max, (1U << kSlotBits) - 1);
  limits.http.body_bytes_max = std::min(limits.http.body_bytes_max, http::kBodyBytesCeiling);
  limits.http.head_bytes_max = std::min(limits.http.head_bytes_max, http::kHeadBytesCeiling);
  limits.requests_in_flight_max = std::max(limits.requests_in_flight_max, 1U);
  return options;
}

}  // namespace

ReactorCore::ReactorCore(std::unique_ptr<Backend> backend, const ReactorOptions& options)
    : backend_(std::move(backend)),
      options_(checked(options)),
      limits_(options_.limits),
      now_us_(backend_->monotonic_us()),
      wall_us_(backend_->wall_us()),
      timers_(now_us_) {}

ReactorCore::~ReactorCore() {
  end_connections("the server ended");
  drain_backend();
  // Before the buffers that its operations may still name.
  backend_.reset();
  for (const auto& listener : listeners_) {
    if (listener != nullptr && listener->fd >= 0) ::close(listener->fd);
  }
  for (const auto& connection : connections_) {
    if (connection->fd >= 0) ::close(connection->fd);
  }
}

// ---- listening ----

Result<std::string> ReactorCore::listen(const ListenerSpec& spec) {
  auto listener = std::make_unique<Listener>();
  listener->spec = spec;
  std::string bound;
  if (spec.shared_fd >= 0) {
    listener->fd = ::dup(spec.shared_fd);
    bound = bound_address(spec.shared_fd);
    if (listener->fd < 0) listen_error_ = "the shared socket cannot be duplicated";
  } else {
    ListeningSocket socket = open_listening_socket(spec.address, {spec.backlog, spec.reuse_port});
    listener->fd = socket.fd;
    listener->unix_path = std::move(socket.unix_path);
    bound = std::move(socket.bound);
    if (socket.fd < 0) listen_error_ = std::move(socket.error);
    if (socket.is_bad_address) return kInvalidParameterValue;
  }
  if (listener->fd < 0) return kIoError;
  listeners_.push_back(std::move(listener));
  arm_listeners();
  return bound;
}

int ReactorCore::listener_fd(uint64_t listener_id) const {
  for (const auto& listener : listeners_) {
    const bool is_it = listener != nullptr && listener->spec.listener_id == listener_id;
    if (is_it && !listener->is_closing) return listener->fd;
  }
  return -1;
}

void ReactorCore::close_listener(uint64_t listener_id) {
  for (auto& listener : listeners_) {
    if (listener != nullptr && listener->spec.listener_id == listener_id)
      release_listener(*listener);
  }
}

/// Closes the socket, but not before the backend has let go of it: a port stays bound for as long
/// as an accept holds it.
void ReactorCore::release_listener(Listener& listener) {
  for (uint32_t slot = 0; slot < listeners_.size(); ++slot) {
    if (listeners_[slot].get() != &listener) continue;
    if (listener.is_armed) {
      if (!listener.is_closing) {
        backend_->cancel(Token::make(OpKind::Accept, slot, 1), listener.fd);
      }
      listener.is_closing = true;
      return;
    }
    backend_->forget(listener.fd);
    ::close(listener.fd);
    if (!listener.unix_path.empty()) ::unlink(listener.unix_path.c_str());
    listeners_[slot].reset();
    return;
  }
}

void ReactorCore::arm_listeners() {
  const bool is_full = stats_.connections_open >= limits_.connections_max;
  if (is_full || now_us_ < accept_retry_us_) return;
  for (uint32_t slot = 0; slot < listeners_.size(); ++slot) {
    Listener* listener = listeners_[slot].get();
    if (listener == nullptr || listener->is_armed || listener->is_closing) continue;
    listener->is_armed = true;
    backend_->accept(Token::make(OpKind::Accept, slot, 1), listener->fd);
  }
}

/// Leaves further connections to the backlog.
void ReactorCore::pause_listeners() {
  ++stats_.accept_pauses;
  for (uint32_t slot = 0; slot < listeners_.size(); ++slot) {
    const Listener* listener = listeners_[slot].get();
    if (listener == nullptr || !listener->is_armed || listener->is_closing) continue;
    backend_->cancel(Token::make(OpKind::Accept, slot, 1), listener->fd);
  }
}

void ReactorCore::accepted(const Completion& completion) {
  Listener& listener = *listeners_[completion.token.slot];
  if (!completion.more) listener.is_armed = false;
  const int32_t result = completion.result;
  if (result >= 0) {
    // More may come than asked for before a cancellation is heard.
    if (listener.is_closing || stats_.connections_open >= limits_.connections_max) {
      ::close(result);
    } else {
      open_connection(listener, result);
      if (stats_.connections_open == limits_.connections_max) pause_listeners();
    }
  } else if (result == -EMFILE || result == -ENFILE || result == -ENOBUFS || result == -ENOMEM) {
    ++stats_.accept_pauses;
    accept_retry_us_ = now_us_ + limits_.accept_retry_us;
  }
  if (listener.is_closing) release_listener(listener);
}

Connection& ReactorCore::take_slot() {
  if (free_slots_.empty()) {
    connections_.push_back(std::make_unique<Connection>());
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
  return connection;
}

void ReactorCore::open_connection(const Listener& listener, int fd) {
  Connection& connection = take_slot();
  connection.state = Connection::State::Open;
  connection.protocol = listener.spec.protocol;
  connection.fd = fd;
  connection.opened_us = now_us_;
  connection.receive.active_us = now_us_;
  if (listener.unix_path.empty()) set_no_delay(fd);
  ++stats_.connections_accepted;
  ++stats_.connections_open;
  inbox_->opened.push_back({id_of(connection), listener.spec.listener_id, connection.protocol,
                            peer_address(fd), wall_us_});
  maintain(connection);
}

// ---- names ----

ConnectionId ReactorCore::id_of(const Connection& connection) const {
  return static_cast<ConnectionId>(uint64_t{options_.worker} << (kSlotBits + kGenerationBits) |
                                   uint64_t{connection.generation} << kSlotBits | connection.slot);
}

Connection* ReactorCore::find(Token token) {
  if (token.slot >= connections_.size()) return nullptr;
  Connection& connection = *connections_[token.slot];
  const bool is_it = connection.generation == token.generation;
  return is_it && connection.state != Connection::State::Free ? &connection : nullptr;
}

Connection* ReactorCore::find(ConnectionId id) {
  if (id <= 0 || worker_of_connection(id) != options_.worker) return nullptr;
  const auto bits = static_cast<uint64_t>(id);
  const auto slot = static_cast<uint32_t>(bits & ((1U << kSlotBits) - 1));
  const auto generation = static_cast<uint32_t>(bits >> kSlotBits & ((1U << kGenerationBits) - 1));
  Connection* connection = find(Token::make(OpKind::None, slot, generation));
  const bool is_open = connection != nullptr && connection->state == Connection::State::Open;
  return is_open ? connection : nullptr;
}

// ---- turns ----

int64_t ReactorCore::wait_us(int64_t timeout_us) const {
  if (!inbox_->empty() || !ready_.empty() || !closed_.empty() || !done_.empty()) return 0;
  int64_t until = std::min(timers_.next_us(), force_us_);
  if (accept_retry_us_ > now_us_) until = std::min(until, accept_retry_us_);
  if (until == INT64_MAX) return timeout_us;
  const int64_t wait = std::max<int64_t>(until - now_us_, 0);
  return timeout_us < 0 ? wait : std::min(wait, timeout_us);
}

void ReactorCore::poll(Inbox& inbox, int64_t timeout_us) {
  inbox.clear();
  inbox_ = &inbox;
  ++poll_count_;
  ++stats_.polls;
  for (ByteBuffer& buffer : retired_) buffers_.give(buffer);
  retired_.clear();
  resume_ready();
  flush();
  arm_listeners();

  const uint32_t count = backend_->wait(completions_, wait_us(timeout_us));
  now_us_ = backend_->monotonic_us();
  wall_us_ = backend_->wall_us();
  for (uint32_t i = 0; i < count; ++i) dispatch(completions_[i]);
  expire();
  inbox.now_us = wall_us_;
  inbox.closed.swap(closed_);
  inbox.sent.swap(done_);
  inbox_ = nullptr;
}

void ReactorCore::dispatch(const Completion& completion) {
  switch (completion.token.kind) {
    case OpKind::Accept: accepted(completion); break;
    case OpKind::Receive: received(completion); break;
    case OpKind::Send: sent(completion); break;
    case OpKind::Wake:
    case OpKind::None: break;
  }
}

void ReactorCore::expire() {
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
    end_connections("the server shut down");
  }
}

Stats ReactorCore::stats() const {
  Stats stats = stats_;
  stats.requests_waiting = requests_.size();
  return stats;
}

}  // namespace rowtine::reactor
