// The io_uring backend, by raw system calls: multishot accept and receive, a provided buffer ring,
// and one system call per turn that submits, waits and runs the kernel's deferred work.
#include "reactor/backend.h"

#if defined(__linux__)

#include <linux/io_uring.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <bit>
#include <cerrno>
#include <cstring>
#include <vector>

#include "base/invariant.h"

namespace rowtine::reactor {
namespace {

constexpr uint32_t kSubmissionEntries = 1024;
constexpr uint32_t kCompletionEntries = 16 * 1024;
constexpr uint16_t kBufferGroup = 0;

// Indices that the kernel also writes or reads. Acquire pairs with its release of what they guard.
uint32_t load_acquire(const uint32_t* word) { return __atomic_load_n(word, __ATOMIC_ACQUIRE); }
void store_release(uint32_t* word, uint32_t value) {
  __atomic_store_n(word, value, __ATOMIC_RELEASE);
}

/// A file descriptor and mappings that end with their owner.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { reset(-1); }
  void reset(int fd) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
  }
  int get() const { return fd_; }

 private:
  int fd_ = -1;
};

class Mapping {
 public:
  Mapping() = default;
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() {
    if (address_ != nullptr) ::munmap(address_, bytes_);
  }
  /// fd -1 maps anonymous memory.
  bool map(size_t bytes, int fd, uint64_t offset) {
    const int flags = fd < 0 ? MAP_PRIVATE | MAP_ANONYMOUS : MAP_SHARED | MAP_POPULATE;
    void* address =
        ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, flags, fd, static_cast<off_t>(offset));
    if (address == MAP_FAILED) return false;
    address_ = address;
    bytes_ = bytes;
    return true;
  }
  template <class T>
  T* at(size_t offset) const {
    return reinterpret_cast<T*>(static_cast<char*>(address_) + offset);
  }

 private:
  void* address_ = nullptr;
  size_t bytes_ = 0;
};

class UringBackend final : public Backend {
 public:
  bool open(const ReceiveBuffers& buffers, std::string& why);

  const char* name() const override { return "uring"; }
  void accept(Token token, int fd) override;
  void receive(Token token, int fd) override;
  void send(Token token, int fd, std::span<const char> bytes) override;
  void cancel(Token token, int fd) override;
  void forget(int) override {}
  uint32_t wait(std::span<Completion> out, int64_t timeout_us) override;
  void wake() override;

 private:
  bool map_rings(const io_uring_params& params);
  bool probe(std::string& why);
  bool register_buffers(const ReceiveBuffers& buffers);
  io_uring_sqe* next_entry(uint8_t opcode, Token token, int fd);
  void enter(bool is_waiting, int64_t timeout_us);
  void watch_wake();
  void recycle();
  void offer(uint16_t buffer);
  uint32_t reap(std::span<Completion> out);
  bool translate(const io_uring_cqe& entry, Completion& completion);

  Descriptor ring_;
  Descriptor wake_fd_;
  Mapping submission_map_, completion_map_, entries_map_, buffer_ring_map_, buffers_map_;

  // Submission: one writer here, the kernel reads up to the tail.
  io_uring_sqe* entries_ = nullptr;
  uint32_t* submission_head_ = nullptr;
  uint32_t* submission_tail_ = nullptr;
  uint32_t* submission_flags_ = nullptr;
  uint32_t submission_mask_ = 0;
  uint32_t tail_ = 0;       // ours; published to the kernel by enter()
  uint32_t submitted_ = 0;  // of it

  io_uring_cqe* completions_ = nullptr;
  uint32_t* completion_head_ = nullptr;
  uint32_t* completion_tail_ = nullptr;
  uint32_t completion_mask_ = 0;

  io_uring_buf_ring* buffer_ring_ = nullptr;
  uint32_t buffer_count_ = 0;
  uint32_t buffer_bytes_ = 0;
  uint16_t buffer_tail_ = 0;
  std::vector<uint16_t> lent_;  // buffers whose bytes the reader has until the next wait()

  uint64_t wake_count_ = 0;  // where the kernel reads the eventfd to
  std::atomic<bool> wake_pending_{false};
};

int enter_ring(int fd, uint32_t submit, uint32_t wait, uint32_t flags, const void* argument,
               size_t argument_bytes) {
  return static_cast<int>(
      ::syscall(__NR_io_uring_enter, fd, submit, wait, flags, argument, argument_bytes));
}

