// CSV text into the columns of a batch relation, piece by piece: values are read by the kernels that
// read text in SQL, so that both accept the same and refuse with the same SQLSTATE.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "csv/scan.h"
#include "expr/kernel.h"
#include "expr/signature.h"
#include "table/batch_relation.h"

namespace rowtine::csv {

/// A line is kept whole until it ends; one that does not within this many bytes is refused (54000).
inline constexpr size_t kRecordBytesMax = 16 << 20;

/// What becomes of one field of every line.
struct Field {
  /// Column of the relation; -1: passed over.
  int32_t column = -1;
  /// The text is the value; else the kernel that reads it.
  bool is_text = true;
  expr::Opcode opcode{};
  std::vector<int64_t> immediates = {};
};

struct Options {
  Syntax syntax;
  /// What stands for null where it is not quoted.
  std::string null_text;
  /// Lines before the first row.
  uint32_t skip_lines = 0;
  std::vector<Field> fields;
};

/// The first thing that was wrong.
struct Problem {
  enum class Kind : uint8_t { Value, MissingField, ExtraField, OpenQuote, LongLine, Memory };
  Kind kind = Kind::Value;
  SqlState state;
  uint64_t line = 0;   // 1-based, where the row starts
  uint32_t field = 0;  // 0-based
  std::string text;    // of the field, cut
};

/// Threads: one owner, the same as the relation's.
class Reader {
 public:
  /// Returns: false when a field's kernel or column does not fit the relation.
  static bool fits(const Options& options, const table::BatchRelation& relation);

  Reader(Options options, table::BatchRelation& relation);

  /// Takes the next bytes of the file; rows that end in them are in the relation afterwards, but for
  /// at most a batch. `is_last`: all rows are. After a problem the reader is of no more use.
  std::optional<Problem> feed(std::span<const char> bytes, bool is_last);

 private:
  std::optional<Problem> read_rows(bool is_last);
  std::optional<Problem> take_record(size_t first, size_t count, uint32_t start);
  std::optional<Problem> flush();
  std::optional<Problem> read_field(size_t field, vector::Vector& out);
  bool field_text(size_t field, uint32_t row, vector::StringView& out, bool& is_null);
  bool unquoted(std::string_view raw, vector::StringView& out);
  Problem problem(Problem::Kind kind, SqlState state, uint32_t start, size_t field) const;

  Options options_;
  table::BatchRelation* relation_;
  Arena scratch_;
  expr::KernelState kernel_state_;
  std::vector<char> buffer_;  // from the start of a record
  Ends ends_;
  /// Per row of the batch at hand: its start, then the offset after each field's separator.
  std::vector<uint32_t> bounds_;
  uint32_t rows_ = 0;
  uint64_t line_ = 1;  // of the buffer's first byte
  bool at_start_ = true;
};

}  // namespace rowtine::csv
