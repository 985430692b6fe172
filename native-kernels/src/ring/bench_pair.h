// What the fabric's benchmarks share: two threads pinned to two cores, the probe that says how far
// apart these cores are right now, and rounds in which all candidates of a question run in turn.
//
// A hypervisor moves virtual cores about within seconds, and every figure between two cores depends
// on the distance by a factor of 4 to 6. So each sample is probed before and after, counts for the
// placement it was taken at, and is taken again when the two probes differ or the system gave one
// of the cores to another program meanwhile. Samples are short (1 to 20 ms), so that most are
// undisturbed.
#pragma once

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "base/cache_line.h"
#include "base/invariant.h"
#include "ring/wait_strategy.h"

namespace rowtine::ring::bench {

inline double now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

inline void pin_to(int core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

/// The first two cores this process may use; the second is -1 when there is only one.
inline std::array<int, 2> two_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  sched_getaffinity(0, sizeof set, &set);
  std::array<int, 2> cores{-1, -1};
  for (int core = 0, found = 0; core < CPU_SETSIZE && found < 2; ++core) {
    if (CPU_ISSET(core, &set)) cores[static_cast<size_t>(found++)] = core;
  }
  return cores;
}

/// How often the system took the core from this thread.
inline int64_t preemptions() {
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  return usage.ru_nivcsw;
}

/// The calling thread and a partner, each pinned; the partner polls between jobs, so that a sample
/// starts within a microsecond.
class Pair {
 public:
  explicit Pair(std::array<int, 2> cores) {
    pin_to(cores[0]);
    partner_ = std::thread([this, core = cores[1]] {
      pin_to(core);
      serve();
    });
  }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;
  ~Pair() {
    job_ = nullptr;
    start_partner();
    partner_.join();
  }

  /// Runs both at a time. Returns: nanoseconds from the start until both have ended.
  template <class Here, class There>
  double run(Here&& here, There&& there) {
    job_ = std::ref(there);
    const int64_t preemptions_before = preemptions();
    const double start = now_ns();
    start_partner();
    here();
    // Acquire: pairs with the release store in serve().
    while (done_.load(std::memory_order_acquire) != started_.load(std::memory_order_relaxed)) {
      pause_briefly();
    }
    const double end = now_ns();
    disturbed_ = partner_disturbed_ || preemptions() != preemptions_before;
    return end - start;
  }

  /// Whether one of the threads lost its core in the last run.
  bool disturbed() const { return disturbed_; }

 private:
  void start_partner() {
    // Release: pairs with the acquire load in serve(); hands over job_.
    started_.store(started_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  }

  void serve() {
    for (uint64_t seen = 0;;) {
      const uint64_t started = started_.load(std::memory_order_acquire);
      if (started == seen) {
        pause_briefly();
        continue;
      }
      seen = started;
      if (job_ == nullptr) return;
      const int64_t preemptions_before = preemptions();
      job_();
      partner_disturbed_ = preemptions() != preemptions_before;
      done_.store(seen, std::memory_order_release);
    }
  }

  std::function<void()> job_;
  bool partner_disturbed_ = false;  // handed over with done_
  bool disturbed_ = false;
  alignas(kCacheLineBytes) std::atomic<uint64_t> started_{0};
  alignas(kCacheLineBytes) std::atomic<uint64_t> done_{0};
  std::thread partner_;
};

/// A word on a line of its own.
struct alignas(kCacheLineBytes) Line {
  std::atomic<uint64_t> word{0};
};

/// Nanoseconds per round trip when each thread waits for the other's store to `mine` and `theirs`,
/// which may be the same line.
inline double ping_pong_ns(Pair& pair, Line& mine, Line& theirs, uint64_t rounds) {
  mine.word.store(0, std::memory_order_relaxed);
  theirs.word.store(0, std::memory_order_relaxed);
  const double ns = pair.run(
      [&] {
        for (uint64_t i = 0; i < rounds; ++i) {
          theirs.word.store(2 * i + 1, std::memory_order_release);
          while (mine.word.load(std::memory_order_acquire) != 2 * i + 2) {
          }
        }
      },
      [&] {
        for (uint64_t i = 0; i < rounds; ++i) {
          while (theirs.word.load(std::memory_order_acquire) != 2 * i + 1) {
          }
          mine.word.store(2 * i + 2, std::memory_order_release);
        }
      });
  return ns / static_cast<double>(rounds);
}

/// How far apart the two cores are: near (one core complex), far (another), siblings (one core).
inline const char* placement(Pair& pair) {
  static constexpr double kNearNsMax = 180, kSiblingsNsMax = 75;
  static constexpr uint64_t kRounds = 2'000;
  static Line first, second;
  if (ping_pong_ns(pair, first, second, kRounds) < kSiblingsNsMax) return "siblings";
  return ping_pong_ns(pair, first, first, kRounds) < kNearNsMax ? "near" : "far";
}

struct Settings {
  bool smoke = false;
  int rounds = 31;
  std::string question;  // asks only those whose name contains it

