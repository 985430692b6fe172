// Aggregates over frames, whatever moves: a state that grows with the frame, one that rows are taken
// out of as it slides, or a tree of merged states. A row costs amortised constant time in the
// first two and the logarithm of the partition in the last.
#include <cstring>

#include "vector/dispatch.h"
#include "window/evaluate.h"
#include "window/fold.h"

namespace rowtine::window {
namespace {

/// Frames of so few rows are folded anew for each row.
constexpr uint32_t kShortFrameRows = 16;

/// What CountStar reads of a row.
struct Nothing {};

template <class Fold, class Argument>
class FrameFold {
 public:
  using State = typename Fold::State;

  explicit FrameFold(EvaluateRequest& request) : request_(request) {}

  void run() {
    FrameFinder frames = request_.frames();
    for (uint32_t row = 0; row < request_.partition.count() && request_.error.ok(); ++row) {
      const FrameRows rows = frames.rows_of(row);
      if (rows.count == 0) {
        give(row, State{});
      } else if (rows.count == 1 && move_to(rows.parts[0])) {
        give(row, running_);
      } else {
        give(row, merged(rows));
      }
    }
  }

 private:
  /// Brings the running state to `span` where that takes only new rows, or rows taken out.
  bool move_to(Span span) {
    if (span.first >= covered_.end) {  // nothing in common with what came before
      running_ = State{};
      covered_ = {span.first, span.first};
    }
    if (span.end < covered_.end || span.first < covered_.first) return false;
    if (span.first > covered_.first) {
      if constexpr (Fold::kInvertible) {
        for (uint32_t row = covered_.first; row < span.first; ++row) change<false>(running_, row);
        covered_.first = span.first;
      } else {
        return false;
      }
    }
    for (uint32_t row = covered_.end; row < span.end; ++row) change<true>(running_, row);
    covered_.end = span.end;
    return true;
  }

  template <bool kAdd>
  void change(State& state, uint32_t row) const {
    if (!request_.takes(row)) return;
    Argument value{};
    if constexpr (!std::is_same_v<Argument, Nothing>) {
      const uint8_t* packed = request_.partition.row(row);
      const uint32_t column = request_.columns.first_argument;
      if (request_.layout().is_null(packed, column)) return;
      value = request_.layout().template read<Argument>(packed, column);
    }
    if constexpr (kAdd) {
      Fold::add(state, value);
    } else if constexpr (Fold::kInvertible) {
      Fold::remove(state, value);
    }
  }

  State merged(const FrameRows& rows) {
    State state{};
    for (uint32_t i = 0; i < rows.count; ++i) {
      const Span span = rows.parts[i];
      if (span.size() <= kShortFrameRows) {
        for (uint32_t row = span.first; row < span.end; ++row) change<true>(state, row);
      } else if (build_tree()) {
        Fold::merge(state, of_tree(span));
      }
    }
    return state;
  }

  /// Leaves are rows, node i is made of 2i and 2i + 1.
  bool build_tree() {
    if (tree_ != nullptr) return true;
    const size_t count = request_.partition.count();
    tree_ = request_.scratch.allocate_array<State>(2 * count);
    if (tree_ == nullptr) {
      request_.error = kOutOfMemory;
      return false;
    }
    for (size_t i = 0; i < 2 * count; ++i) tree_[i] = State{};
    for (size_t i = 0; i < count; ++i) change<true>(tree_[count + i], static_cast<uint32_t>(i));
    for (size_t i = count - 1; i > 0; --i) {
      tree_[i] = tree_[2 * i];
      Fold::merge(tree_[i], tree_[2 * i + 1]);
    }
    return true;
  }

  // In the order of the rows, though every fold here would take any.
  State of_tree(Span span) const {
    State left{}, right{};
    size_t first = span.first + size_t{request_.partition.count()};
    size_t end = span.end + size_t{request_.partition.count()};
    for (; first < end; first /= 2, end /= 2) {
      if (first % 2 == 1) Fold::merge(left, tree_[first++]);
      if (end % 2 == 1) {
        State before = tree_[--end];
        Fold::merge(before, right);
        right = before;
      }
    }
    Fold::merge(left, right);
    return left;
  }

  void give(uint32_t row, const State& state) {
    typename Fold::Result value{};
    switch (Fold::finish(state, value)) {
      case Outcome::Null: return request_.give_null(row);
      case Outcome::Value: return request_.give(row, value);
      case Outcome::NumericOverflow: request_.error = kNumericValueOutOfRange; return;
      case Outcome::IntervalOverflow: request_.error = kDatetimeFieldOverflow; return;
    }
  }

