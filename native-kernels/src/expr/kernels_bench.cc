// How long does one row take in the kernels that scans spend their time in? Batches of 2,048 rows
// that stay in the first-level cache; each result is summed up and printed so that none is skipped.
#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "base/invariant.h"
#include "expr/run_kernel.h"

using namespace rowtine;
using namespace rowtine::expr;

namespace {

constexpr uint32_t kRows = vector::kBatchRowsMax;
constexpr int kSamples = 9;

/// Rows of small pseudo-random numbers, texts or JSON objects.
template <class T, class Make>
Vector make_column(Arena& arena, PhysicalType type, Make make) {
  Vector out;
  invariant(vector::allocate(arena, type, kRows, false, out), "the benchmark's arena has no limit");
  for (uint32_t row = 0; row < kRows; ++row) out.as<T>()[row] = make(row * 2654435761U >> 8);
  return out;
}

Vector make_texts(Arena& arena, const std::string& (*text_of)(uint32_t)) {
  return make_column<StringView>(arena, PhysicalType::String, [&](uint32_t value) {
    const std::string& text = text_of(value);
    char* copy = arena.allocate_array<char>(text.size() + 1);
    std::memcpy(copy, text.data(), text.size());
    return StringView::of({copy, text.size()});
  });
}

const std::string& short_text(uint32_t value) {
  thread_local std::string text;
  return text = "user" + std::to_string(value % 1000);
}
const std::string& long_text(uint32_t value) {
  thread_local std::string text;
  return text = "/accounts/" + std::to_string(value % 1000) + "/messages/inbox?page=2";
}
const std::string& json_text(uint32_t value) {
  thread_local std::string text;
  return text = R"({"id":)" + std::to_string(value) +
                R"(,"name":"somebody with a name","tags":["a","b"],"email":"a@b.example"})";
}

uint64_t checksum(const Vector& result) {
  const size_t bytes = kRows * vector::width_of(result.type);
  uint64_t sum = 0;
  for (size_t i = 0; i < bytes; ++i) sum += result.as<uint8_t>()[i];
  return sum;
}

void measure(const char* name, Opcode opcode, std::vector<Vector> arguments,
             std::vector<int64_t> immediates = {}) {
  std::vector<PhysicalType> types;
  for (const Vector& argument : arguments) types.push_back(argument.type);
  Resolved kernel;
  invariant(resolve(opcode, types, immediates, kernel), "the benchmark's call is valid");
  Arena arena, scratch;
  Vector result;
  std::vector<uint32_t> states(kRows), instructions(kRows);
  RowErrors errors{states.data(), instructions.data()};
  KernelState state;
  double best = 1e9;
  const int repeats = 200;
  invariant(vector::allocate(arena, kernel.result, kRows, true, result), "no limit");
  for (int sample = 0; sample < kSamples; ++sample) {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < repeats; ++i) {
      Vector out = result;
      scratch.reset();
      KernelContext context{scratch, 0, errors, kRows, nullptr, false, 0, immediates, &state};
      kernel.function(context, arguments, out);
    }
    const std::chrono::duration<double, std::nano> time = std::chrono::steady_clock::now() - start;
    best = std::min(best, time.count() / repeats / kRows);
  }
  std::printf("%-34s %7.3f ns/row   (checksum %llu)\n", name, best,
              static_cast<unsigned long long>(checksum(result)));
}

Vector constant(Vector column) {
  column.constant = true;
  return column;
}

}  // namespace

int main() {
  Arena arena;
  const Vector i32 = make_column<int32_t>(
      arena, PhysicalType::Int32, [](uint32_t v) { return static_cast<int32_t>(v % 1000) + 1; });
  const Vector i64 = make_column<int64_t>(arena, PhysicalType::Int64,
                                          [](uint32_t v) { return int64_t{v % 1000} + 1; });
  const Vector f64 =
      make_column<double>(arena, PhysicalType::Float64, [](uint32_t v) { return v % 1000 + 0.5; });
  const Vector numeric = make_column<vector::Decimal>(
      arena, PhysicalType::Decimal, [](uint32_t v) { return vector::Decimal{v}; });
  const Vector truth = make_column<uint8_t>(arena, PhysicalType::Bool,
                                            [](uint32_t v) { return static_cast<uint8_t>(v & 1); });
  const Vector short_texts = make_texts(arena, short_text),
               long_texts = make_texts(arena, long_text), objects = make_texts(arena, json_text);
  const auto text_constant = [&](const char* text) {
    return constant(make_column<StringView>(arena, PhysicalType::String,
                                            [&](uint32_t) { return StringView::of(text); }));
  };
  measure("int32 + int32", Opcode::Add, {i32, i32});
  measure("int64 + int64", Opcode::Add, {i64, i64});
  measure("int64 * int64", Opcode::Multiply, {i64, i64});
  measure("double * double", Opcode::Multiply, {f64, f64});
  measure("int64 / int64", Opcode::Divide, {i64, i64});
  measure("numeric + numeric", Opcode::Add, {numeric, numeric});
  measure("int32 < constant", Opcode::Less, {i32, constant(i32)});
  measure("int64 < constant", Opcode::Less, {i64, constant(i64)});
  measure("double < double", Opcode::Less, {f64, f64});
  measure("text = text (short)", Opcode::Equal, {short_texts, short_texts});
  measure("text = constant (long)", Opcode::Equal,
          {long_texts, text_constant("/accounts/7/messages/inbox?page=2")});
  measure("bool and bool", Opcode::And, {truth, truth});
  measure("case (bool, int64, int64)", Opcode::Select, {truth, i64, i64});
  measure("int64 to text", Opcode::IntToText, {i64});
  measure("double to text", Opcode::FloatToText, {f64});
  measure("like '%inbox%'", Opcode::Like, {long_texts, text_constant("%inbox%")});
  measure("like '/acc%_/m%'", Opcode::Like, {long_texts, text_constant("/acc%_/m%")});
  measure("~ 'messages/[a-z]+'", Opcode::RegexMatch, {long_texts, text_constant("messages/[a-z]+")},
          {0});
  measure("upper(text)", Opcode::Upper, {long_texts});
  measure("text || text", Opcode::Concat, {short_texts, long_texts});
  measure("json ->> 'email' (95 bytes)", Opcode::JsonGetText, {objects, text_constant("email")});
  measure("bytea as json (95 bytes)", Opcode::JsonParse, {objects});
  measure("json_object('id': int)", Opcode::JsonObject,
          {text_constant("id"), text_constant("12345")});
  measure("hash(int64)", Opcode::Hash, {i64});
  measure("hash(text)", Opcode::Hash, {short_texts});
}
