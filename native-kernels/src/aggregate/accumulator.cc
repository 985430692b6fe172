// The accumulators of numbers, choices and truth; those that build text are in text_accumulator.cc.
#include "aggregate/accumulator.h"

#include <cmath>
#include <cstring>

#include "aggregate/adding.h"
#include "aggregate/column_fold.h"
#include "aggregate/pair_accumulator.h"
#include "aggregate/percentile_accumulator.h"
#include "aggregate/text_accumulator.h"
#include "vector/compare.h"
#include "vector/dispatch.h"

namespace rowtine::aggregate {
namespace {

using vector::Decimal;
using vector::StringView;

// ---- counting ---------------------------------------------------------------------------------

struct CountState {
  int64_t count;
};

/// Nothing of a row matters here but whether it counts, so whole columns are one addition.
struct CountRows {
  using State = CountState;
  static uint32_t add(State& state, AddRequest&, uint32_t) {
    ++state.count;
    return 0;
  }
  static uint32_t merge(State& into, const State& from) {
    into.count += from.count;
    return 0;
  }
  static bool finish(const State& state, int64_t& out) {
    out = state.count;
    return true;
  }
};

void add_count_star(AddRequest& request) {
  if (request.single) {
    state_of<CountState>(request, 0).count += request.count;
    return;
  }
  for (uint32_t i = 0; i < request.count; ++i) {
    ++state_of<CountState>(request, row_at(request, i)).count;
  }
}

void add_count(AddRequest& request) {
  return request.arguments[0].validity == nullptr ? add_count_star(request)
                                                  : add_rows<CountRows>(request);
}

// ---- sums -------------------------------------------------------------------------------------

template <class Total>
struct SumState {
  Total total;
  bool any;
};

/// Adds a column to an exact total when no order of the additions could leave the type.
bool add_column_sum(int64_t& total, const int16_t* values, uint32_t count) {
  constexpr int64_t kSafe = int64_t{1} << 62;
  if (total > kSafe || total < -kSafe) return false;
  total += sum_column(values, count);
  return true;
}
bool add_column_sum(int64_t& total, const int32_t* values, uint32_t count) {
  constexpr int64_t kSafe = int64_t{1} << 62;
  if (total > kSafe || total < -kSafe) return false;
  total += sum_column(values, count);
  return true;
}
bool add_column_sum(Decimal& total, const int64_t* values, uint32_t count) {
  constexpr Decimal kSafe = Decimal{1} << 126;
  if (total > kSafe || total < -kSafe) return false;
  total += sum_column(values, count).total();
  return true;
}
bool add_column_sum(Decimal&, const Decimal*, uint32_t) { return false; }

/// Integers and decimals: exact, 22003 when the total leaves its type.
template <class T, class Total>
struct SumExact {
  using Value = T;
  using State = SumState<Total>;
  static uint32_t add(State& state, const T& value, Arena&) {
    state.any = true;
    return plus(state.total, static_cast<Total>(value));
  }
  static bool add_block(State& state, const T* values, uint32_t count) {
    state.any = true;
    return add_column_sum(state.total, values, count);
  }
  static uint32_t merge(State& into, const State& from) {
    into.any = into.any || from.any;
    return plus(into.total, from.total);
  }
  static bool finish(const State& state, Total& out) {
    out = state.total;
    return state.any;
  }

 private:
  static uint32_t plus(Total& total, Total value) {
    return __builtin_add_overflow(total, value, &total) ? kNumericValueOutOfRange.packed : 0;
  }
};

/// Floats, added in input order so that the total does not depend on batches.
template <class T>
struct SumFloat {
  using Value = T;
  using State = SumState<double>;
  static uint32_t add(State& state, const T& value, Arena&) {
    state.any = true;
    return plus(state.total, static_cast<double>(value));
  }
  /// A total that is still finite never overflowed on the way: infinity stays or becomes NaN. The
  /// narrow type has to be asked after each value.
  static bool add_block(State& state, const T* values, uint32_t count) {
    if constexpr (sizeof(T) < sizeof(double)) return false;
    double total = state.total;
    for (uint32_t i = 0; i < count; ++i) total += static_cast<double>(values[i]);
    if (!std::isfinite(total)) return false;
    state = {total, true};
    return true;
  }
  static uint32_t merge(State& into, const State& from) {
    into.any = into.any || from.any;
    return plus(into.total, from.total);
  }
  static bool finish(const State& state, T& out) {
    out = static_cast<T>(state.total);
    return state.any;
  }

