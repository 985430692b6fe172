#include "runtime/stage_append.h"

namespace rowtine::runtime {
namespace {

bool number_requests(InstalledRelation& relation, Arena& arena,
                     const program::AppendRequest& request, StagedPiece& piece) {
  if (relation.spec.identity_column < 0) return true;
  piece.ids = arena.allocate_array<int64_t>(request.row_count + vector::kPaddingBytes / 8);
  if (piece.ids == nullptr) return false;
  for (uint32_t row = 0; row < request.row_count; ++row) {
    piece.ids[row] = relation.next_request_id++;
    if (request.ids != nullptr) request.ids[row] = piece.ids[row];
  }
  return true;
}

}  // namespace

bool stage_append(const Config& config, StagedEffects& staged,
                  const program::AppendRequest& request, const uint32_t* event_rows, uint32_t run) {
  InstalledRelation& relation = *config.installed(request.relation);
  const uint32_t piece = staged.stage(request.relation, request.values, request.row_count,
                                      event_rows, run, request.pipeline);
  const bool room = piece != UINT32_MAX &&
                    number_requests(relation, staged.arena(), request, staged.pieces()[piece]);
  for (uint32_t row = 0; !room && request.states != nullptr && row < request.row_count; ++row) {
    request.states[row] = kOutOfMemory.packed;
  }
  return room;
}

}  // namespace rowtine::runtime
