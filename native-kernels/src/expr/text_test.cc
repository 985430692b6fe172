// Text kernels: values to and from text, strings, patterns, regular expressions.
#include "base/check.h"
#include "expr/kernel_table.h"
#include "expr/md5.h"
#include "expr/regex.h"
#include "expr/utf8.h"

using namespace rowtine;
using namespace rowtine::expr;
using namespace rowtine::expr::table;

namespace {

constexpr const char* kLong = "a text that is longer than twelve bytes";

void test_values_to_text() {
  expect_rows(Opcode::BoolToText, {boolean({"true", "false", "null"})}, {"true", "false", "null"});
  expect_rows(Opcode::IntToText, {int64({"-9223372036854775808", "0"})},
              {"-9223372036854775808", "0"});
  expect_rows(Opcode::FloatToText,
              {float64({"0.1", "1e15", "123456789012345", "1e-5", "0.0001", "NaN", "-Infinity", "1",
                        "1e300", "-0"})},
              {"0.1", "1e+15", "123456789012345", "1e-05", "0.0001", "NaN", "-Infinity", "1",
               "1e+300", "-0"});
  expect_rows(Opcode::FloatToText, {float32({"0.1", "1000000", "123456"})},
              {"0.1", "1e+06", "123456"});
  expect_rows(Opcode::DecimalToText, {decimal(2, {"-0.05", "12.30", "0"})},
              {"-0.05", "12.30", "0.00"}, {2});
  expect_rows(Opcode::DateToText, {int32({"19782", "-1", "0", "-719528", "2932897"})},
              {"2024-02-29", "1969-12-31", "1970-01-01", "0001-01-01 BC", "10000-01-01"});
  expect_rows(Opcode::TimeToText, {int64({"45296789000", "86400000000"})},
              {"12:34:56.789", "24:00:00"});
  expect_rows(Opcode::TimestampToText, {int64({"-1", "0"})},
              {"1969-12-31 23:59:59.999999", "1970-01-01 00:00:00"});
  expect_value(Opcode::TimestampTzToText, {int64({"1500000"})}, "1970-01-01 00:00:01.5+00");
  expect_rows(Opcode::IntervalToText,
              {interval({"1 year 2 mons 3 days 04:05:06", "-1 day +02:03", "0", "1 mon -1 day",
                         "-00:00:01.5", "14 mons"})},
              {"1 year 2 mons 3 days 04:05:06", "-1 days +02:03:00", "00:00:00", "1 mon -1 days",
               "-00:00:01.5", "1 year 2 mons"});
  expect_value(Opcode::UuidToText, {uuid({"{A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11}"})},
               "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");
  expect_value(Opcode::ByteaToText, {text({"a\xff\x01"})}, "\\x61ff01");
}

void test_text_to_values() {
  expect_rows(Opcode::TextToBool, {text({" t ", "FALSE", "y", "off", "of", "o", "1", "2", ""})},
              {"true", "false", "true", "false", "false", "!22P02", "true", "!22P02", "!22P02"});
  expect_rows(Opcode::TextToInt32,
              {text({" 42 ", "+7", "-2147483648", "2147483648", "4x", "", "1.5", "+-1", "null"})},
              {"42", "7", "-2147483648", "!22003", "!22P02", "!22P02", "!22P02", "!22P02", "null"});
  expect_rows(Opcode::TextToInt16, {text({"32768"})}, {"!22003"});
  expect_rows(
      Opcode::TextToFloat64,
      {text({"1e3", ".5", "5.", "inf", "-Infinity", "nan", "1e999", "x", "infi", "nan(1)", "--1"})},
      {"1000", "0.5", "5", "Infinity", "-Infinity", "NaN", "!22003", "!22P02", "!22P02", "!22P02",
       "!22P02"});
  expect_rows(
      Opcode::TextToDecimal,
      {text({"1.005", "-1.005", "1e2", "12345.678", "1e-50", "abc", "1e50", ".", "99.995"})},
      {"1.01", "-1.01", "100.00", "!22003", "0.00", "!22P02", "!22003", "!22P02", "100.00"}, {2, 5},
      2);
  expect_rows(Opcode::TextToUuid,
              {text({"a0eebc999c0b4ef8bb6d6bb9bd380a11", "a0ee-bc99-9c0b-4ef8-bb6d-6bb9-bd38-0a11",
                     "a0e", "-a0eebc999c0b4ef8bb6d6bb9bd380a11"})},
              {"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
               "!22P02", "!22P02"});
  expect_rows(Opcode::ByteaInput, {text({"\\x6162", "a\\\\b\\101", "\\x6", "\\9"})},
              {"ab", "a\\bA", "!22P02", "!22P02"});
  expect_rows(Opcode::ByteaToUtf8,
              {text({"é", "\xff", "\xc3", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc0\x80"})},
              {"é", "!22021", "!22021", "!22021", "!22021", "!22021"});
  expect_rows(Opcode::CheckLength, {text({"abc", "abcd", "ab   ", "ééé"})},
              {"abc", "!22001", "ab ", "ééé"}, {3});
}

void test_strings() {
  expect_rows(Opcode::Concat, {text({"a", kLong, "null"}), text({"b", "!", "b"})},
              {"ab", "a text that is longer than twelve bytes!", "null"});
  expect_rows(Opcode::ConcatAll, {text({"a", "null"}), text({"b", "null"}), text({"c", "c"})},
              {"abc", "c"});
  expect_rows(Opcode::ConcatWs,
              {text({", ", ",", "null"}), text({"a", "null", "a"}), text({"b", "b", "b"})},
              {"a, b", "b", "null"});
  expect_rows(Opcode::Length, {text({"", "aé€😀", "null"})}, {"0", "4", "null"});
  expect_value(Opcode::OctetLength, {text({"aé€😀"})}, "10");
  expect_value(Opcode::BitLength, {text({"é"})}, "16");
  expect_rows(Opcode::Lower, {text({"ÀÉŽ Σ ЖЯ Straße ABC"})}, {"àéž σ жя straße abc"});
  expect_rows(Opcode::Upper, {text({"àéž σς жя ÿ abc"})}, {"ÀÉŽ ΣΣ ЖЯ Ÿ ABC"});
  expect_value(Opcode::Initcap, {text({"hello WORLD, élan o'neil x_y"})},
               "Hello World, Élan O'Neil X_Y");
  expect_rows(
      Opcode::Substring,
      {text({"abcdef", "abcdef", "héllo", "abc", "abc", "abc"}),
       int32({"2", "-1", "2", "10", "1", "1"}), int32({"3", "3", "2", "5", "-1", "2147483647"})},
      {"bcd", "a", "él", "", "!22011", "abc"});
  expect_rows(Opcode::Left, {text({"héllo", "héllo", "ab"}), int32({"2", "-2", "9"})},
              {"hé", "hél", "ab"});
  expect_rows(Opcode::Right, {text({"héllo", "héllo", "ab", "ab"}), int32({"2", "-2", "9", "-9"})},
              {"lo", "llo", "ab", ""});
  expect_rows(Opcode::Position, {text({"héllo", "abc", "abc"}), text({"l", "x", ""})},
              {"3", "0", "1"});
  expect_rows(Opcode::SplitPart,
              {text({"a,b,c", "a,b,c", "a,b,c", "a,b", "abc"}), text({",", ",", ",", ",", ""}),
               int32({"2", "-1", "4", "0", "1"})},
              {"b", "c", "", "!22023", "abc"});
  expect_rows(Opcode::StartsWith, {text({"abc", "abc"}), text({"ab", "b"})}, {"true", "false"});
  expect_rows(Opcode::BTrim, {text({"xyaxy", "  a ", "ééaé", ""}), text({"yx", " ", "é", "x"})},
              {"a", "a", "a", ""});
  expect_value(Opcode::LTrim, {text({"  a "}), text({" "})}, "a ");
  expect_value(Opcode::RTrim, {text({"  a "}), text({" "})}, "  a");
  expect_rows(Opcode::Replace,
              {text({"banana", "abc", kLong}), text({"an", "", "twelve"}), text({"-", "x", "12"})},
              {"b--a", "abc", "a text that is longer than 12 bytes"});
  expect_rows(Opcode::Repeat, {text({"ab", "ab", "ab"}), int32({"3", "-1", "2000000000"})},
              {"ababab", "", "!54000"});
  expect_value(Opcode::Reverse, {text({"aé😀"})}, "😀éa");
  expect_rows(Opcode::LPad,
              {text({"hi", "hello", "hi", "hi"}), int32({"5", "2", "5", "2000000000"}),
               text({"xy", "x", "", "x"})},
              {"xyxhi", "he", "hi", "!54000"});
  expect_value(Opcode::RPad, {text({"é"}), int32({"3"}), text({"ab"})}, "éab");
  expect_value(Opcode::Translate, {text({"12345"}), text({"143"}), text({"ax"})}, "a2x5");
  expect_rows(Opcode::Format,
              {text({"%s %I %L %% %1$s", "%s", "%L", "%x"}), text({"a", "null", "null", "a"}),
               text({"B c", "b", "b", "b"}), text({"it's", "c", "c", "c"})},
              {"a \"B c\" 'it''s' % a", "", "NULL", "!22023"});
}

void test_encodings() {
  expect_rows(Opcode::Ascii, {text({"é", ""})}, {"233", "0"});
  expect_rows(Opcode::Chr, {int32({"8364", "0", "55296"})}, {"€", "!54000", "!54000"});
  expect_rows(
      Opcode::Md5,
      {text({"", "abc",
             "12345678901234567890123456789012345678901234567890123456789012345678901234567890"})},
      {"d41d8cd98f00b204e9800998ecf8427e", "900150983cd24fb0d6963f7d28e17f72",
       "57edf4a22be3c955ac49da2e2107b67a"});
  expect_rows(Opcode::Encode,
              {text({"abc", "ab", "a", "", "a"}), text({"base64", "base64", "hex", "base64", "x"})},
              {"YWJj", "YWI=", "61", "", "!22023"});
  expect_rows(Opcode::Decode,
              {text({"YWJj", "YWI=", "6162", "Y", "6", "YW=x"}),
               text({"base64", "base64", "hex", "base64", "hex", "base64"})},
              {"abc", "ab", "ab", "!22023", "!22023", "!22023"});
  expect_value(Opcode::HtmlEscape, {text({"<a href=\"x\">'&'</a>"})},
               "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;");
  expect_value(Opcode::UrlEncode, {text({"a b&é~"})}, "a%20b%26%C3%A9~");
  expect_rows(Opcode::UrlDecode, {text({"a+b%26%C3%A9", "%", "%zz", "%ff"})},
              {"a b&é", "!22023", "!22023", "!22021"});
  expect_rows(Opcode::QuoteLiteral, {text({"it's", "a\\b"})}, {"'it''s'", " E'a\\\\b'"});
  expect_rows(Opcode::QuoteIdent, {text({"name", "Name", "select", "a\"b", "1a"})},
              {"name", "\"Name\"", "\"select\"", "\"a\"\"b\"", "\"1a\""});
}

void test_like() {
  const auto likes = [](const char* value, const char* pattern, const char* expected) {
    expect_value(Opcode::Like, {text({value}), text({pattern})}, expected);
  };
  likes("abc", "abc", "true");
  likes("abc", "a%", "true");
  likes("abc", "%c", "true");
  likes("abc", "%b%", "true");
  likes("abc", "b%", "false");
  likes("abc", "_b_", "true");
  likes("aéc", "a_c", "true");
  likes("abc", "a_", "false");
  likes("", "%", "true");
  likes("", "", "true");
  likes("a%c", "a\\%c", "true");
  likes("abc", "a\\%c", "false");
  likes("abcabcabd", "%abd", "true");
  likes("aXbXc", "a%b%c", "true");
  likes("mississippi", "%iss%ip%", "true");
  likes("abc", "%%", "true");
  likes("abc", "%_%_%_%_%", "false");
  likes("a", "a\\", "!22025");
  expect_rows(Opcode::Like,
              {text({"a%c", "abc", "abc"}), text({"a!%c", "a!%c", "abc"}), text({"!", "!", "!!"})},
              {"true", "false", "!22025"});
  // The escape may be a wildcard itself.
  expect_rows(
      Opcode::Like,
      {text({"a1", "1", "%", "a"}), text({"%1", "%1", "%%", "a%%"}), text({"%", "%", "%", "%"})},
      {"false", "true", "true", "false"});
  expect_rows(Opcode::ILike, {text({"ÉCOLE", "abc", "abc"}), text({"é%", "A_C", "x"})},
              {"true", "true", "false"});
}

void test_regex() {
  const auto matches = [](const char* value, const char* pattern, const char* expected,
                          int64_t flags = 0) {
    expect_value(Opcode::RegexMatch, {text({value}), text({pattern})}, expected, {flags});
  };
  matches("abc", "b", "true");
  matches("abc", "^b", "false");
  matches("abc", "^a.c$", "true");
  matches("aXc", "a[[:upper:]]c", "true");
  matches("a-c", "a[^a-z]c", "true");
  matches("foo123", "^[a-z]+\\d{3}$", "true");
  matches("foo12", "^[a-z]+\\d{3}$", "false");
  matches("ABC", "abc", "true", 1);
  matches("É", "é", "true", 1);
  matches("x y", "\\sy", "true");
  matches("new york", "\\myork\\M", "true");
  matches("newyork", "\\yyork", "false");
  matches("aaa", "a{2,}", "true");
  matches("a", "a{2,}", "false");
  matches("a{x", "a{x", "true");
  matches("", "a*", "true");
  matches("ab", "(a|ab)(c|bcd)?$", "true");
  matches("]", "[]]", "true");
  matches("a", "(a", "!2201B");
  matches("a", "a)", "!2201B");
  matches("a", "*a", "!2201B");
  matches("a", "a**", "!2201B");
  matches("a", "[b-a]", "!2201B");
  matches("a", "a{300}", "!2201B");
  matches("a", "(a)\\1", "!0A000");
  matches("a", "(?=a)", "!0A000");
  matches("a", "((a{200}){200}){200}", "!54000");
  matches("user@example.com", "^[\\w.+-]+@[\\w-]+\\.[\\w.]+$", "true");
  matches("Abc", "(?i)aBC", "true");
  expect_rows(Opcode::RegexSubstring,
              {text({"foobar", "foobar", "foobar", "xay"}), text({"o.b", "o(.)b", "z", "(z)?a"})},
              {"oob", "o", "null", "null"});
  expect_rows(Opcode::RegexSubstring,
              {text({"abab", "abcd", "XabcabcY"}), text({"a|ab", "a.*?", "(?:abc)+"})},
              {"ab", "a", "abcabc"});
  expect_value(Opcode::RegexReplace, {text({"foobarbaz"}), text({"b.."}), text({"X"})}, "fooXbaz",
               {0});
  expect_value(Opcode::RegexReplace, {text({"foobarbaz"}), text({"b.."}), text({"X"})}, "fooXX",
               {2});
  expect_value(Opcode::RegexReplace, {text({"foobarbaz"}), text({"b(..)"}), text({"<\\1\\&\\\\>"})},
               "foo<arbar\\><azbaz\\>", {2});
  expect_value(Opcode::RegexReplace, {text({"aé"}), text({"x*"}), text({"-"})}, "-a-é-", {2});
  expect_value(Opcode::RegexReplace, {text({"  a  b "}), text({"\\s+"}), text({" "})}, " a b ",
               {2});
  expect_value(Opcode::SimilarToRegex, {text({"a%_(b|c).[d%]"})}, "^(?:a.*.(?:b|c)\\.[d%])$");
  // Exponential for a backtracking matcher, linear here.
  const std::string many(2000, 'a');
  matches((many + "b").c_str(), "^(a+)+$", "false");
}

}  // namespace

int main() {
  test_values_to_text();
  test_text_to_values();
  test_strings();
  test_encodings();
  test_like();
  test_regex();
  return check::summary();
}
