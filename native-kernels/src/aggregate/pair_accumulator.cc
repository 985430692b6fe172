#include "aggregate/pair_accumulator.h"

#include <algorithm>
#include <cmath>

#include "aggregate/adding.h"

namespace rowtine::aggregate {
namespace {

/// Running means, and sums of squared differences and of their products.
struct PairState {
  double count, mean_y, mean_x, squares_y, squares_x, products;
};

/// Source: Chan, Golub & LeVeque, "Updating Formulae and a Pairwise Algorithm" (1979).
struct Pairs {
  using State = PairState;
  static uint32_t add(State& state, AddRequest& request, uint32_t row) {
    if (request.arguments[1].is_null(row)) return 0;
    const double y = value_at<double>(request, 0, row), x = value_at<double>(request, 1, row);
    state.count += 1;
    const double share = 1 / state.count;
    const double from_y = y - state.mean_y, from_x = x - state.mean_x;
    state.mean_y += from_y * share;
    state.mean_x += from_x * share;
    state.squares_y += from_y * (y - state.mean_y);
    state.squares_x += from_x * (x - state.mean_x);
    state.products += from_x * (y - state.mean_y);
    return 0;
  }
  static uint32_t merge(State& into, const State& from) {
    if (from.count == 0) return 0;
    const double count = into.count + from.count;
    const double share = from.count / count, weight = into.count * share;
    const double apart_y = from.mean_y - into.mean_y, apart_x = from.mean_x - into.mean_x;
    into.mean_y += apart_y * share;
    into.mean_x += apart_x * share;
    into.squares_y += from.squares_y + apart_y * apart_y * weight;
    into.squares_x += from.squares_x + apart_x * apart_x * weight;
    into.products += from.products + apart_y * apart_x * weight;
    into.count = count;
    return 0;
  }
};

template <bool kSample>
struct Covariance : Pairs {
  static bool finish(const PairState& state, double& out) {
    const double divisor = kSample ? state.count - 1 : state.count;
    if (divisor > 0) out = state.products / divisor;
    return divisor > 0;
  }
};

struct Correlation : Pairs {
  static bool finish(const PairState& state, double& out) {
    if (state.count == 0 || state.squares_y == 0 || state.squares_x == 0) return false;
    // Of each a root: their product may leave the type.
    const double ratio = state.products / (std::sqrt(state.squares_y) * std::sqrt(state.squares_x));
    out = std::isnan(ratio) ? ratio : std::clamp(ratio, -1.0, 1.0);
    return true;
  }
};

}  // namespace

bool resolve_pairs(Function function, std::span<const PhysicalType> arguments, PhysicalType result,
                   Accumulator& out) {
  const auto is_float = [](PhysicalType type) { return type == PhysicalType::Float64; };
  if (arguments.size() != 2 || !is_float(arguments[0]) || !is_float(arguments[1]) ||
      !is_float(result)) {
    return false;
  }
  if (function == Function::Corr) return set<Correlation, double>(out);
  return function == Function::CovarPop ? set<Covariance<false>, double>(out)
                                        : set<Covariance<true>, double>(out);
}

}  // namespace rowtine::aggregate
