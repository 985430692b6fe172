// The libuv backend: readiness from a loop of its own on the worker's thread, then plain recv, send
// and accept. For systems that refuse io_uring or have none; libuv is the one inside Node.
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

#include "base/invariant.h"
#include "reactor/backend.h"

namespace rowtine::reactor {
namespace {

// Connections accepted per readiness, so that a flood of them cannot starve the rest.
constexpr int kAcceptsMax = 256;

class UvBackend;

/// What is wanted of one descriptor.
struct Watch {
  uv_poll_t poll{};
  UvBackend* owner = nullptr;
  int fd = -1;
  int events = 0;  // that libuv watches
  bool accepts = false;
  bool receives = false;
  bool sends = false;
  Token accept_token{};
  Token receive_token{};
  Token send_token{};
  std::span<const char> bytes;  // to send

  int wanted() const { return (accepts || receives ? UV_READABLE : 0) | (sends ? UV_WRITABLE : 0); }
};

class UvBackend final : public Backend {
 public:
  bool open(const ReceiveBuffers& buffers, std::string& why);
  ~UvBackend() override;

  const char* name() const override { return "uv"; }
  void accept(Token token, int fd) override;
  void receive(Token token, int fd) override;
  void send(Token token, int fd, std::span<const char> bytes) override;
  void cancel(Token token, int fd) override;
  void forget(int fd) override;
  uint32_t wait(std::span<Completion> out, int64_t timeout_us) override;
  void wake() override { uv_async_send(&wake_); }

 private:
  static void on_ready(uv_poll_t* poll, int status, int events);
  Watch& watch(int fd);
  void adjust(Watch& watch);
  void ready(Watch& watch, int events);
  void take_connections(Watch& watch);
  void take_bytes(Watch& watch);
  void put_bytes(Watch& watch);
  void fail(Watch& watch, int error);
  void complete(Token token, int64_t result, bool more, char* data = nullptr);
  uint32_t deliver(std::span<Completion> out);
  void run(int64_t timeout_us);

