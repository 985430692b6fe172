#include "binding/run_kernel.h"

#include "binding/convert.h"
#include "expr/run_kernel.h"

namespace rowtine::binding {
namespace {

constexpr size_t kKernelBytesMax = size_t{1} << 30;

/// Makes vectors constant where JavaScript says so: their first row stands for all.
void read_constants(Reader& reader, const Napi::Value& value,
                    std::vector<vector::Vector>& columns) {
  size_t next = 0;
  reader.list(value, "constants", [&](const Napi::Value& constant) {
    if (next == columns.size()) return reader.mistake("constants has more entries than columns");
    columns[next++].constant = reader.boolean(constant, "constants");
  });
}

Napi::Value write_outcome(Napi::Env env, const expr::KernelOutcome& outcome, uint32_t row_count) {
  runtime::ExportBatch batch;
  runtime::export_rows({&outcome.result, 1}, row_count, batch);
  auto out = write_batch(env, batch);
  auto states = Napi::Array::New(env, row_count);
  for (uint32_t row = 0; row < row_count; ++row) {
    states.Set(row, SqlState(outcome.states[row]).text().data());
  }
  out.Set("states", states);
  return out;
}

}  // namespace

Napi::Value run_kernel(const Napi::CallbackInfo& info) {
  Reader reader(info.Env());
  const auto opcode = reader.integer(info[0], "opcode", 0, program::kOpcodeCount - 1);
  const auto row_count =
      static_cast<uint32_t>(reader.integer(info[2], "rowCount", 1, vector::kBatchRowsMax));
  Arena arena(kKernelBytesMax);
  auto columns = read_columns(reader, info[1], row_count, arena);
  read_constants(reader, info[3], columns);
  std::vector<int64_t> immediates;
  reader.list(info[4], "immediates", [&](const Napi::Value& value) {
    immediates.push_back(reader.integer(value, "immediates", INT64_MIN, INT64_MAX));
  });
  const int64_t now = reader.integer(info[5], "nowMicroseconds", INT64_MIN, INT64_MAX);
  if (!reader.ok()) return reader.refuse();

  expr::KernelState state;
  expr::KernelOutcome outcome;
  const SqlState ran = expr::run_kernel(
      {static_cast<expr::Opcode>(opcode), columns, immediates, row_count, nullptr, now}, arena,
      state, outcome);
  if (!ran.ok()) return throw_refusal(info.Env(), runtime::refused(ran, {}));
  return write_outcome(info.Env(), outcome, row_count);
}

}  // namespace rowtine::binding
