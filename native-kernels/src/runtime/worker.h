// One pinned thread with its own sockets. Worker 0 is the sequencer's too; the others receive and
// send, and hand whole inboxes over: work goes to the data. In the topology `split_io` there is
// worker 0 alone, and its reactor has a thread that receives and one that sends.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <variant>

#include "reactor/owned_inbox.h"
#include "reactor/reactor.h"
#include "reactor/split_reactor.h"
#include "ring/patient_lane.h"
#include "runtime/config.h"
#include "runtime/network.h"
#include "runtime/sequencer.h"

namespace rowtine::runtime {

// Main thread -> worker 0.
struct AdoptConfig {
  std::shared_ptr<const Config> config;
};
struct RunStatement {
  Statement statement;
};
struct StartFollow {
  uint32_t follow, relation;
};
struct StopFollow {
  uint32_t follow;
};
struct Shutdown {
  int64_t deadline_us;
};
struct ChangeIndex {
  IndexChange change;
};
struct OrderTransaction {
  TransactionOrder order;
};
using Control = std::variant<std::monostate, AdoptConfig, RunStatement, ChangeIndex, OrderTransaction, StartFollow, StopFollow, Shutdown>;

// Worker 0 -> the others.
struct RemoteResponse {
  reactor::RequestId request;
  int32_t status;
  bool close;
  std::string headers, body;
};
struct RemoteSend {
  reactor::ConnectionId connection;
  std::string bytes;
};
struct RemoteClose {
  reactor::ConnectionId connection;
};
struct RemoteListen {
  reactor::ListenerSpec spec;
};
struct RemoteShutdown {
  int64_t deadline_us;
};
using Command = std::variant<std::monostate, RemoteResponse, RemoteSend, RemoteClose, RemoteListen, RemoteShutdown>;

inline constexpr uint32_t kControlLane = 16'384;
inline constexpr uint32_t kCommandLane = 16'384;
inline constexpr uint32_t kInboxLane = 1'024;
inline constexpr uint32_t kMainLane = 16'384;

/// Counters that sys.workers shows.
struct WorkerStats {
  std::atomic<int64_t> busy_us{0}, idle_us{0};
  std::atomic<int32_t> core{-1};
};

/// What one of the threads beside worker 0 in the topology `split_io` has done so far.
struct IoShare {
  const char* role;
  int32_t core;  // -1: not pinned
  int64_t busy_us, idle_us;
};

class Worker final : public Network, public MainSink {
 public:
  Worker(uint32_t number, const EngineOptions& options, table::SequenceClock& clock,
         StoreGate& gate, std::function<void()> wake_main);
  ~Worker() override;

  /// Opens the reactor and starts the thread. Returns: false and why it could not.
  bool start(std::string& reason);
  /// Worker 0 gets the others before any of them starts.
  void set_others(std::vector<Worker*> others) { others_ = std::move(others); }
  void set_sequencer(Worker* sequencer) { sequencer_worker_ = sequencer; }
  void stop();
  /// Threads: any. Ends the worker's wait, if it waits.
  void wake();

  ring::PatientLane<Control>& controls() { return controls_; }
  ring::PatientLane<std::unique_ptr<MainEvent>>& main_events() { return main_events_; }
  const WorkerStats& stats() const { return stats_; }
  /// Empty but in the topology `split_io`. Threads: worker 0's.
  std::vector<IoShare> io_shares() const;
  Sequencer* sequencer() { return sequencer_.get(); }
  uint32_t number() const { return number_; }

  // Network: the sequencer's way out. Worker 0's thread.
  reactor::SendResult respond(reactor::RequestId id, const reactor::Response& response) override;
  reactor::SendResult send(reactor::ConnectionId id, std::string_view bytes) override;
  void close(reactor::ConnectionId id) override;
  Result<std::string> listen(const reactor::ListenerSpec& spec, std::string& error) override;

  // MainSink.
  void post(std::unique_ptr<MainEvent> event) override;
  size_t depth() const override { return main_events_.depth(); }

 private:
  void run();
  void take_controls();
  void take_commands();
  void take_inboxes();
  void obey(Control& control);
  void obey(Command& command);
  void command(uint32_t worker, Command command);
  void send_commands();
  bool has_input() const;
  void wait_and_poll(bool more);
  int32_t pin(uint32_t number) const;
  std::unique_ptr<reactor::Reactor> make_reactor(std::string& reason);
  void begin_io(reactor::IoRole role);
  bool finish_shutdown();

  uint32_t number_;
  EngineOptions options_;
  std::function<void()> wake_main_;
  std::unique_ptr<reactor::Reactor> reactor_;
  reactor::SplitReactor* split_ = nullptr;  // the same, when it is one
  std::array<std::atomic<int32_t>, 2> io_cores_{-1, -1};  // by IoRole; its thread writes
  std::unique_ptr<Sequencer> sequencer_;  // worker 0 only
  std::vector<Worker*> others_;           // of worker 0: workers 1..
  Worker* sequencer_worker_ = nullptr;    // of the others: worker 0

  ring::PatientLane<Control> controls_{kControlLane};
  ring::PatientLane<Command> commands_{kCommandLane};                          // worker 0 writes
  ring::PatientLane<std::unique_ptr<reactor::OwnedInbox>> inboxes_{kInboxLane};         // worker 0 reads
  ring::PatientLane<std::unique_ptr<MainEvent>> main_events_{kMainLane};       // the main thread reads
  std::vector<bool> commanded_;  // workers with new commands in this turn
  bool posted_ = false;

  reactor::Inbox inbox_;
  std::atomic<bool> waiting_{false};
  std::atomic<bool> stopping_{false};
  std::atomic<bool> drained_{false};  // nothing is open after a shutdown
  bool shutting_down_ = false;
  bool stopped_posted_ = false;
  int64_t shutdown_at_us_ = 0;
  WorkerStats stats_;
  std::unique_ptr<std::thread> thread_;
};

/// The wall clock in microseconds since 1970.
int64_t wall_clock_us();

}  // namespace rowtine::runtime
