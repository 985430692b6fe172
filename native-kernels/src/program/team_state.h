// What the members of a team share during a run. Internal to this folder.
//
//   in a pipeline        each takes morsels until there is none; its error lowers `morsel_end`
//   all meet
//   between pipelines    member 0 closes what was filled, and opens the next pipeline or ends
//   all meet
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "barrier/phase_barrier.h"
#include "base/cache_line.h"
#include "base/status.h"
#include "program/run.h"
#include "program/state_slot.h"

namespace rowtine::program {

/// Batches of a source that one thread takes at a time: long enough that taking costs nothing, short
/// enough that the last one does not keep the others waiting.
inline constexpr uint64_t kMorselBatches = 16;

struct Morsel {
  uint64_t number = 0;
  uint64_t first = 0, last = 0;  // slots, the last one not included
};

struct TeamState {
  explicit TeamState(uint32_t size) : barrier(size), members(size), arenas(size) {}

  struct alignas(kCacheLineBytes) Member {
    std::atomic<size_t> bytes{0};  // that it holds; read by all
    // Read by member 0 when all have arrived:
    DataError error;
    uint32_t error_detail = 0;
    std::string error_text;
    uint64_t error_morsel = UINT64_MAX;
    RunOutcome counts;
  };

  /// Takes the next morsel of the pipeline at hand. Returns: false when there is none.
  bool take(Morsel& morsel) {
    morsel.number = next_morsel.fetch_add(1, std::memory_order_relaxed);
    morsel.first = morsel.number * morsel_slots;
    if (morsel.first >= slot_count || morsel.number >= morsel_end.load(std::memory_order_relaxed)) {
      return false;
    }
    morsel.last = std::min(slot_count, morsel.first + morsel_slots);
    return true;
  }

  /// A row of morsel `number` failed: later ones need not run, as the first failure counts.
  void end_at(uint64_t number) {
    uint64_t end = morsel_end.load(std::memory_order_relaxed);
    while (number < end && !morsel_end.compare_exchange_weak(end, number)) {
    }
    failed.store(true, std::memory_order_relaxed);
  }

  bool has_failed() const {
    return failed.load(std::memory_order_relaxed) || aborted.load(std::memory_order_relaxed);
  }

  barrier::PhaseBarrier<> barrier;
  std::vector<StateSlot> slots;  // opened by member 0
  std::vector<Member> members;
  std::vector<Arena*> arenas;  // the members' own, until the run ends
  // Of the pipeline: set by member 0 before the others enter it.
  uint64_t morsel_slots = 1;
  uint64_t slot_count = 0;  // 0: member 0 runs it alone
  bool is_over = false;     // there is no further one
  bool goes_on = false;     // closing a state: there is a further pass
  alignas(kCacheLineBytes) std::atomic<uint64_t> next_morsel{0};
  alignas(kCacheLineBytes) std::atomic<uint64_t> morsel_end{UINT64_MAX};
  std::atomic<bool> failed{false};   // some row failed: the run ends with the pipeline
  std::atomic<bool> aborted{false};  // cancelled, out of memory, nobody listens: it ends at once
};

}  // namespace rowtine::program
