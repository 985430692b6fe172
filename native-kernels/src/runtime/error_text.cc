#include "runtime/error_text.h"

#include "program/run.h"

namespace rowtine::runtime {
namespace {

constexpr uint32_t kColumnDetail = 0x10000;

}  // namespace

std::string error_text(const Config& config, const program::VerifiedProgram& program,
                       SqlState state, uint32_t detail) {
  const bool one_table = program.writes().size() == 1;
  const InstalledRelation* relation =
      one_table ? config.installed(program.writes().front()) : nullptr;
  if (relation != nullptr && state == kUniqueViolation && detail < relation->spec.indexes.size()) {
    return "duplicate key value violates unique constraint \"" +
           relation->spec.indexes[detail].name + "\"";
  }
  const uint32_t column = detail - kColumnDetail;
  if (relation != nullptr && state == kNotNullViolation && detail >= kColumnDetail &&
      column < relation->spec.columns.size()) {
    return "null value in column \"" + relation->spec.columns[column].name + "\" of relation \"" +
           relation->spec.name + "\" violates not-null constraint";
  }
  return std::string(program::Execution::message_of(state));
}

}  // namespace rowtine::runtime
