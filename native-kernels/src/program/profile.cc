// What a run did, stage by stage.
#include "program/profile.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace rowtine::program {
namespace {

uint64_t clock_ns() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

}  // namespace

void Profile::open(const Program& program) {
  pipelines_.clear();
  Place next = 0;
  for (const Pipeline& pipeline : program.pipelines) {
    pipelines_.push_back({next, 0, 0});
    next += static_cast<Place>(pipeline.operators.size()) + 2;
  }
  pipelines_.push_back({next, 0, 0});
  stages_.assign(next, {});
  place_ = kNowhere;
  bytes_ = 0;
  opened_ = clock_ns();
}

void Profile::begin(uint32_t pipeline) {
  pipeline_ = pipeline;
  go(pipelines_[pipeline].first_stage);
  begun_ = since_;
}

void Profile::end() {
  go(kNowhere);
  Part& part = pipelines_[pipeline_];
  part.nanoseconds += since_ - begun_;
  // The first stage after the source gets all batches that this thread has taken.
  part.threads = stages_[part.first_stage + 1].batches > 0 ? 1 : 0;
}

Profile::Suspended Profile::suspend() {
  const Suspended suspended{pipeline_, place_};
  end();
  return suspended;
}

void Profile::resume(const Suspended& suspended) {
  pipeline_ = suspended.pipeline;
  go(suspended.place);
  begun_ = since_;
}

void Profile::reach(size_t stage, uint32_t rows) {
  const Place place = pipelines_[pipeline_].first_stage + static_cast<Place>(stage);
  go(place);
  stages_[place].rows += rows;
  stages_[place].batches += 1;
}

void Profile::skip(uint64_t rows) {
  stages_[pipelines_[pipeline_].first_stage].rows += rows;
}

Profile::Place Profile::go(Place place) {
  const uint64_t now = clock_ns();
  if (place_ != kNowhere) stages_[place_].nanoseconds += now - since_;
  since_ = now;
  return std::exchange(place_, place);
}

void Profile::note_bytes(size_t bytes) { bytes_ = std::max(bytes_, bytes); }

void Profile::add(const Profile& other) {
  for (size_t i = 0; i < stages_.size(); ++i) {
    stages_[i].rows += other.stages_[i].rows;
    stages_[i].batches += other.stages_[i].batches;
    stages_[i].nanoseconds += other.stages_[i].nanoseconds;
  }
  for (size_t i = 0; i < pipelines_.size(); ++i) {
    pipelines_[i].threads += other.pipelines_[i].threads;
    pipelines_[i].nanoseconds = std::max(pipelines_[i].nanoseconds, other.pipelines_[i].nanoseconds);
  }
  bytes_ = std::max(bytes_, other.bytes_);
}

std::vector<double> Profile::numbers() const {
  const size_t count = pipelines_.empty() ? 0 : pipelines_.size() - 1;
  std::vector<double> out{static_cast<double>(clock_ns() - opened_), static_cast<double>(bytes_),
                          static_cast<double>(count)};
  for (size_t i = 0; i < count; ++i) {
    const Place first = pipelines_[i].first_stage, last = pipelines_[i + 1].first_stage;
    out.push_back(static_cast<double>(pipelines_[i].nanoseconds));
    out.push_back(pipelines_[i].threads);
    out.push_back(last - first);
    for (Place place = first; place < last; ++place) {
      const Stage& stage = stages_[place];
      for (const uint64_t number : {stage.rows, stage.batches, stage.nanoseconds}) {
        out.push_back(static_cast<double>(number));
      }
    }
  }
  return out;
}

}  // namespace rowtine::program
