#include "program/parameters.h"

#include <cstring>

namespace rowtine::program {
namespace {

/// The bytes of one value within `bytes`; empty and false when they lie outside or have a wrong size.
bool value_bytes(PhysicalType type, int32_t start, int32_t size, std::span<const std::byte> bytes,
                 std::span<const std::byte>& out) {
  if (start < 0 || size < 0 || static_cast<size_t>(start) > bytes.size()) return false;
  if (static_cast<size_t>(size) > bytes.size() - static_cast<size_t>(start)) return false;
  out = bytes.subspan(static_cast<size_t>(start), static_cast<size_t>(size));
  return type == PhysicalType::String || out.size() == vector::width_of(type);
}

}  // namespace

bool make_constant(Arena& arena, PhysicalType type, bool is_null, std::span<const std::byte> bytes,
                   vector::Vector& out) {
  if (!vector::allocate(arena, type, 1, is_null, out)) return false;
  out.constant = true;
  if (is_null) {
    std::memset(out.values, 0, vector::width_of(type));
    out.validity[0] = 0;
  } else if (type == PhysicalType::String) {
    out.as<vector::StringView>()[0] = vector::StringView::of(
        {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  } else {
    std::memcpy(out.values, bytes.data(), bytes.size());
  }
  if (type == PhysicalType::Bool) out.as<uint8_t>()[0] &= 1;
  return true;
}

SqlState read_parameters(const VerifiedProgram& program, std::span<const int32_t> words,
                         std::span<const std::byte> bytes, Parameters& out) {
  const uint32_t count = program.program().parameters;
  if (words.size() != count * kWordsPerParameter) return kInvalidProgram;
  out.memory.reset();
  auto* copy = static_cast<std::byte*>(out.memory.allocate(bytes.size()));
  if (copy == nullptr) return kOutOfMemory;
  if (!bytes.empty()) std::memcpy(copy, bytes.data(), bytes.size());
  out.values.resize(count);
  for (uint32_t i = 0; i < count; ++i) {
    const int32_t* word = &words[i * kWordsPerParameter];
    const PhysicalType type = program.parameter_type(i);
    const bool is_null = word[0] == kNullStart;
    std::span<const std::byte> value;
    if (!is_null && !value_bytes(type, word[0], word[1], {copy, bytes.size()}, value)) {
      return kInvalidProgram;
    }
    if (!make_constant(out.memory, type, is_null, value, out.values[i])) return kOutOfMemory;
  }
  return kSuccess;
}

Result<Parameters> read_parameters(const VerifiedProgram& program, std::span<const int32_t> words,
                                   std::span<const std::byte> bytes) {
  Parameters parameters;
  const SqlState state = read_parameters(program, words, bytes, parameters);
  if (!state.ok()) return state;
  return parameters;
}

}  // namespace rowtine::program
