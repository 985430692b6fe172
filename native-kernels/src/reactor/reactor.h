// The network side of one worker: events out (`poll` fills an Inbox), commands in (`respond`,
// `send`, `close`), and nothing in between that blocks. Single-threaded: but for wake(), only the
// thread that made a Reactor may touch it.
//
//   loop:  reactor.poll(inbox, timeout)  ->  run pipelines over the inbox  ->  respond()/send() …
//          reactor.flush()               ->  next poll() submits and waits in one system call
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "reactor/limits.h"

namespace rowtine::reactor {

class Backend;  // backend.h

enum class Protocol : uint8_t { Http, Tcp, Lines };

/// worker(7) | generation(24) | slot(24): positive, never 0, never reused while anybody could
/// still hold it (a slot comes back after 2^24 generations).
using ConnectionId = int64_t;

/// worker(7) | ordinal(55): ascending per worker, never reused. Names the request and, through the
/// reactor's table of unanswered ones, its connection: an id that is no longer waited for is
/// refused.
using RequestId = int64_t;

inline constexpr uint32_t kRequestOrdinalBits = 55;

/// The worker whose reactor made `id`: where a response must be sent.
constexpr uint32_t worker_of_request(RequestId id) {
  return static_cast<uint32_t>(static_cast<uint64_t>(id) >> kRequestOrdinalBits);
}
constexpr uint32_t worker_of_connection(ConnectionId id) {
  return static_cast<uint32_t>(static_cast<uint64_t>(id) >> (kSlotBits + kGenerationBits));
}

struct ListenerSpec {
  Protocol protocol = Protocol::Http;
  std::string address;       // "127.0.0.1:8080", "[::1]:0", "*:80", "localhost:0", "unix:/path"
  uint64_t listener_id = 0;  // the caller's name for it; comes back in Opened
  uint32_t backlog = 1024;
  bool reuse_port = false;  // several workers, each with its own socket on one TCP port
  int shared_fd = -1;       // accept on this listening socket instead (dup'ed; address is ignored)
};

struct Opened {
  ConnectionId id;
  uint64_t listener_id;
  Protocol protocol;
  std::string peer;  // "127.0.0.1:51234", "[::1]:51234", "unix"
  int64_t at_us;     // wall clock, microseconds since 1970
};

struct Closed {
  ConnectionId id;
  const char* reason;  // static text, for people
};

/// One whole request. Its framing is checked; its body is de-chunked.
struct HttpRequest {
  RequestId id;
  ConnectionId connection;
  std::string_view method;
  std::string_view path;   // as sent, not percent-decoded; "*" for OPTIONS *
  std::string_view query;  // without '?', as sent
  std::string_view head;   // header lines, each ended by CRLF: see http/header_json.h
  std::string_view body;
};

/// Bytes of a `tcp` connection, or one line of a `lines` connection without its terminator.
struct Received {
  ConnectionId connection;
  std::string_view data;
};

/// What became of a tagged send() or respond(): all its bytes are the kernel's, or `error` says why
/// not.
struct SendDone {
  ConnectionId connection;
  uint64_t tag;
  const char* error;  // nullptr: sent
};

/// What happened since the last poll(). Views are valid until the next poll(). Within one inbox,
/// handle `opened` first and `closed` last; each vector is in arrival order per connection.
struct Inbox {
  std::vector<Opened> opened;
  std::vector<HttpRequest> requests;
  std::vector<Received> received;  // tcp
  std::vector<Received> lines;
  std::vector<SendDone> sent;
  std::vector<Closed> closed;
  int64_t now_us = 0;  // wall clock at the poll, microseconds since 1970

