// The two threads of a SplitReactor: each runs its half of a reactor between its lanes.
#include <algorithm>
#include <chrono>

#include "reactor/split_reactor.h"

namespace rowtine::reactor {
namespace {

// The longest sleep of a thread that waits for nothing: what was told without waking it, the start
// of a request's answer_timeout, is never older when it is seen.
constexpr int64_t kSleepUs = kSecondUs;

// How long the receiving thread leaves its sockets alone when the next thread is far behind.
constexpr int64_t kHeldUs = 500;

/// Those that can wait until something else wakes the sender.
bool is_patient(const ToSender& message) {
  return message.kind == ToSender::Kind::Open || message.kind == ToSender::Kind::Request;
}

int64_t until(int64_t at_us, int64_t now_us) {
  return at_us == INT64_MAX ? kSleepUs : std::clamp<int64_t>(at_us - now_us, 0, kSleepUs);
}

}  // namespace

// ---- receiving ----

void ReceivingThread::run() {
  receiver_.attach(thread_.backend());
  Inbox inbox;
  int64_t end_us = INT64_MAX;
  for (;;) {
    take_orders();
    take_verdicts();
    if (thread_.is_stopping() && !is_ending_) {
      is_ending_ = true;
      end_us = thread_.backend().monotonic_us() + kSecondUs;
      receiver_.end_all("the server ended");
    }
    const bool is_free = hand_over();
    lanes_.received.publish(receiver_.stats());
    if (is_free && receiver_.shutdown_done()) say_done();
    if (is_ending_ && (receiver_.shutdown_done() || thread_.now_us() >= end_us)) return;
    if (is_free) turn(inbox);
    else std::this_thread::sleep_for(std::chrono::microseconds(kHeldUs));
  }
}

void ReceivingThread::turn(Inbox& inbox) {
  inbox.clear();
  receiver_.begin(inbox);
  const bool has_told = !receiver_.messages().empty();
  const int64_t timeout_us = has_told ? 0 : until(receiver_.next_us(), thread_.now_us());
  const uint32_t count = thread_.wait(completions_, timeout_us, [this] { return has_input(); });
  receiver_.tick(thread_.now_us(), thread_.backend().wall_us());
  for (uint32_t i = 0; i < count; ++i) receiver_.handle(completions_[i]);
  receiver_.expire();
  receiver_.end(inbox);
  if (!inbox.empty()) inbox_ = std::make_unique<OwnedInbox>(inbox);
}

void ReceivingThread::say_done() {
  if (is_done_) return;
  is_done_ = true;
  // Release: who sees it also sees the inboxes before it.
  lanes_.is_done.store(true, std::memory_order_release);
  lanes_.wake_computing();
}

/// Returns: whether everything could be handed over; nothing more may be received before.
bool ReceivingThread::hand_over() {
  std::vector<ToSender>& messages = receiver_.messages();
  if (told_.empty()) told_.swap(messages);
  told_.insert(told_.end(), messages.begin(), messages.end());
  messages.clear();
  if (!told_.empty()) {
    const bool is_urgent = !std::ranges::all_of(told_, is_patient);
    const bool is_told = lanes_.told.try_push(std::move(told_));
    if (is_urgent || !is_told) sending_.notify();
    if (!is_told) return false;
    told_.clear();
  }
  if (is_ending_) inbox_.reset();  // nobody is there to take it
  if (inbox_ == nullptr) return true;
  // Acquire: pairs with the release of what was taken.
  const uint64_t taken = lanes_.inbox_bytes_taken.load(std::memory_order_acquire);
  const uint64_t bytes = inbox_->byte_count;
  if (inbox_bytes_ - taken > kInboxBytesMax || !lanes_.inboxes.try_push(std::move(inbox_))) {
    return false;
  }
  inbox_bytes_ += bytes;
  lanes_.computing.notify();
  return true;
}

void ReceivingThread::take_orders() {
  Order order;
  while (lanes_.orders.pop(order)) obey(order);
}

void ReceivingThread::obey(Order& order) {
  switch (order.kind) {
    case Order::Kind::Listen: receiver_.add(std::move(order.listening)); break;
    case Order::Kind::CloseListener: receiver_.close_listener(order.listener_id); break;
    case Order::Kind::Shutdown: receiver_.shutdown(order.deadline_us); break;
  }
}

void ReceivingThread::take_verdicts() {
  std::vector<ToReceiver> verdicts;
  while (lanes_.verdicts.pop(verdicts)) {
    for (const ToReceiver& message : verdicts) receiver_.take(message);
  }
}

// ---- sending ----

void SendingThread::run(IoThread& receiving) {
  sender_.attach(thread_.backend());
  while (!thread_.is_stopping()) {
    const uint32_t count = thread_.wait(completions_, timeout_us(), [this] {
      return !lanes_.outgoing.empty() || !lanes_.told.empty();
    });
    sender_.tick(thread_.now_us(), thread_.backend().wall_us());
    for (uint32_t i = 0; i < count; ++i) {
      if (completions_[i].token.kind == OpKind::Send) sender_.sent(completions_[i]);
    }
    take_outgoing();
    take_told();
    sender_.expire();
    sender_.flush();
    lanes_.sent.publish(sender_.stats());  // before anybody acts on what is told
    hand_over(receiving);
  }
}

int64_t SendingThread::timeout_us() {
  const int64_t timeout_us = until(sender_.next_us(), thread_.now_us());
  const bool is_handed_over = lanes_.verdicts.flush() && lanes_.done.flush();
  return is_handed_over ? timeout_us : std::min(timeout_us, kHeldUs);
}

void SendingThread::take_told() {
  std::vector<ToSender> told;
  while (lanes_.told.try_pop(told)) {
    for (const ToSender& message : told) sender_.take(message);
  }
}

void SendingThread::take_outgoing() {
  std::unique_ptr<Outgoing> outgoing;
  while (lanes_.outgoing.pop(outgoing)) {
    take_told();  // of the requests that are answered here, at the latest
    carry_out(*outgoing);
    outgoing_bytes_ += outgoing->bytes.size();
    lanes_.outgoing_bytes_taken.store(outgoing_bytes_, std::memory_order_release);
  }
}

void SendingThread::carry_out(const Outgoing& outgoing) {
  std::string_view bytes = outgoing.bytes;
  for (const Outgoing::Item& item : outgoing.items) {
    const std::string_view headers = bytes.substr(0, item.headers_bytes);
    const std::string_view body = bytes.substr(item.headers_bytes, item.body_bytes);
    bytes.remove_prefix(headers.size() + body.size());
    switch (item.kind) {
      case Outgoing::Kind::Respond: respond(item, headers, body); break;
      case Outgoing::Kind::Send:
        // A stream with a hole in it would be worse than one that ends.
        if (sender_.send(item.id, body, item.tag).status == SendStatus::Overflow) {
          sender_.close(item.id, false);
        }
        break;
      case Outgoing::Kind::Close: sender_.close(item.id, true); break;
      case Outgoing::Kind::Reset: sender_.close(item.id, false); break;
    }
  }
}

void SendingThread::respond(const Outgoing::Item& item, std::string_view headers,
                            std::string_view body) {
  const SendResult result = sender_.respond(item.id, {.status = item.status,
                                                      .headers_json = headers,
                                                      .body = body,
                                                      .close = item.close,
                                                      .tag = item.tag});
  if (result.ok() || result.status == SendStatus::Stale) return;
  sender_.respond(item.id, {.status = 500, .close = true, .tag = item.tag});
}

void SendingThread::hand_over(IoThread& receiving) {
  if (!sender_.messages().empty()) {
    lanes_.verdicts.push(std::exchange(sender_.messages(), {}));
    receiving.notify();
  }
  if (!sender_.done().empty()) {
    lanes_.done.push(std::exchange(sender_.done(), {}));
    lanes_.computing.notify();
  }
}

}  // namespace rowtine::reactor
