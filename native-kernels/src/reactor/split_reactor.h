// A reactor whose halves have a thread each, beside the one that computes: the topology `split_io`.
// To the computing thread it is a Reactor like any other, with two differences: a response for a
// request that nobody waits for is dropped without a word, and output past a connection's limit
// ends the connection (a response: becomes a 500) instead of being refused at once.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "reactor/io_thread.h"
#include "reactor/receiver.h"
#include "reactor/sender.h"
#include "reactor/split_lanes.h"

namespace rowtine::reactor {

enum class IoRole : uint8_t { Receiver, Sender };

/// Owns the receiving half: listeners, connections, received bytes.
class ReceivingThread {
 public:
  ReceivingThread(const ReactorOptions& options, SplitLanes& lanes, IoThread& sending)
      : receiver_(options), lanes_(lanes), sending_(sending) {}
  IoThread& thread() { return thread_; }
  void run();

 private:
  void take_orders();
  void obey(Order& order);
  void take_verdicts();
  void turn(Inbox& inbox);
  bool hand_over();
  void say_done();
  bool has_input() const { return !lanes_.orders.empty() || !lanes_.verdicts.empty(); }

  Receiver receiver_;
  SplitLanes& lanes_;
  IoThread& sending_;
  std::vector<ToSender> told_;         // waits for room in the lane, as does:
  std::unique_ptr<OwnedInbox> inbox_;  // not before what was told about it
  uint64_t inbox_bytes_ = 0;           // ever handed over
  bool is_ending_ = false;
  bool is_done_ = false;
  std::array<Completion, kReapMax> completions_;
  IoThread thread_;  // last: its backend ends first
};

/// Owns the sending half: waiting requests, responses, output.
class SendingThread {
 public:
  SendingThread(const ReactorOptions& options, SplitLanes& lanes)
      : sender_(options, false), lanes_(lanes) {}
  IoThread& thread() { return thread_; }
  /// `receiving` is woken when there is something to tell it.
  void run(IoThread& receiving);

 private:
  void take_outgoing();
  void take_told();
  void carry_out(const Outgoing& outgoing);
  void respond(const Outgoing::Item& item, std::string_view headers, std::string_view body);
  void hand_over(IoThread& receiving);
  int64_t timeout_us();

  Sender sender_;
  SplitLanes& lanes_;
  uint64_t outgoing_bytes_ = 0;  // ever taken
  std::array<Completion, kReapMax> completions_;
  IoThread thread_;  // last: its backend ends first
};

struct SplitOptions {
  ReactorOptions reactor;
  BackendFactory make_backend;
  /// Called first on each new thread.
  std::function<void(IoRole)> begin = [](IoRole) {};
};

class SplitReactor final : public Reactor {
 public:
  /// Starts the two threads; the caller's is the computing one. Returns: nullptr and why not.
  static std::unique_ptr<SplitReactor> make(const SplitOptions& options, std::string& why);
  ~SplitReactor() override;

  Result<std::string> listen(const ListenerSpec& spec) override;
  std::string_view listen_error() const override { return listen_error_; }
  int listener_fd(uint64_t listener_id) const override;
  void close_listener(uint64_t listener_id) override;
  void poll(Inbox& inbox, int64_t timeout_us) override;
  void wake() override { lanes_.wake_computing(); }
  SendResult respond(RequestId id, const Response& response) override;
  SendResult send(ConnectionId id, std::string_view bytes, uint64_t tag) override;
  void close(ConnectionId id, bool graceful) override;
  void flush() override;
  void shutdown(int64_t deadline_us) override;
  bool shutdown_done() const override;
  Stats stats() override { return lanes_.received.read() + lanes_.sent.read(); }

  /// Threads: any.
  const IoThread& thread(IoRole role) {
    return role == IoRole::Receiver ? receiving_.thread() : sending_.thread();
  }

 private:
  explicit SplitReactor(const ReactorOptions& options);
  void order(Order order);
  SendResult check(const Response& response);
  SendResult stage(const Outgoing::Item& item, std::string_view headers, std::string_view body);
  void take_inboxes(Inbox& inbox);
  bool has_news() const;

  const uint32_t worker_;
  SplitLanes lanes_;
  SendingThread sending_;
  ReceivingThread receiving_;

  http::HeaderMemory headers_;                     // that were checked lately
  std::unique_ptr<Outgoing> outgoing_;             // of this turn
  std::vector<std::unique_ptr<OwnedInbox>> held_;  // views of them are out until the next poll
  uint64_t inbox_bytes_ = 0;                       // ever given back
  uint64_t outgoing_bytes_ = 0;                    // ever staged
  std::vector<std::pair<uint64_t, int>> listener_fds_;
  std::string listen_error_;
};

}  // namespace rowtine::reactor
