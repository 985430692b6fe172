// JSON kernels: what is accepted, what extraction finds, what comes out when built and changed.
#include "base/check.h"
#include "expr/json_scan.h"
#include "expr/kernel_table.h"

using namespace rowtine;
using namespace rowtine::expr;
using namespace rowtine::expr::table;

namespace {

void test_validation() {
  for (const char* good : {"1", " -0.5e+10 ", "\"a\\u00e9\\ud83d\\ude00\"", "[]", "{}",
                           "[1, [2, {\"a\": null}], true]", "{\"a\":{\"b\":[]},\"c\":false}",
                           "\"\\\\\\\"\"", "0", "[[],[{}]]"}) {
    check::expect(validate_json(good), good);
  }
  for (const char* bad :
       {"",      " ",          "01",    "1.",      ".5",        "+1",          "-",
        "1e",    "tru",        "nul",   "[1,]",    "[,1]",      "{\"a\"}",     "{\"a\":}",
        "{a:1}", "{\"a\":1,}", "[1 2]", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "\"\\udc00\"",
        "\"a",   "[",          "{",     "]",       "1 1",       "\"\n\"",      "{\"a\":1]",
        "[1}",   "nan",        "'a'",   "[1],",    "{\"a\" 1}", "{,}",         "truefalse"}) {
    check::expect(!validate_json(bad), bad);
  }
  const std::string deepest(kJsonDepthMax, '['), closing(kJsonDepthMax, ']');
  check::expect(validate_json(deepest + closing), "the deepest JSON");
  check::expect(!validate_json("[" + deepest + closing + "]"), "one level too deep");
}

void test_parse() {
  expect_rows(Opcode::JsonParse, {text({" {\"a\": 1} ", "{", "null", "\xff"})},
              {"{\"a\": 1}", "!22P02", "null", "!22021"});
}

void test_get() {
  const std::string object =
      R"({"a": 1, "long key with spaces": "x", "t": "q\"\u00e9", "n": null, "o": {"a": [10, 20, {"z": "}"}]}, "a": 2})";
  const Column objects = text({object, object, object, object, object, object});
  expect_rows(Opcode::JsonGet,
              {objects, text({"a", "long key with spaces", "t", "n", "missing", "z"})},
              {"2", "\"x\"", "\"q\\\"\\u00e9\"", "null", "null", "null"});
  expect_rows(Opcode::JsonGetText,
              {objects, text({"a", "long key with spaces", "t", "n", "o", "z"})},
              {"2", "x", "q\"é", "null", R"({"a": [10, 20, {"z": "}"}]})", "null"});
  expect_rows(Opcode::JsonGetPath,
              {text({object}), text({"o"}), text({"a"}), text({"2"}), text({"z"})}, {"\"}\""});
  expect_rows(Opcode::JsonGetPathText,
              {text({object}), text({"o"}), text({"a"}), text({"-1"}), text({"z"})}, {"}"});
  const Column arrays =
      text({"[1, [2,3], \"]\"]", "[1, [2,3], \"]\"]", "[1, [2,3], \"]\"]", "[]", "{\"a\":1}"});
  expect_rows(Opcode::JsonGetIndex, {arrays, int32({"1", "-1", "3", "0", "0"})},
              {"[2,3]", "\"]\"", "null", "null", "null"});
  expect_rows(Opcode::JsonGetIndexText, {arrays, int32({"0", "2", "-4", "-1", "0"})},
              {"1", "]", "null", "null", "null"});
  expect_rows(Opcode::JsonGetText,
              {text({"{\"a\":\"\\u0000\"}", "[1]", "5"}), text({"a", "a", "a"})},
              {"!22P05", "null", "null"});
  expect_rows(Opcode::JsonGet,
              {text({R"({"\u0061b":7,"x\\":8})", R"({"\u0061b":7,"x\\":8})"}), text({"ab", "x\\"})},
              {"7", "8"});
  expect_rows(Opcode::JsonTypeof, {text({"{}", "[]", "\"\"", "1", "true", "null "})},
              {"object", "array", "string", "number", "boolean", "null"});
  expect_rows(Opcode::JsonArrayLength, {text({"[]", "[1,[2,3]]", "{}"})}, {"0", "2", "!22023"});
}