  bool empty() const {
    return opened.empty() && requests.empty() && received.empty() && lines.empty() &&
           sent.empty() && closed.empty();
  }
  void clear();
};

enum class SendStatus : uint8_t {
  Ok,
  Stale,          // nobody waits for it: answered already, or its connection is gone
  InvalidStatus,  // not 200..599
  InvalidHeader,  // headers are not a JSON object of strings, or a name or value would break the
                  // message
  Overflow,       // the connection's unsent output is at its limit
};

struct SendResult {
  SendStatus status = SendStatus::Ok;
  const char* reason = nullptr;  // static text when not Ok
  bool ok() const { return status == SendStatus::Ok; }
};

struct Response {
  int32_t status = 200;
  std::string_view headers_json = {};  // {"name": "value" | ["v1", "v2"]}; empty: none
  std::string_view body = {};
  bool close = false;  // close the connection after it
  uint64_t tag = 0;    // not 0: a SendDone with this tag follows
};

struct Stats {
  uint64_t connections_accepted = 0;
  uint64_t connections_open = 0;
  uint64_t requests = 0;
  uint64_t requests_refused = 0;  // answered by the reactor with 4xx/5xx
  uint64_t requests_waiting = 0;  // handed out and not yet answered
  uint64_t bytes_received = 0;
  uint64_t bytes_sent = 0;
  uint64_t sends = 0;
  uint64_t polls = 0;
  uint64_t accept_pauses = 0;     // descriptors or connections ran out
  uint64_t input_bytes_held = 0;  // for unfinished requests

  Stats operator+(const Stats& other) const;
};

struct ReactorOptions {
  uint32_t worker = 0;  // 0..127, part of every id
  Limits limits;

  /// With limits that fit the ids and the parser.
  ReactorOptions checked() const;
};

class Reactor {
 public:
  /// Makes a reactor over `backend` (make_uring_backend() or make_uv_backend()).
  static std::unique_ptr<Reactor> make(std::unique_ptr<Backend> backend,
                                       const ReactorOptions& options);
  virtual ~Reactor() = default;

  /// Starts to accept. Returns: the bound address ("127.0.0.1:43210": port 0 is filled in).
  /// Errors: 22023 for an address that cannot be parsed; 58030 otherwise, see listen_error().
  virtual Result<std::string> listen(const ListenerSpec& spec) = 0;
  /// Why the last listen() failed, for people.
  virtual std::string_view listen_error() const = 0;
  /// The listening socket, for ListenerSpec::shared_fd of another worker; -1 when there is none.
  virtual int listener_fd(uint64_t listener_id) const = 0;
  /// Stops accepting; established connections live on.
  virtual void close_listener(uint64_t listener_id) = 0;

  /// Clears `inbox`, submits what flush() staged, handles what has completed and fills `inbox`.
  /// Waits at most `timeout_us` (0: not at all; negative: without limit) when nothing is ready.
  virtual void poll(Inbox& inbox, int64_t timeout_us) = 0;
  /// Ends a waiting poll(), or makes the next one not wait. Threads: any; async-signal-safe.
  virtual void wake() = 0;

  /// Stages the response; responses leave in request order, whatever the order of these calls.
  /// Anything but Ok leaves the request as it was: it may still be answered (but for Stale).
  virtual SendResult respond(RequestId id, const Response& response) = 0;
  /// Stages bytes on a `tcp` or `lines` connection (terminators are the caller's).
  virtual SendResult send(ConnectionId id, std::string_view bytes, uint64_t tag = 0) = 0;
  /// Ends a connection; graceful: after its staged output. A stale id is ignored.
  virtual void close(ConnectionId id, bool graceful) = 0;
  /// Starts one send per connection that has staged output.
  virtual void flush() = 0;

  /// Stops accepting, closes idle connections, lets waiting requests be answered (with
  /// `Connection: close`) and at the deadline (from now) ends what is left. Keep polling until
  /// done.
  virtual void shutdown(int64_t deadline_us) = 0;
  virtual bool shutdown_done() const = 0;

  virtual Stats stats() = 0;

 protected:
  Reactor() = default;
};

}  // namespace rowtine::reactor
