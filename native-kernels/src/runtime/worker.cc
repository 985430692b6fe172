#include "runtime/worker.h"

#include <pthread.h>
#include <sched.h>
#include <time.h>

#include <algorithm>

#include "http/response_writer.h"
#include "reactor/backend.h"

namespace rowtine::runtime {
namespace {

// Longest wait without anything to do: retention looks at least this often.
constexpr int64_t kIdleWaitUs = 1'000'000;

std::unique_ptr<reactor::Backend> make_backend(ReactorKind kind, std::string& reason) {
  const reactor::ReceiveBuffers buffers;
  return kind == ReactorKind::Uv ? reactor::make_uv_backend(buffers, reason)
                                 : reactor::make_uring_backend(buffers, reason);
}

/// Would a reactor refuse it? Asked before a response leaves for another worker, whose refusal would
/// come too late for the caller to report. The plain case costs nothing.
reactor::SendResult check_response(const reactor::Response& response) {
  if (response.headers_json.empty() && response.status >= 200 && response.status <= 599) return {};
  std::string scratch(http::response_bytes_max(response.headers_json, response.body), '\0');
  const http::WriteResult written =
      http::write_response({response.status}, response.headers_json, response.body,
                           "Thu, 01 Jan 1970 00:00:00 GMT", scratch.data());
  if (written.error == http::WriteError::None) return {};
  return {written.error == http::WriteError::BadStatus ? reactor::SendStatus::InvalidStatus
                                                       : reactor::SendStatus::InvalidHeader,
          http::describe(written.error)};
}

}  // namespace

int64_t wall_clock_us() {
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec * int64_t{1'000'000} + now.tv_nsec / 1'000;
}

Worker::Worker(uint32_t number, const EngineOptions& options, table::SequenceClock& clock,
               StoreGate& gate, std::function<void()> wake_main)
    : number_(number), options_(options), wake_main_(std::move(wake_main)) {
  if (number == 0) sequencer_ = std::make_unique<Sequencer>(options, clock, gate, *this, *this);
}

Worker::~Worker() { stop(); }

bool Worker::start(std::string& reason) {
  commanded_.resize(others_.size() + 1);
  // The ring belongs to the thread that makes it, so the thread makes the reactor and says how it went.
  std::atomic<int> made{-1};
  thread_ = std::make_unique<std::thread>([this, &made, &reason] {
    stats_.core.store(pin(number_), std::memory_order_relaxed);
    reactor_ = make_reactor(reason);
    const bool ok = reactor_ != nullptr;
    made.store(ok ? 1 : 0, std::memory_order_release);
    made.notify_one();
    if (ok) run();
    reactor_.reset();
  });
  made.wait(-1, std::memory_order_acquire);
  return made.load(std::memory_order_acquire) == 1;
}

std::unique_ptr<reactor::Reactor> Worker::make_reactor(std::string& reason) {
  reactor::ReactorOptions options;
  options.worker = number_;
  const auto make = [kind = options_.reactor](std::string& why) { return make_backend(kind, why); };
  if (options_.topology == Topology::SplitIo) {
    auto split = reactor::SplitReactor::make(
        {options, make, [this](reactor::IoRole role) { begin_io(role); }}, reason);
    split_ = split.get();
    return split;
  }
  auto backend = make(reason);
  return backend == nullptr ? nullptr : reactor::Reactor::make(std::move(backend), options);
}

void Worker::begin_io(reactor::IoRole role) {
  const auto index = static_cast<size_t>(role);
  io_cores_[index].store(pin(number_ + 1 + static_cast<uint32_t>(index)), std::memory_order_relaxed);
}

std::vector<IoShare> Worker::io_shares() const {
  if (split_ == nullptr) return {};
  std::vector<IoShare> shares;
  for (const reactor::IoRole role : {reactor::IoRole::Receiver, reactor::IoRole::Sender}) {
    const reactor::IoThread& thread = split_->thread(role);
    shares.push_back({role == reactor::IoRole::Receiver ? "receiver" : "sender",
                      io_cores_[static_cast<size_t>(role)].load(std::memory_order_relaxed),
                      thread.busy_us(), thread.idle_us()});
  }
  return shares;
}

/// Keeps the calling thread on one core. Returns: which, -1: none.
int32_t Worker::pin(uint32_t number) const {
  // Only among the cores this process was given: a container or taskset may have left it few.
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (!options_.pin || sched_getaffinity(0, sizeof allowed, &allowed) != 0) return -1;
  const auto cores = static_cast<unsigned>(CPU_COUNT(&allowed));
  if (cores < 2) return -1;
  // The main thread is left the first of them where there is room.
  unsigned skip = (number + 1) % cores;
  unsigned core = 0;
  while (!CPU_ISSET(core, &allowed) || skip-- > 0) ++core;
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  const bool is_pinned = pthread_setaffinity_np(pthread_self(), sizeof set, &set) == 0;
  return is_pinned ? static_cast<int32_t>(core) : -1;
}

void Worker::stop() {
  if (thread_ == nullptr) return;
  stopping_.store(true, std::memory_order_seq_cst);
  wake();
  thread_->join();
  thread_.reset();
}

void Worker::wake() {
  // Pairs with wait_and_poll(): either the worker sees what was pushed before this, or this sees
  // that it waits.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (waiting_.load(std::memory_order_relaxed) && reactor_ != nullptr) reactor_->wake();
}

bool Worker::has_input() const {
  if (stopping_.load(std::memory_order_relaxed) || !controls_.empty() || !commands_.empty()) return true;
  for (const Worker* other : others_) {
    if (!other->inboxes_.empty()) return true;
  }
  return sequencer_ != nullptr && sequencer_->has_news();
}

void Worker::wait_and_poll(bool more) {
  if (more) {
    reactor_->poll(inbox_, 0);
    return;
  }
  waiting_.store(true, std::memory_order_relaxed);
  std::atomic_thread_fence(std::memory_order_seq_cst);  // pairs with wake()
  int64_t timeout_us = has_input() ? 0 : kIdleWaitUs;
  const int64_t before_us = wall_clock_us();
  if (sequencer_ != nullptr && sequencer_->next_timer_us() != INT64_MAX) {
    timeout_us = std::clamp<int64_t>(sequencer_->next_timer_us() - before_us, 0, timeout_us);
  }
  reactor_->poll(inbox_, timeout_us);
  waiting_.store(false, std::memory_order_relaxed);
  stats_.idle_us.fetch_add(wall_clock_us() - before_us, std::memory_order_relaxed);
}

void Worker::run() {
  bool more = false;
  while (!stopping_.load(std::memory_order_relaxed)) {
    wait_and_poll(more);
    const int64_t start_us = wall_clock_us();
    more = false;
    if (sequencer_ != nullptr) {
      take_controls();
      sequencer_->accept(inbox_);
      take_inboxes();
      more = sequencer_->turn(wall_clock_us());
      send_commands();
    } else {
      if (!inbox_.empty()) {
        inboxes_.push(std::make_unique<reactor::OwnedInbox>(inbox_));
        sequencer_worker_->wake();
      }
      inboxes_.flush();
      take_commands();
      drained_.store(reactor_->shutdown_done(), std::memory_order_release);
    }
    reactor_->flush();
    if (shutting_down_ && finish_shutdown()) more = false;
    main_events_.flush();
    if (posted_) {
      posted_ = false;
      wake_main_();
    }
    stats_.busy_us.fetch_add(wall_clock_us() - start_us, std::memory_order_relaxed);
  }
}

void Worker::take_controls() {
  Control control;
  while (controls_.pop(control)) obey(control);
}

void Worker::obey(Control& control) {
  if (auto* adopt = std::get_if<AdoptConfig>(&control)) {
    sequencer_->adopt(std::move(adopt->config));
  } else if (auto* run = std::get_if<RunStatement>(&control)) {
    sequencer_->enqueue(std::move(run->statement));
  } else if (auto* index = std::get_if<ChangeIndex>(&control)) {
    sequencer_->enqueue(std::move(index->change));
  } else if (auto* transact = std::get_if<OrderTransaction>(&control)) {
    sequencer_->enqueue(transact->order);
  } else if (auto* follow = std::get_if<StartFollow>(&control)) {
    sequencer_->follow(follow->follow, follow->relation);
  } else if (auto* unfollow = std::get_if<StopFollow>(&control)) {
    sequencer_->unfollow(unfollow->follow);
  } else if (auto* shutdown = std::get_if<Shutdown>(&control)) {
    shutting_down_ = true;
    shutdown_at_us_ = wall_clock_us() + shutdown->deadline_us;
    reactor_->shutdown(shutdown->deadline_us);
    for (Worker* other : others_) command(other->number_, RemoteShutdown{shutdown->deadline_us});
  }
}

bool Worker::finish_shutdown() {
  if (sequencer_ == nullptr || stopped_posted_) return stopped_posted_;
  const bool late = wall_clock_us() >= shutdown_at_us_;
  const bool drained =
      reactor_->shutdown_done() && sequencer_->is_quiet() &&
      std::ranges::all_of(others_, [](const Worker* other) {
        return other->drained_.load(std::memory_order_acquire);
      });
  if (!late && !drained) return false;
  auto event = std::make_unique<MainEvent>();
  event->kind = MainEvent::Kind::Stopped;
  post(std::move(event));
  stopped_posted_ = true;
  return true;
}

void Worker::take_inboxes() {
  std::unique_ptr<reactor::OwnedInbox> owned;
  for (Worker* other : others_) {
    while (other->inboxes_.pop(owned)) sequencer_->accept(owned->inbox);
  }
}

void Worker::take_commands() {
  Command command;
  while (commands_.pop(command)) obey(command);
}

void Worker::obey(Command& command) {
  if (auto* response = std::get_if<RemoteResponse>(&command)) {
    reactor::Response out;
    out.status = response->status;
    out.headers_json = response->headers;
    out.body = response->body;
    out.close = response->close;
    const auto sent = reactor_->respond(response->request, out);
    if (sent.ok() || sent.status == reactor::SendStatus::Stale) return;
    reactor::Response broken;
    broken.status = 500;
    reactor_->respond(response->request, broken);
  } else if (auto* send = std::get_if<RemoteSend>(&command)) {
    reactor_->send(send->connection, send->bytes);
  } else if (auto* close = std::get_if<RemoteClose>(&command)) {
    reactor_->close(close->connection, true);
  } else if (auto* listen = std::get_if<RemoteListen>(&command)) {
    const auto bound = reactor_->listen(listen->spec);
    if (!bound.ok()) return;  // worker 0 accepts them all then
  } else if (auto* shutdown = std::get_if<RemoteShutdown>(&command)) {
    reactor_->shutdown(shutdown->deadline_us);
  }
}

void Worker::command(uint32_t worker, Command command) {
  if (worker == 0 || worker > others_.size()) return;
  others_[worker - 1]->commands_.push(std::move(command));
  commanded_[worker] = true;
}

void Worker::send_commands() {
  for (uint32_t i = 0; i < others_.size(); ++i) {
    others_[i]->commands_.flush();
    if (!commanded_[i + 1]) continue;
    commanded_[i + 1] = false;
    others_[i]->wake();
  }
}

reactor::SendResult Worker::respond(reactor::RequestId id, const reactor::Response& response) {
  const uint32_t worker = reactor::worker_of_request(id);
  if (worker == 0) return reactor_->respond(id, response);
  if (const auto checked = check_response(response); !checked.ok()) return checked;
  command(worker, RemoteResponse{id, response.status, response.close,
                                 std::string(response.headers_json), std::string(response.body)});
  return {};
}

reactor::SendResult Worker::send(reactor::ConnectionId id, std::string_view bytes) {
  const uint32_t worker = reactor::worker_of_connection(id);
  if (worker == 0) return reactor_->send(id, bytes);
  command(worker, RemoteSend{id, std::string(bytes)});
  return {};
}

void Worker::close(reactor::ConnectionId id) {
  const uint32_t worker = reactor::worker_of_connection(id);
  if (worker == 0) return reactor_->close(id, true);
  command(worker, RemoteClose{id});
}

Result<std::string> Worker::listen(const reactor::ListenerSpec& spec, std::string& error) {
  auto bound = reactor_->listen(spec);
  if (!bound.ok()) {
    error = std::string(reactor_->listen_error());
    return bound;
  }
  for (Worker* other : others_) {
    RemoteListen listen{spec};
    listen.spec.shared_fd = reactor_->listener_fd(spec.listener_id);
    command(other->number_, std::move(listen));
  }
  return bound;
}

void Worker::post(std::unique_ptr<MainEvent> event) {
  main_events_.push(std::move(event));
  posted_ = true;
}

}  // namespace rowtine::runtime