void test_contains() {
  const Column left = text({R"({"a":1,"b":{"c":[1,2]}})", R"({"a":1})", "[1,2,3]", "[1,2]", "[1,2]",
                            "1.0", R"(["a"])", R"({"a":{"b":1}})"});
  const Column right = text(
      {R"({"b":{"c":[2]}})", R"({"a":2})", "[3,1,1]", "[3]", "2", "1", R"("a")", R"({"b":1})"});
  expect_rows(Opcode::JsonContains, {left, right},
              {"true", "false", "true", "false", "true", "true", "true", "false"});
  expect_rows(Opcode::JsonExists,
              {text({R"({"a":1})", R"({"a":1})", R"(["a","b"])", R"("a")", "[1]"}),
               text({"a", "b", "b", "a", "1"})},
              {"true", "false", "true", "true", "false"});
}

void test_build() {
  expect_rows(Opcode::TextToJson, {text({"a", "q\"\\\n\t\x01é", "null"})},
              {"\"a\"", "\"q\\\"\\\\\\n\\t\\u0001é\"", "null"});
  expect_rows(Opcode::FloatToJson, {float64({"1.5", "NaN", "-Infinity"})},
              {"1.5", "\"NaN\"", "\"-Infinity\""});
  expect_rows(Opcode::TimestampTzToJson, {int64({"1709210096789000"})},
              {"\"2024-02-29T12:34:56.789+00:00\""});
  expect_rows(Opcode::JsonObject,
              {text({"id", "i\"d", "null"}), text({"1", "null", "1"}), text({"b", "b", "b"}),
               text({"[1]", "{}", "2"})},
              {"{\"id\":1,\"b\":[1]}", "{\"i\\\"d\":null,\"b\":{}}", "!22004"});
  expect_rows(Opcode::JsonArray, {text({"1", "null"}), text({"\"x\"", "2"})},
              {"[1,\"x\"]", "[null,2]"});
  expect_rows(Opcode::JsonStripNulls, {text({R"({"a":null,"b":[null,{"c":null}]})"})},
              {R"({"b":[null,{}]})"});
  expect_rows(Opcode::JsonNormalize,
              {text({R"({ "b" : 1.0, "a" : [ 1e2, "\u0041" ], "b": 2.50 })", "-0.0", "1E400",
                     "0.001", "120e-1"})},
              {R"({"a":[100,"A"],"b":2.5})", "0", "1e400", "0.001", "12"});
  expect_rows(Opcode::JsonConcat,
              {text({R"({"a":1,"b":2})", "[1]", "[1]", "1", "{}"}),
               text({R"({"b":3})", "[2]", "2", "2", "1"})},
              {R"({"a":1,"b":3})", "[1,2]", "[1,2]", "[1,2]", "!22023"});
  expect_rows(Opcode::JsonDelete,
              {text({R"({"a":1,"b":2})", R"(["a","b"])", "1"}), text({"a", "a", "a"})},
              {R"({"b":2})", R"(["b"])", "!22023"});
  expect_rows(Opcode::JsonSet,
              {text({R"({"a":{"b":1}})", R"({"a":1})", "[1,2]", "[1,2]", R"({"a":1})"}),
               text({"9", "9", "9", "9", "9"}), text({"a", "z", "1", "5", "x"}),
               text({"b", "z", "z", "z", "y"})},
              {R"({"a":{"b":9}})", R"({"a":1})", "[1,2]", "[1,2]", R"({"a":1})"});
  expect_rows(
      Opcode::JsonSet,
      {text({R"({"a":1})", "[1,2]", "[1,2]"}), text({"9", "9", "9"}), text({"z", "-1", "5"})},
      {R"({"a":1,"z":9})", "[1,9]", "[1,2,9]"});
}

/// Reading stays inside the bytes of what is no JSON at all (run under a sanitizer).
void test_not_json() {
  for (const char* junk : {"{", "{\"", "{\"a", "{\"a\"", "{\"a\":", "{\"a\":[", "[", "[\"\\", "]",
                           "}", "[}", "{]", "\"", "[]]", ",", "{\"a\":}"}) {
    const std::string copy(junk);
    std::string_view value;
    find_member(copy, "a", value);
    find_element(copy, 1, value);
    find_element(copy, -1, value);
    check::expect(true, "no read outside");
  }
}

}  // namespace

int main() {
  test_validation();
  test_parse();
  test_get();
  test_contains();
  test_build();
  test_not_json();
  return check::summary();
}
