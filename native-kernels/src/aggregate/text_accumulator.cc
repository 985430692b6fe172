#include "aggregate/text_accumulator.h"

#include <algorithm>
#include <cstring>
#include <string_view>

#include "aggregate/adding.h"

namespace rowtine::aggregate {
namespace {

using vector::StringView;

constexpr uint32_t kFirstCapacity = 64;

/// A growing string in the run's arena; one byte is always free for a closing bracket.
struct TextState {
  char* bytes;
  uint32_t size, capacity;
  bool any;
};

uint32_t reserve(TextState& state, size_t more, Arena& heap) {
  const size_t wanted = state.size + more + 1;
  if (wanted <= state.capacity) return 0;
  if (wanted > kAggregateStringBytesMax) return kProgramLimitExceeded.packed;
  const size_t capacity = std::max<size_t>({wanted, 2ULL * state.capacity, kFirstCapacity});
  auto* bytes = static_cast<char*>(heap.allocate(capacity, 1));
  if (bytes == nullptr) return kOutOfMemory.packed;
  if (state.size > 0) std::memcpy(bytes, state.bytes, state.size);
  state.bytes = bytes;
  state.capacity = static_cast<uint32_t>(capacity);
  return 0;
}

uint32_t append(TextState& state, std::string_view text, Arena& heap) {
  if (const uint32_t error = reserve(state, text.size(), heap)) return error;
  std::memcpy(state.bytes + state.size, text.data(), text.size());
  state.size += static_cast<uint32_t>(text.size());
  return 0;
}

std::string_view text_or(const AddRequest& request, size_t argument, uint32_t row,
                         std::string_view if_null) {
  if (request.arguments[argument].is_null(row)) return if_null;
  return value_at<StringView>(request, argument, row).text();
}

bool finish_text(const TextState& state, StringView& out) {
  if (!state.any) return false;
  out = StringView::of({state.bytes, state.size});
  return true;
}

/// Values with the separator of each but the first in front.
struct StringAgg {
  using State = TextState;
  static uint32_t add(State& state, AddRequest& request, uint32_t row) {
    if (state.any) {
      if (const uint32_t error = append(state, text_or(request, 1, row, ""), *request.heap)) {
        return error;
      }
    }
    state.any = true;
    return append(state, text_or(request, 0, row, ""), *request.heap);
  }
  static bool finish(const State& state, StringView& out) { return finish_text(state, out); }
};

// The closing bracket goes into the byte that reserve() keeps free, past the size, so that more
// rows may still follow.
bool finish_json(const TextState& state, char close, StringView& out) {
  if (!state.any) return false;
  state.bytes[state.size] = close;
  out = StringView::of({state.bytes, state.size + 1U});
  return true;
}

struct JsonAgg {
  using State = TextState;
  static constexpr bool kTakesNulls = true;
  static uint32_t add(State& state, AddRequest& request, uint32_t row) {
    if (const uint32_t error = append(state, state.any ? ", " : "[", *request.heap)) return error;
    state.any = true;
    return append(state, text_or(request, 0, row, "null"), *request.heap);
  }
  static bool finish(const State& state, StringView& out) { return finish_json(state, ']', out); }
};

uint32_t append_quoted(TextState& state, std::string_view text, Arena& heap) {
  constexpr size_t kEscapedBytesMax = 6;  // \u00XX
  if (const uint32_t error = reserve(state, text.size() * kEscapedBytesMax + 2, heap)) return error;
  char* out = state.bytes + state.size;
  *out++ = '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      *out++ = '\\';
      *out++ = c;
    } else if (byte < 0x20) {
      constexpr char kHex[] = "0123456789abcdef";
      const char escaped[] = {'\\', 'u', '0', '0', kHex[byte >> 4], kHex[byte & 15]};
      std::memcpy(out, escaped, sizeof escaped);
      out += sizeof escaped;
    } else {
      *out++ = c;
    }
  }
  *out++ = '"';
  state.size = static_cast<uint32_t>(out - state.bytes);
  return 0;
}

struct JsonObjectAgg {
  using State = TextState;
  static constexpr bool kTakesNulls = true;
  static uint32_t add(State& state, AddRequest& request, uint32_t row) {
    if (request.arguments[0].is_null(row)) return kInvalidParameterValue.packed;
    if (const uint32_t error = append(state, state.any ? ", " : "{", *request.heap)) return error;
    state.any = true;
    const std::string_view key = value_at<StringView>(request, 0, row).text();
    if (const uint32_t error = append_quoted(state, key, *request.heap)) return error;
    if (const uint32_t error = append(state, ": ", *request.heap)) return error;
    return append(state, text_or(request, 1, row, "null"), *request.heap);
  }
  static bool finish(const State& state, StringView& out) { return finish_json(state, '}', out); }
};

}  // namespace

bool resolve_text(Function function, std::span<const PhysicalType> arguments, PhysicalType result,
                  Accumulator& out) {
  const size_t wanted = function == Function::JsonAgg ? 1 : 2;
  const auto is_text = [](PhysicalType type) { return type == PhysicalType::String; };
  if (arguments.size() != wanted || !is_text(result)) return false;
  if (!std::ranges::all_of(arguments, is_text)) return false;
  if (function == Function::StringAgg) return set<StringAgg, StringView>(out);
  if (function == Function::JsonAgg) return set<JsonAgg, StringView>(out);
  return set<JsonObjectAgg, StringView>(out);
}

}  // namespace rowtine::aggregate
