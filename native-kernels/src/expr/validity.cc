#include "expr/validity.h"

#include <cstring>

namespace rowtine::expr {
namespace {

uint64_t last_word_mask(uint32_t row_count) {
  return row_count % 64 == 0 ? ~0ULL : (1ULL << (row_count % 64)) - 1;
}

bool has_nulls(const uint64_t* words, uint32_t row_count) {
  const size_t count = bitmap_words(row_count);
  uint64_t all = ~0ULL;
  for (size_t i = 0; i + 1 < count; ++i) all &= words[i];
  return ~all != 0 || (count > 0 && (~words[count - 1] & last_word_mask(row_count)) != 0);
}

}  // namespace

bool combine_validity(std::span<const Vector> arguments, uint32_t row_count, Vector& result) {
  const size_t words = bitmap_words(row_count);
  bool any = false;
  for (const Vector& argument : arguments) {
    if (argument.validity == nullptr) continue;
    if (argument.constant) {
      if (!argument.is_null(0)) continue;
      std::memset(result.validity, 0, words * sizeof(uint64_t));
      return true;
    }
    any = true;
    for (size_t i = 0; i < words; ++i) result.validity[i] &= argument.validity[i];
  }
  return any && has_nulls(result.validity, row_count);
}

void settle_validity(uint32_t row_count, Vector& result) {
  if (result.validity != nullptr && !has_nulls(result.validity, row_count)) {
    result.validity = nullptr;
  }
}

void clear_null_values(uint32_t row_count, Vector& result) {
  if (result.validity == nullptr) return;
  const size_t width = vector::width_of(result.type);
  for (uint32_t row = 0; row < row_count; ++row) {
    if (get_bit(result.validity, row)) continue;
    std::memset(result.as<char>() + row * width, 0, width);
  }
}

}  // namespace rowtine::expr