 private:
  static uint32_t plus(double& total, double value) {
    const double before = total;
    total += value;
    const bool overflows =
        std::isinf(static_cast<T>(total)) && !std::isinf(value) && !std::isinf(before);
    return overflows ? kNumericValueOutOfRange.packed : 0;
  }
};

/// An interval's parts are summed each on its own.
struct SumInterval {
  using Value = vector::Interval;
  using State = SumState<vector::Interval>;
  static uint32_t add(State& state, const vector::Interval& value, Arena&) {
    state.any = true;
    return plus(state.total, value);
  }
  static uint32_t merge(State& into, const State& from) {
    into.any = into.any || from.any;
    return plus(into.total, from.total);
  }
  static bool finish(const State& state, vector::Interval& out) {
    out = state.total;
    return state.any;
  }

 private:
  static uint32_t plus(vector::Interval& total, const vector::Interval& value) {
    const bool overflows =
        __builtin_add_overflow(total.months, value.months, &total.months) ||
        __builtin_add_overflow(total.days, value.days, &total.days) ||
        __builtin_add_overflow(total.microseconds, value.microseconds, &total.microseconds);
    return overflows ? kDatetimeFieldOverflow.packed : 0;
  }
};

// ---- choices ----------------------------------------------------------------------------------

template <class T>
struct ChoiceState {
  T value;
  bool any, is_null;
  uint32_t capacity;  // bytes of a string's own copy
};

// Keeps a string beyond its batch; a copy made before is written over when it is large enough.
inline uint32_t keep_value(ChoiceState<StringView>& state, const StringView& value, Arena& heap) {
  if (value.is_inline()) {
    // The copy, if any, is given up: its address lived in the view.
    state.value = value;
    state.capacity = 0;
    return 0;
  }
  char* bytes = const_cast<char*>(state.value.pointer);
  if (state.capacity < value.size) {
    bytes = static_cast<char*>(heap.allocate(value.size, 1));
    if (bytes == nullptr) return kOutOfMemory.packed;
    state.capacity = value.size;
  }
  std::memcpy(bytes, value.pointer, value.size);
  state.value = StringView::of({bytes, value.size});
  return 0;
}

template <class T>
uint32_t keep_value(ChoiceState<T>& state, const T& value, Arena&) {
  state.value = value;
  return 0;
}

template <class T>
concept Countable =
    std::is_same_v<T, int16_t> || std::is_same_v<T, int32_t> || std::is_same_v<T, int64_t>;

/// The least or greatest value.
template <class T, bool kGreatest>
struct Extreme {
  using Value = T;
  using State = ChoiceState<T>;
  static uint32_t add(State& state, const T& value, Arena& heap) {
    if (!is_better(state, value)) return 0;
    state.any = true;
    return keep_value(state, value, heap);
  }
  static bool add_block(State& state, const T* values, uint32_t count) requires Countable<T> {
    const Range<T> range = range_of_column(values, count);
    const T best = kGreatest ? range.greatest : range.least;
    if (is_better(state, best)) state = {best, true, false, 0};
    return true;
  }
  /// A string's own copy goes along: its thread has ended.
  static uint32_t merge(State& into, const State& from) {
    if (from.any && is_better(into, from.value)) into = from;
    return 0;
  }
  static bool finish(const State& state, T& out) {
    out = state.value;
    return state.any;
  }

 private:
  static bool is_better(const State& state, const T& value) {
    if (!state.any) return true;
    return kGreatest ? vector::values_less(state.value, value)
                     : vector::values_less(value, state.value);
  }
};

/// The value of the first row, also when it is null.
template <class T>
struct First {
  using State = ChoiceState<T>;
  static constexpr bool kTakesNulls = true;
  static uint32_t add(State& state, AddRequest& request, uint32_t row) {
    if (state.any) return 0;
    state.any = true;
    state.is_null = request.arguments[0].is_null(row);
    return state.is_null ? 0 : keep_value(state, value_at<T>(request, 0, row), *request.heap);
  }
  static bool finish(const State& state, T& out) {
    out = state.value;
    return state.any && !state.is_null;
  }
};

template <bool kAnd>
struct Truth {
  using Value = uint8_t;
  struct State {
    bool any, decided;  // decided: a false was met (and), a true was met (or)
  };
  static uint32_t add(State& state, uint8_t value, Arena&) {
    state.any = true;
    state.decided = state.decided || (value != 0) != kAnd;
    return 0;
  }
  static uint32_t merge(State& into, const State& from) {
    into.any = into.any || from.any;
    into.decided = into.decided || from.decided;
    return 0;
  }
  static bool finish(const State& state, uint8_t& out) {
    out = state.decided != kAnd ? 1 : 0;
    return state.any;
  }
};

// ---- spread -----------------------------------------------------------------------------------

/// Welford's running mean and sum of squared differences.
struct SpreadState {
  double count, mean, squares;
};

template <bool kSample, bool kRoot>
struct Spread {
  using Value = double;
  using State = SpreadState;
  static uint32_t add(State& state, const double& value, Arena&) {
    state.count += 1;
    const double difference = value - state.mean;
    state.mean += difference / state.count;
    state.squares += difference * (value - state.mean);
    return 0;
  }
  /// Source: Chan, Golub & LeVeque, "Updating Formulae and a Pairwise Algorithm" (1979).
  static uint32_t merge(State& into, const State& from) {
    if (from.count == 0) return 0;
    const double count = into.count + from.count;
    const double difference = from.mean - into.mean;
    into.mean += difference * from.count / count;
    into.squares += from.squares + difference * difference * into.count * from.count / count;
    into.count = count;
    return 0;
  }
  static bool finish(const State& state, double& out) {
    const double divisor = kSample ? state.count - 1 : state.count;
    const double variance = divisor > 0 ? state.squares / divisor : 0;
    out = kRoot ? std::sqrt(variance) : variance;
    return divisor > 0;
  }
};

// ---- finding them -----------------------------------------------------------------------------

struct Request {
  std::span<const PhysicalType> arguments;
  PhysicalType result;
  Accumulator& out;

