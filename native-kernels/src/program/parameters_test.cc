// What a caller may give for parameters: values of the declared types, nulls, and nothing else.
#include "program/parameters.h"

#include <cstring>
#include <limits>

#include "program/test_program.h"

namespace rowtine::program::test {
namespace {

/// A program with three parameters: Int64, String, Bool. It gives them back as one row.
VerifiedProgram three_parameters() {
  Maker make;
  make.int64(0);
  make.text("");
  make.boolean(false);
  make.program.parameters = 3;
  Pipeline pipeline;
  pipeline.registers = {Int64, String, Bool};
  pipeline.source = DualSource{};
  pipeline.operators = {LoadConstant{0, 0}, LoadConstant{1, 1}, LoadConstant{2, 2}};
  pipeline.sink = ResultSinkSpec{{0, 1, 2}};
  make.program.pipelines = {pipeline};
  auto verified = verify(std::move(make.program), Relations{});
  check::expect(verified.ok(), "the program is sound");
  return std::move(verified.value());
}

struct Given {
  std::vector<int32_t> words;
  std::vector<std::byte> bytes = std::vector<std::byte>(32);
};

Given sound() {
  Given given;
  given.words = {0, 8, 8, 20, 28, 1};
  const int64_t number = 7;
  std::memcpy(given.bytes.data(), &number, sizeof number);
  std::memcpy(given.bytes.data() + 8, "more than twelve are", 20);
  given.bytes[28] = std::byte{255};  // of a Bool only the lowest bit counts
  return given;
}

std::string texts(const Parameters& parameters) { return row_text(parameters.values, 0); }

void test_values_are_copied() {
  const VerifiedProgram program = three_parameters();
  Given given = sound();
  auto read = read_parameters(program, given.words, given.bytes);
  check::expect(read.ok(), "sound values are taken");
  std::ranges::fill(given.bytes, std::byte{0});
  const Parameters moved = std::move(read.value());
  check::expect(texts(moved) == "7|more than twelve are|true", "the caller's bytes may go");
}

void test_nulls() {
  const VerifiedProgram program = three_parameters();
  const std::vector<int32_t> words = {kNullStart, 0, kNullStart, 99, kNullStart, -1};
  const auto read = read_parameters(program, words, {});
  check::expect(read.ok() && texts(read.value()) == "null|null|null", "nulls have no bytes");
}

void test_wrong_words() {
  const VerifiedProgram program = three_parameters();
  constexpr int32_t kLow = std::numeric_limits<int32_t>::min();
  constexpr int32_t kHigh = std::numeric_limits<int32_t>::max();
  for (size_t word = 0; word < 6; ++word) {
    for (const int32_t wrong : {kLow, -2, 33, 1 << 20, kHigh}) {
      Given given = sound();
      given.words[word] = wrong;
      const auto read = read_parameters(program, given.words, given.bytes);
      check::expect(!read.ok() && read.error().state == kInvalidProgram, "words outside are refused");
    }
  }
  Given given = sound();
  given.words[1] = 4;
  check::expect(!read_parameters(program, given.words, given.bytes).ok(), "half a number is refused");
  for (size_t count = 0; count < 6; ++count) {
    given = sound();
    given.words.resize(count);
    check::expect(!read_parameters(program, given.words, given.bytes).ok(), "too few are refused");
  }
  given = sound();
  given.words.insert(given.words.end(), {0, 8});
  check::expect(!read_parameters(program, given.words, given.bytes).ok(), "too many are refused");
}

}  // namespace
}  // namespace rowtine::program::test

int main() {
  rowtine::program::test::test_values_are_copied();
  rowtine::program::test::test_nulls();
  rowtine::program::test::test_wrong_words();
  return rowtine::check::summary();
}
