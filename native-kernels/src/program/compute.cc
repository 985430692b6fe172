// Expressions, filters and limits: what happens to the rows of one batch.
#include <algorithm>
#include <cstring>

#include "program/interpreter.h"

namespace rowtine::program {

// A register's Bool bytes with nulls as false.
const uint8_t* Execution::Impl::active_bytes(Register active, uint32_t count, bool& is_constant) {
  is_constant = false;
  if (active == kNone) return nullptr;
  const Vector& mask = registers_[static_cast<size_t>(active)];
  is_constant = mask.constant;
  if (mask.validity == nullptr) return mask.as<uint8_t>();
  const uint32_t rows = mask.constant ? 1 : count;
  auto* bytes = scratch_array<uint8_t>(rows);
  if (bytes == nullptr) {
    fail_memory();
    return mask.as<uint8_t>();
  }
  for (uint32_t i = 0; i < rows; ++i) bytes[i] = mask.is_null(i) ? 0 : mask.as<uint8_t>()[i];
  return bytes;
}

void Execution::Impl::compute(const PreparedCompute& instruction, uint32_t count) {
  const size_t argument_count = instruction.arguments.size();
  bool is_constant = instruction.immutable;
  for (size_t i = 0; i < argument_count; ++i) {
    arguments_[i] = registers_[static_cast<size_t>(instruction.arguments[i])];
    is_constant = is_constant && arguments_[i].constant;
  }
  bool active_constant = false;
  const uint8_t* active = active_bytes(instruction.active, count, active_constant);
  const uint32_t rows = is_constant ? 1 : count;
  Vector& result = registers_[static_cast<size_t>(instruction.result)];
  if (!vector::allocate(scratch_, instruction.type, rows, true, result)) return fail_memory();
  const bool spreads = is_constant && active != nullptr && !active_constant;
  expr::KernelContext kernel{scratch_,
                             context_->now_us,
                             errors_,
                             rows,
                             spreads ? nullptr : active,
                             active_constant,
                             instruction.instruction,
                             instruction.immediates,
                             context_->kernel_state};
  instruction.function(kernel, {arguments_.data(), argument_count}, result);
  result.constant = is_constant;
  if (!errors_.any || !is_constant) return;
  // One computation stood for all rows: its error is that of every active row.
  const uint32_t state = error_states_[0];
  errors_.any = false;
  error_states_[0] = 0;
  for (uint32_t row = 0; row < count; ++row) {
    if (active != nullptr && active[active_constant ? 0 : row] == 0) continue;
    error_states_[row] = state;
    error_instructions_[row] = instruction.instruction;
    errors_.any = true;
  }
}

uint32_t Execution::Impl::select_true(const Vector& condition, uint32_t count, uint32_t* rows) {
  const auto* values = condition.as<uint8_t>();
  uint32_t selected = 0;
  if (condition.validity == nullptr) {
    for (uint32_t i = 0; i < count; ++i) {
      rows[selected] = i;
      selected += values[i] != 0 ? 1 : 0;
    }
    return selected;
  }
  for (uint32_t i = 0; i < count; ++i) {
    rows[selected] = i;
    selected += values[i] != 0 && get_bit(condition.validity, i) ? 1 : 0;
  }
  return selected;
}

uint32_t Execution::Impl::filter(const Filter& filter, uint32_t count) {
  const Vector condition = registers_[static_cast<size_t>(filter.condition)];
  if (condition.constant) {
    return !condition.is_null(0) && condition.as<uint8_t>()[0] != 0 ? count : 0;
  }
  auto* rows = scratch_array<uint32_t>(count);
  if (rows == nullptr) {
    fail_memory();
    return 0;
  }
  const uint32_t selected = select_true(condition, count, rows);
  if (selected == count || selected == 0) return selected;
  return keep_rows(filter.keep, rows, selected) ? selected : 0;
}

namespace {

int64_t value_of(const Vector& constant, int64_t if_null) {
  return constant.is_null(0) ? if_null : constant.as<int64_t>()[0];
}

}  // namespace

// The first two counters of a limit without ordinal, or one per instance, count rows met so far.
uint32_t Execution::Impl::limit(const Limit& limit, size_t position, uint32_t count,
                                bool& exhausted) {
  const int64_t offset =
      limit.offset == kNone ? 0 : value_of(constants_[static_cast<size_t>(limit.offset)], 0);
  const int64_t wanted = limit.limit == kNone
                             ? INT64_MAX
                             : value_of(constants_[static_cast<size_t>(limit.limit)], INT64_MAX);
  if (offset < 0 || wanted < 0) {
    const SqlState state = offset < 0 ? SqlState("2201X") : SqlState("2201W");
    for (uint32_t row = 0; row < count; ++row) {
      error_states_[row] = state.packed;
      error_instructions_[row] = prepared_->operators[position].instruction;
    }
    errors_.any = true;
    return settle_errors(position, count);
  }
  const auto first = static_cast<uint64_t>(offset);
  const uint64_t end = first + static_cast<uint64_t>(wanted);  // at most 2^64 - 2
  auto* rows = scratch_array<uint32_t>(count);
  if (rows == nullptr) {
    fail_memory();
    return 0;
  }
  uint64_t* counts = limit_counts_[position];
  uint32_t selected = 0;
  for (uint32_t row = 0; row < count; ++row) {
    uint64_t* met = counts;
    if (limit.ordinal != kNone) {
      const Vector& ordinal = registers_[static_cast<size_t>(limit.ordinal)];
      if (ordinal.is_null(row)) continue;
      met += ordinal.as<int32_t>()[ordinal.index_of(row)];
    }
    rows[selected] = row;
    selected += *met >= first && *met < end ? 1 : 0;
    ++*met;
  }
  exhausted = limit.ordinal == kNone && *counts >= end;
  if (selected == count || selected == 0) return selected;
  return keep_rows(limit.keep, rows, selected) ? selected : 0;
}

Vector Execution::Impl::flat(const Vector& vector, uint32_t count) {
  if (!vector.constant) return vector;
  Vector out = vector;
  out.constant = false;
  if (count == 1) return out;
  if (!vector::allocate(scratch_, vector.type, count, vector.validity != nullptr, out)) {
    fail_memory();
    return vector;
  }
  const size_t width = vector::width_of(vector.type);
  for (uint32_t i = 0; i < count; ++i) {
    std::memcpy(static_cast<uint8_t*>(out.values) + i * width, vector.values, width);
  }
  if (vector.is_null(0)) {
    std::memset(out.validity, 0, bitmap_words(count) * sizeof(uint64_t));
  } else {
    out.validity = nullptr;
  }
  return out;
}

}  // namespace rowtine::program