  /// A count of events that keeps a sample between 5 and 50 ms; small in a smoke run.
  uint64_t events(uint64_t full) const { return smoke ? full / 16 : full; }
};

inline Settings settings_from(int argc, char** argv) {
  Settings settings;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--smoke") == 0) settings = {true, 3, {}};
    if (std::strncmp(argv[i], "--rounds=", 9) == 0) settings.rounds = std::atoi(argv[i] + 9);
    if (std::strncmp(argv[i], "--question=", 11) == 0) settings.question = argv[i] + 11;
  }
  return settings;
}

/// One way to do what the question asks; returns its figure, having checked its result.
struct Candidate {
  std::string name;
  std::function<double(Pair&)> run;
};

/// The first candidate is the hand-written limit that the others are compared with.
struct Question {
  std::string name;
  std::string unit;  // "M/s" or "ns"
  std::vector<Candidate> candidates;
};

inline double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

struct Sample {
  std::string placement;  // empty: none could be taken undisturbed
  double figure;
};

inline Sample take_sample(Pair& pair, const Candidate& candidate) {
  static constexpr int kAttempts = 8;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const char* before = placement(pair);
    const double figure = candidate.run(pair);
    if (!pair.disturbed() && before == std::string(placement(pair))) return {before, figure};
  }
  return {"", 0};
}

/// Asks the question `rounds` times and prints a JSON line per candidate and placement: median,
/// median absolute deviation, samples kept and rounds without one.
inline void ask(Pair& pair, const Settings& settings, const Question& question) {
  if (question.name.find(settings.question) == std::string::npos) return;
  std::map<std::pair<std::string, size_t>, std::vector<double>> samples;
  int missed = 0;
  for (int round = 0; round < settings.rounds; ++round) {
    for (size_t i = 0; i < question.candidates.size(); ++i) {
      const Sample sample = take_sample(pair, question.candidates[i]);
      if (sample.placement.empty()) {
        ++missed;
      } else {
        samples[{sample.placement, i}].push_back(sample.figure);
      }
    }
  }
  for (const auto& [where, figures] : samples) {
    const double middle = median(figures);
    std::vector<double> deviations;
    for (const double figure : figures) deviations.push_back(std::abs(figure - middle));
    std::printf("{\"question\":\"%s\",\"placement\":\"%s\",\"candidate\":\"%s\",\"unit\":\"%s\","
                "\"median\":%.4g,\"mad\":%.3g,\"samples\":%zu,\"missed\":%d,\"limit\":%s}\n",
                question.name.c_str(), where.first.c_str(),
                question.candidates[where.second].name.c_str(), question.unit.c_str(), middle,
                median(deviations), figures.size(), missed, where.second == 0 ? "true" : "false");
  }
  std::fflush(stdout);
}

/// Runs `ask_all(pair, settings)`, or says in one JSON line why not. Returns: the exit code of
/// main().
template <class AskAll>
int bench_main(int argc, char** argv, AskAll&& ask_all) {
  const std::array<int, 2> cores = two_cores();
  if (cores[1] < 0) {
    std::puts("{\"note\":\"one core only: nothing between two cores can be measured\"}");
    return 0;
  }
  Pair pair(cores);
  ask_all(pair, settings_from(argc, argv));
  return 0;
}

}  // namespace rowtine::ring::bench
