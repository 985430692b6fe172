// What a reactor needs of an operating system: operations begin with a token and end as completions
// that carry it. The io_uring and libuv backends, and a simulated one, implement this and no more.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "http/limits.h"
#include "reactor/token.h"

namespace rowtine::reactor {

struct Completion {
  Token token;
  int32_t
      result;  // Accept: a descriptor; Receive: bytes, 0 = end of stream; Send: bytes; or -errno
  bool more;   // the operation goes on: further completions follow without being asked for
  char* data;  // Receive: the bytes. Owned by the reader until the next wait(), writable, and
               // readable for http::kParserPaddingBytes past the last
};

/// Threads: everything but wake() belongs to the thread that made the backend.
class Backend {
 public:
  virtual ~Backend() = default;
  virtual const char* name() const = 0;

  /// Accepts until cancelled or until a completion without `more`.
  virtual void accept(Token token, int fd) = 0;
  /// Receives until cancelled or until a completion without `more` (end, error, out of buffers).
  virtual void receive(Token token, int fd) = 0;
  /// Sends some of the bytes, which stay where they are until the one completion.
  virtual void send(Token token, int fd, std::span<const char> bytes) = 0;
  /// Asks for an early end; the operation's last completion still comes (-ECANCELED or its result).
  virtual void cancel(Token token, int fd) = 0;
  /// Called before a descriptor with no operation left is closed.
  virtual void forget(int fd) = 0;

  /// Submits what was begun and waits at most `timeout_us` (negative: without limit) for a first
  /// completion. Returns: how many were written to `out`, possibly 0.
  virtual uint32_t wait(std::span<Completion> out, int64_t timeout_us) = 0;
  /// Ends a wait(). Threads: any; async-signal-safe.
  virtual void wake() = 0;

  /// Microseconds of a clock that only goes forward, and since 1970.
  virtual int64_t monotonic_us() const;
  virtual int64_t wall_us() const;
};

/// Memory that a backend receives into.
struct ReceiveBuffers {
  uint32_t count = 1024;      // a power of two, at most 32,768
  uint32_t bytes = 8 * 1024;  // each, padding included; untouched ones cost no memory
};

/// Returns: nullptr and `why` where io_uring, or a part of it that is needed, is refused.
std::unique_ptr<Backend> make_uring_backend(const ReceiveBuffers& buffers, std::string& why);

/// Runs its own libuv loop on the calling thread. Defined in uv_backend.cc, which is linked only
/// where a libuv is: into the addon, that is into Node.
std::unique_ptr<Backend> make_uv_backend(const ReceiveBuffers& buffers, std::string& why);

}  // namespace rowtine::reactor
