// Decode, verify, run: whatever the bytes are, a program that is accepted does no harm. Input: one
// byte for the batch size, then either (its top bit clear) four for the number of words, the words
// and the bytes of constants; or (set) patches of a sample program, three bytes each: where and
// what.
#include <sys/time.h>

#include <atomic>
#include <csignal>
#include <cstring>

#include "program/decode.h"
#include "program/prepared.h"
#include "program/sample_program.h"
#include "program/test_encode.h"

namespace rowtine::program::test {
namespace {

constexpr size_t kHeaderBytes = 5;
constexpr size_t kMemoryBytesMax = 8U << 20;
constexpr int kRunMicrosecondsMax = 20'000;

std::atomic<bool> out_of_time;

// A sound program may count to a billion; it is cancelled as a statement would be.
void start_clock() {
  std::signal(SIGALRM, [](int) { out_of_time.store(true, std::memory_order_relaxed); });
  out_of_time.store(false, std::memory_order_relaxed);
  itimerval timer{};
  timer.it_value.tv_usec = kRunMicrosecondsMax;
  setitimer(ITIMER_REAL, &timer, nullptr);
}

void run_step(SampleWorld& world, const VerifiedProgram& program, RunContext& context) {
  constexpr uint32_t kCount = 5;
  Arena arena;
  std::vector<Vector> event(2), locals;
  vector::allocate(arena, Int64, kCount, true, event[0]);
  vector::allocate(arena, String, kCount, true, event[1]);
  for (uint32_t i = 0; i < kCount; ++i) {
    event[0].as<int64_t>()[i] = static_cast<int64_t>(i) - 1;
    event[1].as<vector::StringView>()[i] = vector::StringView::of("a text that is not inline");
  }
  clear_bit(event[0].validity, 3);
  make_locals(program, kCount, arena, locals);
  Instances instances{event, kCount, locals, &arena};
  world.execution.run_step(program, instances, context);
  world.transaction.rollback();
  instances.count = 1;
  world.execution.run_step(program, instances, context);
}

void run(SampleWorld& world, const VerifiedProgram& program, uint32_t batch_rows) {
  RunContext context = world.context(batch_rows);
  context.memory_limit_bytes = kMemoryBytesMax;
  context.cancel = &out_of_time;
  world.results.stop_after = 10'000;
  start_clock();
  if (program.program().is_step()) {
    if (program.program().parameters == 0) run_step(world, program, context);
  } else {
    const auto count = program.program().parameters;
    const auto& constants = program.prepared().constants;
    (void)world.execution.run_statement(program, {constants.data(), count}, context);
  }
  world.transaction.commit();
}

struct Input {
  std::vector<int32_t> words;
  std::vector<std::byte> bytes;
};

bool read_words(const uint8_t* data, size_t size, Input& out) {
  if (size < kHeaderBytes) return false;
  uint32_t word_count;
  std::memcpy(&word_count, data + 1, sizeof word_count);
  if (word_count > (size - kHeaderBytes) / sizeof(int32_t)) return false;
  out.words.resize(word_count);
  if (word_count > 0) {
    std::memcpy(out.words.data(), data + kHeaderBytes, word_count * sizeof(int32_t));
  }
  const auto* rest = reinterpret_cast<const std::byte*>(data) + kHeaderBytes;
  out.bytes.assign(rest + word_count * sizeof(int32_t), rest + size - kHeaderBytes);
  return true;
}

void patch_sample(const uint8_t* data, size_t size, Input& out) {
  constexpr size_t kPatchBytes = 3;
  const bool is_step = (data[0] & 0x40) != 0, recurses = (data[0] & 0x20) != 0;
  const Program sample = is_step ? sample_step() : recurses ? sample_recursion() : sample_statement();
  out.words = Encoder().encode(sample);
  out.bytes = sample.bytes;
  for (size_t at = 1; at + kPatchBytes <= size; at += kPatchBytes) {
    const size_t word = (data[at] | static_cast<size_t>(data[at + 1]) << 8) % out.words.size();
    out.words[word] = static_cast<int8_t>(data[at + 2]);
  }
}

void run_input(const Input& input, uint32_t batch_rows) {
  auto decoded = decode(input.words, input.bytes);
  if (!decoded.ok()) return;
  SampleWorld world;
  const auto verified = verify(std::move(decoded.value()), world.relations);
  if (verified.ok()) run(world, verified.value(), batch_rows);
}

}  // namespace
}  // namespace rowtine::program::test

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace test = rowtine::program::test;
  if (size == 0) return 0;
  test::Input input;
  if ((data[0] & 0x80) != 0) {
    test::patch_sample(data, size, input);
  } else if (!test::read_words(data, size, input)) {
    return 0;
  }
  test::run_input(input, 1U + data[0] % 16U);
  return 0;
}
