// A reactor whose halves share one thread and one backend: every worker of the topology `shared`.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "reactor/receiver.h"
#include "reactor/sender.h"

namespace rowtine::reactor {

class SharedReactor final : public Reactor {
 public:
  SharedReactor(std::unique_ptr<Backend> backend, const ReactorOptions& options);
  ~SharedReactor() override;

  Result<std::string> listen(const ListenerSpec& spec) override;
  std::string_view listen_error() const override { return listen_error_; }
  int listener_fd(uint64_t listener_id) const override { return receiver_.listener_fd(listener_id); }
  void close_listener(uint64_t listener_id) override { receiver_.close_listener(listener_id); }
  void poll(Inbox& inbox, int64_t timeout_us) override;
  void wake() override { backend_->wake(); }
  SendResult respond(RequestId id, const Response& response) override {
    return sender_.respond(id, response);
  }
  SendResult send(ConnectionId id, std::string_view bytes, uint64_t tag) override {
    return sender_.send(id, bytes, tag);
  }
  void close(ConnectionId id, bool graceful) override;
  void flush() override;
  void shutdown(int64_t deadline_us) override;
  bool shutdown_done() const override { return receiver_.shutdown_done(); }
  Stats stats() override;

 private:
  void hand_over();
  int64_t wait_us(int64_t timeout_us);
  void wait(int64_t timeout_us);
  void drain_backend();

  Receiver receiver_;  // closes descriptors, after the backend has let go of them
  Sender sender_;      // keeps the bytes of sends until then
  std::unique_ptr<Backend> backend_;
  int64_t now_us_ = 0;
  std::string listen_error_;
  std::vector<ToSender> to_sender_;  // being handed over
  std::vector<ToReceiver> to_receiver_;
  std::array<Completion, kReapMax> completions_;
};

}  // namespace rowtine::reactor
