// Columns from outside into relations of batches: Arrow's layouts, and what CSV readers are told.
#pragma once

#include "binding/reader.h"
#include "csv/reader.h"
#include "table/batch_relation.h"

namespace rowtine::binding {

/// Rows of one batch at most: 32-bit offsets address them with room to spare.
inline constexpr int64_t kSourceRowsMax = 1 << 28;
/// Bytes that one call of feedCsv takes at most.
inline constexpr size_t kCsvBytesMax = 64 << 20;

/// Copies `row_count` rows of NativeSourceColumns into the relation. After a mistake, or another state
/// than success (53200), nothing was added.
SqlState read_batch(Reader& reader, const Napi::Value& value, uint32_t row_count,
                    table::BatchRelation& relation);

csv::Options read_csv_options(Reader& reader, const Napi::Value& value);
Napi::Object write_csv_problem(Napi::Env env, const csv::Problem& problem);

}  // namespace rowtine::binding
