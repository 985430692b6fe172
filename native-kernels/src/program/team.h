// Several threads that run one program together: each runs all its pipelines, over the morsels of
// rows that it takes, and all meet between pipelines.
#pragma once

#include <cstdint>
#include <memory>

namespace rowtine::program {

struct TeamState;  // program/team_state.h: what the members share

/// For one run. Every member calls Execution::run_statement() with the same program, parameters,
/// relations, snapshot and hash seed, and with its own number; none may be left out, as they wait
/// for each other. Of a program that writes, member 0 has the transaction, which is not open yet: it
/// runs the pipelines from the first that changes a table on, alone.
/// Threads: made by one, used by its members, destroyed when all of them have returned.
class Team {
 public:
  explicit Team(uint32_t size);
  ~Team();
  Team(const Team&) = delete;
  Team& operator=(const Team&) = delete;

  uint32_t size() const;
  TeamState& state() { return *state_; }

 private:
  std::unique_ptr<TeamState> state_;
};

}  // namespace rowtine::program
