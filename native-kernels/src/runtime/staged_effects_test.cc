// Staged rows leave event by event, whatever order they were staged in, without those of failures.
#include "runtime/staged_effects.h"

#include "base/check.h"
#include "runtime/make_vector.h"

using namespace rowtine;
using namespace rowtine::runtime;
using check::expect;
using vector::PhysicalType;
using vector::Vector;

namespace {

// Stages one row per event with the value 100 * event + mark.
void stage(StagedEffects& effects, uint32_t relation, std::vector<uint32_t> events, uint32_t run,
           uint32_t pipeline, int64_t mark) {
  Arena scratch;
  const auto count = static_cast<uint32_t>(events.size());
  Vector values = column(scratch, PhysicalType::Int64, count);
  for (uint32_t i = 0; i < count; ++i) values.as<int64_t>()[i] = 100 * int64_t{events[i]} + mark;
  effects.stage(relation, {&values, 1}, count, events.data(), run, pipeline);
}

std::vector<int64_t> values_of(const StagedEffects& effects, const StagedOrder& order) {
  std::vector<int64_t> values;
  for (const StagedOrder::Row& row : order.rows) {
    values.push_back(effects.pieces()[row.piece].columns[0].as<int64_t>()[row.row]);
  }
  return values;
}

void events_in_order() {
  StagedEffects effects;
  stage(effects, 1, {0, 1, 2}, 0, 0, 1);  // statement 1 of the first coroutine, set at a time
  stage(effects, 1, {0, 1, 2}, 0, 1, 2);  // its statement 2
  stage(effects, 1, {0, 2}, 1, 0, 3);     // another coroutine
  const auto orders = effects.in_order(true);
  expect(orders.size() == 1, "one relation, one order");
  expect(values_of(effects, orders[0]) == std::vector<int64_t>{1, 2, 3, 101, 102, 201, 202, 203},
         "as if every event had run alone");
}

void relations_interleave_when_asked() {
  StagedEffects effects;
  stage(effects, 1, {0, 1}, 0, 0, 1);
  stage(effects, 2, {0, 1}, 0, 1, 2);
  expect(effects.in_order(true).size() == 2, "grouped: one order per relation");
  expect(values_of(effects, effects.in_order(true)[1]) == std::vector<int64_t>{2, 102},
         "with the rows of its own");
  const auto orders = effects.in_order(false);
  expect(orders.size() == 4, "event by event: the relations take turns");
  expect(orders[0].relation == 1 && orders[1].relation == 2 && orders[2].relation == 1,
         "in the order of the statements");
}

void failures_take_theirs_along() {
  StagedEffects effects;
  stage(effects, 1, {0, 1, 2}, 0, 0, 1);
  stage(effects, 1, {0, 1, 2}, 0, 3, 2);
  effects.discard(1, 0, 2);  // event 1 failed in a block that began at pipeline 2
  expect(values_of(effects, effects.in_order(true)[0]) == std::vector<int64_t>{1, 2, 101, 201, 202},
         "only what the block staged is dropped");
  effects.discard_run(0);
  expect(effects.in_order(true).empty(), "a run that is repeated leaves nothing");
}

void bytes_are_copied() {
  StagedEffects effects;
  std::string text(100, 'x');
  Arena scratch;
  const Vector values = constant_text(scratch, text);
  effects.stage(1, {&values, 1}, 2, nullptr, 0, 0);
  text.assign(100, 'y');
  const auto* views = effects.pieces()[0].columns[0].as<vector::StringView>();
  expect(effects.pieces()[0].columns[0].constant && views[0].text() == std::string(100, 'x'),
         "the bytes of a constant are owned");
}

}  // namespace

int main() {
  events_in_order();
  relations_interleave_when_asked();
  failures_take_theirs_along();
  bytes_are_copied();
  return check::summary();
}