  uv_loop_t loop_{};
  uv_async_t wake_{};
  uv_timer_t timer_{};
  bool is_open_ = false;
  std::vector<std::unique_ptr<Watch>> watches_;  // by descriptor
  std::vector<Completion> completions_;
  size_t delivered_ = 0;  // of them
  std::unique_ptr<char[]> memory_;
  ReceiveBuffers buffers_;
  uint32_t lent_ = 0;  // buffers in use since the last run
};

bool UvBackend::open(const ReceiveBuffers& buffers, std::string& why) {
  buffers_ = buffers;
  memory_.reset(new char[size_t{buffers.count} * buffers.bytes]);
  const int status = uv_loop_init(&loop_);
  if (status < 0) {
    why = std::string("uv_loop_init: ") + uv_strerror(status);
    return false;
  }
  uv_async_init(&loop_, &wake_, [](uv_async_t*) {});
  uv_timer_init(&loop_, &timer_);
  is_open_ = true;
  return true;
}

UvBackend::~UvBackend() {
  if (!is_open_) return;
  for (size_t fd = 0; fd < watches_.size(); ++fd) forget(static_cast<int>(fd));
  uv_close(reinterpret_cast<uv_handle_t*>(&wake_), nullptr);
  uv_close(reinterpret_cast<uv_handle_t*>(&timer_), nullptr);
  uv_run(&loop_, UV_RUN_DEFAULT);
  uv_loop_close(&loop_);
}

Watch& UvBackend::watch(int fd) {
  const auto index = static_cast<size_t>(fd);
  if (index >= watches_.size()) watches_.resize(index + 1);
  std::unique_ptr<Watch>& place = watches_[index];
  if (place != nullptr) return *place;
  place = std::make_unique<Watch>();
  place->owner = this;
  place->fd = fd;
  place->poll.data = place.get();
  const int status = uv_poll_init(&loop_, &place->poll, fd);  // makes the descriptor non-blocking
  invariant(status == 0, "libuv watches every socket");
  return *place;
}

void UvBackend::adjust(Watch& watch) {
  const int wanted = watch.wanted();
  if (wanted == watch.events) return;
  watch.events = wanted;
  if (wanted == 0) uv_poll_stop(&watch.poll);
  else uv_poll_start(&watch.poll, wanted, on_ready);
}

void UvBackend::forget(int fd) {
  const auto index = static_cast<size_t>(fd);
  if (index >= watches_.size() || watches_[index] == nullptr) return;
  // libuv stops watching at once, but keeps the handle until its loop has run.
  Watch* watch = watches_[index].release();
  uv_close(reinterpret_cast<uv_handle_t*>(&watch->poll), [](uv_handle_t* handle) {
    const std::unique_ptr<Watch> owned(static_cast<Watch*>(handle->data));
  });
}

void UvBackend::complete(Token token, int64_t result, bool more, char* data) {
  completions_.push_back({token, static_cast<int32_t>(result), more, data});
}

void UvBackend::accept(Token token, int fd) {
  Watch& place = watch(fd);
  place.accept_token = token;
  place.accepts = true;
  adjust(place);
}

void UvBackend::receive(Token token, int fd) {
  Watch& place = watch(fd);
  place.receive_token = token;
  place.receives = true;
  adjust(place);
}

/// Most sends fit the socket's buffer; only one that does not is watched.
void UvBackend::send(Token token, int fd, std::span<const char> bytes) {
  Watch& place = watch(fd);
  place.send_token = token;
  place.bytes = bytes;
  place.sends = true;
  put_bytes(place);
  adjust(place);
}

void UvBackend::cancel(Token token, int fd) {
  Watch& place = watch(fd);
  bool& is_active = token.kind == OpKind::Accept    ? place.accepts
                    : token.kind == OpKind::Receive ? place.receives
                                                    : place.sends;
  if (is_active) complete(token, -ECANCELED, false);
  is_active = false;
  adjust(place);
}

void UvBackend::on_ready(uv_poll_t* poll, int status, int events) {
  Watch& watch = *static_cast<Watch*>(poll->data);
  if (status < 0) watch.owner->fail(watch, status);
  else watch.owner->ready(watch, events);
}

void UvBackend::ready(Watch& watch, int events) {
  if ((events & UV_READABLE) != 0 && watch.accepts) take_connections(watch);
  if ((events & UV_READABLE) != 0 && watch.receives) take_bytes(watch);
  if ((events & UV_WRITABLE) != 0 && watch.sends) put_bytes(watch);
  adjust(watch);
}

void UvBackend::fail(Watch& watch, int error) {
  if (watch.accepts) complete(watch.accept_token, error, false);
  if (watch.receives) complete(watch.receive_token, error, false);
  if (watch.sends) complete(watch.send_token, error, false);
  watch.accepts = watch.receives = watch.sends = false;
  adjust(watch);
}

void UvBackend::take_connections(Watch& watch) {
  for (int i = 0; i < kAcceptsMax; ++i) {
    const int fd = ::accept(watch.fd, nullptr, nullptr);
    if (fd >= 0) {
      ::fcntl(fd, F_SETFD, FD_CLOEXEC);
      complete(watch.accept_token, fd, true);
      continue;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) return;
    if (errno == EINTR || errno == ECONNABORTED) continue;
    complete(watch.accept_token, -errno, false);
    watch.accepts = false;
    return;
  }
}

void UvBackend::take_bytes(Watch& watch) {
  if (lent_ == buffers_.count) return;  // the socket is still readable in the next run
  char* data = memory_.get() + size_t{lent_} * buffers_.bytes;
  const ssize_t bytes = ::recv(watch.fd, data, buffers_.bytes - http::kParserPaddingBytes, 0);
  if (bytes > 0) {
    ++lent_;
    complete(watch.receive_token, bytes, true, data);
    return;
  }
  if (bytes < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return;
  complete(watch.receive_token, bytes == 0 ? 0 : -errno, false);
  watch.receives = false;
}

void UvBackend::put_bytes(Watch& watch) {
  const ssize_t bytes =
      ::send(watch.fd, watch.bytes.data(), watch.bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (bytes < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return;
  complete(watch.send_token, bytes < 0 ? -errno : bytes, false);
  watch.sends = false;
}

uint32_t UvBackend::deliver(std::span<Completion> out) {
  const size_t count = std::min(out.size(), completions_.size() - delivered_);
  std::copy_n(completions_.begin() + static_cast<ptrdiff_t>(delivered_), count, out.begin());
  delivered_ += count;
  return static_cast<uint32_t>(count);
}

void UvBackend::run(int64_t timeout_us) {
  if (timeout_us > 0) {
    uv_update_time(&loop_);
    const auto timeout_ms = static_cast<uint64_t>((timeout_us + 999) / 1000);
    // Repeating: before 1.45, libuv may fire it ahead of the poll, which would then have no end.
    uv_timer_start(
        &timer_, [](uv_timer_t*) {}, timeout_ms, timeout_ms);
  }
  uv_run(&loop_, timeout_us == 0 ? UV_RUN_NOWAIT : UV_RUN_ONCE);
  if (timeout_us > 0) uv_timer_stop(&timer_);
}

uint32_t UvBackend::wait(std::span<Completion> out, int64_t timeout_us) {
  // Buffers are named by what is not delivered yet; only then may they be filled again.
  if (delivered_ < completions_.size() && delivered_ > 0) return deliver(out);
  if (delivered_ > 0) {
    completions_.clear();
    delivered_ = 0;
  }
  lent_ = 0;
  run(completions_.empty() ? timeout_us : 0);
  return deliver(out);
}

}  // namespace

std::unique_ptr<Backend> make_uv_backend(const ReceiveBuffers& buffers, std::string& why) {
  auto backend = std::make_unique<UvBackend>();
  if (!backend->open(buffers, why)) return nullptr;
  return backend;
}

}  // namespace rowtine::reactor