int register_with_ring(int fd, uint32_t opcode, const void* argument, uint32_t count) {
  return static_cast<int>(::syscall(__NR_io_uring_register, fd, opcode, argument, count));
}

bool UringBackend::open(const ReceiveBuffers& buffers, std::string& why) {
  io_uring_params params{};
  // Deferred task run keeps the kernel's work inside our one call per turn; it came with Linux 6.1.
  params.flags = IORING_SETUP_CQSIZE | IORING_SETUP_CLAMP | IORING_SETUP_SINGLE_ISSUER |
                 IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_TASKRUN_FLAG | IORING_SETUP_SUBMIT_ALL;
  params.cq_entries = kCompletionEntries;
  const auto fd = static_cast<int>(::syscall(__NR_io_uring_setup, kSubmissionEntries, &params));
  if (fd < 0) {
    why = errno == EINVAL ? "io_uring lacks deferred task run (Linux 6.1 has it)"
                          : std::string("io_uring_setup: ") + std::strerror(errno);
    return false;
  }
  ring_.reset(fd);
  const uint32_t needed = IORING_FEAT_NODROP | IORING_FEAT_EXT_ARG | IORING_FEAT_FAST_POLL;
  if ((params.features & needed) != needed) {
    why = "io_uring lacks timeouts in io_uring_enter, or loses completions";
    return false;
  }
  if (!probe(why)) return false;
  if (!map_rings(params)) {
    why = std::string("io_uring rings: ") + std::strerror(errno);
    return false;
  }
  if (!register_buffers(buffers)) {
    why = std::string("io_uring buffer ring: ") + std::strerror(errno);
    return false;
  }
  wake_fd_.reset(::eventfd(0, EFD_CLOEXEC));
  if (wake_fd_.get() < 0) {
    why = std::string("eventfd: ") + std::strerror(errno);
    return false;
  }
  watch_wake();
  return true;
}

bool UringBackend::probe(std::string& why) {
  constexpr uint32_t kOperations = 64;
  alignas(io_uring_probe) char
      memory[sizeof(io_uring_probe) + kOperations * sizeof(io_uring_probe_op)] = {};
  auto* probe = reinterpret_cast<io_uring_probe*>(memory);
  if (register_with_ring(ring_.get(), IORING_REGISTER_PROBE, probe, kOperations) < 0) {
    why = std::string("io_uring probe: ") + std::strerror(errno);
    return false;
  }
  for (const uint8_t opcode : {IORING_OP_ACCEPT, IORING_OP_RECV, IORING_OP_SEND, IORING_OP_READ,
                               IORING_OP_ASYNC_CANCEL, IORING_OP_SEND_ZC}) {
    // SEND_ZC is never used; it came with multishot receive (6.0), which has no flag of its own.
    if (opcode <= probe->last_op && (probe->ops[opcode].flags & IO_URING_OP_SUPPORTED) != 0)
      continue;
    why = "io_uring operation " + std::to_string(opcode) + " is not supported";
    return false;
  }
  return true;
}

bool UringBackend::map_rings(const io_uring_params& params) {
  const size_t submission_bytes = params.sq_off.array + params.sq_entries * sizeof(uint32_t);
  const size_t completion_bytes = params.cq_off.cqes + params.cq_entries * sizeof(io_uring_cqe);
  const bool is_mapped =
      submission_map_.map(submission_bytes, ring_.get(), IORING_OFF_SQ_RING) &&
      completion_map_.map(completion_bytes, ring_.get(), IORING_OFF_CQ_RING) &&
      entries_map_.map(params.sq_entries * sizeof(io_uring_sqe), ring_.get(), IORING_OFF_SQES);
  if (!is_mapped) return false;
  entries_ = entries_map_.at<io_uring_sqe>(0);
  submission_head_ = submission_map_.at<uint32_t>(params.sq_off.head);
  submission_tail_ = submission_map_.at<uint32_t>(params.sq_off.tail);
  submission_flags_ = submission_map_.at<uint32_t>(params.sq_off.flags);
  submission_mask_ = params.sq_entries - 1;
  // The indirection array is never used otherwise: entry i stands in place i.
  auto* array = submission_map_.at<uint32_t>(params.sq_off.array);
  for (uint32_t i = 0; i < params.sq_entries; ++i) array[i] = i;
  completions_ = completion_map_.at<io_uring_cqe>(params.cq_off.cqes);
  completion_head_ = completion_map_.at<uint32_t>(params.cq_off.head);
  completion_tail_ = completion_map_.at<uint32_t>(params.cq_off.tail);
  completion_mask_ = params.cq_entries - 1;
  return true;
}

