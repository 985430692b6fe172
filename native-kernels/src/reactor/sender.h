// The half of a reactor that sends: keeps the requests that wait, answers each connection in the
// order of its requests, one send at a time. Its parts are sender.cc (exchanges and responses) and
// sender_output.cc (bytes, ends and deadlines).
#pragma once

#include <memory>
#include <vector>

#include "http/response_writer.h"
#include "reactor/backend.h"
#include "reactor/connection.h"
#include "reactor/request_table.h"
#include "reactor/timer_wheel.h"

namespace rowtine::reactor {

/// Threads: one, that of its backend.
class Sender {
 public:
  /// `shares_backend`: with the receiver, which then also makes it forget descriptors.
  Sender(const ReactorOptions& options, bool shares_backend);

  /// Before anything else; the backend outlives the last call.
  void attach(Backend& backend);
  void tick(int64_t now_us, int64_t wall_us);

  void take(const ToSender& message);
  void sent(const Completion& completion);
  void expire();
  /// Starts one send per connection that has staged output.
  void flush();
  /// What the receiver must be told, oldest first; the caller takes it away.
  std::vector<ToReceiver>& messages() { return messages_; }
  /// For the next inbox; the caller takes it away.
  std::vector<SendDone>& done() { return done_; }
  /// When a deadline ends: monotonic, INT64_MAX: never.
  int64_t next_us() const { return timers_.next_us(); }

  // As in reactor.h.
  SendResult respond(RequestId id, const Response& response);
  SendResult send(ConnectionId id, std::string_view bytes, uint64_t tag);
  void close(ConnectionId id, bool graceful);

  /// Counts sends, bytes_sent, requests_refused and requests_waiting; the rest is the receiver's.
  const Stats& stats();

 private:
  using Connection = SendingConnection;
  enum class Timeout : uint8_t { None, Write, Answer };
  struct Deadline {
    int64_t at_us = INT64_MAX;
    Timeout timeout = Timeout::None;
  };

  struct OwnAnswer {
    bool closes = false;
    bool is_told = true;  // the receiver asked for it
  };

  // sender.cc
  void open(const ToSender& message);
  void queue_request(Connection& connection, const ToSender& message);
  void stop_if_idle(Connection& connection);
  uint32_t queue_exchange(Connection& connection);
  void drop_first(Connection& connection);
  void drop_exchanges(Connection& connection);
  void offer_room(Connection& connection);
  bool keeps_alive(const Connection& connection, const Exchange& exchange) const;
  SendResult write(Connection& connection, uint32_t index, const Response& response);
  void settle(Connection& connection);
  void answer(Connection& connection, std::string_view bytes, OwnAnswer kind);
  void refuse(Connection& connection, int32_t status, bool is_told);
  std::string_view date() { return date_.at(wall_us_ / kSecondUs); }

  // sender_output.cc
  Connection* find(Token token);
  Connection* find(ConnectionId id);
  ConnectionId id_of(const Connection& connection) const;
  ToReceiver& tell(const Connection& connection, ToReceiver::Kind kind);
  void stage(Connection& connection, std::string_view bytes);
  void mark_dirty(Connection& connection);
  void start_send(Connection& connection);
  void continue_send(Connection& connection);
  void note_progress(Connection& connection);
  void report_marks(Connection& connection, const char* error);
  void maintain(Connection& connection);
  void stop(Connection& connection, const char* reason);
  void kill(Connection& connection, const char* reason, bool is_reset);
  void die(Connection& connection);
  void finish(Connection& connection);
  void let_go(Connection& connection, ToReceiver::Kind kind);
  void adjust_pressure(Connection& connection);
  Deadline deadline_of(const Connection& connection) const;
  void update_deadline(Connection& connection);
  void timed_out(Connection& connection, Timeout timeout);

  const ReactorOptions options_;
  const Limits& limits_;
  const bool shares_backend_;
  Backend* backend_ = nullptr;
  int64_t now_us_ = 0;
  int64_t wall_us_ = 0;
  http::DateCache date_;
  http::HeaderMemory headers_;

  std::vector<std::unique_ptr<Connection>> connections_;  // by slot
  ExchangePool exchanges_;
  RequestTable requests_;
  TimerWheel timers_{0};
  std::vector<TimerWheel::Entry> expired_;

  std::vector<uint64_t> dirty_;   // tokens of connections with staged output or news
  std::vector<uint64_t> listed_;  // the same, while they are walked
  std::vector<ToReceiver> messages_;
  std::vector<SendDone> done_;
  BufferPool buffers_;
  Stats stats_;
};

}  // namespace rowtine::reactor
