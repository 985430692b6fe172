// generate_series: each row becomes as many as its series has values, passed on a batch at a time.
#include <algorithm>

#include "program/interpreter.h"

namespace rowtine::program {
namespace {

/// The series of a batch's rows, one after the other.
class SeriesValues {
 public:
  SeriesValues(const Vector& start, const Vector& stop, const Vector& step, uint32_t row_count)
      : start_(start), stop_(stop), step_(step), row_count_(row_count) {}

  /// Writes at most `count_max` values and the rows they are of. Returns: how many; 0 at the end.
  uint32_t take(uint32_t count_max, uint32_t* rows, int64_t* values) {
    uint32_t made = 0;
    while (row_ < row_count_ && made < count_max) {
      if (!begun_) begin_row();
      if (ended_ || (by_ > 0 ? next_ > last_ : next_ < last_)) {
        ++row_;
        begun_ = false;
        continue;
      }
      rows[made] = row_;
      values[made++] = next_;
      ended_ = __builtin_add_overflow(next_, by_, &next_);
    }
    return made;
  }

 private:
  static int64_t value_at(const Vector& vector, uint32_t row) {
    return vector.as<int64_t>()[vector.index_of(row)];
  }
  // A series with a null end, or a step of zero that has been reported, has no values.
  void begin_row() {
    begun_ = true;
    ended_ = start_.is_null(row_) || stop_.is_null(row_) || step_.is_null(row_);
    if (ended_) return;
    next_ = value_at(start_, row_);
    last_ = value_at(stop_, row_);
    by_ = value_at(step_, row_);
    ended_ = by_ == 0;
  }

  Vector start_, stop_, step_;
  uint32_t row_count_;
  uint32_t row_ = 0;
  bool begun_ = false, ended_ = true;
  int64_t next_ = 0, last_ = 0, by_ = 0;
};

}  // namespace

uint32_t Execution::Impl::refuse_zero_steps(const Vector& step, size_t position, uint32_t count) {
  for (uint32_t row = 0; row < count; ++row) {
    if (step.is_null(row) || step.as<int64_t>()[step.index_of(row)] != 0) continue;
    error_states_[row] = kInvalidParameterValue.packed;
    error_instructions_[row] = prepared_->operators[position].instruction;
    errors_.any = true;
  }
  return settle_errors(position, count);
}

void Execution::Impl::series(const Series& series, size_t position, uint32_t count) {
  if (!settle(series.keep, count)) return;
  const Vector step = registers_[static_cast<size_t>(series.step)];
  count = refuse_zero_steps(step, position, count);
  SeriesValues all(registers_[static_cast<size_t>(series.start)],
                   registers_[static_cast<size_t>(series.stop)], step, count);
  const uint32_t pending = pending_count_;
  const size_t register_count = pipeline_->registers.size();
  auto* saved = scratch_array<Vector>(register_count);
  auto* rows = scratch_array<uint32_t>(batch_rows_max_);
  if (saved == nullptr || rows == nullptr) return fail_memory();
  std::copy_n(registers_.data(), register_count, saved);
  while (check_limits() && pending_count_ == pending) {
    const Arena::Mark mark = scratch_.mark();
    Vector values;
    if (!vector::allocate(scratch_, PhysicalType::Int64, batch_rows_max_, false, values)) {
      return fail_memory();
    }
    const uint32_t made = all.take(batch_rows_max_, rows, values.as<int64_t>());
    if (made == 0) return;
    // A filter behind may have selected rows of what the round before made.
    selections_.forget();
    for (const Register r : series.keep) {
      const auto at = static_cast<size_t>(r);
      if (!vector::gather(scratch_, saved[at], rows, made, registers_[at])) return fail_memory();
    }
    registers_[static_cast<size_t>(series.target)] = values;
    run_operators(position + 1, made);
    scratch_.rewind(mark);
  }
}

}  // namespace rowtine::program
