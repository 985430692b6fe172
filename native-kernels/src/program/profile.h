// What a run did, for `explain analyze`: rows, batches and time of every stage of its pipelines. A
// stage is a pipeline's source, one of its operators, or its sink, in this order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "program/program.h"

namespace rowtine::program {

/// What one thread did in a run, or what the members of a team did together. Every nanosecond counts
/// for one stage: the clock is read whenever a batch goes from one to another.
/// Threads: one owner while it runs.
class Profile {
 public:
  /// Where time goes at the moment.
  using Place = uint32_t;
  static constexpr Place kNowhere = UINT32_MAX;

  /// Forgets what it holds, and starts the clock of the run.
  void open(const Program& program);

  void begin(uint32_t pipeline);
  void end();
  struct Suspended {
    uint32_t pipeline;
    Place place;
  };
  /// Leaves the pipeline at hand for others that it runs itself, and takes it up again.
  Suspended suspend();
  void resume(const Suspended& suspended);
  /// A batch reaches a stage of the pipeline at hand; no source is reached.
  void reach(size_t stage, uint32_t rows);
  /// The source of the pipeline at hand passed over rows that it knew were not wanted.
  void skip(uint64_t rows);
  /// Lets time go elsewhere, or nowhere. Returns: where it went.
  Place go(Place place);
  Place place() const { return place_; }
  Place sink_of(uint32_t pipeline) const { return pipelines_[pipeline + 1].first_stage - 1; }
  void note_bytes(size_t bytes);

  /// Adds what another member did in the same run, at the same time.
  void add(const Profile& other);

  /// What to tell TypeScript (planner/explain/run-profile.ts): nanoseconds since open(), most bytes held,
  /// pipelines; of each its nanoseconds, threads and stages; of each of these the rows and batches
  /// that reached it (of a source the rows that it passed over), and nanoseconds.
  std::vector<double> numbers() const;

 private:
  struct Stage {
    uint64_t rows = 0, batches = 0, nanoseconds = 0;
  };
  struct Part {
    Place first_stage = 0;
    uint32_t threads = 0;  // that had some of its batches
    uint64_t nanoseconds = 0;
  };

  std::vector<Stage> stages_;
  std::vector<Part> pipelines_;  // one more than there are
  uint64_t opened_ = 0, begun_ = 0, since_ = 0;
  uint32_t pipeline_ = 0;
  Place place_ = kNowhere;
  size_t bytes_ = 0;
};

}  // namespace rowtine::program