  EvaluateRequest& request_;
  State running_{};
  Span covered_;  // the rows of running_
  State* tree_ = nullptr;
};

template <class Fold, class Argument>
void fold_frames(EvaluateRequest& request) {
  FrameFold<Fold, Argument>(request).run();
}

/// The value of the frame's first row that counts, null or not.
template <class T>
void first_of_frame(EvaluateRequest& request) {
  FrameFinder frames = request.frames();
  const uint32_t column = request.columns.first_argument;
  for (uint32_t row = 0; row < request.partition.count(); ++row) {
    const FrameRows rows = frames.rows_of(row);
    const uint64_t size = rows.size();
    uint64_t at = 0;
    while (at < size && !request.takes(rows.at(at))) ++at;
    const uint8_t* source = at < size ? request.partition.row(rows.at(at)) : nullptr;
    if (source == nullptr || request.layout().is_null(source, column)) {
      request.give_null(row);
    } else {
      request.give<T>(row, request.layout().template read<T>(source, column));
    }
  }
}

template <template <class> class Fold>
Evaluate choice_of(const Call& call) {
  return vector::with_type(call.result, [](auto tag) -> Evaluate {
    using T = typename decltype(tag)::Type;
    return fold_frames<Fold<T>, T>;
  });
}

Evaluate count_of(const Call& call) {
  return vector::with_type(call.arguments[0], [](auto tag) -> Evaluate {
    return fold_frames<CountFold, typename decltype(tag)::Type>;
  });
}

Evaluate first_of(const Call& call) {
  return vector::with_type(call.result, [](auto tag) -> Evaluate {
    return first_of_frame<typename decltype(tag)::Type>;
  });
}

Evaluate sum_of(PhysicalType argument, PhysicalType result) {
  const auto is = [&](PhysicalType from, PhysicalType to) { return argument == from && result == to; };
  using Type = PhysicalType;
  if (is(Type::Int16, Type::Int64)) return fold_frames<IntegerSumFold<int64_t>, int16_t>;
  if (is(Type::Int32, Type::Int64)) return fold_frames<IntegerSumFold<int64_t>, int32_t>;
  if (is(Type::Int64, Type::Decimal)) return fold_frames<IntegerSumFold<Decimal>, int64_t>;
  if (is(Type::Decimal, Type::Decimal)) return fold_frames<DecimalSumFold, Decimal>;
  if (is(Type::Float32, Type::Float32)) return fold_frames<FloatSumFold<float>, float>;
  if (is(Type::Float64, Type::Float64)) return fold_frames<FloatSumFold<double>, double>;
  if (is(Type::Interval, Type::Interval)) return fold_frames<IntervalSumFold, Interval>;
  return nullptr;
}

}  // namespace

Evaluate aggregate_function(const Call& call) {
  using Type = PhysicalType;
  if (call.function == Function::CountStar) {
    const bool fits = call.arguments.empty() && call.result == Type::Int64;
    return fits ? fold_frames<CountFold, Nothing> : nullptr;
  }
  if (call.arguments.size() != 1) return nullptr;
  const Type argument = call.arguments[0];
  const auto if_same = [&](Evaluate found) { return argument == call.result ? found : nullptr; };
  const auto if_type = [&](Type type, Evaluate found) {
    return argument == type ? if_same(found) : nullptr;
  };
  switch (call.function) {
    case Function::Count: return call.result == Type::Int64 ? count_of(call) : nullptr;
    case Function::Sum: return sum_of(argument, call.result);
    case Function::Min: return if_same(choice_of<LeastFold>(call));
    case Function::Max: return if_same(choice_of<GreatestFold>(call));
    case Function::First: return if_same(first_of(call));
    case Function::BoolAnd: return if_type(Type::Bool, fold_frames<TruthFold<true>, uint8_t>);
    case Function::BoolOr: return if_type(Type::Bool, fold_frames<TruthFold<false>, uint8_t>);
    case Function::VarPop: return if_type(Type::Float64, fold_frames<SpreadFold<false, false>, double>);
    case Function::VarSamp: return if_type(Type::Float64, fold_frames<SpreadFold<true, false>, double>);
    case Function::StddevPop: return if_type(Type::Float64, fold_frames<SpreadFold<false, true>, double>);
    case Function::StddevSamp: return if_type(Type::Float64, fold_frames<SpreadFold<true, true>, double>);
    default: return nullptr;
  }
}

}  // namespace rowtine::window
