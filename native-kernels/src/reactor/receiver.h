// The half of a reactor that receives: accepts connections, turns their bytes into requests and
// lines, and ends them. Its parts are receiver.cc (turns, accepting, names), receiver_input.cc
// (bytes to requests) and receiver_close.cc (ends and deadlines).
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "reactor/backend.h"
#include "reactor/connection.h"
#include "reactor/listening.h"
#include "reactor/timer_wheel.h"

namespace rowtine::reactor {

/// One turn: begin(), messages to the sender, wait, tick(), handle() each completion, expire(),
/// take() what the sender says, end(), messages to the sender.
/// Threads: one, that of its backend.
class Receiver {
 public:
  explicit Receiver(const ReactorOptions& options);
  /// Closes what is left; the backend is gone by then or has nothing of it.
  ~Receiver();

  /// Before anything else; the backend outlives the last turn.
  void attach(Backend& backend);
  void tick(int64_t now_us, int64_t wall_us);

  void add(Listening listening);
  /// -1 when there is none.
  int listener_fd(uint64_t listener_id) const;
  void close_listener(uint64_t listener_id);

  /// Takes back what the last turn lent, and fills `inbox` until end() with what waited for room.
  void begin(Inbox& inbox);
  void handle(const Completion& completion);
  void expire();
  void take(const ToReceiver& message);
  void end(Inbox& inbox);
  /// What the sender must be told, oldest first; the caller takes it away.
  std::vector<ToSender>& messages() { return messages_; }
  /// When the next turn has something to do without a completion: monotonic, INT64_MAX: never.
  int64_t next_us() const;

  void shutdown(int64_t deadline_us);
  /// Ends everything at once.
  void end_all(const char* reason);
  bool shutdown_done() const;

  const Stats& stats() const { return stats_; }

 private:
  using Connection = ReceivingConnection;
  struct Listener {
    Listening socket;
    bool is_armed = false;    // the backend accepts
    bool is_closing = false;  // closed when the backend has let go
  };
  enum class Timeout : uint8_t { None, Header, Body, Idle, HalfClose, Linger };
  struct Deadline {
    int64_t at_us = INT64_MAX;
    Timeout timeout = Timeout::None;
    void earlier(int64_t at, Timeout what) {
      if (at < at_us) *this = {at, what};
    }
  };

  // receiver.cc
  void accepted(const Completion& completion);
  void arm_listeners();
  void pause_listeners();
  void release_listener(Listener& listener);
  void open_connection(const Listening& listening, int fd);
  Connection& take_slot();
  Connection* find(Token token);
  ConnectionId id_of(const Connection& connection) const;
  ToSender& tell(const Connection& connection, ToSender::Kind kind);

  // receiver_input.cc
  void received(const Completion& completion);
  void take_end(Connection& connection);
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
  void refuse(Connection& connection, int32_t status);
  bool has_room(const Connection& connection) const;
  void wait_for_room(Connection& connection);
  bool should_receive(const Connection& connection) const;
  void adjust_receiving(Connection& connection);
  void list_ready(Connection& connection);
  void resume_ready();

  // receiver_close.cc
  void maintain(Connection& connection);
  void say_last(Connection& connection);
  void stop(Connection& connection, const char* reason);
  void stopped(Connection& connection);
  void finished(Connection& connection);
  void die(Connection& connection, const char* reason, bool is_reset);
  void release(Connection& connection);
  void report(Connection& connection, const char* reason);
  Deadline deadline_of(const Connection& connection) const;
  void add_http_deadlines(const Connection& connection, Deadline& deadline) const;
  void update_deadline(Connection& connection);
  void timed_out(Connection& connection, Timeout timeout);

  const ReactorOptions options_;
  const Limits& limits_;
  Backend* backend_ = nullptr;
  int64_t now_us_ = 0;  // monotonic, at the last tick()
  int64_t wall_us_ = 0;
  uint64_t turn_count_ = 0;

  std::vector<std::unique_ptr<Connection>> connections_;  // by slot
  std::vector<std::unique_ptr<SendProgress>> progress_;   // by slot
  std::vector<uint32_t> free_slots_;
  std::vector<std::unique_ptr<Listener>> listeners_;  // by slot; nullptr: closed
  int64_t accept_retry_us_ = 0;

  uint64_t next_ordinal_ = 1;
  TimerWheel timers_{0};
  std::vector<TimerWheel::Entry> expired_;

  Inbox* inbox_ = nullptr;      // of the turn that runs
  std::vector<Closed> closed_;  // for the next inbox
  std::vector<ToSender> messages_;
  std::vector<uint64_t> ready_;   // tokens of connections with requests left to parse
  std::vector<uint64_t> listed_;  // the same, while they are walked
  BufferPool buffers_;
  std::vector<ByteBuffer> retired_;  // views of them are out until the next turn

  bool is_shutting_down_ = false;
  int64_t force_us_ = INT64_MAX;  // when shutdown ends what is left
  Stats stats_;
};

}  // namespace rowtine::reactor
