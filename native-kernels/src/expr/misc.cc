// What a run brings along (time, randomness) and hashes.
#include "expr/apply.h"
#include "expr/families.h"
#include "hash/hash_columns.h"

namespace rowtine::expr {
namespace {

void now(KernelContext& context, std::span<const Vector>, Vector& result) {
  std::fill_n(result.as<int64_t>(), context.row_count, context.now_us);
  result.validity = nullptr;
}

void clock_timestamp(KernelContext& context, std::span<const Vector>, Vector& result) {
  std::fill_n(result.as<int64_t>(), context.row_count, context.state->clock_us);
  result.validity = nullptr;
}

/// Source: Blackman and Vigna, xoroshiro128+ (24, 16, 37).
uint64_t next_random(uint64_t (&state)[2]) {
  const uint64_t first = state[0], second = state[1] ^ state[0];
  const uint64_t out = state[0] + state[1];
  state[0] = std::rotl(first, 24) ^ second ^ (second << 16);
  state[1] = std::rotl(second, 37);
  return out;
}

void random(KernelContext& context, std::span<const Vector>, Vector& result) {
  auto* out = result.as<double>();
  for (uint32_t row = 0; row < context.row_count; ++row) {
    out[row] = static_cast<double>(next_random(context.state->random) >> 11) * 0x1p-53;
  }
  result.validity = nullptr;
}

void random_uuid(KernelContext& context, std::span<const Vector>, Vector& result) {
  auto* out = result.as<vector::Uuid>();
  for (uint32_t row = 0; row < context.row_count; ++row) {
    const uint64_t high = next_random(context.state->random);
    const uint64_t low = next_random(context.state->random);
    // RFC 9562: version 4 in bits 12-15 of the high half, variant 10 at the top of the low one.
    out[row] = {(high & ~0xf000ULL) | 0x4000, (low & ~(3ULL << 62)) | 1ULL << 63};
  }
  result.validity = nullptr;
}

void hash(KernelContext& context, std::span<const Vector> arguments, Vector& result) {
  hash::hash_columns(arguments, context.row_count, result.as<uint64_t>());
  result.validity = nullptr;
}

}  // namespace

KernelFunction misc_kernel(Opcode opcode, Types) {
  switch (opcode) {
    case Opcode::Now: return now;
    case Opcode::ClockTimestamp: return clock_timestamp;
    case Opcode::Random: return random;
    case Opcode::GenRandomUuid: return random_uuid;
    case Opcode::Hash: return hash;
    default: return nullptr;
  }
}

}  // namespace rowtine::expr
