// The computing thread's side of a SplitReactor.
#include "reactor/split_reactor.h"

#include <string>
#include <utility>

#include "http/response_writer.h"

namespace rowtine::reactor {
namespace {

template <class T>
void append(std::vector<T>& to, std::vector<T>& from) {
  if (to.empty()) to.swap(from);
  else to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace

SplitReactor::SplitReactor(const ReactorOptions& options)
    : worker_(options.worker),
      sending_(options, lanes_),
      receiving_(options, lanes_, sending_.thread()) {}

std::unique_ptr<SplitReactor> SplitReactor::make(const SplitOptions& options, std::string& why) {
  std::unique_ptr<SplitReactor> made(new SplitReactor(options.reactor.checked()));
  SplitReactor* reactor = made.get();
  IoThread& receiving = reactor->receiving_.thread();
  IoThread& sending = reactor->sending_.thread();
  const bool is_started =
      receiving.start(options.make_backend, [&] { options.begin(IoRole::Receiver); },
                      [reactor] { reactor->receiving_.run(); }, why) &&
      sending.start(options.make_backend, [&] { options.begin(IoRole::Sender); },
                    [reactor, &receiving] { reactor->sending_.run(receiving); }, why);
  return is_started ? std::move(made) : nullptr;
}

/// The receiving thread first: it ends its connections, for which the sending one must let go.
SplitReactor::~SplitReactor() {
  flush();
  receiving_.thread().stop();
  sending_.thread().stop();
}

void SplitReactor::order(Order order) {
  lanes_.orders.push(std::move(order));
  receiving_.thread().notify();
}

Result<std::string> SplitReactor::listen(const ListenerSpec& spec) {
  auto listening = start_listening(spec, listen_error_);
  if (!listening.ok()) return listening.error();
  std::string bound = listening.value().bound;
  listener_fds_.emplace_back(spec.listener_id, listening.value().fd);
  order({.kind = Order::Kind::Listen, .listening = std::move(listening.value())});
  return bound;
}

int SplitReactor::listener_fd(uint64_t listener_id) const {
  for (const auto& [id, fd] : listener_fds_) {
    if (id == listener_id) return fd;
  }
  return -1;
}

void SplitReactor::close_listener(uint64_t listener_id) {
  std::erase_if(listener_fds_, [&](const auto& entry) { return entry.first == listener_id; });
  order({.kind = Order::Kind::CloseListener, .listening = {}, .listener_id = listener_id});
}

// ---- in ----

bool SplitReactor::has_news() const {
  return lanes_.is_woken.load(std::memory_order_relaxed) || !lanes_.inboxes.empty() ||
         !lanes_.done.empty();
}

void SplitReactor::poll(Inbox& inbox, int64_t timeout_us) {
  inbox.clear();
  for (const auto& owned : held_) inbox_bytes_ += owned->byte_count;
  held_.clear();
  lanes_.inbox_bytes_taken.store(inbox_bytes_, std::memory_order_release);
  flush();
  if (!has_news() && timeout_us != 0) {
    lanes_.computing.wait([this] { return has_news(); }, timeout_us);
  }
  // Acquire and release: pairs with wake_computing(); what was published before it is looked at below.
  lanes_.is_woken.exchange(false, std::memory_order_acq_rel);
  take_inboxes(inbox);
  std::vector<SendDone> done;
  while (lanes_.done.pop(done)) append(inbox.sent, done);
}

/// Everything that has arrived, up to one batch's rows.
void SplitReactor::take_inboxes(Inbox& inbox) {
  std::unique_ptr<OwnedInbox> owned;
  while (inbox.requests.size() < kRequestsPerPollMax && inbox.lines.size() < kLinesPerPollMax &&
         lanes_.inboxes.try_pop(owned)) {
    append(inbox.opened, owned->inbox.opened);
    append(inbox.requests, owned->inbox.requests);
    append(inbox.received, owned->inbox.received);
    append(inbox.lines, owned->inbox.lines);
    append(inbox.closed, owned->inbox.closed);
    inbox.now_us = owned->inbox.now_us;
    held_.push_back(std::move(owned));
  }
}

// ---- out ----

/// What the sending thread would refuse too late for the caller to hear. The plain case costs
/// nothing.
SendResult SplitReactor::check(const Response& response) {
  if (response.headers_json.empty() && response.status >= 200 && response.status <= 599) return {};
  std::string scratch(http::response_bytes_max(response.headers_json, {}), '\0');
  const http::WriteResult written =
      http::write_response({.status = response.status}, response.headers_json, {},
                           "Thu, 01 Jan 1970 00:00:00 GMT", scratch.data(), &headers_);
  if (written.error == http::WriteError::None) return {};
  return {written.error == http::WriteError::BadStatus ? SendStatus::InvalidStatus
                                                       : SendStatus::InvalidHeader,
          http::describe(written.error)};
}

SendResult SplitReactor::respond(RequestId id, const Response& response) {
  if (id <= 0 || worker_of_request(id) != worker_) {
    return {SendStatus::Stale, "nobody waits for this response"};
  }
  if (const SendResult checked = check(response); !checked.ok()) return checked;
  return stage({.kind = Outgoing::Kind::Respond,
                .close = response.close,
                .status = response.status,
                .id = id,
                .tag = response.tag},
               response.headers_json, response.body);
}

SendResult SplitReactor::send(ConnectionId id, std::string_view bytes, uint64_t tag) {
  if (token_of(worker_, id).generation == 0) return {SendStatus::Stale, "the connection is closed"};
  return stage({.kind = Outgoing::Kind::Send, .id = id, .tag = tag}, {}, bytes);
}

void SplitReactor::close(ConnectionId id, bool graceful) {
  const auto kind = graceful ? Outgoing::Kind::Close : Outgoing::Kind::Reset;
  (void)stage({.kind = kind, .id = id}, {}, {});
}

SendResult SplitReactor::stage(const Outgoing::Item& item, std::string_view headers,
                               std::string_view body) {
  // Acquire: pairs with the release of what was taken.
  const uint64_t taken = lanes_.outgoing_bytes_taken.load(std::memory_order_acquire);
  if (outgoing_bytes_ - taken + body.size() > kOutgoingBytesMax) {
    return {SendStatus::Overflow, "too much output waits to be sent"};
  }
  if (outgoing_ == nullptr) outgoing_ = std::make_unique<Outgoing>();
  Outgoing::Item& staged = outgoing_->items.emplace_back(item);
  staged.headers_bytes = static_cast<uint32_t>(headers.size());
  staged.body_bytes = static_cast<uint32_t>(body.size());
  outgoing_->bytes.append(headers).append(body);
  outgoing_bytes_ += headers.size() + body.size();
  return {};
}

void SplitReactor::flush() {
  if (outgoing_ == nullptr) {
    if (!lanes_.outgoing.flush()) sending_.thread().notify();
    return;
  }
  lanes_.outgoing.push(std::move(outgoing_));
  outgoing_.reset();
  sending_.thread().notify();
}

void SplitReactor::shutdown(int64_t deadline_us) {
  listener_fds_.clear();
  order({.kind = Order::Kind::Shutdown, .listening = {}, .deadline_us = deadline_us});
}

bool SplitReactor::shutdown_done() const {
  // Acquire: pairs with the receiving thread's release; inboxes before it are in the lane by now.
  return lanes_.is_done.load(std::memory_order_acquire) && lanes_.inboxes.empty();
}

}  // namespace rowtine::reactor
