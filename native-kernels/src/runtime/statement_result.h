// What a statement gives back to the main thread: its rows in batches, then how it ended.
#pragma once

#include <algorithm>
#include <memory>
#include <span>
#include <vector>

#include "program/run.h"
#include "runtime/events.h"

namespace rowtine::runtime {

using MainEvents = std::vector<std::unique_ptr<MainEvent>>;

/// Copies result rows into batches for the main thread, at most `bytes_max` of them.
/// Threads: one owner.
class ResultCollector final : public program::ResultSink {
 public:
  ResultCollector(uint32_t statement, size_t bytes_max) : statement_(statement), left_(bytes_max) {}

  bool rows(std::span<const vector::Vector> columns, uint32_t row_count) override;
  void begin_morsel(uint64_t number) override;
  /// The rows passed bytes_max; the run ended early.
  bool is_full() const { return is_full_; }

  /// The batches of all members of a team in the order of their morsels, small ones joined.
  static MainEvents take(std::span<ResultCollector> members);

 private:
  struct Piece {
    uint64_t first_morsel;
    uint64_t last_morsel;
    std::unique_ptr<MainEvent> event;
  };
  bool has_room(uint32_t row_count);
  void begin_piece();

  uint32_t statement_;
  size_t left_;
  bool is_full_ = false;
  uint64_t morsel_ = 0;
  std::vector<Piece> pieces_;
};

/// Why the run that `execution` has just made failed, in the main thread's terms.
Refusal refusal_of(const program::VerifiedProgram& program,
                   const Result<program::RunOutcome>& outcome,
                   const program::Execution& execution);

/// The end of statement `id`, to be filled in.
std::unique_ptr<MainEvent> done_event(uint32_t id);

/// All that a read tells the main thread: batches and end, or the end alone when it failed.
MainEvents events_of_read(uint32_t id, const program::VerifiedProgram& program,
                          const Result<program::RunOutcome>& outcome,
                          const program::Execution& execution,
                          std::span<ResultCollector> results);

}  // namespace rowtine::runtime