bool UringBackend::register_buffers(const ReceiveBuffers& buffers) {
  invariant(std::has_single_bit(buffers.count) && buffers.count <= 32768,
            "buffers: a power of two");
  invariant(buffers.bytes > 2 * http::kParserPaddingBytes, "a buffer has room beside its padding");
  buffer_count_ = buffers.count;
  buffer_bytes_ = buffers.bytes;
  if (!buffer_ring_map_.map(buffers.count * sizeof(io_uring_buf), -1, 0)) return false;
  if (!buffers_map_.map(size_t{buffers.count} * buffers.bytes, -1, 0)) return false;
  buffer_ring_ = buffer_ring_map_.at<io_uring_buf_ring>(0);
  io_uring_buf_reg registration{};
  registration.ring_addr = reinterpret_cast<uint64_t>(buffer_ring_);
  registration.ring_entries = buffers.count;
  registration.bgid = kBufferGroup;
  if (register_with_ring(ring_.get(), IORING_REGISTER_PBUF_RING, &registration, 1) < 0)
    return false;
  lent_.reserve(buffers.count);
  for (uint32_t buffer = 0; buffer < buffers.count; ++buffer) {
    lent_.push_back(static_cast<uint16_t>(buffer));
  }
  recycle();
  return true;
}

void UringBackend::offer(uint16_t buffer) {
  // Not `bufs`, a flexible array that C++ gives another offset; field by field, because the ring's
  // tail lies in the unused part of its first entry.
  auto* ring = reinterpret_cast<io_uring_buf*>(buffer_ring_);
  io_uring_buf& entry = ring[buffer_tail_ & (buffer_count_ - 1)];
  entry.addr = reinterpret_cast<uint64_t>(buffers_map_.at<char>(size_t{buffer} * buffer_bytes_));
  entry.len = buffer_bytes_ - static_cast<uint32_t>(http::kParserPaddingBytes);
  entry.bid = buffer;
  ++buffer_tail_;
}

void UringBackend::recycle() {
  if (lent_.empty()) return;
  for (const uint16_t buffer : lent_) offer(buffer);
  lent_.clear();
  // Release pairs with the kernel's acquire of the tail: it sees whole entries.
  __atomic_store_n(&buffer_ring_->tail, buffer_tail_, __ATOMIC_RELEASE);
}

io_uring_sqe* UringBackend::next_entry(uint8_t opcode, Token token, int fd) {
  // Acquire pairs with the kernel's release of the head: it has copied the entries before it.
  if (tail_ - load_acquire(submission_head_) > submission_mask_) enter(false, 0);
  invariant(tail_ - load_acquire(submission_head_) <= submission_mask_,
            "a submission frees entries");
  io_uring_sqe* entry = &entries_[tail_++ & submission_mask_];
  std::memset(entry, 0, sizeof(*entry));
  entry->opcode = opcode;
  entry->fd = fd;
  entry->user_data = token.bits();
  return entry;
}

void UringBackend::accept(Token token, int fd) {
  io_uring_sqe* entry = next_entry(IORING_OP_ACCEPT, token, fd);
  entry->ioprio = IORING_ACCEPT_MULTISHOT;
  entry->accept_flags = SOCK_CLOEXEC;
}

void UringBackend::receive(Token token, int fd) {
  io_uring_sqe* entry = next_entry(IORING_OP_RECV, token, fd);
  entry->ioprio = IORING_RECV_MULTISHOT;
  entry->flags = IOSQE_BUFFER_SELECT;
  entry->buf_group = kBufferGroup;
}

void UringBackend::send(Token token, int fd, std::span<const char> bytes) {
  io_uring_sqe* entry = next_entry(IORING_OP_SEND, token, fd);
  entry->addr = reinterpret_cast<uint64_t>(bytes.data());
  entry->len = static_cast<uint32_t>(bytes.size());
  entry->msg_flags = MSG_NOSIGNAL;
}

