#include "program/decode.h"

#include "program/decode_parts.h"

namespace rowtine::program {
namespace {

Constant read_constant(WordReader& in) {
  Constant constant;
  constant.type = read_type(in);
  constant.is_null = in.flag();
  constant.offset = in.number();
  constant.size = in.number();
  return constant;
}

Pipeline read_pipeline(WordReader& in) {
  Pipeline pipeline;
  pipeline.registers = read_types(in);
  pipeline.source = read_source(in);
  pipeline.operators = read_list<Operator>(in, read_operator, kOperatorsMax);
  pipeline.sink = read_sink(in);
  return pipeline;
}

Region read_region(WordReader& in) {
  Region region;
  region.first = in.number();
  region.last = in.number();
  region.state = in.word();
  region.message = in.word();
  region.place = in.word();
  return region;
}

bool constants_are_inside(const Program& program) {
  for (const Constant& constant : program.constants) {
    if (constant.offset > program.bytes.size()) return false;
    if (constant.size > program.bytes.size() - constant.offset) return false;
  }
  return true;
}

}  // namespace

Result<Program> decode(std::span<const int32_t> words, std::span<const std::byte> bytes) {
  if (words.size() > kProgramWordsMax || bytes.size() > kProgramBytesMax) return kInvalidProgram;
  WordReader in(words);
  if (static_cast<uint32_t>(in.word()) != kProgramMagic) return kInvalidProgram;
  Program program;
  program.parameters = in.number();
  program.constants = read_list<Constant>(in, read_constant);
  program.event = in.word();
  program.locals = read_types(in);
  program.states = read_list<State>(in, read_state, kPipelinesMax);
  program.pipelines = read_list<Pipeline>(in, read_pipeline, kPipelinesMax);
  program.regions = read_list<Region>(in, read_region, kPipelinesMax);
  program.vectorised = in.flag();
  if (!in.ok() || !in.at_end()) return kInvalidProgram;
  program.bytes.assign(bytes.begin(), bytes.end());
  if (!constants_are_inside(program)) return kInvalidProgram;
  return program;
}

}  // namespace rowtine::program
