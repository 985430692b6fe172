// Aggregates over frames, as folds: states that rows are added to, that merge, and that, where it is
// exact, rows are taken out of again.
#pragma once

#include <cmath>
#include <cstdint>

#include "vector/compare.h"
#include "vector/string_view.h"

namespace rowtine::window {

using vector::Decimal;
using vector::Interval;
using vector::StringView;

/// What a fold gives for a frame.
enum class Outcome : uint8_t { Null, Value, NumericOverflow, IntervalOverflow };

// A fold has: Argument (the type that rows give; void: none), Result, State (all zero bytes is empty),
// kInvertible, add, merge (the second's rows come later), remove where invertible, finish.

struct CountFold {
  struct State {
    int64_t count;
  };
  using Result = int64_t;
  static constexpr bool kInvertible = true;
  template <class T>
  static void add(State& state, const T&) {
    ++state.count;
  }
  template <class T>
  static void remove(State& state, const T&) {
    --state.count;
  }
  static void merge(State& state, const State& later) { state.count += later.count; }
  static Outcome finish(const State& state, int64_t& out) {
    out = state.count;
    return Outcome::Value;
  }
};

/// Integers, summed in 128 bits, which no number of rows can leave.
template <class Sum>
struct IntegerSumFold {
  struct State {
    __int128 total;
    int64_t count;
  };
  using Result = Sum;
  static constexpr bool kInvertible = true;
  template <class T>
  static void add(State& state, const T& value) {
    state.total += value;
    ++state.count;
  }
  template <class T>
  static void remove(State& state, const T& value) {
    state.total -= value;
    --state.count;
  }
  static void merge(State& state, const State& later) {
    state.total += later.total;
    state.count += later.count;
  }
  static Outcome finish(const State& state, Sum& out) {
    out = static_cast<Sum>(state.total);
    if (state.count == 0) return Outcome::Null;
    return out == state.total ? Outcome::Value : Outcome::NumericOverflow;
  }
};

struct DecimalSumFold {
  struct State {
    Decimal total;
    bool any, overflows;
  };
  using Result = Decimal;
  static constexpr bool kInvertible = false;
  static void add(State& state, const Decimal& value) { take(state, value); }
  static void merge(State& state, const State& later) {
    if (!later.any) return;
    state.overflows = state.overflows || later.overflows;
    take(state, later.total);
  }
  static Outcome finish(const State& state, Decimal& out) {
    out = state.total;
    if (state.overflows) return Outcome::NumericOverflow;
    return state.any ? Outcome::Value : Outcome::Null;
  }

 private:
  static void take(State& state, const Decimal& value) {
    state.any = true;
    if (__builtin_add_overflow(state.total, value, &state.total)) state.overflows = true;
  }
};

template <class T>
struct FloatSumFold {
  struct State {
    double total;
    bool any, infinite;  // an infinity was added
  };
  using Result = T;
  static constexpr bool kInvertible = false;  // rounding would stay behind
  static void add(State& state, const T& value) {
    state.total += static_cast<double>(value);
    state.any = true;
    state.infinite = state.infinite || std::isinf(value);
  }
  static void merge(State& state, const State& later) {
    state.total += later.total;
    state.any = state.any || later.any;
    state.infinite = state.infinite || later.infinite;
  }
  static Outcome finish(const State& state, T& out) {
    out = static_cast<T>(state.total);
    if (!state.any) return Outcome::Null;
    return std::isinf(out) && !state.infinite ? Outcome::NumericOverflow : Outcome::Value;
  }
};

struct IntervalSumFold {
  struct State {
    Interval total;
    bool any, overflows;
  };
  using Result = Interval;
  static constexpr bool kInvertible = false;
  static void add(State& state, const Interval& value) { take(state, value); }
  static void merge(State& state, const State& later) {
    if (!later.any) return;
    state.overflows = state.overflows || later.overflows;
    take(state, later.total);
  }
  static Outcome finish(const State& state, Interval& out) {
    out = state.total;
    if (state.overflows) return Outcome::IntervalOverflow;
    return state.any ? Outcome::Value : Outcome::Null;
  }

 private:
  static void take(State& state, const Interval& value) {
    Interval& total = state.total;
    state.any = true;
    const bool months = __builtin_add_overflow(total.months, value.months, &total.months);
    const bool days = __builtin_add_overflow(total.days, value.days, &total.days);
    const bool rest =
        __builtin_add_overflow(total.microseconds, value.microseconds, &total.microseconds);
    state.overflows = state.overflows || months || days || rest;
  }
};

/// The least or the greatest value.
template <class T, bool kGreatest>
struct ExtremeFold {
  struct State {
    T value;
    bool any;
  };
  using Result = T;
  static constexpr bool kInvertible = false;
  static void add(State& state, const T& value) {
    const bool is_better = kGreatest ? vector::values_less(state.value, value)
                                     : vector::values_less(value, state.value);
    if (!state.any || is_better) state.value = value;
    state.any = true;
  }
  static void merge(State& state, const State& later) {
    if (later.any) add(state, later.value);
  }
  static Outcome finish(const State& state, T& out) {
    out = state.value;
    return state.any ? Outcome::Value : Outcome::Null;
  }
};
template <class T>
using LeastFold = ExtremeFold<T, false>;
template <class T>
using GreatestFold = ExtremeFold<T, true>;

/// bool_and is true without a false, bool_or with a true.
template <bool kAnd>
struct TruthFold {
  struct State {
    int64_t trues, falses;
  };
  using Result = uint8_t;
  static constexpr bool kInvertible = true;
  static void add(State& state, const uint8_t& value) { ++(value != 0 ? state.trues : state.falses); }
  static void remove(State& state, const uint8_t& value) {
    --(value != 0 ? state.trues : state.falses);
  }
  static void merge(State& state, const State& later) {
    state.trues += later.trues;
    state.falses += later.falses;
  }
  static Outcome finish(const State& state, uint8_t& out) {
    out = (kAnd ? state.falses == 0 : state.trues > 0) ? 1 : 0;
    return state.trues + state.falses > 0 ? Outcome::Value : Outcome::Null;
  }
};

/// Welford's running mean and sum of squared differences; merged as Chan, Golub and LeVeque do.
template <bool kSample, bool kRoot>
struct SpreadFold {
  struct State {
    double count, mean, squares;
  };
  using Result = double;
  static constexpr bool kInvertible = false;
  static void add(State& state, const double& value) {
    state.count += 1;
    const double difference = value - state.mean;
    state.mean += difference / state.count;
    state.squares += difference * (value - state.mean);
  }
  static void merge(State& state, const State& later) {
    if (later.count == 0) return;
    if (state.count == 0) {
      state = later;
      return;
    }
    const double count = state.count + later.count;
    const double difference = later.mean - state.mean;
    state.mean += difference * (later.count / count);
    state.squares += later.squares + difference * difference * (state.count * later.count / count);
    state.count = count;
  }
  static Outcome finish(const State& state, double& out) {
    const double divisor = kSample ? state.count - 1 : state.count;
    const double variance = divisor > 0 ? state.squares / divisor : 0;
    out = kRoot ? std::sqrt(variance) : variance;
    return divisor > 0 ? Outcome::Value : Outcome::Null;
  }
};

}  // namespace rowtine::window
