#include "aggregate/percentile_accumulator.h"

#include <algorithm>
#include <cmath>

#include "aggregate/adding.h"
#include "vector/compare.h"

namespace rowtine::aggregate {
namespace {

constexpr uint64_t kValuesMin = 8;

/// The fraction is NaN where it is null.
struct PercentileState {
  double* values;
  uint64_t count, capacity;
  double fraction;
};

// What was kept before is left in the heap: doubling makes that less than what is kept.
bool reserve(PercentileState& state, uint64_t count, Arena& heap) {
  if (count <= state.capacity) return true;
  const uint64_t capacity = std::max({kValuesMin, count, 2 * state.capacity});
  auto* values = heap.allocate_array<double>(capacity);
  if (values == nullptr) return false;
  if (state.count > 0) std::memcpy(values, state.values, state.count * sizeof(double));
  state.values = values;
  state.capacity = capacity;
  return true;
}

/// The value between two neighbours in order, as PostgreSQL has it. Reorders the values.
double percentile(double* values, uint64_t count, double fraction) {
  const double place = fraction * static_cast<double>(count - 1);
  const auto index = std::min(static_cast<uint64_t>(place), count - 1);
  const auto less = [](double a, double b) { return vector::values_less(a, b); };
  std::nth_element(values, values + index, values + count, less);
  const double low = values[index], part = place - static_cast<double>(index);
  if (part <= 0 || index + 1 == count) return low;
  const double high = *std::min_element(values + index + 1, values + count, less);
  return low + part * (high - low);
}

struct Percentile {
  using State = PercentileState;
  static uint32_t add(State& state, AddRequest& request, uint32_t row) {
    if (state.count == 0) {
      const bool is_null = request.arguments[1].is_null(row);
      state.fraction = is_null ? std::nan("") : value_at<double>(request, 1, row);
      if (!is_null && !(state.fraction >= 0 && state.fraction <= 1)) {
        return kNumericValueOutOfRange.packed;
      }
    }
    if (state.count == state.capacity && !reserve(state, state.count + 1, *request.heap)) {
      return kOutOfMemory.packed;
    }
    state.values[state.count++] = value_at<double>(request, 0, row);
    return 0;
  }
  static bool finish(const State& state, double& out) {
    if (state.count == 0 || std::isnan(state.fraction)) return false;
    out = percentile(state.values, state.count, state.fraction);
    return true;
  }
};

}  // namespace

bool resolve_percentile(std::span<const PhysicalType> arguments, PhysicalType result,
                        Accumulator& out) {
  constexpr auto kFloat = PhysicalType::Float64;
  if (arguments.size() != 2 || arguments[0] != kFloat || arguments[1] != kFloat) return false;
  return result == kFloat && set<Percentile, double>(out);
}

}  // namespace rowtine::aggregate
