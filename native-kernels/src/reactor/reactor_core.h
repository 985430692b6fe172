// The reactor over any backend: connections, their framing, order, limits and deadlines. Its parts
// are reactor.cc (turns, accepting), reactor_receive.cc (bytes to requests), reactor_send.cc
// (responses to bytes) and reactor_close.cc (every way a connection ends).
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "http/response_writer.h"
#include "reactor/backend.h"
#include "reactor/connection.h"
#include "reactor/request_table.h"
#include "reactor/timer_wheel.h"

namespace rowtine::reactor {

class ReactorCore final : public Reactor {
 public:
  ReactorCore(std::unique_ptr<Backend> backend, const ReactorOptions& options);
  ~ReactorCore() override;

  Result<std::string> listen(const ListenerSpec& spec) override;
  std::string_view listen_error() const override { return listen_error_; }
  int listener_fd(uint64_t listener_id) const override;
  void close_listener(uint64_t listener_id) override;
  void poll(Inbox& inbox, int64_t timeout_us) override;
  void wake() override { backend_->wake(); }
  SendResult respond(RequestId id, const Response& response) override;
  SendResult send(ConnectionId id, std::string_view bytes, uint64_t tag) override;
  void close(ConnectionId id, bool graceful) override;
  void flush() override;
  void shutdown(int64_t deadline_us) override;
  bool shutdown_done() const override;
  Stats stats() const override;

 private:
  struct Listener {
    ListenerSpec spec;
    int fd = -1;
    std::string unix_path;
    bool is_armed = false;    // the backend accepts
    bool is_closing = false;  // closed when the backend has let go
  };
  enum class Timeout : uint8_t { None, Header, Body, Idle, Write, Answer, HalfClose, Linger };
  struct Deadline {
    int64_t at_us = INT64_MAX;
    Timeout timeout = Timeout::None;
    void earlier(int64_t at, Timeout what) {
      if (at < at_us) *this = {at, what};
    }
  };

  // reactor.cc
  int64_t wait_us(int64_t timeout_us) const;
  void dispatch(const Completion& completion);
  void expire();
  Connection* find(Token token);
  Connection* find(ConnectionId id);
  ConnectionId id_of(const Connection& connection) const;
  void accepted(const Completion& completion);
  void arm_listeners();
  void pause_listeners();
  void release_listener(Listener& listener);
  void open_connection(const Listener& listener, int fd);
  Connection& take_slot();
  std::string_view date() { return date_.at(wall_us_ / kSecondUs); }

  // reactor_receive.cc
  void received(const Completion& completion);
  void take_bytes(Connection& connection, char* data, uint32_t size);
  bool discards(Connection& connection, uint32_t size);
  uint32_t parse(Connection& connection, char* data, uint32_t& size);
  uint32_t parse_http(Connection& connection, char* data, uint32_t& size);
  uint32_t parse_lines(Connection& connection, const char* data, uint32_t size);
  bool take_line(Connection& connection, std::string_view line);
  void parse_input(Connection& connection);
  bool keep_input(Connection& connection, std::string_view bytes);
  void release_input(Connection& connection);
  void deliver(Connection& connection, const http::ParsedRequest& request);
  void note_unfinished(Connection& connection);
  bool has_room(const Connection& connection) const;
  bool should_receive(const Connection& connection) const;
  void adjust_receiving(Connection& connection);
  void list_ready(Connection& connection);
  void resume_ready();

  // reactor_send.cc
  uint32_t queue_exchange(Connection& connection);
  void drop_first(Connection& connection);
  void drop_exchanges(Connection& connection);
  bool keeps_alive(const Connection& connection, const Exchange& exchange) const;
  SendResult write(Connection& connection, uint32_t index, const Response& response);
  void settle(Connection& connection);
  void stage(Connection& connection, std::string_view bytes);
  void answer(Connection& connection, std::string_view bytes, bool closes);
  void refuse(Connection& connection, int32_t status);
  void mark_dirty(Connection& connection);
  void start_send(Connection& connection);
  void continue_send(Connection& connection);
  void sent(const Completion& completion);
  void report_marks(Connection& connection, const char* error);

  // reactor_close.cc
  void maintain(Connection& connection);
  void stop(Connection& connection, const char* reason);
  bool is_finished(const Connection& connection) const;
  void finish(Connection& connection);
  void die(Connection& connection, const char* reason, bool is_reset);
  void release(Connection& connection);
  void report(Connection& connection, const char* reason);
  Deadline deadline_of(const Connection& connection) const;
  void add_request_deadlines(const Connection& connection, Deadline& deadline) const;
  void update_deadline(Connection& connection);
  void timed_out(Connection& connection, Timeout timeout);
  void end_connections(const char* reason);
  void drain_backend();

  std::unique_ptr<Backend> backend_;
  const ReactorOptions options_;
  const Limits& limits_;
  int64_t now_us_;  // monotonic, at the last poll
  int64_t wall_us_;
  uint64_t poll_count_ = 0;
  http::DateCache date_;
  http::HeaderMemory headers_;

  std::vector<std::unique_ptr<Connection>> connections_;  // by slot
  std::vector<uint32_t> free_slots_;
  std::vector<std::unique_ptr<Listener>> listeners_;  // by slot; nullptr: closed
  int64_t accept_retry_us_ = 0;
  std::string listen_error_;

  ExchangePool exchanges_;
  RequestTable requests_;
  uint64_t next_ordinal_ = 1;
  TimerWheel timers_;
  std::vector<TimerWheel::Entry> expired_;

  Inbox* inbox_ = nullptr;      // of the poll that runs
  std::vector<Closed> closed_;  // for the next inbox, like `done_`
  std::vector<SendDone> done_;
  std::vector<uint64_t> dirty_;   // tokens of connections with staged output or news
  std::vector<uint64_t> ready_;   // tokens of connections with requests left to parse
  std::vector<uint64_t> listed_;  // the same, while they are walked
  BufferPool buffers_;
  std::vector<ByteBuffer> retired_;  // views of them are out until the next poll
  std::array<Completion, kReapMax> completions_;

  bool is_shutting_down_ = false;
  int64_t force_us_ = INT64_MAX;  // when shutdown ends what is left
  Stats stats_;
};

}  // namespace rowtine::reactor
