// CSV text into batches, at every way of cutting the text into pieces.
#include <string>
#include <string_view>

#include "base/check.h"
#include "csv/reader.h"

namespace rowtine::csv {
namespace {

using check::expect;
using vector::PhysicalType;
using vector::StringView;
using vector::Vector;

struct Outcome {
  std::string rows;  // cells by |, rows by /; ~ is null
  std::optional<Problem> problem;
};

Options texts(size_t count) {
  Options options;
  for (size_t i = 0; i < count; ++i) options.fields.push_back({static_cast<int32_t>(i)});
  return options;
}

std::string shown(table::BatchRelation& relation, uint32_t rows_max) {
  std::vector<uint32_t> columns;
  for (uint32_t i = 0; i < relation.column_types().size(); ++i) columns.push_back(i);
  const auto scan = relation.scan({}, columns);
  std::vector<Vector> out(columns.size());
  Arena scratch;
  std::string text;
  for (;;) {
    const auto count = scan->next(scratch, rows_max, out, nullptr);
    expect(count.ok(), "a scan of batches succeeds");
    if (count.value() == 0) return text;
    for (uint32_t row = 0; row < count.value(); ++row) {
      for (size_t i = 0; i < out.size(); ++i) {
        if (i > 0) text += '|';
        if (out[i].is_null(row)) text += '~';
        else if (out[i].type == PhysicalType::String) text += out[i].as<StringView>()[row].text();
        else text += std::to_string(out[i].as<int32_t>()[row]);
      }
      text += '/';
    }
  }
}

Outcome read(const Options& options, std::vector<PhysicalType> types, std::string_view text,
             size_t piece, uint32_t rows_max = 2048, size_t memory = SIZE_MAX) {
  table::BatchRelation relation(std::move(types), memory);
  expect(Reader::fits(options, relation), "as the case says");
  Reader reader(options, relation);
  for (size_t at = 0; at < text.size(); at += piece) {
    if (auto problem = reader.feed(text.substr(at, piece), false)) return {"", problem};
  }
  if (auto problem = reader.feed({}, true)) return {"", problem};
  return {shown(relation, rows_max), {}};
}

/// The same rows however the text is cut and however many rows a scan asks for.
void expect_rows(const Options& options, std::string_view text, std::string_view rows) {
  for (const size_t piece : {1UL, 2UL, 3UL, 7UL, 64UL, 1000UL}) {
    for (const uint32_t rows_max : {1U, 3U, 2048U}) {
      const auto got = read(options, std::vector(options.fields.size(), PhysicalType::String), text,
                            piece, rows_max);
      expect(!got.problem, "as the case says");
      expect(got.rows == rows, "as the case says");
    }
  }
}

void expect_problem(const Options& options, std::vector<PhysicalType> types, std::string_view text,
                    Problem::Kind kind, const char (&state)[6], uint64_t line, uint32_t field) {
  for (const size_t piece : {1UL, 5UL, 1000UL}) {
    const auto got = read(options, types, text, piece);
    expect(got.problem.has_value(), "as the case says");
    expect(got.problem->kind == kind, "as the case says");
    expect(got.problem->state == SqlState(state), "as the case says");
    expect(got.problem->line == line, "as the case says");
    expect(got.problem->field == field, "as the case says");
  }
}

void reads_fields() {
  expect_rows(texts(2), "a,b\nc,d\n", "a|b/c|d/");
  expect_rows(texts(2), "a,b\r\nc,d", "a|b/c|d/");
  expect_rows(texts(2), "\xef\xbb\xbf" "a,b\n", "a|b/");
  expect_rows(texts(2), "\n\na,b\n\r\n", "a|b/");
  expect_rows(texts(1), "a\n\nb\n", "a/~/b/");
  expect_rows(texts(2), "", "");
  expect_rows(texts(2), "a,\n,\"\"\n", "a|~/~|/");
}

void reads_quotes() {
  expect_rows(texts(2), "\"a,b\",c\n", "a,b|c/");
  expect_rows(texts(2), "\"a\nb\",\"c\"\"d\"\n", "a\nb|c\"d/");
  expect_rows(texts(2), "a\"b,c\"d,e\n", "ab,cd|e/");
  expect_rows(texts(2), "\"a long text, with the delimiter in it\",x\n",
              "a long text, with the delimiter in it|x/");
  Options slashes = texts(2);
  slashes.syntax.escape = '\\';
  expect_rows(slashes, "\"a\\\"b\",\"\\\\\"\n", "a\"b|\\/");
  Options none = texts(2);
  none.syntax.quote = '\0';
  expect_rows(none, "\"a\",b\"\n", "\"a\"|b\"/");
}

void knows_null() {
  Options options = texts(2);
  options.null_text = "NA";
  options.syntax.delimiter = ';';
  expect_rows(options, "NA;\"NA\"\n;x\n", "~|NA/|x/");
}

void skips_lines_and_fields() {
  Options options = texts(2);
  options.skip_lines = 1;
  expect_rows(options, "x,y\n1,2\n", "1|2/");
  options.fields[0].column = -1;
  options.fields[1].column = 0;
  expect(read(options, {PhysicalType::String}, "x,y\n1,2\n", 3).rows == "2/", "as the case says");
}

void reads_many_rows() {
  std::string text, rows;
  for (int i = 0; i < 5000; ++i) {
    const std::string cell = std::to_string(i) + (i % 3 == 0 ? " is a multiple of three" : "");
    text += cell + "," + (i % 5 == 0 ? "" : "x") + "\n";
    rows += cell + "|" + (i % 5 == 0 ? "~" : "x") + "/";
  }
  expect_rows(texts(2), text, rows);
}

Options numbers() {
  Options options = texts(2);
  options.fields[1] = {1, false, expr::Opcode::TextToInt32};
  return options;
}

void reads_values() {
  const std::vector types{PhysicalType::String, PhysicalType::Int32};
  expect(read(numbers(), types, "a,1\nb, -2 \nc,\nd,\"4\"\n", 4).rows == "a|1/b|-2/c|~/d|4/", "as the case says");
  expect_problem(numbers(), types, "a,1\nb,x\n", Problem::Kind::Value, "22P02", 2, 1);
  expect_problem(numbers(), types, "\"a\nb\",1\nb,3000000000\n", Problem::Kind::Value, "22003", 3, 1);
  expect_problem(numbers(), types, "a,1\n\xff,2\n", Problem::Kind::Value, "22021", 2, 0);
  expect(read(numbers(), types, "a,1\nb,\"x,\"\n", 9).problem->text == "\"x,\"", "as the case says");
}

void refuses_bad_lines() {
  const std::vector types(2, PhysicalType::String);
  expect_problem(texts(2), types, "a,b\nc\n", Problem::Kind::MissingField, "22P04", 2, 1);
  expect_problem(texts(2), types, "a,b\nc,d,e\n", Problem::Kind::ExtraField, "22P04", 2, 2);
  expect_problem(texts(2), types, "a,b\nc,\"d\ne", Problem::Kind::OpenQuote, "22P04", 2, 1);
  const std::string endless(kRecordBytesMax + 2, 'x');
  expect(read(texts(2), types, endless, 4 << 20).problem->kind == Problem::Kind::LongLine, "as the case says");
  const auto full = read(texts(2), types, std::string(1 << 20, 'x') + ",y\n", 1 << 20, 2048, 1 << 18);
  expect(full.problem->state == kOutOfMemory, "as the case says");
}

void refuses_fields_that_do_not_fit() {
  table::BatchRelation relation({PhysicalType::String, PhysicalType::Int32}, SIZE_MAX);
  expect(Reader::fits(numbers(), relation), "as the case says");
  expect(!Reader::fits(texts(2), relation), "as the case says");
  Options twice = numbers();
  twice.fields[1].column = 0;
  expect(!Reader::fits(twice, relation), "as the case says");
  Options beyond = numbers();
  beyond.fields[0].column = 2;
  expect(!Reader::fits(beyond, relation), "as the case says");
  Options other = numbers();
  other.fields[1].opcode = expr::Opcode::Not;
  expect(!Reader::fits(other, relation), "as the case says");
}

}  // namespace
}  // namespace rowtine::csv

int main() {
  using namespace rowtine::csv;
  reads_fields();
  reads_quotes();
  knows_null();
  skips_lines_and_fields();
  reads_many_rows();
  reads_values();
  refuses_bad_lines();
  refuses_fields_that_do_not_fit();
  return rowtine::check::summary();
}