void UringBackend::cancel(Token token, int) {
  io_uring_sqe* entry = next_entry(IORING_OP_ASYNC_CANCEL, Token::make(OpKind::None, 0, 0), -1);
  entry->addr = token.bits();
}

void UringBackend::watch_wake() {
  io_uring_sqe* entry = next_entry(IORING_OP_READ, Token::make(OpKind::Wake, 0, 0), wake_fd_.get());
  entry->addr = reinterpret_cast<uint64_t>(&wake_count_);
  entry->len = sizeof(wake_count_);
}

void UringBackend::wake() {
  // One write until the reader has seen it. Acquire-release: what the waker wrote before is visible
  // to the reader after its exchange in translate().
  if (wake_pending_.exchange(true, std::memory_order_acq_rel)) return;
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_fd_.get(), &one, sizeof(one));
}

void UringBackend::enter(bool is_waiting, int64_t timeout_us) {
  // Release pairs with the kernel's acquire of the tail: entries are whole.
  store_release(submission_tail_, tail_);
  const uint32_t submit = tail_ - load_acquire(submission_head_);
  __kernel_timespec timeout{timeout_us / 1'000'000, timeout_us % 1'000'000 * 1000};
  io_uring_getevents_arg argument{};
  if (timeout_us >= 0) argument.ts = reinterpret_cast<uint64_t>(&timeout);
  const int entered =
      enter_ring(ring_.get(), submit, is_waiting ? 1 : 0,
                 IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG, &argument, sizeof(argument));
  // What is not submitted because of one of these stays in the ring for the next time.
  const bool is_transient = errno == EINTR || errno == ETIME || errno == EAGAIN || errno == EBUSY;
  invariant(entered >= 0 || is_transient,
            "a ring is entered by the thread that made it, and works");
}

uint32_t UringBackend::wait(std::span<Completion> out, int64_t timeout_us) {
  recycle();
  const bool has_completions = load_acquire(completion_tail_) != *completion_head_;
  const bool has_work = __atomic_load_n(submission_flags_, __ATOMIC_RELAXED) != 0;
  const bool has_submissions = tail_ != load_acquire(submission_head_);
  const bool is_waiting = timeout_us != 0 && !has_completions;
  if (has_submissions || has_work || is_waiting) enter(is_waiting, timeout_us);
  return reap(out);
}

uint32_t UringBackend::reap(std::span<Completion> out) {
  uint32_t head = *completion_head_;
  const uint32_t tail = load_acquire(completion_tail_);
  uint32_t count = 0;
  for (; head != tail && count < out.size(); ++head) {
    if (translate(completions_[head & completion_mask_], out[count])) ++count;
  }
  store_release(completion_head_, head);
  return count;
}

/// Returns: whether the entry is a completion for the reader.
bool UringBackend::translate(const io_uring_cqe& entry, Completion& completion) {
  completion.token = Token::from(entry.user_data);
  completion.result = entry.res;
  completion.more = (entry.flags & IORING_CQE_F_MORE) != 0;
  completion.data = nullptr;
  if ((entry.flags & IORING_CQE_F_BUFFER) != 0) {
    const auto buffer = static_cast<uint16_t>(entry.flags >> IORING_CQE_BUFFER_SHIFT);
    completion.data = buffers_map_.at<char>(size_t{buffer} * buffer_bytes_);
    lent_.push_back(buffer);
  }
  if (completion.token.kind == OpKind::Wake) {
    wake_pending_.exchange(false, std::memory_order_acq_rel);
    watch_wake();
    return false;
  }
  return completion.token.kind != OpKind::None;
}

}  // namespace

std::unique_ptr<Backend> make_uring_backend(const ReceiveBuffers& buffers, std::string& why) {
  auto backend = std::make_unique<UringBackend>();
  if (!backend->open(buffers, why)) return nullptr;
  return backend;
}

}  // namespace rowtine::reactor

#else

namespace rowtine::reactor {

std::unique_ptr<Backend> make_uring_backend(const ReceiveBuffers&, std::string& why) {
  why = "io_uring is a part of Linux";
  return nullptr;
}

}  // namespace rowtine::reactor

#endif
