// Ranks: what a row's place among the rows and peers of its partition says.
#include "window/evaluate.h"

namespace rowtine::window {
namespace {

void row_number(EvaluateRequest& request) {
  for (uint32_t row = 0; row < request.partition.count(); ++row) {
    request.give<int64_t>(row, int64_t{row} + 1);
  }
}

void rank(EvaluateRequest& request) {
  for (uint32_t row = 0; row < request.partition.count(); ++row) {
    request.give<int64_t>(row, int64_t{request.partition.peers(row).first} + 1);
  }
}

void dense_rank(EvaluateRequest& request) {
  for (uint32_t row = 0; row < request.partition.count(); ++row) {
    request.give<int64_t>(row, int64_t{request.partition.group_of(row)} + 1);
  }
}

void percent_rank(EvaluateRequest& request) {
  const uint32_t count = request.partition.count();
  for (uint32_t row = 0; row < count; ++row) {
    const double before = request.partition.peers(row).first;
    request.give<double>(row, count == 1 ? 0 : before / (count - 1));
  }
}

void cume_dist(EvaluateRequest& request) {
  const double count = request.partition.count();
  for (uint32_t row = 0; row < request.partition.count(); ++row) {
    request.give<double>(row, request.partition.peers(row).end / count);
  }
}

// The first row says how many buckets; the first count % buckets of them have one row more.
void ntile(EvaluateRequest& request) {
  const uint32_t count = request.partition.count();
  const uint8_t* first = request.partition.row(0);
  const uint32_t argument = request.columns.first_argument;
  const bool is_null = request.layout().is_null(first, argument);
  const int32_t buckets = is_null ? 0 : request.layout().read<int32_t>(first, argument);
  if (buckets <= 0) {
    for (uint32_t row = 0; row < count; ++row) request.give_null(row);
    return;
  }
  const uint32_t size = count / static_cast<uint32_t>(buckets);
  const uint32_t larger = count % static_cast<uint32_t>(buckets);
  const uint32_t in_larger = larger * (size + 1);
  for (uint32_t row = 0; row < count; ++row) {
    const uint32_t bucket =
        row < in_larger ? row / (size + 1) : larger + (row - in_larger) / size;
    request.give<int32_t>(row, static_cast<int32_t>(bucket) + 1);
  }
}

}  // namespace

Evaluate ranking_function(const Call& call) {
  using enum PhysicalType;
  const bool is_ntile = call.function == Function::Ntile;
  if (call.filtered || call.arguments.size() != (is_ntile ? 1 : 0)) return nullptr;
  switch (call.function) {
    case Function::RowNumber: return call.result == Int64 ? row_number : nullptr;
    case Function::Rank: return call.result == Int64 ? rank : nullptr;
    case Function::DenseRank: return call.result == Int64 ? dense_rank : nullptr;
    case Function::PercentRank: return call.result == Float64 ? percent_rank : nullptr;
    case Function::CumeDist: return call.result == Float64 ? cume_dist : nullptr;
    case Function::Ntile:
      return call.result == Int32 && call.arguments[0] == Int32 ? ntile : nullptr;
    default: return nullptr;
  }
}

}  // namespace rowtine::window
