#include "reactor/shared_reactor.h"

#include <algorithm>

namespace rowtine::reactor {

std::unique_ptr<Reactor> Reactor::make(std::unique_ptr<Backend> backend,
                                       const ReactorOptions& options) {
  return std::make_unique<SharedReactor>(std::move(backend), options.checked());
}

SharedReactor::SharedReactor(std::unique_ptr<Backend> backend, const ReactorOptions& options)
    : receiver_(options),
      sender_(options, true),
      backend_(std::move(backend)),
      now_us_(backend_->monotonic_us()) {
  receiver_.attach(*backend_);
  sender_.attach(*backend_);
}

SharedReactor::~SharedReactor() {
  receiver_.end_all("the server ended");
  drain_backend();
}

Result<std::string> SharedReactor::listen(const ListenerSpec& spec) {
  auto listening = start_listening(spec, listen_error_);
  if (!listening.ok()) return listening.error();
  std::string bound = listening.value().bound;
  receiver_.add(std::move(listening.value()));
  return bound;
}

/// Until neither half has anything to tell: a message about a connection is answered by at most one
/// that is not, so this ends.
void SharedReactor::hand_over() {
  while (!receiver_.messages().empty() || !sender_.messages().empty()) {
    to_sender_.swap(receiver_.messages());
    for (const ToSender& message : to_sender_) sender_.take(message);
    to_sender_.clear();
    to_receiver_.swap(sender_.messages());
    for (const ToReceiver& message : to_receiver_) receiver_.take(message);
    to_receiver_.clear();
  }
}

void SharedReactor::flush() {
  hand_over();
  sender_.flush();
  hand_over();
}

void SharedReactor::close(ConnectionId id, bool graceful) {
  sender_.close(id, graceful);
  hand_over();
}

int64_t SharedReactor::wait_us(int64_t timeout_us) {
  if (!sender_.done().empty()) return 0;
  const int64_t until = std::min(receiver_.next_us(), sender_.next_us());
  if (until == INT64_MAX) return timeout_us;
  const int64_t wait = std::max<int64_t>(until - now_us_, 0);
  return timeout_us < 0 ? wait : std::min(wait, timeout_us);
}

void SharedReactor::poll(Inbox& inbox, int64_t timeout_us) {
  inbox.clear();
  receiver_.begin(inbox);
  flush();
  wait(wait_us(timeout_us));
  receiver_.expire();
  sender_.expire();
  hand_over();
  receiver_.end(inbox);
  inbox.sent.swap(sender_.done());
}

void SharedReactor::wait(int64_t timeout_us) {
  const uint32_t count = backend_->wait(completions_, timeout_us);
  now_us_ = backend_->monotonic_us();
  const int64_t wall_us = backend_->wall_us();
  receiver_.tick(now_us_, wall_us);
  sender_.tick(now_us_, wall_us);
  for (uint32_t i = 0; i < count; ++i) {
    const Completion& completion = completions_[i];
    if (completion.token.kind == OpKind::Send) sender_.sent(completion);
    else receiver_.handle(completion);
  }
}

void SharedReactor::shutdown(int64_t deadline_us) {
  receiver_.shutdown(deadline_us);
  hand_over();
}

/// Waits, for a second at most, until the backend has let go of every socket: a port stays bound
/// for as long as an accept holds it.
void SharedReactor::drain_backend() {
  Inbox inbox;
  receiver_.begin(inbox);
  hand_over();
  const int64_t until_us = backend_->monotonic_us() + kSecondUs;
  while (!shutdown_done() && backend_->monotonic_us() < until_us) {
    wait(10'000);
    hand_over();
  }
  receiver_.end(inbox);
}

Stats SharedReactor::stats() { return receiver_.stats() + sender_.stats(); }

}  // namespace rowtine::reactor