  bool is(PhysicalType argument, PhysicalType wanted) const {
    return arguments.size() == 1 && arguments[0] == argument && result == wanted;
  }
};

template <class T>
using Min = Extreme<T, false>;
template <class T>
using Max = Extreme<T, true>;

template <template <class> class Op>
bool choose(const Request& request) {
  if (request.arguments.size() != 1 || request.arguments[0] != request.result) return false;
  return vector::with_type(request.result, [&](auto tag) {
    using T = typename decltype(tag)::Type;
    return set<Op<T>, T>(request.out);
  });
}

bool resolve_sum(const Request& r) {
  using enum PhysicalType;
  if (r.is(Int16, Int64)) return set<SumExact<int16_t, int64_t>, int64_t>(r.out);
  if (r.is(Int32, Int64)) return set<SumExact<int32_t, int64_t>, int64_t>(r.out);
  if (r.is(Int64, PhysicalType::Decimal)) {
    return set<SumExact<int64_t, vector::Decimal>, vector::Decimal>(r.out);
  }
  if (r.is(PhysicalType::Decimal, PhysicalType::Decimal)) {
    return set<SumExact<vector::Decimal, vector::Decimal>, vector::Decimal>(r.out);
  }
  if (r.is(Float32, Float32)) return set<SumFloat<float>, float>(r.out);
  if (r.is(Float64, Float64)) return set<SumFloat<double>, double>(r.out);
  if (r.is(PhysicalType::Interval, PhysicalType::Interval)) {
    return set<SumInterval, vector::Interval>(r.out);
  }
  return false;
}

bool resolve_count(const Request& r) {
  if (r.result != PhysicalType::Int64 || r.arguments.size() != 1) return false;
  set<CountRows, int64_t>(r.out);
  r.out.add = add_count;
  return true;
}

bool resolve_count_star(const Request& r) {
  if (r.result != PhysicalType::Int64 || !r.arguments.empty()) return false;
  set<CountRows, int64_t>(r.out);
  r.out.add = add_count_star;
  return true;
}

template <class Op, class T>
bool resolve_one(const Request& r, PhysicalType argument, PhysicalType result) {
  return r.is(argument, result) && set<Op, T>(r.out);
}

}  // namespace

bool resolve(Function function, std::span<const PhysicalType> arguments, PhysicalType result,
             Accumulator& out) {
  out = {};
  out.result = result;
  out.argument_count = static_cast<uint32_t>(arguments.size());
  const Request r{arguments, result, out};
  constexpr auto kBool = PhysicalType::Bool;
  constexpr auto kFloat = PhysicalType::Float64;
  switch (function) {
    case Function::CountStar:
      return resolve_count_star(r);
    case Function::Count:
      return resolve_count(r);
    case Function::Sum:
      return resolve_sum(r);
    case Function::Min:
      return choose<Min>(r);
    case Function::Max:
      return choose<Max>(r);
    case Function::First:
      return choose<First>(r);
    case Function::BoolAnd:
      return resolve_one<Truth<true>, uint8_t>(r, kBool, kBool);
    case Function::BoolOr:
      return resolve_one<Truth<false>, uint8_t>(r, kBool, kBool);
    case Function::VarPop:
      return resolve_one<Spread<false, false>, double>(r, kFloat, kFloat);
    case Function::VarSamp:
      return resolve_one<Spread<true, false>, double>(r, kFloat, kFloat);
    case Function::StddevPop:
      return resolve_one<Spread<false, true>, double>(r, kFloat, kFloat);
    case Function::StddevSamp:
      return resolve_one<Spread<true, true>, double>(r, kFloat, kFloat);
    case Function::StringAgg:
    case Function::JsonAgg:
    case Function::JsonObjectAgg:
      return resolve_text(function, arguments, result, out);
    case Function::CovarPop:
    case Function::CovarSamp:
    case Function::Corr:
      return resolve_pairs(function, arguments, result, out);
    case Function::PercentileCont:
      return resolve_percentile(arguments, result, out);
  }
  return false;
}

}  // namespace rowtine::aggregate
